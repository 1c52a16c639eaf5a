"""The text of one file, and the places of its nodes."""

from __future__ import annotations

from bisect import bisect_right

from tree_sitter import Node

from backwright.core.facts import Loc

_LONG = 5000  # bytes: on longer lines columns are counted in bytes, or their cost would grow with the square


def first_child(node: Node) -> Node | None:
    """A node's first named child."""
    return node.named_child(0) if node.named_child_count else None


class SourceText:
    """One source text. Nodes know bytes; facts have lines, and columns in characters."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self._ascii = source.isascii()
        self.has_decorators = b"@" in source
        self._starts = [0]
        at = source.find(b"\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = source.find(b"\n", at + 1)

    def text(self, node: Node) -> str:
        """The node as it is written."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def field(self, node: Node, name: str) -> str:
        """The text of a node's child, `""` where there is none."""
        child = node.child_by_field_name(name)
        return self.text(child) if child is not None else ""

    def loc(self, node: Node) -> Loc:
        return self.loc_of(node.start_byte, node.end_byte)

    def loc_of(self, start: int, end: int) -> Loc:
        """The place from one byte offset to another."""
        starts = self._starts
        line = bisect_right(starts, start)
        begin = starts[line - 1]
        if line == len(starts) or end < starts[line]:
            end_line, end_begin = line, begin
        else:
            end_line = bisect_right(starts, end)
            end_begin = starts[end_line - 1]
        if self._ascii or end - begin > _LONG:
            return Loc(line, start - begin + 1, end_line, end - end_begin + 1, start, end)
        col = len(self.source[begin:start].decode("utf-8", "replace")) + 1
        end_col = len(self.source[end_begin:end].decode("utf-8", "replace")) + 1
        return Loc(line, col, end_line, end_col, start, end)
