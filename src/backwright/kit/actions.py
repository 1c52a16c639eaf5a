"""Verbs of actions on a row: their forms, the columns that they speak of, the values that they mean."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

_ED = re.compile(r"(?:ed|d|s|es|ing|e)$")


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((files("backwright.knowledge") / "actions.toml").read_text(encoding="utf-8"))


def verbs() -> tuple[str, ...]:
    """Verbs that are actions where nothing says so, in snake_case."""
    return tuple(_words()["verbs"]["actions"])


def state_columns() -> tuple[str, ...]:
    """What a state is usually called."""
    return tuple(_words()["states"]["columns"])


def participle(verb: str) -> str:
    """`cancel` as what a row is afterwards: `cancelled`; of `mark_as_read`, `read`."""
    marked = re.match(r"(?:mark|set|flag)_as_(\w+)$", verb)
    if marked:
        return marked.group(1)
    head, _, rest = verb.partition("_")
    known = _words()["participles"].get(head)
    if known is None:
        prefix = re.match(r"(?:un|re|dis)(\w{3,})$", head)
        inner = _words()["participles"].get(prefix.group(1)) if prefix else None
        known = head[: -len(prefix.group(1))] + inner if prefix and inner else _regular(head)
    return f"{known}_{rest}" if rest else str(known)


def _regular(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    return f"{verb}ed"


def turns(verb: str) -> tuple[tuple[str, bool], ...]:
    """The words of boolean columns that a verb changes, with what they are afterwards; its own participle first."""
    words = _words()
    own = ((participle(verb), True),)
    on = tuple((word, True) for word in words["turns_on"].get(verb, ()))
    off = tuple((word, False) for word in words["turns_off"].get(verb, ()))
    undone = re.match(r"(?:un|de|dis)(\w{3,})$", verb)
    back = ((participle(undone.group(1)), False),) if undone else ()
    return tuple(dict.fromkeys((*own, *off, *on, *back)))


def stem(word: str) -> str:
    """What forms of one word share: `ships`, `shipped` and `ship` are one; so are `canceled` and `cancelled`."""
    bare = re.sub(r"[^a-z0-9]", "", word.lower())
    irregular = next((verb for verb, form in _words()["participles"].items() if bare in {form, f"{verb}s"}), "")
    bare = irregular or bare
    if bare.endswith("ied"):
        bare = f"{bare[:-3]}y"
    cut = bare
    for ending in ("ing", "ed", "es", "s"):
        if cut.endswith(ending) and len(cut) - len(ending) > 2:
            cut = cut.removesuffix(ending)
            break
    cut = re.sub(r"([b-df-hj-np-tv-z])\1$", r"\1", cut)
    return cut.removesuffix("e")


def meant(word: str, values: Iterable[str]) -> str:
    """Which of the values a word means, `""` for none: itself, else a form of the same word."""
    known = list(values)
    plain = {re.sub(r"[^a-z0-9]", "", v.lower()): v for v in known}
    bare = re.sub(r"[^a-z0-9]", "", word.lower())
    if bare in plain:
        return plain[bare]
    found = [v for v in known if stem(v) == stem(word)]
    return found[0] if len(found) == 1 else ""
