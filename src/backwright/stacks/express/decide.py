"""From what was asked for to a decided resource: its files, its names, who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname

import msgspec

from backwright.blueprints.resource.access import decide_access, levels_of
from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Column, Table
from backwright.core.request import Feature, FieldSpec
from backwright.kit.artifacts import FieldPlan, Target
from backwright.kit.decided import DecidedResource, exists_already, no_target, owner_spec
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms, camel, forms, pascal
from backwright.kit.ref import Ref
from backwright.stacks.express.reading import Sources
from backwright.stacks.express.siblings import OPERATIONS, Resource
from backwright.stacks.express.style import ExpressHouse

_PATHS = re.compile(r"([\w.@-]*/[\w./@:-]*)")
_ONE, _MANY = "\ue000", "\ue001"  # stand for the new names while the others are replaced
_RESERVED = frozenset(
    (
        *(
            "arguments",
            "await",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "debugger",
            "default",
            "delete",
        ),
        *(
            "do",
            "else",
            "enum",
            "export",
            "extends",
            "false",
            "finally",
            "for",
            "function",
            "if",
            "implements",
            "import",
        ),
        *("in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return"),
        *("static", "super", "switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void", "while"),
        *("with", "yield"),
    )
)


@dataclass(frozen=True)
class ExpressPlan(DecidedResource):
    """A resource, decided, in the style of `house`."""

    house: ExpressHouse
    sources: Sources
    sibling: Resource
    paths: Mapping[str, str]  # role to file: routes, controller, service, schema, test
    table: str
    snake_fields: bool
    file_case: str  # how names of files join words: kebab, camel, snake
    mapped: bool  # columns are snake_case though fields are not

    @property
    def key_type(self) -> str:
        """Prisma's type of the key."""
        return key_of(self.sibling.table).type

    def named(self, snake_name: str) -> str:
        """A field's name as models here write it."""
        return snake_name if self.snake_fields else camel(snake_name)

    def field(self, name: str) -> FieldPlan:
        """The field that a request calls so. Raises KeyError."""
        for item in self.fields:
            if name in {item.spec.name, item.attr, item.relation}:
                return item
        raise KeyError(name)

    def like(self, text: str) -> str:
        """A text about the exemplar, about this resource."""
        return renamed(text, self.sibling.name, self.name, self.file_case)


@dataclass(frozen=True)
class Decided:
    """The plan with what was assumed and asked on the way."""

    plan: ExpressPlan
    assumptions: tuple[Assumption, ...]
    questions: tuple[Question, ...]


def renamed(text: str, old: NameForms, new: NameForms, files: str) -> str:
    """A text about one resource, about another. Of a name of one word it cannot be seen how several are joined.

    So they are joined as in code; in paths as `files` says, "kebab", "camel" or "snake", and in addresses with hyphens.
    """
    parts = _PATHS.split(text)
    cases = ("kebab" if part.startswith("/") else files if n % 2 else "camel" for n, part in enumerate(parts))
    return "".join(_filled(part, old, new, case) for part, case in zip(parts, cases, strict=True))


def _filled(text: str, old: NameForms, new: NameForms, case: str) -> str:
    """Also inside of camelCase names, as `createVenue`."""
    inner = re.compile(rf"(?<=[a-z0-9])({re.escape(old.pascal_plural)}|{re.escape(old.pascal)})(?![a-z0-9])")
    marked = inner.sub(lambda m: _MANY if m[1] == old.pascal_plural else _ONE, text)
    one = "_" not in old.snake
    shown = {
        "kebab": msgspec.structs.replace(new, snake=new.kebab, snake_plural=new.kebab_plural),
        "camel": msgspec.structs.replace(new, snake=new.camel, snake_plural=new.camel_plural),
    }.get(case, new)
    filled = fill(pattern_of(marked, old), shown if one else new)
    return filled.replace(_MANY, new.pascal_plural).replace(_ONE, new.pascal)


