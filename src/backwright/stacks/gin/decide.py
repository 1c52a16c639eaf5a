"""From what was asked for to a decided resource: its files, its names, who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname

from backwright.blueprints.resource.access import decide_access, levels_of
from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Symbol, Table
from backwright.core.request import Feature, FieldSpec
from backwright.kit.artifacts import FieldPlan, Target
from backwright.kit.decided import DecidedResource, exists_already, no_target, owner_spec
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms, forms, pascal
from backwright.kit.ref import Ref
from backwright.stacks.gin.columns import KEYWORDS, go_name, json_name
from backwright.stacks.gin.imitating import file_case, renamed, renamed_path, renamed_words, resource_name
from backwright.stacks.gin.siblings import OPERATIONS, Resource
from backwright.stacks.gin.sources import Sources
from backwright.stacks.gin.style import Answers, GinHouse, Layer


@dataclass(frozen=True)
class GinPlan(DecidedResource):
    """A resource, decided, in the style of `house`."""

    house: GinHouse
    sources: Sources
    sibling: Resource
    answers: Answers
    paths: Mapping[str, str]  # role to file: model, requests, handler, service, repository
    entity: str  # the type of a row
    table: str
    key: str  # its Go type
    snake_json: bool
    initials: bool  # AuthorID, not AuthorId
    address: str  # how addresses join words
    case: str  # how names of files do

    def like(self, text: str) -> str:
        """A text about the exemplar, about this resource."""
        return renamed(text, self.sibling.name, self.name, self.address)

    def like_address(self, text: str) -> str:
        """An address about the exemplar, about this resource."""
        return self.like(f'"{text}"')[1:-1]

    def like_words(self, text: str) -> str:
        """A comment about the exemplar, about this resource."""
        return renamed_words(text, self.sibling.name, self.name)

    def layer(self, role: str) -> Layer | None:
        """The layer of a role, where the house has it."""
        return next((found for found in self.house.layers if found.role == role), None)

    def field(self, name: str) -> FieldPlan:
        """The field that a request calls so. Raises KeyError."""
        for item in self.fields:
            if name in {item.spec.name, item.attr, item.relation, f"{item.spec.name}_id"}:
                return item
        raise KeyError(name)

    def column(self, field: FieldPlan) -> str:
        """What the database calls a field."""
        name = field.spec.name
        return f"{name.removesuffix('_id')}_id" if field.target is not None else name

    def json(self, field: FieldPlan) -> str:
        """What requests and answers call a field."""
        return json_name(self.column(field), snake_case=self.snake_json)

    def folder(self, role: str) -> str:
        return dirname(self.paths[role])

    def type_of(self, name: str, role: str, path: str) -> str:
        """A type of a role's file, as another file names it."""
        return name if dirname(path) == self.folder(role) else f"{self.sources.package_of(self.folder(role))}.{name}"

    @property
    def a(self) -> str:
        """The article of the name."""
        return "an" if self.name.human[:1] in "aeiou" else "a"

    @property
    def row(self) -> str:
        """A variable for one row: never the name of a package."""
        packages = {self.sources.package_of(dirname(p)) for p in self.paths.values()}
        taken = (
            packages | KEYWORDS | {"gin", "gorm", "http", "time", "input", "query", "id", "err", self.answers.context}
        )
        return f"{self.name.camel}Row" if self.name.camel in taken else self.name.camel


@dataclass(frozen=True)
class Decided:
    """The plan with what was assumed and asked on the way."""

    plan: GinPlan
    assumptions: tuple[Assumption, ...]
    questions: tuple[Question, ...]


def decide_resource(
    feature: Feature, house: GinHouse, index: FactIndex, read: Callable[[str], str], settings: Mapping[str, str]
) -> Decided:
    """Raises UsageError when the resource exists already or refers to a model that does not, Unsupported for its place."""
    name = forms(feature.resource, feature.plural)
    sibling, answers = house.sibling, house.answers
    assert sibling is not None, "the caller refuses houses without one"
    assert answers is not None, "where there is an exemplar, it answers"
    sources = Sources(index, read)
    tables = {t.entity: (path, t) for path, t in index.tables() if t.orm == "gorm"}
    _refuse_names(feature, name, tables)
    entity = _entity(sibling, sources)
    snake_json, initials = _spelling(entity, sources)
    access, assumptions, questions = decide_access(feature, house.auth, house.access[sibling.name.snake], settings)
    own = owner_spec(feature, house.auth)
    owner = _field(own, name, tables, sources, initials=initials) if own is not None else None
    case = file_case(list(index.files))
    plan = GinPlan(
        name=name,
        fields=tuple(_field(spec, name, tables, sources, initials=initials) for spec in feature.fields),
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
        answers=answers,
        paths=_paths(name, sibling, house, sources, case),
        entity=renamed(sibling.table.entity, sibling.name, name),
        table=_table(name, sibling),
        key=key_of(sibling.table, sibling.model),
        snake_json=snake_json,
        initials=initials,
        address="snake" if any("_" in s.base.rpartition("/")[2] for s in house.resources) else "kebab",
        case=case,
    )
    return Decided(plan, tuple(assumptions), tuple(questions))


