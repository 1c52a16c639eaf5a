"""A relation between two resources that exist: `an order belongs to a customer`, `posts have many tags`.

One to many is a reference that the one side of it gets, a `FieldChange` with `relation`. Many to many is a resource of its
own, a `Feature`: each of its rows is one pair, and what is known of the pair are its fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.request import Feature, FieldChange, FieldSpec, Listing, Operation, Understood
from backwright.engine.request_checks import check_field, settle
from backwright.engine.request_details import describe
from backwright.engine.request_difficulty import difficulty
from backwright.engine.request_fields import ON_DELETE
from backwright.engine.request_grammar import read_fields
from backwright.engine.request_spelling import did_you_mean
from backwright.engine.request_vocabulary import find_entity, pattern
from backwright.kit.naming import human, pascal, plural, snake, why_not_field

KINDS = ("belongs-to", "has-many", "many-to-many")
EXAMPLES = (
    "plan relation Order belongs-to Customer",
    "plan relation Customer has-many Order as:buyer on-delete:cascade",
    "plan relation Student many-to-many Course as:Enrolment 'grade:int(1..6)?'",
)
FILE_KEYS = ("as", "on_delete", "fields")
_NAME = re.compile(r"[A-Za-z_]\w*")
_PAIR: tuple[Operation, ...] = ("create", "list", "get", "delete")
_PAIRED: tuple[Operation, ...] = ("create", "list", "get", "update", "delete")
_ONE = ("relation_belongs", "relation_refers", "relation_between", "relation_many", "relation_one")
_RULES = f"What becomes of rows is said like this: {EXAMPLES[1]}"
_MANY = ("relation_pairs", "relation_both", "relation_pairs_told")


def parse_relation(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan relation` is understood as: two entities, how they are related, and what of it. Raises UsageError."""
    if len(tokens) < 3 or tokens[1].replace("_", "-").lower() not in KINDS:
        hints = (*(did_you_mean(tokens[1], KINDS) if len(tokens) > 1 else ()), *(f"for example: {e}" for e in EXAMPLES))
        raise UsageError(f"`relation` takes two entities with one of {', '.join(KINDS)} between them", hints=hints)
    first, kind, second, *rest = tokens
    for name in (first, second):
        if not _NAME.fullmatch(name):
            raise UsageError(f"'{name}' is no name of an entity", hints=EXAMPLES[:1])
    said = {"as": "", "on-delete": ""}
    fields = []
    for token in rest:
        key, _, value = token.partition(":")
        key = key.removeprefix("--").replace("_", "-").lower()
        if key in said and value:
            said[key] = value
        else:
            fields.append(token)
    words = " ".join(("relation", *tokens))
    return _related(
        kind.replace("_", "-").lower(), (first, second), said["as"], said["on-delete"], fields, known, words
    )


def relation_of_file(said: Mapping[str, str], fields: Sequence[str], words: str) -> Understood:
    """What `relation: Order belongs-to Customer` of a feature file says, with `as`, `on_delete` and `fields` beside it."""
    tokens = said["relation"].split()
    tokens += [f"as:{said['as']}"] if "as" in said else []
    tokens += [f"on-delete:{said['on_delete']}"] if "on_delete" in said else []
    found = parse_relation([*tokens, *fields])
    return Understood(
        found.kind, found.feature, found.assumptions, found.questions, difficulty=found.difficulty, words=words,
        field=found.field,
    )  # fmt: skip


