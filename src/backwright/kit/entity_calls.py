"""Calls that declare entities: `define("user", { … })`, `create_table "users" do …`, `pgTable("users", { … })`."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Column, Expr, Relation, Table
from backwright.kit.chains import argument, by_name, links, name_of, positional, receiver_of
from backwright.kit.index import FactIndex
from backwright.kit.naming import plural, snake
from backwright.kit.patterns import EntityCalls


def called_entities(index: FactIndex, pattern: EntityCalls, orm: str) -> Iterator[tuple[str, Table]]:
    """Every entity that calls of this pattern declare, with its file."""
    related = _related(index, pattern) if pattern.linked else {}
    for name in pattern.names:
        for path, call, link in index.derived(by_name).get(name, ()):
            if pattern.requires and not any(argument(link, key) is not None for key in pattern.requires):
                continue
            given = argument(link, pattern.table)
            table = given.text if given is not None and given.kind == "string" else ""
            entity = _entity(index, path, pattern, link, call.scope, table)
            if not table and not pattern.unnamed:
                continue
            columns: list[Column] = []
            relations: list[Relation] = []
            if pattern.block:
                _in_block(index, path, pattern, link, columns, relations)
            else:
                _in_mapping(pattern, argument(link, pattern.columns), columns, relations)
            relations += related.get(entity.lower(), [])
            renamed = argument(link, pattern.renamed)
            table = (
                renamed.text if renamed is not None and renamed.kind == "string" else _derived(pattern, table, entity)
            )
            if entity and (columns or relations or pattern.columns is None):
                yield path, Table(entity, table or entity, link.loc, orm, tuple(columns), tuple(relations))


def _entity(index: FactIndex, path: str, pattern: EntityCalls, link: Expr, scope: str, table: str) -> str:
    """What the entity is called."""
    named = argument(link, pattern.entity)
    if named is not None:
        return named.text if named.kind == "string" else named.dotted().rpartition(".")[2]
    if pattern.owner:
        receiver = receiver_of(link)
        dotted = receiver.dotted() if receiver is not None else ""
        return scope.rpartition(".")[0] if dotted in {"this", "super"} else dotted.rpartition(".")[2]
    variable = _variable(index, path, link) if pattern.target else ""
    if variable and pattern.bound:
        variable = _bound(index, path, pattern.bound, variable) or variable.removesuffix("Schema")
    owner = index.symbols(path).get(scope)
    return variable or (scope if pattern.block and owner is not None and owner.kind == "class" else table)


def _derived(pattern: EntityCalls, table: str, entity: str) -> str:
    if not pattern.naming:
        return table
    return {"plural": plural(entity), "lower plural": plural(entity.lower())}.get(pattern.naming, snake(entity))


def _bound(index: FactIndex, path: str, name: str, variable: str) -> str:
    """The name that a call gives what is in a variable: `model("User", userSchema)`."""
    for where, _, link in index.derived(by_name).get(name, ()):
        given = positional(link)
        if where == path and len(given) > 1 and given[0].kind == "string" and given[1].dotted() == variable:
            return given[0].text
    return ""


def _related(index: FactIndex, pattern: EntityCalls) -> dict[str, list[Relation]]:
    """Relations that calls on an entity declare, by the entity: `User.hasMany(models.Post, { as: "posts" })`."""
    out: dict[str, list[Relation]] = {}
    for name in (*pattern.one, *pattern.many):
        for _, call, link in index.derived(by_name).get(name, ()):
            receiver, given = receiver_of(link), positional(link)
            owner = receiver.dotted() if receiver is not None else ""
            owner = call.scope.partition(".")[0] if owner == "this" else owner.rpartition(".")[2]
            target = given[0].dotted().rpartition(".")[2] if given else ""
            if owner and target:
                other = argument(link, "as")
                named = other.text if other is not None and other.kind == "string" else target
                out.setdefault(owner.lower(), []).append(Relation(named, target, name in pattern.many, link.loc))
    return out


def _variable(index: FactIndex, path: str, link: Expr) -> str:
    for assign in index.assigns(path):
        if assign.value.loc.start <= link.loc.start and link.loc.end <= assign.value.loc.end:
            return assign.target.dotted()
    return ""


def _in_block(
    index: FactIndex, path: str, pattern: EntityCalls, link: Expr, columns: list[Column], relations: list[Relation]
) -> None:
    for call in index.calls(path):
        inside = link.parts[0].loc.end <= call.loc.start and call.loc.end <= link.loc.end
        declaring = [one for one in links(call.expr) if _is_named(one)] if inside else []
        if not declaring:
            continue
        given = positional(declaring[-1])
        called = name_of(declaring[-1])
        first = given[0].text
        names = {name_of(one) for one in links(call.expr)}
        if called in {*pattern.one, *pattern.many}:
            other = (given[1].dotted() or given[1].text) if len(given) > 1 else first
            relations.append(Relation(first, other, called in pattern.many, call.loc))
        elif called not in pattern.not_columns:
            kind = called if pattern.typed else _word(given[1]) if len(given) > 1 else ""
            null = declaring[-1].keyword("null")
            nullable = pattern.typed and not (null is not None and null.text == "false")
            primary = bool(names & set(pattern.primary))
            nullable = nullable and not names & set(pattern.required)
            columns.append(Column(first, kind, "", call.loc, nullable=nullable, primary_key=primary))
            refers = next((one for one in declaring if name_of(one) == pattern.refers), None)
            if refers is not None:
                relations.append(Relation(first, positional(refers)[0].text, False, call.loc))


def _is_named(call: Expr) -> bool:
    given = positional(call)
    return bool(given) and given[0].kind == "string"


def _word(expr: Expr) -> str:
    return " ".join(p.text for p in expr.parts) if expr.kind == "sequence" else expr.text


def _target(value: Expr) -> str:
    """What `entity: () => Author` or `entity: "Author"` names."""
    given = value.keyword("entity") or value.keyword("target")
    if given is not None and given.kind == "lambda" and given.parts:
        given = given.parts[0]
    return "" if given is None else given.text if given.kind == "string" else given.dotted()


def _is(value: Expr, key: str) -> bool:
    """Whether the options of a column say that it is so."""
    given = value.keyword(key) if value.kind == "mapping" else None
    return given is not None and given.text in {"true", "True"}


def _in_mapping(pattern: EntityCalls, shape: Expr | None, columns: list[Column], relations: list[Relation]) -> None:
    if shape is None or shape.kind != "mapping":
        return
    for key, value in zip(shape.keys, shape.parts, strict=False):
        chain = [name_of(one) for one in links(value)]
        inner = (value.keyword("type") if value.kind == "mapping" else None) or value
        kind = chain[-1] if chain else inner.dotted() or (inner.text if inner.kind == "string" else value.kind)
        ref = value.keyword("ref") if value.kind == "mapping" else None
        many = value.kind == "sequence"
        if many and value.parts and value.parts[0].kind == "mapping":
            ref = value.parts[0].keyword("ref")
        if ref is not None:
            relations.append(Relation(key, ref.text, many, value.loc))
            continue
        related = next((k for option in pattern.kinds if (k := value.keyword(option)) is not None), None)
        if value.kind == "mapping" and related is not None and related.text in {*pattern.one, *pattern.many}:
            relations.append(Relation(key, _target(value), related.text in pattern.many, value.loc))
            continue
        primary = "primaryKey" in chain or any(_is(value, word) for word in ("primaryKey", "primary"))
        unique = "unique" in chain or _is(value, "unique")
        columns.append(Column(key, kind.rpartition(".")[2], "", value.loc, primary_key=primary, unique=unique))
