"""Foreign keys of tables that are declared by calls, with what their indexes begin with: `pgTable("orders", { … }, (t) => [ … ])`."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Column, Expr, Table
from backwright.kit.bodies import walk
from backwright.kit.chains import by_name, links, name_of, positional
from backwright.kit.index import FactIndex

# MySQL's `mysqlTable` is not among them: it makes these indexes itself.
_DECLARING = ("pgTable", "sqliteTable")
_KEYS = frozenset({"primaryKey", "unique"})


def keyed_tables(index: FactIndex) -> Iterator[tuple[str, Table]]:
    """The tables of Drizzle: of their columns those that refer to others, `index` where some index begins with it."""
    if not any(True for _ in index.imports_package("drizzle-orm")):
        return
    for declaring in _DECLARING:
        for path, _, link in index.derived(by_name).get(declaring, ()):
            given = positional(link)
            if len(given) < 2 or given[0].kind != "string" or given[1].kind != "mapping":
                continue
            led = {name for part in given[2:] for name in _led(part)}
            columns = tuple(_columns(given[1], led))
            if columns:
                yield path, Table(given[0].text, given[0].text, link.loc, "drizzle", columns)


def _columns(shape: Expr, led: set[str]) -> Iterator[Column]:
    for name, value in zip(shape.keys, shape.parts, strict=False):
        chain = {name_of(one) for one in links(value)}
        if name and "references" in chain:
            indexed = name in led or not chain.isdisjoint(_KEYS)
            yield Column(name, "", "", value.loc, index=indexed, foreign_key="references", source=name)


def _led(extra: Expr) -> Iterator[str]:
    """The columns that an index of the table begins with, and all of its key."""
    for node in walk(extra):
        if node.kind == "call" and name_of(node) == "on":
            for first in positional(node)[:1]:
                yield from (n.text for n in walk(first) if n.kind == "attribute")
        elif node.kind == "call" and name_of(node) == "primaryKey":
            yield from (n.text for n in walk(node) if n.kind == "attribute")
