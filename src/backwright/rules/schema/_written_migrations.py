"""Migrations that are written in TypeScript and JavaScript: what their `up` and `down` do to tables and columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import basename

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies, inside
from backwright.kit.chains import argument, links, name_of, positional, receiver_of, text_of
from backwright.kit.index import FactIndex
from backwright.kit.libraries import Migrating, libraries
from backwright.kit.testfiles import is_test_file
from backwright.rules.schema._sql_changes import ANY, Change, changes, plain

LANGUAGE = "typescript"
_FOLDER = re.compile(r"(^|/)\w*migrations?/", re.IGNORECASE)
_DDL = re.compile(r"\b(create|alter|drop)\s+(\w+\s+){0,2}?table\b", re.IGNORECASE)


@dataclass(frozen=True)
class Written:
    """One migration. `certain` says that all that `down` does was read."""

    path: str
    up: Body
    down: Body | None
    done: tuple[tuple[Change, Expr], ...]
    undone: tuple[tuple[Change, Expr], ...]
    certain: bool


def written(index: FactIndex) -> list[Written]:
    """All migrations of the project in the order of their files' names, which begin with their times."""
    return index.derived(_written)


def _written(index: FactIndex) -> list[Written]:
    known = libraries(LANGUAGE).migrating
    out = []
    for path in sorted(index.files, key=_order):
        if index.files[path].language != LANGUAGE or is_test_file(path):
            continue
        for scope, symbol in index.symbols(path).items():
            up = bodies(index).get(path, scope)
            if symbol.name != "up" or symbol.kind not in {"function", "method"} or up is None:
                continue
            owner = index.symbols(path).get(symbol.scope)
            if not _FOLDER.search(path) and (owner is None or not set(owner.bases) & set(known.bases)):
                continue
            down = bodies(index).get(path, f"{symbol.scope}.down" if symbol.scope else "down")
            undone = tuple(_changes(index, known, down)) if down is not None else ()
            done = tuple(_changes(index, known, up))
            out.append(Written(path, up, down, done, undone, down is not None and _is_plain(index, known, down)))
    return out


def _order(path: str) -> list[str]:
    return [f"{int(part):020d}" if part.isdigit() else part for part in re.split(r"(\d+)", basename(path))]


def _is_plain(index: FactIndex, known: Migrating, body: Body) -> bool:
    """Whether nothing of a function is conditional, repeated or done by something that is not known here, and it throws nothing."""
    for one in bodies(index).with_inner(body):
        if one.loops or one.branches:
            return False
        for call in one.calls:
            if any(index.resolve(one.path, link.parts[0].dotted()) for link in links(call.expr)):
                return False
        if one.raises or any(name_of(link) in known.wholesale for call in one.calls for link in links(call.expr)):
            return False
    return not any(change.kind == "unsure" for change, _ in _changes(index, known, body))


def _changes(index: FactIndex, known: Migrating, body: Body) -> Iterator[tuple[Change, Expr]]:
    """The changes of a function and of those in it, in the order in which they stand there."""
    calls = sorted(
        (
            (link, one, call.loop >= 0)
            for one in bodies(index).with_inner(body)
            for call in one.calls
            for link in links(call.expr)
        ),
        key=lambda item: item[0].parts[0].loc.end,
    )
    blocks = [
        g.loc
        for link, _, _ in calls
        if name_of(link) in {*known.creating, *known.altering}
        for g in positional(link)
        if g.kind == "lambda"
    ]
    for link, one, repeated in calls:
        if any(inside(link.loc, block) for block in blocks):
            continue
        for change in _of_call(index, known, body, one, link):
            yield (Change("unsure", change.table or ANY) if repeated else change), link


def _of_call(index: FactIndex, known: Migrating, whole: Body, body: Body, link: Expr) -> Iterator[Change]:
    name, receiver = name_of(link), receiver_of(link)
    given = positional(link)
    if name in known.sql and given and receiver is not None:
        yield from _of_sql(index, body, given[0])
    elif any(p.kind == "name" and p.text == _runner(whole) for p in given) and index.resolve(
        body.path, link.parts[0].dotted()
    ):
        yield Change("unsure", ANY)  # a function of the project is let do it
    elif receiver is None or not given:
        return
    elif name in known.creating:
        columns = _columns_of(index, whole, link, given)
        table = _named(index, body.path, given[0])
        yield (
            Change("create", table, columns=columns or ())
            if table and columns is not None
            else Change("unsure", table or ANY)
        )
    elif name in known.dropping:
        table = _named(index, body.path, given[0])
        yield Change("drop", table) if table else Change("unsure", ANY)
    elif name in known.altering and given[-1].kind == "lambda":
        table = _named(index, body.path, given[0])
        yield from (_on_table(index, whole, change, table) for change in _in_block(index, whole, given[-1]))
        yield Change("other", table)
    elif name in known.of_columns and len(given) > 1:
        yield from _of_columns(index, body, known.of_columns[name], given)


