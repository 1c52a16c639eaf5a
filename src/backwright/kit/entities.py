"""Entities of a project by an ORM's patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import msgspec

from backwright.core.facts import Column, Expr, Field, Relation, Symbol, Table
from backwright.kit.chains import argument, links, name_of, positional, text_of
from backwright.kit.entity_calls import called_entities
from backwright.kit.entity_tags import read_tag, table_in_tag
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import pascal, plural, singular, snake
from backwright.kit.patterns import Entities, Patterns
from backwright.kit.testfiles import is_test_file

_GENERIC = re.compile(r"^(?:\w+\.)*(?P<outer>\w+)\s*[<\[]\s*(?P<inner>.+?)\s*[>\]]\??$")
_MANY = re.compile(
    r"^(?:\w+\.)*(I?Collection|I?List|Set|ICollection|IList|IEnumerable|HashSet|MutableList|MutableSet|Vec)\b|\[\]$|^\[\]"
)

Found = Iterator[tuple[str, Table]]


def entities(index: FactIndex, patterns: Patterns, orm: str) -> Found:
    """Every entity, with the file that declares it."""
    found: dict[tuple[str, str], Table] = {}
    for path, table in _all(index, patterns, orm):
        found.setdefault((path, table.entity), table)
    classes = {table.table for table in found.values() if table.entity != table.table}
    bare = {table.table: table for table in found.values() if table.entity == table.table}
    for (path, _), table in found.items():
        if table.entity == table.table and table.table in classes:
            continue  # a class stands for it
        known = bare.get(table.table)
        yield path, table if table.columns or known is None else msgspec.structs.replace(table, columns=known.columns)


def _all(index: FactIndex, patterns: Patterns, orm: str) -> Found:
    for pattern in patterns.entities:
        held = _held(index, pattern)
        for definition in index.classes():
            path, symbol = definition.path, definition.symbol
            if not is_test_file(path) and _is_entity(index, definition, pattern, held):
                yield path, _table(index, definition, pattern, orm, held.get(symbol.name, ""))
    for call in patterns.entity_calls:
        yield from called_entities(index, call, orm)


# -- classes -------------------------------------------------------------------------------------------------------
def _held(index: FactIndex, pattern: Entities) -> dict[str, str]:
    """Classes that a context holds: `DbSet<User> Users` makes `User` an entity of the table `Users`."""
    out: dict[str, str] = {}
    for definition in index.classes() if pattern.held_by else ():
        for field in definition.symbol.fields:
            found = _GENERIC.match(field.annotation)
            if found is not None and found["outer"] in pattern.held_by:
                out[found["inner"].rpartition(".")[2]] = field.name
    return out


def _is_entity(index: FactIndex, definition: Definition, pattern: Entities, held: dict[str, str]) -> bool:
    symbol = definition.symbol
    if pattern.held_by:
        return symbol.name in held
    if {"interface", "type", "enum", "annotation"} & set(symbol.modifiers):
        return False
    marks = {_last(d) for d in symbol.decorators}
    inner = index.symbols(definition.path).get(f"{symbol.qualname}.Meta")
    said = [option(symbol, pattern.inner, word) for word in pattern.abstract] if pattern.inner else []
    if marks & set(pattern.abstract) or _is_abstract(inner, pattern) or any(_true(one) for one in said):
        return False
    if marks & set(pattern.decorators):
        return True
    if pattern.derives and any(
        name_of(d) == "derive" and {p.dotted().rpartition(".")[2] for p in positional(d)} & set(pattern.derives)
        for d in symbol.decorators
        if d.kind == "call"
    ):
        return True
    if pattern.tags and any(_last(d) in pattern.tags for f in symbol.fields for d in f.decorators):
        return True
    return bool(pattern.bases) and _descends(index, definition, pattern)


def _is_abstract(inner: Symbol | None, pattern: Entities) -> bool:
    return inner is not None and any(f.name in pattern.abstract and f.value in {"True", "true"} for f in inner.fields)


def _descends(index: FactIndex, definition: Definition, pattern: Entities) -> bool:
    """Whether a class has one of the bases, itself or through the project's own."""
    for current in [definition, *index.bases(definition)]:
        if current is not definition and pattern.through and not _fits(current.symbol.name, pattern.through):
            continue  # what embeds an entity (a serializer) is none
        for base in current.symbol.bases:
            origin = index.origin(current.path, base).replace("\\", ".").replace("::", ".") or base
            if any(fnmatchcase(name, p) for name in (base, origin) for p in pattern.bases):
                return True
    return False


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in patterns)


