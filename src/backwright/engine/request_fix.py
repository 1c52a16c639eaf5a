"""Findings of the guardrails that are to be mended: `fix BW303 in orders`, `fix all app/api/orders.py`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwright.core.errors import UsageError
from backwright.core.request import FixRequest, Understood
from backwright.engine.request_opening import without_courtesy
from backwright.engine.request_text import clean, sentences
from backwright.engine.request_vocabulary import any_of, pattern, vocabulary

EXAMPLE = "plan fix BW303 in orders"
_ALL = "all"
_RULE = re.compile(r"BW\d{1,3}$", re.IGNORECASE)
_NAME = re.compile(r"[a-z]+(?:-[a-z0-9]+)+$")
_PATH = re.compile(r"[\w./@()\[\]-]*[/.][\w./@()\[\]-]*$")
_BETWEEN = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s+or\s+|\s+")


def parse_fix(tokens: Sequence[str], known: Sequence[str] = ()) -> Understood:
    """What follows `plan fix` is understood as: rules (or `all`), then places. Raises UsageError."""
    said = fix_of_words(" ".join(("fix", *tokens)), known, " ".join(("fix", *tokens)))
    if said is not None:
        return said
    words = [part for token in tokens for part in token.split(",") if part]
    rules: list[str] = []
    while words and _is_rules(words[0]):
        rules.append(words.pop(0))
    places = [word for i, word in enumerate(words) if i or word != "in"]
    if not rules or any(not place.strip("./ ") and place != "." for place in places):
        hints = (f"for example: {EXAMPLE}", "all rules: backwright explain rules")
        raise UsageError("`fix` takes rules, by id or name, or `all`", hints=hints)
    return _asked(rules, places, " ".join(("fix", *tokens)))


def fix_of_words(sentence: str, known: Sequence[str], words: str) -> Understood | None:
    """What a sentence about findings is understood as; None where it is about something else that is to be fixed."""
    match = pattern("fix").match(sentence.strip(" .!"))
    if match is None:
        return None
    rules = _named(match["what"])
    if rules is None:
        return None
    where = pattern("fix_where_filler").sub("", (match["where"] or "").strip())
    places = [
        pattern("fix_where_filler").sub("", place)
        for place in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", where)
        if place
    ]
    if any(not re.fullmatch(r"\w+(?:[ -]\w+)?", place) and not _PATH.match(place) for place in places):
        return None
    return _asked(rules, places, words)


def asks_for_fixes(tokens: Sequence[str], words: str) -> bool:
    """Whether a request is about findings, before anything is known of the project. Raises UsageError as `clean`."""
    if tokens:
        return tokens[0] == "fix"
    spoken = [without_courtesy(sentence) for sentence in sentences(clean(words))]
    return bool(spoken) and fix_of_words(spoken[0], (), words) is not None


def _named(what: str) -> list[str] | None:
    """The rules that a phrase names; empty for all of them, None where it speaks of something else."""
    if pattern("fix_all").match(what.strip()):
        return [_ALL]
    known = vocabulary().findings
    rules: list[str] = []

    def called(found: re.Match[str]) -> str:
        rules.extend(known[re.sub(r"\s+", " ", found.group().lower())])
        return " "

    rest = re.sub(rf"(?<![\w+-]){any_of(tuple(known))}(?![\w+-])", called, what, flags=re.IGNORECASE)
    left = [word for word in _BETWEEN.split(pattern("fix_filler").sub(" ", rest)) if word]
    if not all(_is_rules(word) and word != _ALL for word in left):
        return None
    return [*left, *rules] or None


def _is_rules(word: str) -> bool:
    return word == _ALL or _RULE.match(word) is not None or _NAME.match(word) is not None


def _asked(rules: Sequence[str], places: Sequence[str], words: str) -> Understood:
    named = tuple(dict.fromkeys(r.upper() if _RULE.match(r) else r for r in rules if r != _ALL))
    where = tuple(dict.fromkeys(place for place in places if place not in (".", "./")))
    return Understood("fix", words=words, fix=FixRequest(named, where))