def _file_case(index: FactIndex, sibling: Resource) -> str:
    """How the names of files here join words."""
    stems = [basename(p).partition(".")[0] for p in index.files]
    counts = {
        "kebab": sum("-" in s for s in stems),
        "snake": sum("_" in s for s in stems),
        "camel": sum(bool(re.match(r"[a-z]+[A-Z]", s)) for s in stems if sibling.name.camel not in s),
    }
    best = max(counts, key=lambda case: counts[case])
    return best if counts[best] else "kebab"


def key_of(table: Table) -> Column:
    """The key. Raises Unsupported for a model whose key is of several columns."""
    found = next((c for c in table.columns if re.search(r"@id\b", c.source)), None)
    if found is None or found.type not in {"Int", "String"}:
        raise Unsupported(f"the key of {table.entity} is neither one Int nor one String", where=table.entity)
    return found


def field_name(column: Column) -> str:
    """What the model calls a column."""
    return column.source.split()[0]


def decide_resource(
    feature: Feature, house: ExpressHouse, index: FactIndex, read: Callable[[str], str], settings: Mapping[str, str]
) -> Decided:
    """Raises UsageError when the resource exists already or refers to a model that does not, Unsupported for its place."""
    name = forms(feature.resource, feature.plural)
    sibling = house.sibling
    assert sibling is not None, "the caller refuses houses without one"
    sources = Sources(index, read)
    tables = {t.entity: (path, t) for path, t in index.tables() if t.orm == "prisma"}
    _refuse_names(feature, name, tables)
    snake_fields, mapped = _fields_style(sibling.table, tables)
    spelled = (lambda n: n) if snake_fields else camel
    access, assumptions, questions = decide_access(feature, house.auth, house.access[sibling.name.snake], settings)
    own = owner_spec(feature, house.auth)
    owner = _field(own, name, tables, spelled) if own is not None else None
    plan = ExpressPlan(
        name=name,
        fields=tuple(_field(spec, name, tables, spelled) for spec in feature.fields),
        owner_field=owner,
        operations=tuple(op for op in OPERATIONS if op in feature.operations),
        access=levels_of(access),
        listing=feature.listing,
        owner=feature.owner,
        unique_together=feature.unique_together,
        house=house,
        index=index,
        sources=sources,
        sibling=sibling,
        paths=_paths(name, sibling, house, index),
        table=_table(name, sibling),
        snake_fields=snake_fields,
        mapped=mapped,
        file_case=_file_case(index, sibling),
    )
    return Decided(plan, tuple(assumptions), tuple(questions))


def _refuse_names(feature: Feature, name: NameForms, tables: Mapping[str, tuple[str, Table]]) -> None:
    if name.pascal in tables:
        raise exists_already(name, f"{tables[name.pascal][0]}:{tables[name.pascal][1].loc.line}")
    if name.camel in _RESERVED:
        raise UsageError(
            f"a resource cannot be called '{name.pascal}': `{name.camel}` is a word of JavaScript",
            hints=("choose another name",),
        )
    for spec in feature.fields:
        if spec.name in _RESERVED:
            raise UsageError(f"a field cannot be called '{spec.name}': it is a word of JavaScript")
        if spec.type == "json":
            raise Unsupported(f"the field `{spec.name}` is JSON, which is not spelled on Express with Prisma yet")


def _fields_style(table: Table, tables: Mapping[str, tuple[str, Table]]) -> tuple[bool, bool]:
    """Whether fields are snake_case, and whether columns are though fields are not."""
    columns = [*table.columns, *(c for _, t in tables.values() for c in t.columns)]
    names = [field_name(c) for c in columns]
    snake = sum("_" in n for n in names) > sum(bool(re.search(r"[a-z][A-Z]", n)) for n in names)
    return snake, not snake and any("_" in c.name and "_" not in field_name(c) for c in columns)


