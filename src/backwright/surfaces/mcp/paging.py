"""Answers cut to what an agent can afford, and how it gets the rest."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from backwright.core.errors import UsageError

BYTES_A_TOKEN = 3.5  # of JSON with code in it; measured on tokenizers of several vendors it is 3.2 to 4.1
_SHORTEST = 200  # characters that a text is not cut below
_CUT = "… ({} more characters: ask with a larger max_tokens)"


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """Where the next part starts, and of which list."""

    start: int
    digest: str


def tokens_of(value: object) -> int:
    """About how many tokens a value costs as JSON."""
    return int(len(msgspec.json.encode(value)) / BYTES_A_TOKEN) + 1


def cut(answer: dict[str, Any], pages: str, max_tokens: int, cursor: str) -> dict[str, Any]:
    """The answer with as many entries of the list `data.<pages>` as fit, and how to get the others.

    Raises `UsageError` for a cursor that is none, or is one of another state of the repository.
    """
    data = answer["data"]
    entries = data.get(pages) if isinstance(data, dict) and pages else None
    if not isinstance(entries, list):
        if cursor:
            raise UsageError("this answer has no further parts: leave `cursor` out")
        return _shortened(answer, max_tokens)
    digest = hashlib.sha256(msgspec.json.encode(entries)).hexdigest()[:12]
    start = _start(cursor, digest, len(entries))
    shell = {**answer, "data": {**({} if start else data), pages: []}}
    room = max_tokens - tokens_of(shell) - 60
    shown: list[Any] = []
    for entry in entries[start:]:
        cost = tokens_of(entry)
        if shown and cost > room:
            break
        shown.append(entry)
        room -= cost
    shell["data"][pages] = shown
    end = start + len(shown)
    if end < len(entries):
        following = base64.urlsafe_b64encode(msgspec.json.encode(_Place(end, digest))).decode().rstrip("=")
        shell["more"] = {"of": pages, "shown": [start + 1, end], "total": len(entries), "cursor": following}
    return _shortened(shell, max_tokens)


def _start(cursor: str, digest: str, count: int) -> int:
    if not cursor:
        return 0
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = msgspec.json.decode(raw, type=_Place)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise UsageError("this is no cursor: take it from `more` of an answer") from error
    if place.digest != digest:
        raise UsageError("the answer is another one by now", hints=("ask again without a cursor",))
    return min(max(place.start, 0), count)


def _shortened(answer: dict[str, Any], max_tokens: int) -> dict[str, Any]:
    """The answer with its longest texts cut until it is short enough, as far as texts can make it so."""
    if tokens_of(answer) <= max_tokens:
        return answer
    limit = max(map(len, _texts(answer)), default=0)
    short = answer
    while limit > _SHORTEST and tokens_of(short) > max_tokens:
        limit = max(_SHORTEST, limit * 2 // 3)
        short = _with_short_texts(answer, limit)
    return short


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _with_short_texts(value: Any, limit: int) -> Any:
    match value:
        case str() if len(value) > limit + 80:
            return value[:limit] + _CUT.format(len(value) - limit)
        case dict():
            return {key: _with_short_texts(inner, limit) for key, inner in value.items()}
        case list():
            return [_with_short_texts(inner, limit) for inner in value]
    return value
