"""A field from plain words: `a unique code (max 10 chars)`, `capacity between 0 and 5000`, `optional notes`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.request import FieldSpec
from backwright.engine.request_phrases import Details, recognise
from backwright.engine.request_spelling import read_field, read_spelling
from backwright.engine.request_types import NUMERIC, TEXTUAL, Said, default_of, make_field, number, spell
from backwright.engine.request_vocabulary import find_entity, guess, pattern, reference, vocabulary
from backwright.kit.naming import pascal, singular, snake

_BESIDE_THE_TYPE = frozenset({"unique", "index", "update", "required", "nullable", "default", "has_default"})

_ALONE = re.compile(
    r"\b(?:values?|field|long)\b", re.IGNORECASE
)  # words that say nothing, unless they are all there is


class Described(msgspec.Struct, frozen=True):
    """A field as described; `rest` is what was not understood. `field` is None when there is no name in the words."""

    field: FieldSpec | None
    rest: str = ""
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()


def describe(text: str, known: Sequence[str], resource: str) -> Described:
    """A field from the words about it. Words that only add to the field before have no name: `field` is None."""
    if re.fullmatch(r"\w+\??:[a-z]\S+", text):
        name, said = read_field(text)
        return Described(make_field(name, said or {}))
    if pattern("yes_or_no").match(text):
        return Described(make_field(snake(re.sub(r"\s+(?:flag|boolean)$", "", text)), {"type": "boolean"}))
    details, rest = recognise(text)
    rest = _take_type(details, _flat(details, rest))
    name_words = _take_values(details, rest)
    name, leftover = _name(details, name_words)
    if not name:
        return Described(None, leftover)
    return _combine(name, details, known, resource, leftover)


def amend(spec: FieldSpec, text: str) -> Described:
    """The field with what `text` adds: `unique`, `max 10 chars`, `is one of a, b or c`; `rest` is the other words."""
    details, rest = recognise(text)
    rest = _take_type(details, _flat(details, rest))
    rest = _take_values(details, f"it {rest}") if rest.strip() else rest
    leftover = pattern("field_filler").sub(" ", re.sub(r"^it\b|[():,=]", " ", rest)).strip()
    said = {name: getattr(spec, name) for name in FieldSpec.__struct_fields__ if name != "name"}
    if details.spelling:
        said |= read_spelling(details.spelling, spec.name)
    return _combine_said(spec.name, said, details, (), (), leftover)


def _flat(details: Details, text: str) -> str:
    """The text without brackets: several words in one are the values of an enum, one is said beside the name."""
    for inner in re.findall(r"\(([^()]*)\)", text):
        parts = [part for part in (p.strip(" \"'") for p in re.split(r"[,|/;]|\bor\b|\band\b", inner)) if part]
        words = vocabulary().types
        if inner.strip().lower() not in words and len(parts) > 1 and not any(p.lower() in words for p in parts):
            details.values = details.values or _values(parts)
            inner_text = ""
        else:
            inner_text = ", ".join(parts) if inner.strip().lower() not in words else f", {inner.strip()}"
        text = text.replace(f"({inner})", f" , {inner_text}" if inner_text else "", 1)
    return re.sub(r"[\s,]+$", "", re.sub(r"\s+", " ", re.sub(r"(?:\s*,)+", ",", text))).strip(" ,")


def _take_type(details: Details, text: str) -> str:
    for name in ("said_type", "leading_type"):
        match = pattern(name).search(text)
        if match is not None and not details.spelling and _names_more(text, match):
            details.spelling = vocabulary().types[" ".join(match[1].lower().split())]
            return f"{text[: match.start()]} {text[match.end() :]}".strip(" ,:")
    match = pattern("trailing_type").search(text) or pattern("trailing_moment").search(text)
    if match is not None and not details.spelling:
        before = snake(pattern("field_filler").sub(" ", text[: match.start()]))
        words = vocabulary()
        is_noun = match[1].lower() == "text" and not (
            before in words.references.names or any(before in entry.names for entry in words.fields)
        )
        if before and not is_noun:
            details.spelling = words.types[match[1].lower()]
            return text[: match.start()]
    return text


def _names_more(text: str, match: re.Match[str]) -> bool:
    """Whether a name is left when the type is taken away: `date` alone is a name."""
    rest = text[: match.start()] + " " + text[match.end() :]
    return bool(re.search(r"\w", pattern("field_filler").sub(" ", rest))) or _ALONE.search(rest) is not None


def _take_values(details: Details, text: str) -> str:
    if details.values:
        return text
    for name in ("slashes", "choice_or", "list_after_word"):
        match = pattern(name).match(text)
        if match is None:
            continue
        parts = [
            p for p in (p.strip(" \"'.") for p in re.split(r"\s*(?:,|/|\||\bor\b|\band\b)\s*", match["list"])) if p
        ]
        if len(parts) > 1 and all(len(part.split()) <= 3 for part in parts):
            if {part.lower() for part in parts} in ({"yes", "no"}, {"true", "false"}):
                details.spelling = "bool"
            else:
                details.values = _values(parts)
            return pattern("names_values").sub("", match["name"])
    return text


def _values(parts: Sequence[str]) -> tuple[str, ...]:
    plain = (re.sub(r"^(?:an?|the|one of|either)\s+", "", part).strip(" \"'").replace(" ", "_") for part in parts)
    return tuple(dict.fromkeys(value for value in plain if value))


def _name(details: Details, text: str) -> tuple[str, str]:
    """The field's name in the words that are left, and what is too much for a name."""
    words = vocabulary()
    text, _, beside = text.strip(" ,").partition(",")
    plain = " ".join(pattern("field_filler").sub(" ", re.sub(r"[^\w\s'/-]", " ", text)).split()).strip(" -/'")
    plain = re.sub(r"^(?:and|or|of|for|a)\s+|\s+(?:and|or|of)$", "", plain, flags=re.IGNORECASE)
    plain = words.synonyms.get(plain.lower(), plain)
    name = snake(plain)
    if not name and details.ref:
        return snake(singular(details.ref)), beside
    if not name and (alone := _ALONE.search(text)):
        return alone.group().lower(), beside
    if len(name.split("_")) > 4 or "/" in plain:
        return "", plain
    return name, pattern("beside").sub(" ", pattern("field_filler").sub(" ", beside)).strip(" ,")


