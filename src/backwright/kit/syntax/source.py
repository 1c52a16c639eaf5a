"""The text of one file, and the places of its nodes."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from tree_sitter import Node

from backwright.core.facts import Loc

_LONG = 5000  # bytes: beyond, columns are counted in bytes, or their cost would grow with the square of a line's length


def first_child(node: Node) -> Node | None:
    """A node's first named child."""
    return node.named_child(0) if node.named_child_count else None


def _line_starts(source: bytes) -> list[int]:
    """Where each line begins, and behind them where the next one would."""
    lines = source.replace(b"\r", b" ").splitlines(keepends=True)
    starts = list(accumulate(map(len, lines), initial=0))
    if lines and not lines[-1].endswith(b"\n"):
        starts.pop()
    starts.append(len(source) + 1)
    return starts


class SourceText:
    """One source text. Nodes know bytes; facts have lines, and columns in characters."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.has_decorators = b"@" in source
        self._bytes = source.decode("latin-1")  # one character a byte: a slice of it is the text, where it is ASCII
        self._ascii = source.isascii()
        self._starts = _line_starts(source)
        self._line = self._begin = self._next = 0  # the line last met if it is ASCII, where it and the next one begin

    def cut(self, start: int, end: int) -> str:
        """The text from one byte offset to another."""
        text = self._bytes[start:end]
        return text if text.isascii() else self.source[start:end].decode("utf-8", "replace")

    def text(self, node: Node) -> str:
        """The node as it is written."""
        return self.cut(node.start_byte, node.end_byte)

    def field(self, node: Node, name: str) -> str:
        """The text of a node's child, `""` where there is none."""
        child = node.child_by_field_name(name)
        return self.text(child) if child is not None else ""

    def loc(self, node: Node) -> Loc:
        """Where the node is."""
        return self.loc_of(node.start_byte, node.end_byte)

    def loc_of(self, start: int, end: int) -> Loc:
        """The place from one byte offset to another."""
        begin = self._begin
        if begin <= start and end < self._next:
            line = self._line
            return Loc(line, start - begin + 1, line, end - begin + 1, start, end)
        return self._located(start, end)

    def _located(self, start: int, end: int) -> Loc:
        starts = self._starts
        line = bisect_right(starts, start)
        begin, following = starts[line - 1], starts[line]
        if self._ascii or self._bytes[begin:following].isascii():
            self._line, self._begin, self._next = line, begin, following
            column = start - begin + 1
            if end < following:
                return Loc(line, column, line, end - begin + 1, start, end)
        else:
            column = self._column(begin, start)
        end_line = line if end < following else bisect_right(starts, end)
        return Loc(line, column, end_line, self._column(starts[end_line - 1], end), start, end)

    def _column(self, begin: int, at: int) -> int:
        if self._ascii or at - begin > _LONG or self._bytes[begin:at].isascii():
            return at - begin + 1
        return len(self.source[begin:at].decode("utf-8", "replace")) + 1
