"""One field of a resource that exists: `add field phone:str? to customer`, `rename field name of product to title`.

Grammar (`field add Customer phone:str?`), plain words and feature files all become one `FieldChange`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.request import FieldChange, FieldSpec, Understood
from backwright.engine.request_checks import check_field
from backwright.engine.request_details import describe
from backwright.engine.request_grammar import read_fields
from backwright.engine.request_spelling import OPTIONS, did_you_mean, read_spelling
from backwright.engine.request_types import make_field, spell
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.naming import human, pascal, snake, why_not_field

ACTIONS = ("add", "rename", "remove")
ON_DELETE = ("restrict", "cascade", "set_null")
EXAMPLES = (
    "plan field add Customer 'phone:str(20)?'",
    "plan field rename Product name title",
    "plan field remove Invoice notes",
)
_SENTENCES = (
    "field_dotted",
    "field_renamed",
    "field_renamed_late",
    "field_removed",
    "field_owned",
    "field_added",
    "field_of_first",
)
_LONG_NAME = 3  # words; more of them are a sentence
_MANY_WORDS = 8
_NAMES = re.compile(r"[A-Za-z_]\w*")


def parse_field(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan field` is understood as: an action, an entity, and the field. Raises UsageError."""
    action, *rest = tokens or [""]
    if action not in ACTIONS:
        hints = (*did_you_mean(action, ACTIONS), *(f"for example: {e}" for e in EXAMPLES))
        raise UsageError(f"a field cannot be told to '{action}'" if action else "nothing was asked for", hints=hints)
    wanted = {"add": 2, "rename": 3, "remove": 2}[action]
    if len(rest) < wanted or (action != "add" and len(rest) > wanted):
        example = EXAMPLES[ACTIONS.index(action)]
        raise UsageError(f"`field {action}` takes an entity and {wanted - 1} more", hints=(f"for example: {example}",))
    entity, *rest = rest
    words = " ".join(("field", *tokens))
    if action == "add":
        return _added(entity, " ".join(rest), known, words)
    return _named(action, entity, rest[0], rest[1] if action == "rename" else "", words)