def _table(index: FactIndex, definition: Definition, pattern: Entities, orm: str, held: str) -> Table:
    symbol, path = definition.symbol, definition.path
    columns: list[Column] = []
    relations: list[Relation] = []
    for current in [definition, *index.bases(definition)]:
        origin = "" if current is definition else current.symbol.name
        for field in current.symbol.fields:
            if field.name and field.name not in {c.name for c in columns} | {r.name for r in relations}:
                _member(index, pattern, field, origin, columns, relations)
    relations += _declared(index, path, symbol, pattern)
    return Table(
        entity=symbol.qualname if symbol.scope else symbol.name,
        table=_named(index, path, symbol, pattern) or held or _derived(symbol.name, pattern.naming),
        loc=symbol.loc,
        orm=orm,
        columns=tuple(columns),
        relations=tuple(relations),
    )


def _declared(index: FactIndex, path: str, symbol: Symbol, pattern: Entities) -> Iterator[Relation]:
    """Relations by calls in the class (`has_many :posts`) or in a method of it (`$this->hasMany(Post::class)`)."""
    for call in index.calls(path) if pattern.declares else ():
        if call.scope != symbol.qualname and not call.scope.startswith(f"{symbol.qualname}."):
            continue
        for link in links(call.expr):
            kind = name_of(link)
            given = positional(link)
            if kind not in {*pattern.one, *pattern.many} or not given:
                continue
            method = call.scope[len(symbol.qualname) + 1 :]
            name = method or given[0].text
            other = link.keyword("class_name")
            target = other.text if other is not None else given[0].dotted().removesuffix(".class").rpartition(".")[2]
            yield Relation(name, target or pascal(singular(name)), kind in pattern.many, call.loc)


def _named(index: FactIndex, path: str, symbol: Symbol, pattern: Entities) -> str:
    for base in symbol.base_exprs if pattern.base_name else ():
        given = argument(base, 0) if base.kind == "call" else None
        if given is not None and given.kind == "string":
            return given.text
    for where in pattern.table:
        owner, _, key = where.partition(".")
        for mark in symbol.decorators:
            if _last(mark) == owner and mark.kind == "call":
                given = argument(mark, key or 0)
                if given is not None and given.kind in {"string", "name"} and given.text:
                    return given.text
        if key and owner == pattern.inner:
            given = option(symbol, owner, key)
            if given is not None and given.kind == "string":
                return given.text
        holder = index.symbols(path).get(f"{symbol.qualname}.{owner}") if key else symbol
        for field in holder.fields if holder is not None else ():
            if field.name == (key or owner) and field.value_expr is not None and field.value_expr.kind == "string":
                return field.value_expr.text
        for assign in index.assigns(path, symbol.qualname):
            if assign.target.dotted() in {owner, f"self.{owner}"} and assign.value.kind == "string":
                return assign.value.text
    if pattern.items is not None:
        for field in symbol.fields:
            table = table_in_tag(field, pattern.tags, pattern.items)
            if table:
                return table
    return _returned(index, path, symbol, pattern.named_by) if pattern.named_by else ""


def _returned(index: FactIndex, path: str, symbol: Symbol, method: str) -> str:
    """The text that a method of a class returns."""
    for value in index.returns(path, f"{symbol.qualname}.{method}"):
        text = text_of(index, path, value.value)
        if text:
            return text
    return ""


def option(symbol: Symbol, name: str, key: str) -> Expr | None:
    """What stands under a key of a field that is a mapping: `meta = {"collection": "people"}`."""
    field = next((f for f in symbol.fields if f.name == name), None)
    value = field.value_expr if field is not None else None
    return value.keyword(key) if value is not None and value.kind == "mapping" else None


def _derived(name: str, naming: str) -> str:
    last = name.rpartition(".")[2]
    match naming:
        case "plural":
            return plural(snake(last))
        case "snake":
            return snake(last)
        case "same":
            return last
    return last.lower()


