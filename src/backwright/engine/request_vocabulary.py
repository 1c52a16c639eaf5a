"""What words mean: the vocabulary file, and the type that a field's name gives away."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

import msgspec

from backwright.core.change import Assumption, Question
from backwright.engine.request_spelling import read_spelling
from backwright.engine.request_types import Said
from backwright.kit.actions import verbs
from backwright.kit.naming import human, pascal, plural, singular, snake


class FieldWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of fields that share a type, spelled as in the grammar; `*` stands for any words."""

    names: tuple[str, ...]
    type: str
    because: str
    alternatives: tuple[str, ...] = ()
    strong: bool = False  # wins over an entity of the same name


class References(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names that usually are a row of another table, and those of them that usually are a user."""

    names: frozenset[str]
    people: frozenset[str]


class HandOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a trade that is not ours."""

    because: str
    words: tuple[str, ...]


class Unsupported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Backend work that no blueprint makes: a regular expression on the first sentence."""

    pattern: str
    what: str
    noun: bool = False  # may also be the name of a resource: "a webhooks API"
    alone: bool = False  # only where no fields are listed: "add colors to products"
    first: bool = False  # asked before changes are, which it would be taken for: "add ownership to tickets"


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How requests begin, and the words around the name of the resource."""

    polite: tuple[str, ...]
    begin: tuple[str, ...]
    people: tuple[str, ...]
    allow: tuple[str, ...]
    able: tuple[str, ...]
    keep: tuple[str, ...]
    personal: tuple[str, ...]
    kinds: tuple[str, ...]
    adjectives: tuple[str, ...]
    fields: tuple[str, ...]


class Verbs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Verbs of a triage."""

    verbs: tuple[str, ...]


class Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    fields: tuple[FieldWords, ...]
    choices: dict[str, tuple[str, ...]]
    references: References
    synonyms: dict[str, str]
    types: dict[str, str]
    roles: dict[str, tuple[str, ...]]
    verbs: dict[str, tuple[str, ...]]
    request: Opening
    hand_off: dict[str, HandOff]
    unsupported: tuple[Unsupported, ...]
    findings: dict[str, tuple[str, ...]]  # what findings are called, to the ids of their rules
    destructive: Verbs
    unclear: Verbs


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with us, read once."""
    text = (files("backwright") / "knowledge" / "vocabulary.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Vocabulary)


def any_of(phrases: Sequence[str]) -> str:
    """A regular expression for any of these phrases, the longest first."""
    longest_first = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "(?:" + "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in longest_first) + ")"


class _Sentences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    parts: dict[str, str]
    patterns: dict[str, str]


@cache
def _sentences() -> _Sentences:
    text = (files("backwright") / "knowledge" / "sentences.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Sentences)


@cache
def pattern(name: str, nouns: tuple[str, ...] = ()) -> re.Pattern[str]:
    """A regular expression of `sentences.toml`; `nouns` are what the resource is called."""
    words = vocabulary()
    lists = {"choices": tuple(words.choices), "types": tuple(words.types), "nouns": nouns, "actions": verbs()}

    def part(match: re.Match[str]) -> str:
        return any_of(lists[match[1]]) if match[1] in lists else expand(_sentences().parts[match[1]])

    def expand(text: str) -> str:
        return re.sub(r"@(\w+)@", part, text)

    return re.compile(expand(_sentences().patterns[name]), re.IGNORECASE)


def sentence_part(name: str) -> str:
    """A part of the regular expressions of `sentences.toml`, for those that are put together elsewhere."""
    return _sentences().parts[name]


class Guess(msgspec.Struct, frozen=True):
    """What a name is taken for. A guess that somebody should confirm has a question instead of an assumption."""

    name: str
    said: Said
    certain: bool = True  # False where the name says nothing of the type
    assumption: Assumption | None = None
    question: Question | None = None


def guess(name: str, known: Sequence[str], resource: str) -> Guess:
    """The type of a field of which only the (snake_case) name is known; `known` are the entities of the repository."""
    entry = _entry(name)
    if entry is not None and entry.strong:
        return _assumed(name, entry.type, entry.because, entry.alternatives)
    if name.endswith("_id") and len(name) > 3:
        return reference(name.removesuffix("_id"), pascal(singular(name.removesuffix("_id"))), known)
    if name.startswith("parent"):
        return _assumed(name, f"ref({resource})?", f"a parent is another {human(resource)}", ("str(100)",))
    entity = _entity(name, known)
    if entity:
        because = f"{entity} is an entity of this repository"
        return _assumed(name, f"ref({entity})", because, ("str(200)",))
    if entry is not None:
        return _assumed(name, entry.type, entry.because, entry.alternatives)
    anything = ("text", "int", "decimal(10,2)", "date", "bool")
    taken = _unclear(name, known) or _assumed(name, "str(200)", "nothing says otherwise", anything)
    return msgspec.structs.replace(taken, certain=False)


def reference(name: str, entity: str, known: Sequence[str]) -> Guess:
    """A reference that was asked for by name; a question when there is no such entity."""
    found = find_entity(entity, known)
    said = read_spelling(f"ref({found or entity})", name)
    if found:
        return Guess(name, said)
    options = (f"create {entity} first", *(f"ref({near})" for near in _near(entity, known)), "str(100)")
    text = f"'{human(name)}' refers to {entity}, which this repository does not have"
    return Guess(name, said, question=Question(name, text, "medium", options))


def find_entity(name: str, known: Sequence[str]) -> str:
    """The entity of the repository that a name means, singular or plural, in any case; `""` when there is none."""
    wanted = snake(singular(name))
    return next((entity for entity in known if wanted in (snake(entity), snake(singular(entity)))), "")


def _assumed(name: str, spelling: str, because: str, alternatives: tuple[str, ...]) -> Guess:
    said = read_spelling(spelling, name)
    return Guess(name, said, assumption=Assumption(name, spelling, because, alternatives))


def _unclear(name: str, known: Sequence[str]) -> Guess | None:
    words = vocabulary()
    last = name.rsplit("_", 1)[-1]
    if name in words.choices or last in words.choices:
        values = ",".join(words.choices.get(name, words.choices.get(last, ())))
        options: tuple[str, ...] = ("str(50)", f"enum({values})") if values else ("str(50)",)
        text = f"which values can '{human(name)}' have? With a fixed set: --set {name}=enum({values or 'a,b,c'})"
        return Guess(name, read_spelling("str(50)", name), question=Question(name, text, "medium", options))
    entity = find_entity(name, known)
    if entity:  # the plural of an entity: many of them
        text = f"'{human(name)}' are many {plural(entity)}, and a field holds one"
        options = ("drop", f"ref({entity})", "json")
        return Guess(name, read_spelling("json", name), question=Question(name, text, "medium", options))
    if singular(name) in words.references.names or last in words.references.names:
        wanted = pascal(singular(name if name in words.references.names else last))
        near = tuple(f"ref({entity})" for entity in _near(wanted, known, person=last in words.references.people))
        text = f"'{human(name)}' looks like a reference, and this repository has no {wanted}"
        options = ("str(100)", *near, f"create {wanted} first")
        return Guess(name, read_spelling("str(100)", name), question=Question(name, text, "medium", options))
    if singular(name) != name:
        text = f"'{human(name)}' sounds like several, and a field holds one"
        question = Question(name, text, "medium", ("str(200)", "json", "drop"))
        return Guess(name, read_spelling("str(200)", name), question=question)
    return None


def _entry(name: str) -> FieldWords | None:
    matching = [e for e in vocabulary().fields if name in e.names]
    matching += [e for e in vocabulary().fields if any("*" in p and fnmatchcase(name, p) for p in e.names)]
    return matching[0] if matching else None


def _entity(name: str, known: Sequence[str]) -> str:
    """The entity that is the name's last words: `billing_customer` is a Customer, `customers` are not one."""
    parts = name.split("_")
    for start in range(len(parts)):
        tail = "_".join(parts[start:])
        if tail == singular(tail) and (entity := find_entity(tail, known)):
            return entity
    if parts[-1] in vocabulary().references.people:
        return find_entity("User", known)
    return ""


def _near(entity: str, known: Sequence[str], person: bool = False) -> list[str]:
    near = get_close_matches(entity, known, n=2, cutoff=0.7)
    near += [other for other in known if snake(entity) in snake(other).split("_") and other not in near]
    if person and (user := find_entity("User", known)) and user not in near:
        near.append(user)
    return near[:2]