def field_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about one field is understood as; None where it is about something else."""
    for name in _SENTENCES:
        match = pattern(name).match(sentence.strip(" ."))
        found = _of_match(name, match, known, words) if match is not None else None
        if found is not None:
            return found
    return None


def field_of_file(said: Mapping[str, str], words: str) -> Understood:
    """What a feature file with `add_field`, `rename_field` … `to`, or `remove_field` says of `resource`."""
    entity = said["resource"]
    if "add_field" in said:
        return _added(entity, said["add_field"], (), words)
    if "rename_field" in said:
        return _named("rename", entity, said["rename_field"], said["to"], words)
    return _named("remove", entity, said["remove_field"], "", words)


def answered(understood: Understood, settings: Mapping[str, str]) -> tuple[Understood, dict[str, str]]:
    """The request with `--set FIELD=SPELLING` of a new field, and the settings that the blueprint decides with."""
    change = understood.field
    if change is not None and change.field is not None and change.relation and "on_delete" in settings:
        rest = {key: value for key, value in settings.items() if key != "on_delete"}
        return answered(_deleted_with(understood, change, change.field, settings["on_delete"]), rest)
    spelling = settings.get(change.name) if change is not None else None
    if change is None or change.field is None or spelling is None:
        return understood, dict(settings)
    field = make_field(change.name, read_spelling(spelling, change.name))
    check_field(field, change.resource)
    changed = msgspec.structs.replace(change, field=field)
    return msgspec.structs.replace(
        understood,
        field=changed,
        assumptions=tuple(a for a in understood.assumptions if a.key != change.name),
        questions=tuple(q for q in understood.questions if q.key != change.name),
    ), {key: value for key, value in settings.items() if key != change.name}


def _deleted_with(understood: Understood, change: FieldChange, field: FieldSpec, rule: str) -> Understood:
    rule = rule.lower().replace("-", "_").replace(" ", "_")
    if rule not in ON_DELETE:
        raise UsageError(f"'{rule}' is nothing that happens to rows", hints=did_you_mean(rule, ON_DELETE))
    changed = msgspec.structs.replace(change, field=msgspec.structs.replace(field, on_delete=rule))
    kept = tuple(a for a in understood.assumptions if a.key != "on_delete")
    return msgspec.structs.replace(understood, field=changed, assumptions=kept)


def spoken(change: FieldChange) -> tuple[str, ...]:
    """The words after `plan` that say the same; `parse_field` of all but the first gives the change back."""
    if change.field is not None and change.relation:
        ends = (change.resource, "belongs-to", change.field.ref)
        return ("relation", *ends, f"as:{change.name}", f"on-delete:{change.field.on_delete}")
    if change.field is not None:
        return ("field", "add", change.resource, f"{change.name}:{spell(change.field)}")
    return ("field", change.action, change.resource, change.name, *([change.to] if change.to else []))


def _of_match(name: str, match: re.Match[str], known: Sequence[str], words: str) -> Understood | None:
    entity = find_entity(match["entity"], known)
    if name in ("field_added", "field_of_first"):
        return _described(entity, match, known, words)
    if name == "field_owned" and (not entity or pattern("no_field").search(match["name"])):
        return None  # "delete the invoice resource"
    if not entity:
        return _no_entity(match["entity"], known, words) if match["kind"] else None
    said = match.groupdict()
    if name == "field_removed" or (said.get("verb") or "rename").lower() != "rename":
        return None if said.get("to") else _named("remove", entity, match["name"], "", words)
    return _named("rename", entity, match["name"], match["to"], words) if match["to"] else None


def _described(entity: str, match: re.Match[str], known: Sequence[str], words: str) -> Understood | None:
    said, told = pattern("field_word").subn("", match["said"])
    more = match["more"] or ""
    said, plain = said.strip(), told > 0  # it says "field" or "column": then it is about nothing else
    spelled = re.match(r"\w+\??:\S", said) is not None
    if pattern("no_field").search(said) and not spelled:
        return None
    if not entity:
        return _no_entity(match["entity"], known, words) if plain or spelled else None
    if not said:
        return None
    if spelled:
        return _added(entity, f"{said} {more}".strip(), known, words)
    if not plain and find_entity(said.split()[-1], known):
        return None  # "add comments to posts": a resource that belongs to another, or a relation
    outside = re.sub(r"\([^()]*\)", "", said)
    if not plain and (len(outside.split()) > _MANY_WORDS or re.search(r"[:;,]", outside)):
        return None
    found = describe(f"{said}, {more}" if more else said, known, entity)
    if (
        found.field is not None
        and re.search(r"(?:^|_)(?:and|or)_", found.field.name)
        and pattern("several").search(said)
    ):
        return _one_at_a_time(said, found.field.name, words)
    left = found.rest.strip(" ,")
    if found.field is None or (left and not plain) or (not plain and len(found.field.name.split("_")) > _LONG_NAME):
        return None
    asked = (
        (Question("left_out", f"not understood and left out: '{left}'", "medium", ("leave it out",)),) if left else ()
    )
    return _settled(entity, found.field, found.assumptions, (*found.questions, *asked), words)


def _added(entity: str, text: str, known: Sequence[str], words: str) -> Understood:
    """A field from its spelling, with options behind it: `phone:str? max=20 unique`."""
    token, *options = re.findall(r"""(?:\([^)]*\)|\[[^\]]*\]|="[^"]*"|='[^']*'|[^\s(\[])+""", text) or [""]
    for option in options:
        name = option.partition("=")[0].partition("(")[0]
        if name not in OPTIONS:
            raise UsageError(f"unknown option '{name}' in {text}", hints=did_you_mean(name, list(OPTIONS), "options"))
        token += f":{option}"
    fields, assumptions, questions = read_fields([token], pascal(entity), known)
    return _settled(entity, fields[0], assumptions, questions, words)


def _settled(
    entity: str,
    field: FieldSpec,
    assumptions: tuple[Assumption, ...],
    questions: tuple[Question, ...],
    words: str,
) -> Understood:
    check_field(field, pascal(entity))
    change = FieldChange("add", pascal(entity), field.name, field=field)
    return Understood("field", assumptions=assumptions, questions=questions, words=words, field=change)


def _named(action: str, entity: str, name: str, to: str, words: str) -> Understood:
    for word in (entity, name, *([to] if to else [])):
        if not _NAMES.fullmatch(word):
            raise UsageError(f"'{word}' is no name", hints=(f"for example: {EXAMPLES[ACTIONS.index(action)]}",))
    if to and (reason := why_not_field(snake(to))):
        raise UsageError(f"a field cannot be called '{to}': {reason}")
    if to and snake(to) == snake(name):
        raise UsageError(f"'{name}' is called that already")
    change = FieldChange("rename" if action == "rename" else "remove", pascal(entity), snake(name), snake(to))
    return Understood("field", words=words, field=change)


def _no_entity(name: str, known: Sequence[str], words: str) -> Understood:
    entities = ", ".join(sorted(known)) or "none"
    text = f"'{human(name)}' is no entity of this repository; there is: {entities}"
    return Understood("unknown", questions=(Question("request", text, "high"),), words=words)


def _one_at_a_time(said: str, name: str, words: str) -> Understood:
    text = f"'{said}' are several fields, and a plan adds one: which is first? If it is one, write {name}"
    return Understood("unknown", questions=(Question("request", text, "high"),), words=words)
