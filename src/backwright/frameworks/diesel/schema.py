"""Tables of diesel: what `table! { … }` says."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backwright.core.facts import Column, Fact, Loc, Relation, Table
from backwright.kit.chains import name_of
from backwright.kit.index import FactIndex

_HEAD = re.compile(r"(?:\w+\s*\.\s*)?(\w+)\s*\(([^)]*)\)\s*\{")
_COLUMN = re.compile(r"(\w+)\s*->\s*([\w<>:, ]+?)\s*(?:,|\}|$)")
_NOISE = re.compile(r"///[^\n]*|//[^\n]*|#\s*\[[^\]]*\]|use [^;]*;")
_JOIN = re.compile(r"(\w+)\s*->\s*(\w+)\s*\((\w+)\)")


def tables(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Table facts per file. What `joinable!` joins are relations."""
    found: dict[str, list[Fact]] = {}
    texts = [
        (path, name_of(call.expr), call.expr.parts[1].text, call.loc)
        for path in index.files
        for call in index.calls(path)
        if name_of(call.expr) in {"table!", "joinable!"} and len(call.expr.parts) > 1
    ]
    joins = [
        (m[1], m[2], m[3], loc) for _, name, text, loc in texts if name == "joinable!" for m in _JOIN.finditer(text)
    ]
    for path, name, text, loc in texts:
        table = _table(text, loc, joins) if name == "table!" else None
        if table is not None:
            found.setdefault(path, []).append(table)
    return {path: tuple(facts) for path, facts in found.items()}


def _table(text: str, loc: Loc, joins: list[tuple[str, str, str, Loc]]) -> Table | None:
    text = _NOISE.sub("", text)
    head = _HEAD.search(text)
    if head is None:
        return None
    keys = {key.strip() for key in head[2].split(",")}
    columns = tuple(
        Column(m[1], m[2].strip(), "", loc, nullable=m[2].startswith("Nullable"), primary_key=m[1] in keys)
        for m in _COLUMN.finditer(text, head.end())
    )
    relations = tuple(Relation(key, other, False, place) for table, other, key, place in joins if table == head[1])
    return Table(head[1], head[1], loc, "diesel", columns, relations)