def _member(
    index: FactIndex,
    pattern: Entities,
    field: Field,
    origin: str,
    columns: list[Column],
    relations: list[Relation],
) -> None:
    marks = {_last(d): d for d in field.decorators}
    value = field.value_expr
    chain = [] if value is None or (field.annotation and not pattern.columns) else list(links(value))
    called = name_of(chain[-1]) if chain else ""
    for one in chain:
        marks.setdefault(name_of(one), one)
    names = set(marks)
    tag = read_tag(field, pattern.tags, pattern.items) if pattern.items is not None else None
    if tag is not None and tag.skipped:
        return
    if tag is not None and tag.relation:
        relations.append(Relation(field.name, _plain(field.annotation), tag.relation == "many", field.loc))
        return
    listed = _listed(pattern, value)
    if listed is not None:
        relations.append(Relation(field.name, _target(field, listed), True, field.loc, source=field.value[:200]))
        return
    kind = "one" if names & set(pattern.one) else "many" if names & set(pattern.many) else ""
    if kind:
        mark = marks[next(n for n in (*pattern.one, *pattern.many) if n in marks)]
        relations.append(
            Relation(
                field.name,
                _target(field, mark, pattern.target),
                kind == "many",
                field.loc,
                source=f"{field.name}: {field.annotation}",
            )
        )
        return
    if names & set(pattern.not_columns) or (pattern.columns and not names & set(pattern.columns)):
        return
    inner = _plain(field.annotation)
    if not pattern.columns and any(d.symbol.name == inner for d in _classes(index, inner)):
        many = bool(_MANY.search(field.annotation))
        relations.append(Relation(field.name, inner, many, field.loc, source=f"{field.name}: {field.annotation}"))
        return
    column = _column(pattern, field, marks, called, origin)
    columns.append(column if tag is None else tag.applied(column))


def _listed(pattern: Entities, value: Expr | None) -> Expr | None:
    """The relation in a list of them: `ListField(ReferenceField("User"))`."""
    given = positional(value) if value is not None and value.kind == "call" and pattern.columns else []
    inner = given[0] if given and given[0].kind == "call" else None
    return inner if inner is not None and name_of(inner) in pattern.one else None


def _classes(index: FactIndex, name: str) -> list[Definition]:
    return index.derived(_by_name).get(name, []) if name else []


def _by_name(index: FactIndex) -> dict[str, list[Definition]]:
    out: dict[str, list[Definition]] = {}
    for definition in index.classes():
        if "enum" not in definition.symbol.modifiers:
            out.setdefault(definition.symbol.name, []).append(definition)
    return out


def _column(pattern: Entities, field: Field, marks: dict[str, Expr], called: str, origin: str) -> Column:
    tag = "".join(p.text for n in pattern.tags if n in marks for p in marks[n].parts[1:])
    mark = next((m for n, m in marks.items() if n in {*pattern.columns, "Column"} and m.kind == "call"), None)
    named = argument(mark, "name") if mark is not None else None
    nullable = argument(mark, "nullable") or argument(mark, "null") if mark is not None else None
    unique = argument(mark, "unique") if mark is not None else None
    primary = bool(set(marks) & {*pattern.primary, "primaryKey"}) or "primaryKey" in tag or "primary_key" in tag
    keyed = argument(mark, "primary_key") if mark is not None else None
    return Column(
        name=named.text if named is not None and named.kind == "string" and not called else field.name,
        type=called or field.annotation,
        python=_plain(field.annotation),
        loc=field.loc,
        nullable=(
            _true(nullable)
            or "nullable" in marks
            or field.annotation.endswith("?")
            or field.annotation.startswith(("*", "Option<"))
        ),
        primary_key=primary or _true(keyed),
        unique=_true(unique) or "unique" in tag.lower() or "uniqueIndex" in marks,
        source=f"{field.name}: {field.annotation or field.value}"[:200],
        origin=origin,
    )


def _true(expr: Expr | None) -> bool:
    return expr is not None and expr.text in {"true", "True"}


def _plain(annotation: str) -> str:
    """The type itself: `User` for `List<User>`, `*User`, `[]User`, `User | null`."""
    text = annotation.split("|")[0].strip().strip("?!*&[]")
    found = _GENERIC.match(text)
    return _plain(found["inner"].split(",")[-1]) if found is not None else text.rpartition(".")[2].strip("*[]? ")


def _target(field: Field, mark: Expr, place: int = 0) -> str:
    for part in positional(mark)[place:] if mark.kind == "call" else []:
        if part.kind == "lambda" and part.parts:
            return part.parts[0].dotted()
        if part.kind in {"name", "attribute", "string"} and part.dotted() + part.text:
            text = part.text if part.kind == "string" else part.dotted()
            return text.removesuffix(".class").rpartition(".")[2]
    entity = mark.keyword("targetEntity") if mark.kind == "call" else None
    if entity is not None:
        return entity.dotted().removesuffix(".class").removesuffix(".java")
    return _plain(field.annotation)


def _last(decorator: Expr) -> str:
    return name_of(decorator) if decorator.kind == "call" else decorator.dotted().rpartition(".")[2]
