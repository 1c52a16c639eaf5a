"""Understands what an agent says while it works: lines of JSON, whose meaning its profile gives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backwright.adapters.engines.keeping import Transcript
from backwright.adapters.engines.vendors.profile import Meaning
from backwright.adapters.shell import printable
from backwright.core.acting import Told

MAX_LINE = 4 * 1024 * 1024  # bytes; what is longer is not understood
MAX_EVENTS = 20_000  # told of one call: an agent that says more says nothing


@dataclass
class Listener:
    """Hears the output in pieces, and keeps what counts: the last words, the session, what was used."""

    meanings: Sequence[Meaning]
    told: Told
    kept: Transcript
    said: str = ""
    error: str = ""
    session: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    dollars: float | None = None
    lines: int = 0
    _rest: bytearray = field(default_factory=bytearray)

    def hear(self, piece: bytes) -> None:
        """The next piece of the output."""
        *lines, rest = piece.split(b"\n")
        for line in lines:
            self._add(line)
            if self._rest.strip() and len(self._rest) <= MAX_LINE and self.lines < MAX_EVENTS:
                self.lines += 1
                self._line(bytes(self._rest))
            self._rest.clear()
        self._add(rest)

    def end(self) -> None:
        """There is no more."""
        if self._rest:
            self.hear(b"\n")

    def _add(self, part: bytes) -> None:
        """A line without end keeps only its beginning, one byte too long to be understood."""
        self._rest += part[: MAX_LINE + 1 - len(self._rest)]

    def _line(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict):
            self.kept.add("said", text=line.decode("utf-8", "replace")[:4000])
            return
        self.kept.add("event", event=event)
        for meaning in self.meanings:
            if _fits(event, meaning.when):
                for item in _items(event, meaning):
                    self._take(item, meaning)

    def _take(self, item: Any, meaning: Meaning) -> None:
        text = _text(item, meaning.text).strip()
        if text:
            self.said = text
            self.told("text", {"text": text[:2000]})
        tool = _text(item, meaning.tool)
        if tool:
            about = next((found for path in meaning.about if (found := _text(item, path))), "")
            self.told("tool", {"tool": tool[:60], "about": about[:200]})
        self.error = _text(item, meaning.error) or self.error
        self.session = _text(item, meaning.session)[:200] or self.session
        self.input_tokens += int(_number(item, meaning.input))
        self.output_tokens += int(_number(item, meaning.output))
        dollars = _number(item, meaning.dollars)
        if dollars:
            self.dollars = (self.dollars or 0.0) + dollars


def _items(event: Any, meaning: Meaning) -> Iterator[Any]:
    if not meaning.each:
        yield event
        return
    found = _at(event, meaning.each)
    for item in found if isinstance(found, list) else ():
        if _fits(item, meaning.where):
            yield item


def _fits(item: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether it has these values; a table stands for what lies deeper."""
    return all(
        _fits(_at(item, path), value) if isinstance(value, dict) else _at(item, path) == value
        for path, value in wanted.items()
    )


def _at(item: Any, path: str) -> Any:
    """What lies at a dotted path, None where nothing does."""
    for name in path.split("."):
        item = item.get(name) if isinstance(item, dict) else None
    return item


def _text(item: Any, path: str) -> str:
    found = _at(item, path) if path else None
    return printable(found) if isinstance(found, str) else ""


def _number(item: Any, path: str) -> float:
    found = _at(item, path) if path else None
    return max(0.0, float(found)) if isinstance(found, int | float) and not isinstance(found, bool) else 0.0
