"""Secrets are taken out of whatever is written down or shown: journal, reports, logs, prompts.

Three kinds: values of our own variables that are called like secrets, formats of known tokens, and (where a text comes from a
command or a model) long random words. What replaces one says what it was, and nothing of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from backwright.kit.secrets import is_placeholder, is_secret_name, token_patterns

_MORE = (
    ("JSON web token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    ("bearer token", r"(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{16,}"),
    ("Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}\b"),
    ("DigitalOcean token", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    ("Google OAuth token", r"\bya29\.[A-Za-z0-9_-]{20,}"),
    ("Discord webhook", r"https://discord(?:app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]{20,}"),
)
_IN_ADDRESS = re.compile(
    r"(?P<before>\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"]{0,80}:)(?P<secret>[^\s@'\"/]{1,200})(?=@[\w.\[-])"
)
_SECRET_END = re.compile(r"(?i)(_|^)(key|token|secret|password|passwd|pwd|credentials?|dsn|auth)$")
_WORD = re.compile(r"[A-Za-z0-9+/_=-]{33,}")
_SHORTEST = 8  # characters; shorter values are words that stand everywhere
_LOCAL = frozenset({"localhost", "postgres", "password", "scratch"})


def redacted(text: str, *, random: bool = False, environ: Mapping[str, str] | None = None) -> str:
    """`text` without secrets; with `random` also without long words that nobody would think of.

    `environ` are the variables whose secret values are known, by default our own.
    """
    for name, value in _known(frozenset((os.environ if environ is None else environ).items())):
        if value in text:
            text = text.replace(value, f"[redacted: {name}]")
    for kind, pattern in _patterns():
        text = pattern.sub(f"[redacted: {kind}]", text)
    if "://" in text:
        text = _IN_ADDRESS.sub(_without_password, text)
    return _WORD.sub(_without_random, text) if random else text


def redacted_tree(value: Any) -> Any:
    """JSON-like data with every text in it redacted, the random words too; keys stay."""
    if isinstance(value, str):
        return redacted(value, random=True)
    if isinstance(value, dict):
        return {key: redacted_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted_tree(item) for item in value]
    return value


@lru_cache(maxsize=8)
def _known(variables: frozenset[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The names and values of secret variables, long values first: one may hold another."""
    found: list[tuple[str, str]] = []
    for name, value in variables:
        if (is_secret_name(name) or _SECRET_END.search(name)) and _is_worth_hiding(value):
            found.append((name, value))
        found += [(name, match["secret"]) for match in _IN_ADDRESS.finditer(value) if _is_worth_hiding(match["secret"])]
    return tuple(sorted(set(found), key=lambda pair: (-len(pair[1]), pair)))


def _is_worth_hiding(value: str) -> bool:
    return len(value) >= _SHORTEST and value.lower() not in _LOCAL and len(set(value)) > 3 and not value.startswith("/")


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return (*token_patterns(), *((kind, re.compile(pattern)) for kind, pattern in _MORE))


def _without_password(match: re.Match[str]) -> str:
    """The address with its password gone; those that everybody knows say more than they hide."""
    secret = match["secret"]
    return match.group() if len(secret) < _SHORTEST or is_placeholder(secret) else f"{match['before']}[redacted]"


def _without_random(match: re.Match[str]) -> str:
    word = match.group()
    before = match.string[max(0, match.start() - 7) : match.start()].lower()
    if before.endswith(("sha256-", "sha512-", "sha1-", "sha384-")) or word.lower().startswith(
        ("sha256-", "sha512-", "sha1-")
    ):
        return word  # a checksum of a lock file
    return "[redacted: random text]" if any(map(is_random, _pieces(word))) else word


def _pieces(word: str) -> Iterator[str]:
    """The word, and where it reads as a path its parts."""
    parts = word.split("/")
    if len(parts) > 1 and all(len(part) <= 32 for part in parts):
        return
    yield from parts


def is_random(word: str) -> bool:
    """Whether a word changes between small letters, capitals and digits as no name does. Hexadecimal digests do not count."""
    if len(word) < 33 or re.fullmatch(r"[0-9a-fA-F-]+", word):
        return False
    kinds = ["a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else "-" for c in word]
    if not {"a", "A", "0"} <= set(kinds):
        return False
    changes = sum(first != second for first, second in pairwise(kinds))
    return changes * 5 >= len(word) * 2