def _table(name: NameForms, sibling: Resource) -> str:
    one, many = fill(pattern_of(sibling.table.table, sibling.name), name), sibling.name.pascal
    return name.pascal if sibling.table.table == many else one


def _paths(name: NameForms, sibling: Resource, house: ExpressHouse, index: FactIndex) -> dict[str, str]:
    """Role to file: where the exemplar has it."""
    case = _file_case(index, sibling)

    def moved(path: str) -> str:
        new = renamed(path, sibling.name, name, case)
        if new == path:
            raise Unsupported(
                f"{basename(path)} holds several resources, to which no new one can be added yet",
                where=path,
                hints=("a file for each resource can be imitated",),
            )
        return new

    out = {"routes": moved(sibling.routes), "controller": moved(sibling.controller)}
    out["service"] = moved(sibling.service)
    schema = _schema_file(sibling, house, index)
    suffix = sibling.controller.rpartition(".")[2]
    out["schema"] = moved(schema) if schema else f"{dirname(out['service'])}/{name.kebab}.schema.{suffix}"
    if house.tests:
        moved_test = renamed(house.tests, sibling.name, name, case)
        folder, last = dirname(house.tests), basename(house.tests)
        names = {"kebab": name.kebab_plural, "camel": name.camel_plural, "snake": name.snake_plural}
        ending = re.search(r"(\.(?:test|spec))?\.\w+$", last)
        out["test"] = (
            moved_test if moved_test != house.tests else f"{folder}/{names[case]}{ending[0] if ending else ''}"
        )
    taken = next((p for p in out.values() if p in index.paths), "")
    if taken:
        raise Unsupported(f"there is a file {taken} already, which the new resource would have to be", where=taken)
    return out


def _schema_file(sibling: Resource, house: ExpressHouse, index: FactIndex) -> str:
    """The file in which the exemplar's requests are described."""
    near = [sibling.routes, sibling.controller, sibling.service]
    found = (index.imported_file(p, i) for p in near for i in index.imports(p))
    named = (p for p in dict.fromkeys(found) if p and renamed(p, sibling.name, forms("other"), "kebab") != p)
    return next((p for p in named if any(i.module == "zod" for i in index.imports(p))), "")


def _field(
    spec: FieldSpec, name: NameForms, tables: Mapping[str, tuple[str, Table]], spelled: Callable[[str], str]
) -> FieldPlan:
    if spec.type != "ref":
        named = spec.type == "enum" and all(re.fullmatch(r"[A-Za-z]\w*", value) for value in spec.values)
        enum = f"{name.pascal}{pascal(spec.name)}" if named else ""  # Prisma's values are names; others are text
        return FieldPlan(spec, spelled(spec.name), enum=enum)
    plain = spec.name.removesuffix("_id")
    target = _target(spec, name, tables)
    facts = target.facts
    taken = {field_name(c) for c in facts.columns} | {r.name for r in facts.relations}
    back = name.camel_plural if name.camel_plural not in taken else camel(f"{plain}_{name.snake_plural}")
    return FieldPlan(spec, spelled(f"{plain}_id"), spelled(plain), back, target)


def _target(spec: FieldSpec, name: NameForms, tables: Mapping[str, tuple[str, Table]]) -> Target:
    """The model that a field refers to. Raises UsageError when there is none, Unsupported for the new one."""
    entity = next((e for e in (spec.ref, pascal(spec.ref), forms(spec.ref).pascal) if e in tables), "")
    if not entity:
        raise no_target(spec, name, "model", tables)
    path, table = tables[entity]
    key = key_of(table)
    kind = "int" if key.type == "Int" else "uuid" if "uuid" in key.source.lower() else "str"
    native = re.search(r"@db\.\w+(\([^)]*\))?", key.source)
    shown = forms(entity)
    return Target(
        entity, Ref(entity), path, table.table, field_name(key), kind, native[0] if native else "", shown, table
    )