def _combine(name: str, details: Details, known: Sequence[str], resource: str, leftover: str) -> Described:
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    referring = pattern("referring").match(name)
    if referring and (referring[2] != "reference" or find_entity(referring[1], known)):
        name, details.ref = referring[1], details.ref or referring[1]
    if details.ref:
        taken = reference(name.removesuffix("_id"), pascal(singular(details.ref)), known)
        name, said = taken.name, dict(taken.said)
        questions = (taken.question,) if taken.question else ()
    elif details.values:
        said = {"type": "enum", "values": details.values}
    elif details.spelling:
        said = read_spelling(details.spelling, name)
    else:
        taken = guess(name, known, resource)
        name, said = taken.name, _fitting(taken.said, details, taken.certain)
        assumptions = (taken.assumption,) if taken.assumption else ()
        questions = (taken.question,) if taken.question else ()
        if assumptions and not taken.certain and said["type"] in NUMERIC:
            assumptions = (msgspec.structs.replace(assumptions[0], because="a range was given"),)
        if questions and (details.said.keys() & {"min_length", "max_length"} or details.low or details.high):
            questions = ()  # a length or a range says enough
    return _combine_said(name, said, details, assumptions, questions, leftover)


def _fitting(said: Said, details: Details, certain: bool) -> Said:
    """A guess that agrees with the bounds that were given: text has lengths, numbers have ranges."""
    lengths = details.said.keys() & {"min_length", "max_length"}
    if lengths and said["type"] not in TEXTUAL:
        return {"type": "string"}
    if lengths:
        return {key: value for key, value in said.items() if key not in ("min_length", "max_length")}
    bounds = details.low + details.high
    if bounds and (not certain or said["type"] not in NUMERIC | TEXTUAL):
        return {"type": "decimal" if "." in bounds else "integer"}
    return said


def _combine_said(
    name: str,
    said: Said,
    details: Details,
    assumptions: tuple[Assumption, ...],
    questions: tuple[Question, ...],
    leftover: str,
) -> Described:
    if details.values:
        said |= {"type": "enum", "values": details.values, "max_length": None, "min_length": None}
        questions = ()
    _apply_bounds(said, details)
    said |= details.said
    if details.default:
        try:
            said |= {"default": default_of(said["type"], details.default), "has_default": True}
        except ValueError as error:
            raise UsageError(f"the default of '{name}' does not fit {said['type']}: {error}") from None
    spec = make_field(name, said)
    assumptions = tuple(with_value(assumption, spec) for assumption in assumptions)
    if details.vague:
        assumptions += (Assumption(name, spell(spec), details.vague),)
    together = ((name, snake(details.together)),) if details.together else ()
    return Described(spec, leftover, assumptions, questions, together)


def with_value(assumption: Assumption, spec: FieldSpec) -> Assumption:
    """The assumption with the field's spelling as its value, and only other ones as alternatives."""
    plain = FieldSpec(
        **{name: getattr(spec, name) for name in FieldSpec.__struct_fields__ if name not in _BESIDE_THE_TYPE}
    )
    alternatives = tuple(other for other in assumption.alternatives if other != spell(plain))
    return msgspec.structs.replace(assumption, value=spell(spec), alternatives=alternatives)


def _apply_bounds(said: Said, details: Details) -> None:
    kind = said["type"]
    for key, bound in (("min", details.low), ("max", details.high)):
        if not bound:
            continue
        if kind in TEXTUAL:
            said[f"{key}_length"] = int(float(bound))
        elif kind in NUMERIC:
            said[key] = number(bound)
    if details.low and kind in NUMERIC:
        said["exclusive_min"] = details.exclusive
    if kind == "integer" and any("." in said.get(key, "") for key in ("min", "max") if said.get(key)):
        said["type"] = "decimal"