def _runner(body: Body) -> str:
    """What runs the statements of a migration: the first parameter."""
    return body.symbol.params[0].name if body.symbol is not None and body.symbol.params else ""


def _on_table(index: FactIndex, whole: Body, change: Change, table: str) -> Change:
    return change._replace(table=table) if table else Change("unsure", ANY)


def _of_sql(index: FactIndex, body: Body, text: Expr) -> Iterator[Change]:
    spelled = text_of(index, body.path, text)
    if spelled is None or ("{" in spelled and text.kind != "string" and _DDL.search(spelled)):
        yield Change("unsure", ANY)
    else:
        yield from changes(spelled)


def _of_columns(index: FactIndex, body: Body, kind: str, given: list[Expr]) -> Iterator[Change]:
    """`addColumn("orders", "paid", { … })`, `addColumn("orders", new TableColumn({ name: "paid" }))`."""
    table = _named(index, body.path, given[0])
    named = given[1].parts if given[1].kind == "sequence" else (given[1],)
    for one in named:
        column = _named(index, body.path, one)
        if not table or not column:
            yield Change("unsure", table or ANY)
        elif kind == "rename":
            yield Change("rename", table, new=column)
        elif kind == "move":
            new = _named(index, body.path, given[2]) if len(given) > 2 else ""
            yield Change("move", table, column, new) if new else Change("unsure", table)
        else:
            yield Change("add" if kind == "add" else "lose", table, column)


def _named(index: FactIndex, path: str, expr: Expr) -> str:
    """The name that an argument is: a text, or the `name` of a definition; `""` where it is not plain."""
    if expr.kind == "mapping":  # `{ tableName: "orders", schema: "shop" }`
        return _named(index, path, found) if (found := argument_in(expr, "tableName", "name")) is not None else ""
    if expr.kind == "call" and expr.text == "new":
        found = argument(expr, "name")
        return _named(index, path, found) if found is not None else ""
    text = text_of(index, path, expr)
    return plain(text) if text and "{" not in text else ""


def argument_in(mapping: Expr, *keys: str) -> Expr | None:
    """The value under the first of these keys that a mapping has."""
    return next((found for key in keys if (found := mapping.keyword(key)) is not None), None)


def _columns_of(index: FactIndex, whole: Body, link: Expr, given: list[Expr]) -> tuple[str, ...] | None:
    """The columns of a new table; None where they cannot all be told."""
    listed = argument(given[0], "columns") if given[0].kind == "call" else None
    if listed is not None:
        names = [_named(index, whole.path, found) for p in listed.parts if (found := p.keyword("name")) is not None]
        return tuple(names) if len(names) == len(listed.parts) and all(names) else None
    shape = given[1] if len(given) > 1 else None
    if shape is None or (shape.kind == "mapping" and not all(k and k not in {"*", "**"} for k in shape.keys)):
        return None
    if shape.kind == "mapping":
        fields = ((key, value.keyword("field")) for key, value in zip(shape.keys, shape.parts, strict=False))
        return tuple(plain(own.text if own is not None and own.kind == "string" else key) for key, own in fields)
    if shape.kind == "lambda":
        made = list(_in_block(index, whole, shape))
        return tuple(c.column for c in made) if all(c.kind == "add" for c in made) else None
    return None


def _in_block(index: FactIndex, whole: Body, block: Expr) -> Iterator[Change]:
    """What the calls of `(table) => { table.string("name") }` do to its columns."""
    known = libraries(LANGUAGE).migrating
    for body in bodies(index).with_inner(whole):
        for call in body.calls:
            if not inside(call.loc, block.loc):
                continue
            chain = list(links(call.expr))
            first, given = chain[-1], positional(chain[-1])
            name = name_of(first)
            names = [p.text for p in given if p.kind == "string"]
            if receiver_of(first) is None or name in known.beside or any(name_of(c) in known.changing for c in chain):
                continue
            if name in known.pairs:
                yield from (Change("add", "", column) for column in known.pairs[name])
            elif name in known.of_columns:
                kind = known.of_columns[name]
                moved = kind == "move" and len(names) > 1
                yield from (
                    [Change("move", "", plain(names[0]), plain(names[1]))]
                    if moved
                    else (Change("lose" if kind == "lose" else "unsure", "", plain(n)) for n in names)
                )
            elif names:
                yield Change("add", "", plain(names[0]))
            elif name in known.keys:
                yield Change("add", "", "id")
            else:
                yield Change("unsure", "")
