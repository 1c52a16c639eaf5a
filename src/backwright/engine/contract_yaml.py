"""YAML from a repository, read safely, each value with its line.

Refused: more than 64 KiB, nesting over 16, anchors and aliases (they can grow without bound), tags (they can name
code), merge keys, a key twice, a second document. Only the event parser of the pure Python loader is used: it keeps its
own stack, where the composers recurse and the C scanner overflows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from backwright.core.errors import UsageError

SIZE_LIMIT = 64 * 1024  # bytes
DEPTH_LIMIT = 16

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?[0-9]{0,18}\.[0-9]{1,18}")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}

Plain = str | int | float | bool | None


@dataclass
class Marked:
    """A value and the line it starts on (from 1). `keys` are the lines of a mapping's keys."""

    value: Plain | list[Marked] | dict[str, Marked]
    line: int
    keys: dict[str, int] = field(default_factory=dict)


def load(text: str, path: str) -> Marked:
    """The one document of `text`. Raises `UsageError` at `path:line` for whatever is refused."""
    if len(text.encode("utf-8", "surrogatepass")) > SIZE_LIMIT:
        raise UsageError(f"the file is larger than {SIZE_LIMIT // 1024} KiB", where=path)
    try:
        return _Builder(path).build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(
            path, mark.line + 1 if mark else 1, f"not valid YAML: {error.problem or error.context}"
        ) from error
    except yaml.YAMLError as error:
        raise UsageError(f"not valid YAML: {str(error).splitlines()[0]}", where=path) from error


def _refused(path: str, line: int, message: str, *hints: str) -> UsageError:
    return UsageError(message, where=f"{path}:{line}", hints=hints)


class _Builder:
    """Builds the value from the parser's events, with a stack of its own."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: list[Marked] = []
        self._pending: list[tuple[str, int] | None] = []  # of each open mapping: the key that waits for its value
        self._root: Marked | None = None

    def build(self, text: str) -> Marked:
        documents = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            self._refuse(event, line)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refused(self._path, line, "a second document; one is allowed")
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event, line)
            elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
                self._start(Marked([] if isinstance(event, yaml.SequenceStartEvent) else {}, line))
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                self._open.pop()
                self._pending.pop()
        return self._root or Marked(None, 1)

    def _refuse(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(self._path, line, "anchors and aliases are not allowed", "write the value out")
        if getattr(event, "tag", None):
            raise _refused(self._path, line, "tags are not allowed", "write a plain value")

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._expects_key():
            self._key(event.value, line)
            return
        self._place(Marked(_plain(event.value) if event.implicit[0] else event.value, line))

    def _key(self, key: str, line: int) -> None:
        mapping = self._open[-1]
        if key == "<<":
            raise _refused(self._path, line, "merge keys are not allowed", "write the keys out")
        if key in mapping.keys:
            raise _refused(self._path, line, f"the key `{key}` is already on line {mapping.keys[key]}")
        mapping.keys[key] = line
        self._pending[-1] = (key, line)

    def _start(self, node: Marked) -> None:
        if self._expects_key():
            raise _refused(self._path, node.line, "a key must be text")
        if len(self._open) >= DEPTH_LIMIT:
            raise _refused(self._path, node.line, f"nested deeper than {DEPTH_LIMIT} levels")
        self._place(node)
        self._open.append(node)
        self._pending.append(None)

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._pending[-1] is None

    def _place(self, node: Marked) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1].value
        if isinstance(parent, list):
            parent.append(node)
        elif isinstance(parent, dict) and self._pending[-1] is not None:
            parent[self._pending[-1][0]] = node
            self._pending[-1] = None


def _plain(text: str) -> Plain:
    """A plain scalar: JSON's types only, so that `yes`, `1:30` and dates stay the text they look like."""
    lowered = text.lower()
    if lowered in _WORDS:
        return _WORDS[lowered]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