def relation_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about two entities that exist is understood as; None where it is about something else."""
    plain = sentence.strip(" .")
    for name in (*_MANY, *_ONE):
        match = pattern(name).match(plain)
        if match is None:
            continue
        said = match.groupdict()
        first, second = find_entity(said["a"], known), find_entity(said["b"], known)
        if not first or not second:
            continue
        if said.get("again") and find_entity(said["again"], known) != first:
            continue
        more = (said.get("more") or "").strip(" ,")
        if name in _MANY:
            return _pairs_of_words((first, second), snake(said.get("as") or ""), more, known, words)
        kind = "has-many" if name in ("relation_many", "relation_one") else "belongs-to"
        rule = _rule(more)
        if more and not rule:
            text = f"that {human(first)} and {human(second)} are related is clear, and this is not: '{more}'. {_RULES}"
            return Understood("unknown", questions=(Question("request", text, "high"),), words=words)
        return _related(kind, (first, second), snake(said.get("as") or ""), rule, (), known, words)
    return None


def _rule(more: str) -> str:
    """What becomes of the rows when the one that they refer to is deleted, in words; `""` where that is not clear."""
    if not more or not pattern("on_delete_told").search(more):
        return ""
    if pattern("on_delete_null").search(more):
        return "set_null"
    if pattern("on_delete_never").search(more):
        return "restrict"
    if pattern("on_delete_not").search(more) or not pattern("on_delete_cascade").search(more):
        return ""  # rows are never taken away on a word that might mean something else
    return "cascade"


def _related(
    kind: str, ends: tuple[str, str], name: str, rule: str, fields: Sequence[str], known: Sequence[str], words: str
) -> Understood:
    rule = rule.lower().replace("-", "_").replace(" ", "_")
    if rule and rule not in ON_DELETE:
        raise UsageError(f"'{rule}' is nothing that happens to rows", hints=did_you_mean(rule, ON_DELETE))
    first, second = (find_entity(end, known) or pascal(end) for end in ends)
    if kind == "many-to-many":
        specs, assumptions, questions = read_fields(fields, pascal(name or f"{first}_{second}"), known) if fields else (
            (), (), ())  # fmt: skip
        return _pairs((first, second), name, rule, specs, assumptions, questions, words)
    if fields:
        raise UsageError(
            f"'{fields[0]}' belongs to a pair, and these are no pairs", hints=(f"for example: {EXAMPLES[2]}",)
        )
    child, parent = (second, first) if kind == "has-many" else (first, second)
    attr = snake(name).removesuffix("_id") or snake(parent)
    if reason := why_not_field(attr):
        raise UsageError(f"a relation cannot be called '{name}': {reason}")
    spec = FieldSpec(attr, "ref", required=False, nullable=True, ref=parent, on_delete=rule or "set_null")
    check_field(spec, child)
    why = f"rows of {human(plural(child))} that exist refer to none yet; require it once they do"
    said = [Assumption("optional", "yes", why)]
    if not rule:
        why = f"{human(plural(child))} stay when their {human(parent)} is deleted, and refer to none then"
        said.append(Assumption("on_delete", "set_null", why, ("restrict", "cascade")))
    change = FieldChange("add", child, attr, field=spec, relation=True)
    return Understood("field", assumptions=tuple(said), words=words, field=change)


def _pairs(
    ends: tuple[str, str],
    name: str,
    rule: str,
    fields: Sequence[FieldSpec],
    assumptions: Sequence[Assumption],
    questions: Sequence[Question],
    words: str,
) -> Understood:
    """A resource each of whose rows is a pair."""
    if ends[0] == ends[1]:
        raise UsageError(
            f"both ends are {ends[0]}: which is which cannot be told",
            hints=("plan resource with two references: from:ref(…) to:ref(…)",),
        )
    first, second = (FieldSpec(snake(end), "ref", ref=end, on_delete=rule or "cascade", update=False) for end in ends)
    taken = {first.name, second.name}
    for field in fields:
        if field.name in taken:
            raise UsageError(f"a pair has `{field.name}` already")
    resource = pascal(name) if name else f"{ends[0]}{ends[1]}"
    operations = _PAIRED if fields else _PAIR
    feature = settle(
        Feature(
            resource=resource,
            fields=(first, second, *fields),
            operations=operations,
            listing=Listing(filters=(first.name, second.name)),
            unique_together=((first.name, second.name),),
        )
    )
    one, other = (human(end) for end in ends)
    said = [
        Assumption("pairs", resource, f"each {one} with each {other} at most once, as a resource of its own"),
        Assumption("filter", f"{first.name},{second.name}", "pairs are asked for from both sides"),
    ]
    if not rule:
        said.append(Assumption("on_delete", "cascade", f"a pair goes with its {one} and with its {other}"))
    return Understood(
        "resource", feature, (*said, *assumptions), tuple(questions), difficulty=difficulty(feature), words=words
    )  # fmt: skip


def _pairs_of_words(ends: tuple[str, str], name: str, more: str, known: Sequence[str], words: str) -> Understood | None:
    fields: list[FieldSpec] = []
    assumptions: list[Assumption] = []
    questions: list[Question] = []
    rule = _rule(more)
    for piece in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", more) if more and not rule else ():
        found = describe(piece, known, name or f"{ends[0]}{ends[1]}")
        if found.field is None or found.rest.strip(" ,"):
            return None
        fields.append(found.field)
        assumptions += found.assumptions
        questions += found.questions
    return _pairs(ends, name, rule, fields, assumptions, questions, words)
