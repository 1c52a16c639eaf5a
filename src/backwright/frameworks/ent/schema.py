"""Entities of ent: what the methods `Fields` and `Edges` of a schema list."""

from __future__ import annotations

from collections.abc import Mapping

from backwright.core.facts import Column, Expr, Fact, Relation, Symbol, Table
from backwright.kit.chains import argument, links, name_of, root_of
from backwright.kit.index import FactIndex
from backwright.kit.naming import plural, snake
from backwright.kit.testfiles import is_test_file


def tables(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Table facts per file with a schema."""
    out: dict[str, list[Fact]] = {}
    for definition in index.classes():
        path, symbol = definition.path, definition.symbol
        if "ent.Schema" in symbol.bases and not is_test_file(path):
            out.setdefault(path, []).append(_table(index, path, symbol))
    return {path: tuple(found) for path, found in out.items()}


def _table(index: FactIndex, path: str, symbol: Symbol) -> Table:
    columns: list[Column] = []
    relations: list[Relation] = []
    table = ""
    for call in index.calls(path):
        if not call.scope.startswith(f"{symbol.qualname}."):
            continue
        chain = list(links(call.expr))
        first, names = chain[-1], [name_of(one) for one in chain]
        given = argument(first, 0)
        method, root = call.scope.rpartition(".")[2], root_of(first)
        if given is None or given.kind != "string":
            continue
        if method == "Fields" and root == "field":
            columns.append(_column(given.text, names, call.expr))
        elif method == "Edges" and root == "edge":
            other = argument(first, 1)
            target = other.dotted().removesuffix(".Type") if other is not None else ""
            relations.append(Relation(given.text, target, "Unique" not in names, call.loc))
    for returned in index.returns(path, f"{symbol.qualname}.Annotations"):
        table = _named(returned.value) or table
    return Table(symbol.name, table or plural(snake(symbol.name)), symbol.loc, "ent", tuple(columns), tuple(relations))


def _column(name: str, names: list[str], expr: Expr) -> Column:
    return Column(
        name=name,
        type=names[-1],
        python="",
        loc=expr.loc,
        nullable="Nillable" in names,
        primary_key=name == "id",
        unique="Unique" in names,
    )


def _named(expr: Expr | None) -> str:
    """The table in `entsql.Annotation{Table: "people"}`."""
    if expr is None:
        return ""
    given = expr.keyword("Table") if expr.kind in {"mapping", "call"} else None
    if given is not None and given.kind == "string":
        return given.text
    return next((text for part in expr.parts if (text := _named(part))), "")
