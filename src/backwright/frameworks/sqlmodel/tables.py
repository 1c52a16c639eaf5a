"""Entities declared with SQLModel: classes with `table=True`, their inherited fields included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backwright.core.facts import Column, Expr, Fact, Field, Relation, Symbol, Table
from backwright.kit.declarations import Annotation, column_call, is_false, is_true, read_annotation
from backwright.kit.index import Definition, FactIndex
from backwright.kit.rendering import source_of


def tables(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Table facts per file."""
    out: dict[str, list[Fact]] = {}
    for definition in index.classes():
        if is_table(definition.symbol) and is_model(index, definition):
            out.setdefault(definition.path, []).append(_table(index, definition))
    return {path: tuple(facts) for path, facts in out.items()}


def is_table(symbol: Symbol) -> bool:
    """`class Item(..., table=True)`."""
    return any(k == "table" and is_true(e) for k, e in zip(symbol.base_keys, symbol.base_exprs, strict=True))


def is_model(index: FactIndex, definition: Definition) -> bool:
    """Whether a class descends from SQLModel, directly or through the project's own base."""
    return any(
        origin.split(".")[-1] == "SQLModel" or origin.startswith("sqlmodel.") for origin in index.root_bases(definition)
    )


def _table(index: FactIndex, definition: Definition) -> Table:
    symbol = definition.symbol
    named = next((f for f in symbol.fields if f.name == "__tablename__"), None)
    name = (
        named.value_expr.text
        if named is not None and named.value_expr is not None and named.value_expr.kind == "string"
        else ""
    )
    columns: list[Column] = []
    relations: list[Relation] = []
    seen: set[str] = set()
    for current in [definition, *index.bases(definition)]:
        origin = "" if current is definition else current.symbol.name
        for field in current.symbol.fields:
            if field.name in seen or field.name.startswith(("__", "model_config")):
                continue
            seen.add(field.name)
            if _call_name(field.value_expr) == "Relationship":
                relations.append(_relation(field))
            elif field.annotation and not field.annotation.startswith("ClassVar"):
                columns.append(_column(field, origin))
    return Table(
        entity=symbol.name,
        table=name or _derived(index, definition),
        loc=symbol.loc,
        orm="sqlmodel",
        columns=tuple(columns),
        relations=tuple(relations),
        unique_together=tuple(_unique_together(symbol)),
    )


def _derived(index: FactIndex, definition: Definition) -> str:
    """SQLModel's default is the class name in lower case; a base of the project may say otherwise."""
    for base in index.bases(definition):
        if f"{base.symbol.qualname}.__tablename__" in index.symbols(base.path):
            return definition.symbol.name if definition.symbol.name.islower() else definition.symbol.name.lower()
    return definition.symbol.name.lower()


def _call_name(expr: Expr | None) -> str:
    return expr.parts[0].dotted().split(".")[-1] if expr is not None and expr.kind == "call" else ""


def _column(field: Field, origin: str) -> Column:
    annotation = read_annotation(field.annotation_expr)
    source = f"{field.name}: {field.annotation}" + (f" = {field.value}" if field.value else "")
    call = field.value_expr if _call_name(field.value_expr) == "Field" else None
    if call is None:
        return Column(
            field.name,
            "",
            annotation.inner,
            field.loc,
            annotation.nullable,
            default=field.value,
            source=source,
            origin=origin,
        )
    inner = call.keyword("sa_column")
    if inner is not None and _call_name(inner) == "Column":
        mapped = Annotation(annotation.inner, annotation.nullable)
        return column_call(field.name, inner, mapped, field.loc, source, origin)
    primary = is_true(call.keyword("primary_key"))
    nullable = call.keyword("nullable")
    key, ondelete = call.keyword("foreign_key"), call.keyword("ondelete")
    length = call.keyword("max_length")
    kind = source_of(call.keyword("sa_type"))
    server = call.keyword("sa_column_kwargs")
    default = call.keyword("default") or call.keyword("default_factory") or next(iter(call.positional()), None)
    return Column(
        name=field.name,
        type=kind or (f"String(length={length.text})" if length is not None and length.kind == "constant" else ""),
        python=annotation.inner,
        loc=field.loc,
        nullable=(annotation.nullable if nullable is None else not is_false(nullable)) and not primary,
        primary_key=primary,
        unique=is_true(call.keyword("unique")),
        index=is_true(call.keyword("index")),
        foreign_key=key.text if key is not None else "",
        on_delete=ondelete.text if ondelete is not None and ondelete.kind == "string" else "",
        default=source_of(default),
        server_default=source_of(server.keyword("server_default")) if server is not None else "",
        source=source,
        origin=origin,
    )


def _relation(field: Field) -> Relation:
    annotation = read_annotation(field.annotation_expr)
    call = field.value_expr
    back = call.keyword("back_populates") if call is not None else None
    passed = (call.keyword("sa_relationship_kwargs") or call.keyword("sa_relationship")) if call is not None else None
    lazy = passed.keyword("lazy") if passed is not None else None
    return Relation(
        name=field.name,
        target=annotation.inner.split(".")[-1],
        many=annotation.many,
        loc=field.loc,
        back_populates=back.text if back is not None else "",
        loading=lazy.text if lazy is not None and lazy.kind == "string" else "",
        source=f"{field.name}: {field.annotation} = {field.value}",
    )


def _unique_together(symbol: Symbol) -> Iterator[tuple[str, ...]]:
    args = next((f for f in symbol.fields if f.name == "__table_args__"), None)
    for part in args.value_expr.parts if args is not None and args.value_expr is not None else ():
        if _call_name(part) == "UniqueConstraint":
            yield tuple(p.text for p in part.positional() if p.kind == "string")
