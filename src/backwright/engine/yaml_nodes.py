"""YAML and JSON from strangers: values with their lines, bounded in size and depth, without aliases.

Aliases can grow without bound and tags can name code. Only the event parser of the pure Python loader is used: it keeps
its own stack, where the composers recurse and the C scanner overflows.

Scalars follow YAML 1.2: only `true` and `false` are booleans, so `on`, `no` and `2024-01-01` stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import yaml

from backwright.core.errors import UsageError

MAX_BYTES = 64 * 1024
MAX_DEPTH = 24
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class Scalar(msgspec.Struct, frozen=True):
    """A scalar as written; `plain` when it has no quotes. `line` counts from 1."""

    text: str
    line: int
    plain: bool = True

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in _NULLS

    @property
    def boolean(self) -> bool | None:
        return _BOOLEANS.get(self.text) if self.plain else None

    @property
    def is_number(self) -> bool:
        return self.plain and _NUMBER.fullmatch(self.text) is not None


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple[Node, ...]
    line: int


class Mapping(msgspec.Struct, frozen=True):
    """A mapping with its keys in order; no key is there twice."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int


Node = Scalar | Sequence | Mapping


def load(text: str, path: str) -> Node | None:
    """The one document in `text`, None where there is nothing. Raises UsageError with the line of what is wrong."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise UsageError(f"the file has {size} bytes; {MAX_BYTES} is the most", where=path)
    source = text.removeprefix("\ufeff")
    if source.lstrip()[:1] in ("{", "["):  # JSON may be indented with tabs, YAML may not
        source = source.replace("\t", " ")
    try:
        return _compose(yaml.parse(source, Loader=yaml.SafeLoader), path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else path
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        raise UsageError(f"not valid YAML: {problem}", where=where) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise UsageError(f"not valid YAML: {str(error).splitlines()[0]}", where=path) from None


class _Open:
    """A collection whose end has not been seen."""

    def __init__(self, is_mapping: bool, line: int) -> None:
        self.is_mapping, self.line = is_mapping, line
        self.nodes: list[Node] = []

    def close(self, path: str) -> Node:
        if not self.is_mapping:
            return Sequence(tuple(self.nodes), self.line)
        pairs: list[tuple[Scalar, Node]] = []
        for key, value in zip(self.nodes[::2], self.nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise UsageError("a key is a word", where=f"{path}:{key.line}")
            first = next((other for other, _ in pairs if other.text == key.text), None)
            if first is not None:
                raise UsageError(f"the key `{key.text}` is already on line {first.line}", where=f"{path}:{key.line}")
            pairs.append((key, value))
        return Mapping(tuple(pairs), self.line)


def _compose(events: Iterator[yaml.Event], path: str) -> Node | None:
    stack: list[_Open] = []
    root: Node | None = None
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 1
        _refuse(event, f"{path}:{line}", len(stack), root is not None)
        node: Node | None = None
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append(_Open(isinstance(event, yaml.MappingStartEvent), line))
        elif isinstance(event, yaml.CollectionEndEvent):
            node = stack.pop().close(path)
        elif isinstance(event, yaml.ScalarEvent):
            node = Scalar(_joined(event.value), line, event.style is None)
        if node is not None and stack:
            stack[-1].nodes.append(node)
        elif node is not None:
            root = node
    return None if isinstance(root, Scalar) and root.is_null else root


def _refuse(event: yaml.Event, where: str, depth: int, has_root: bool) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise UsageError("anchors and aliases are not read", where=where, hints=("write the value out",))
    if tag := getattr(event, "tag", None):
        raise UsageError(f"the tag `{tag}` is not read", where=where, hints=("leave it out",))
    if isinstance(event, yaml.CollectionStartEvent) and depth >= MAX_DEPTH:
        raise UsageError(f"this is nested deeper than {MAX_DEPTH} levels", where=where)
    if isinstance(event, yaml.DocumentStartEvent) and has_root:
        raise UsageError("the file has more than one document", where=where, hints=("one file, one document",))


def _joined(text: str) -> str:
    r"""Text with the two halves of a JSON escape such as `\ud83d\ude00` put together."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