def _refuse_names(feature: Feature, name: NameForms, tables: Mapping[str, tuple[str, Table]]) -> None:
    known = next((e for e in tables if resource_name(e).pascal in {name.pascal, name.pascal_plural}), "")
    if known:
        raise exists_already(name, f"{tables[known][0]}:{tables[known][1].loc.line}")
    if name.camel in KEYWORDS:
        raise UsageError(f"a resource cannot be called '{name.pascal}' in Go: `{name.camel}` is a word of the language")
    for spec in feature.fields:
        if spec.type == "json":
            raise Unsupported(f"the field `{spec.name}` is JSON, which is not spelled on Gin with GORM yet")


def _entity(sibling: Resource, sources: Sources) -> Symbol | None:
    return next((t.symbol for t in sources.types(sibling.table.entity) if t.path == sibling.model), None)


def _spelling(entity: Symbol | None, sources: Sources) -> tuple[bool, bool]:
    """Whether JSON is snake_case, and whether `ID` is written in capitals: as most fields of entities have it."""
    names: list[str] = []
    for found in sources.types():
        for field in found.symbol.fields:
            names += [t.parts[1].text.partition(",")[0] for t in field.decorators if t.parts[0].text == "json"]
    own = [f.name for f in entity.fields] if entity is not None else []
    every = own or [f.name for t in sources.types() for f in t.symbol.fields]
    small = sum(n.endswith("Id") for n in every)
    large = sum(n.endswith("ID") for n in every)
    camels = sum(bool(re.search(r"[a-z][A-Z]", n)) for n in names)
    return sum("_" in n for n in names) >= camels, large >= small


def key_of(table: Table, path: str) -> str:
    """The Go type of the key. Raises Unsupported for an entity without a key of its own."""
    found = next((c for c in table.columns if c.source.partition(":")[0].lower() == "id"), None)
    kind = found.type.lstrip("*") if found is not None else "uint" if _is_gorm_model(table) else ""
    if not kind:
        raise Unsupported(
            f"the key of {table.entity} could not be read: there is no field ID", where=f"{path}:{table.loc.line}"
        )
    return kind


def _is_gorm_model(table: Table) -> bool:
    return not any(c.primary_key for c in table.columns)


def _table(name: NameForms, sibling: Resource) -> str:
    return renamed(sibling.table.table, sibling.name, name, "snake").replace(name.camel_plural, name.snake_plural)


def _paths(name: NameForms, sibling: Resource, house: GinHouse, sources: Sources, case: str) -> dict[str, str]:
    """Role to file: where the exemplar has it, under another name."""

    def moved(path: str) -> str:
        new = renamed_path(path, sibling.name, name, case)
        if new != path:
            return new
        stem, _, last = basename(path).removesuffix(".go").rpartition("_")
        plain = {"snake": name.snake, "kebab": name.kebab, "camel": name.camel}[case]
        return f"{dirname(path)}/{plain}{f'_{last}' if stem and case == 'snake' else ''}.go".lstrip("/")

    out = {"model": moved(sibling.model)}
    out |= {layer.role: moved(layer.path) for layer in house.layers}
    requests = _requests(sibling, sources)
    out["requests"] = moved(requests) if requests else out["model"]
    taken = next((p for p in out.values() if p in sources.index.paths), "")
    if taken:
        raise Unsupported(f"there is a file {taken} already, which the new resource would have to be", where=taken)
    return out


def _requests(sibling: Resource, sources: Sources) -> str:
    """The file in which the exemplar's requests are described: that of the type which its handlers bind."""
    for op in ("create", "update"):
        if op not in sibling.endpoints:
            continue
        handler = sibling.endpoints[op].chain[0]
        text = sources.at(handler.path, handler.symbol.loc)
        bound = re.search(r"(?:ShouldBind\w*|BindJSON|Bind)\(\s*&?(\w+)", text)
        kind = (
            re.search(rf"\b(?:var\s+{bound[1]}\s+|{bound[1]}\s*:?=\s*&?)([\w.]+)", text) if bound is not None else None
        )
        name = kind[1].rpartition(".")[2] if kind is not None else ""
        for found in sources.types(name) if name and name != sibling.table.entity else ():
            if "." not in found.symbol.qualname:
                return found.path
    return ""


def _field(
    spec: FieldSpec, name: NameForms, tables: Mapping[str, tuple[str, Table]], sources: Sources, *, initials: bool
) -> FieldPlan:
    if spec.type != "ref":
        return FieldPlan(spec, go_name(spec.name, initials=initials))
    plain = spec.name.removesuffix("_id")
    target = _target(spec, name, tables)
    return FieldPlan(spec, go_name(f"{plain}_id", initials=initials), go_name(plain), "", target)


def _target(spec: FieldSpec, name: NameForms, tables: Mapping[str, tuple[str, Table]]) -> Target:
    """The entity that a field refers to. Raises UsageError when there is none, Unsupported for the new one."""
    by_name = {resource_name(e).pascal: e for e in tables}
    wanted = (spec.ref, pascal(spec.ref), forms(spec.ref).pascal, forms(spec.ref).pascal_plural)
    entity = next((by_name.get(e, e) for e in wanted if e in by_name or e in tables), "")
    if not entity:
        raise no_target(spec, name, "model", tables)
    path, table = tables[entity]
    kind = key_of(table, path)
    plain = "uuid" if kind == "uuid.UUID" else "str" if kind == "string" else "int"
    return Target(entity, Ref(entity), path, table.table, "id", plain, kind, forms(resource_name(entity).pascal), table)
