"""Entities declared with SQLAlchemy: their columns, relations and keys, those of mixins and bases included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backwright.core.facts import Column, Expr, Fact, Field, Relation, Return, Symbol, Table
from backwright.frameworks.sqlalchemy.libraries import TABLE, library_columns
from backwright.kit.declarations import Annotation, column_call, read_annotation
from backwright.kit.index import Definition, FactIndex
from backwright.kit.rendering import source_of

_ROOTS = frozenset(
    {
        "sqlalchemy.orm.DeclarativeBase",
        "sqlalchemy.orm.DeclarativeBaseNoMeta",
        "sqlalchemy.orm.decl_api.DeclarativeBase",
        "sqlalchemy.ext.declarative.declarative_base",
        "sqlalchemy.orm.declarative_base",
    }
)
_COLUMN_CALLS = frozenset({"mapped_column", "Column", "deferred"})
_RELATION_CALLS = frozenset({"relationship", "dynamic_loader"})


def tables(index: FactIndex) -> Mapping[str, tuple[Fact, ...]]:
    """Table facts per file."""
    out: dict[str, list[Fact]] = {}
    for definition in index.classes():
        if not is_entity(index, definition):
            continue
        columns = tuple(_columns(index, definition))
        if columns:
            out.setdefault(definition.path, []).append(_table(index, definition, columns))
    return {path: tuple(facts) for path, facts in out.items()}


def is_declarative(index: FactIndex, definition: Definition) -> bool:
    """Whether a class descends from a declarative base of SQLAlchemy."""
    for current in [definition, *index.bases(definition)]:
        for base in current.symbol.bases:
            origin = index.origin(current.path, base) or base
            if (
                origin in _ROOTS
                or origin.endswith((".DeclarativeBase", "db.Model"))
                or origin.startswith("advanced_alchemy.base.")
            ):
                return True
            found = index.resolve(current.path, base)
            if found is not None and found.symbol.kind == "variable" and _makes_base(found.symbol.value):
                return True
        if any(
            d.dotted().split(".")[-1].startswith(("as_declarative", "declarative_base"))
            for d in current.symbol.decorators
        ):
            return True
    return False


def _makes_base(value: Expr | None) -> bool:
    dotted = value.dotted() if value is not None else ""
    return dotted.endswith(("declarative_base()", ".generate_base()")) or "automap_base()" in dotted


def is_entity(index: FactIndex, definition: Definition) -> bool:
    """A mapped class with a table of its own: not abstract, not the base, not a mixin."""
    symbol = definition.symbol
    if _field(symbol, "__abstract__") is not None or not is_declarative(index, definition):
        return False
    if any(origin in _ROOTS for origin in (index.origin(definition.path, b) or b for b in symbol.bases)):
        return _field(symbol, "__tablename__") is not None
    if _field(symbol, "__tablename__") is not None or _field(symbol, "__table__") is not None:
        return True
    if library_columns(index, definition):
        return True
    inherited = any(_declares_name(index, base) for base in index.bases(definition))
    return inherited and any(
        _call_name(f.value_expr) in _COLUMN_CALLS or read_annotation(f.annotation_expr).mapped for f in symbol.fields
    )


def _declares_name(index: FactIndex, definition: Definition) -> bool:
    return f"{definition.symbol.qualname}.__tablename__" in index.symbols(definition.path)


def _field(symbol: Symbol, name: str) -> Field | None:
    return next((f for f in symbol.fields if f.name == name), None)


def _call_name(expr: Expr | None) -> str:
    if expr is None or expr.kind != "call":
        return ""
    return expr.parts[0].dotted().split(".")[-1]


def _columns(index: FactIndex, definition: Definition) -> Iterator[Column]:
    """Own columns last, as SQLAlchemy orders inherited ones by creation; a redefinition wins over what it overrides."""
    seen: set[str] = set()
    for current in (definition, *_bases_in_table(index, definition)):
        origin = "" if current is definition else current.symbol.name
        for column in _declared(index, current, origin):
            if column.name not in seen:
                seen.add(column.name)
                yield column
    yield from (c for c in library_columns(index, definition) if c.name not in seen)


def _bases_in_table(index: FactIndex, definition: Definition) -> Iterator[Definition]:
    """The bases whose columns are in the table of a class: not those that have a table of their own, which is joined."""
    joined = _field(definition.symbol, "__tablename__") is not None

    def apart(base: Definition) -> bool:
        return joined and _field(base.symbol, "__tablename__") is not None and is_entity(index, base)

    return index.bases(definition, apart)


def _declared(index: FactIndex, definition: Definition, origin: str) -> Iterator[Column]:
    for field in definition.symbol.fields:
        annotation = read_annotation(field.annotation_expr)
        name = _call_name(field.value_expr)
        if field.name.startswith("__") or name in _RELATION_CALLS:
            continue
        source = f"{field.name}: {field.annotation}" if field.annotation else field.name
        source += f" = {field.value}" if field.value else ""
        if name in _COLUMN_CALLS:
            yield column_call(field.name, field.value_expr, annotation, field.loc, source, origin)
        elif (
            annotation.mapped
            and not annotation.many
            and field.value_expr is None
            and not _is_class(index, definition, annotation.inner)
        ):
            call = _annotated_alias(index, definition, annotation.inner)
            if call is not None:
                inner, alias_call = call
                aliased = Annotation(read_annotation(inner).inner, annotation.nullable, mapped=True)
                yield column_call(field.name, alias_call, aliased, field.loc, source, origin)
            else:
                yield column_call(field.name, None, annotation, field.loc, source, origin)
        elif annotation.mapped and field.value_expr is not None and not name and not annotation.many:
            yield column_call(field.name, None, annotation, field.loc, source, origin)
    yield from _declared_attributes(index, definition, origin)


def _declared_attributes(index: FactIndex, definition: Definition, origin: str) -> Iterator[Column]:
    """Columns that a mixin makes in a `@declared_attr` method."""
    for name, symbol in index.symbols(definition.path).items():
        if symbol.kind != "method" or symbol.scope != definition.symbol.qualname:
            continue
        if not any("declared_attr" in d.dotted() for d in symbol.decorators):
            continue
        for fact in index.facts(definition.path):
            if isinstance(fact, Return) and fact.scope == name and _call_name(fact.value) in _COLUMN_CALLS:
                annotation = read_annotation(None)
                yield column_call(symbol.name, fact.value, annotation, symbol.loc, "", origin)


def _is_class(index: FactIndex, definition: Definition, name: str) -> bool:
    """A bare `Mapped[Other]` is a relation only with `relationship()`; an enum class or alias is a column."""
    found = index.resolve(definition.path, name)
    return found is not None and found.symbol.kind == "class" and is_declarative(index, found)


def _annotated_alias(index: FactIndex, definition: Definition, name: str) -> tuple[Expr, Expr | None] | None:
    """`intpk = Annotated[int, mapped_column(primary_key=True)]` behind `Mapped[intpk]`."""
    found = index.resolve(definition.path, name)
    value = found.symbol.value if found is not None and found.symbol.kind == "variable" else None
    if value is None or value.kind != "subscript" or value.parts[0].dotted().split(".")[-1] != "Annotated":
        return None
    inner = value.parts[1:]
    if len(inner) == 1 and inner[0].kind == "sequence":
        inner = inner[0].parts
    call = next((p for p in inner[1:] if _call_name(p) in _COLUMN_CALLS), None)
    return (inner[0], call) if inner else None


def _table(index: FactIndex, definition: Definition, columns: tuple[Column, ...]) -> Table:
    symbol = definition.symbol
    named = _field(symbol, "__tablename__")
    name = (
        named.value_expr.text
        if named is not None and named.value_expr is not None and named.value_expr.kind == "string"
        else ""
    )
    return Table(
        entity=symbol.name,
        table=name or (TABLE if library_columns(index, definition) else derived_name(index, definition)),
        loc=symbol.loc,
        orm="sqlalchemy",
        columns=columns,
        relations=tuple(_relations(symbol)),
        unique_together=tuple(unique_together(symbol)),
    )


def derived_name(index: FactIndex, definition: Definition) -> str:
    """The table name that a base derives from the class name, as far as the usual spellings go."""
    for base in index.bases(definition):
        method = f"{base.symbol.qualname}.__tablename__"
        for fact in index.facts(base.path):
            if isinstance(fact, Return) and fact.scope == method and fact.value is not None:
                return _apply_name(source_of(fact.value), definition.symbol.name)
    return definition.symbol.name.lower()


def _apply_name(expression: str, name: str) -> str:
    from backwright.kit.naming import plural, snake

    base = (
        snake(name) if "snake" in expression or "re.sub" in expression or "underscore" in expression else name.lower()
    )
    if "plural" in expression:
        return plural(base)
    if expression.rstrip().endswith(('"s"', '}s"', "+ 's'", "}s'")):
        return base + "s"
    return base


def _relations(symbol: Symbol) -> Iterator[Relation]:
    for field in symbol.fields:
        if _call_name(field.value_expr) not in _RELATION_CALLS or field.value_expr is None:
            continue
        annotation = read_annotation(field.annotation_expr)
        positional = field.value_expr.positional()
        target = annotation.inner
        if positional and positional[0].kind in {"string", "name"}:
            target = positional[0].text
        elif positional and positional[0].kind == "lambda" and positional[0].parts:
            target = source_of(positional[0].parts[0])
        back = field.value_expr.keyword("back_populates") or field.value_expr.keyword("backref")
        lazy = field.value_expr.keyword("lazy")
        source = (
            f"{field.name}: {field.annotation} = {field.value}" if field.annotation else f"{field.name} = {field.value}"
        )
        yield Relation(
            name=field.name,
            target=target.split(".")[-1],
            many=annotation.many or (not annotation.inner and _uselist(field.value_expr, field.name)),
            loc=field.loc,
            back_populates=back.text if back is not None and back.kind == "string" else "",
            loading=lazy.text if lazy is not None and lazy.kind == "string" else "",
            source=source,
        )


def _uselist(call: Expr, name: str) -> bool:
    flag = call.keyword("uselist")
    if flag is not None:
        return flag.text != "False"
    return name.endswith("s")


def unique_together(symbol: Symbol) -> Iterator[tuple[str, ...]]:
    """`UniqueConstraint("a", "b")` in `__table_args__`."""
    args = _field(symbol, "__table_args__")
    if args is None or args.value_expr is None:
        return
    for part in args.value_expr.parts:
        if _call_name(part) == "UniqueConstraint":
            names = tuple(p.text for p in part.positional() if p.kind == "string")
            if names:
                yield names
