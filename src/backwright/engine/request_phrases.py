"""The phrases that say something about a field: lengths, ranges, uniqueness, defaults, references (`phrases.toml`)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import msgspec

from backwright.engine.request_types import Said


class Phrase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way of saying something: a regular expression, and what a match sets."""

    pattern: str
    sets: dict[str, str | int | bool]


class _Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    numbers: dict[str, str]
    parts: dict[str, str]
    phrases: tuple[Phrase, ...]


@dataclass
class Details:
    """What was said of one field, before its type is known."""

    said: Said = field(default_factory=dict)  # attributes of a FieldSpec
    spelling: str = ""  # the type, as in the grammar
    low: str = ""  # bounds: of a number or, for text, of its length
    high: str = ""
    exclusive: bool = False
    default: str = ""
    values: tuple[str, ...] = ()
    ref: str = ""  # a word for the entity
    together: str = ""  # unique per this
    vague: str = ""  # what an inexact phrase was taken for


@cache
def _knowledge() -> _Phrases:
    text = (files("backwright") / "knowledge" / "phrases.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Phrases)


@cache
def _number_words() -> re.Pattern[str]:
    read = _knowledge()
    return re.compile(rf"\b({'|'.join(read.numbers)})(?=[\s-]+{read.parts['chars']}\b)", re.IGNORECASE)


@cache
def _table() -> tuple[tuple[re.Pattern[str], Phrase], ...]:
    read = _knowledge()

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"@(\w+)@", lambda part: read.parts[part[1]], pattern), re.IGNORECASE)

    return tuple((compiled(phrase.pattern), phrase) for phrase in read.phrases)


def recognise(text: str) -> tuple[Details, str]:
    """The details that a text says, and the text without them."""
    details = Details()
    rest = _number_words().sub(lambda word: _knowledge().numbers[word[1].lower()], text)
    for pattern, phrase in _table():
        match = pattern.search(rest)
        if match is not None:
            _note(details, phrase, match)
            rest = f"{rest[: match.start()].rstrip()} {rest[match.end() :].lstrip()}".strip()
    return details, rest


def _note(details: Details, phrase: Phrase, match: re.Match[str]) -> None:
    for key, value in phrase.sets.items():
        text = re.sub(r"\$(\d)", lambda group: match[int(group[1])] or "", value) if isinstance(value, str) else ""
        if key in ("low", "high"):
            setattr(details, key, _plain_number(text))
        elif key in ("min_length", "max_length", "scale"):
            details.said[key] = int(_plain_number(text).split(".")[0]) if text else value
        elif key == "vague":
            details.vague = f"'{match.group().strip()}' was taken as {text}"
        elif key in ("spelling", "default", "ref", "together"):
            setattr(details, key, text.strip("\"'"))
        elif key == "exclusive":
            details.exclusive = True
        else:
            details.said[key] = value


def _plain_number(text: str) -> str:
    return text.replace(",", "").replace("_", "")
