"""From what was asked for to a decided resource: its files, its names, who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname

from backwright.blueprints.resource.access import decide_access, levels_of
from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Table
from backwright.core.request import Feature, FieldSpec
from backwright.kit.artifacts import FieldPlan, Target
from backwright.kit.decided import DecidedResource, exists_already, no_target, owner_spec
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms, camel, forms, pascal
from backwright.kit.ref import Ref
from backwright.stacks.spring.imports import KNOWN
from backwright.stacks.spring.naming import renamed, renamed_address, renamed_path, renamed_sql, resource_of
from backwright.stacks.spring.reading import Sources
from backwright.stacks.spring.shapes import KEY_TYPES, Shape, key_of, rows_of, shape_of
from backwright.stacks.spring.siblings import OPERATIONS, Resource
from backwright.stacks.spring.style import SpringHouse

_RESERVED = frozenset(
    [
        "abstract",
        "assert",
        "boolean",
        "break",
        "byte",
        "case",
        "catch",
        "char",
        "class",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extends",
        "final",
        "finally",
        "float",
        "for",
        "goto",
        "if",
        "implements",
        "import",
        "instanceof",
        "int",
        "interface",
        "long",
        "native",
        "new",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "short",
        "static",
        "strictfp",
        "super",
        "switch",
        "synchronized",
        "this",
        "throw",
        "throws",
        "transient",
        "try",
        "void",
        "volatile",
        "while",
        "true",
        "false",
        "null",
        "record",
        "var",
        "yield",
    ]
)
_DTO = re.compile(r"\w+(?:Requests?|Responses?|Dto|DTO|Payload|Form|View)$")


@dataclass(frozen=True)
class SpringPlan(DecidedResource):
    """A resource, decided, in the style of `house`. `names` are the classes, `paths` the files, by role.

    Roles: entity, repository, service, implementation, controller, request, update (where it is another one than request),
    response, test. A role that the house does not have is in neither.
    """

    house: SpringHouse
    sources: Sources
    sibling: Resource
    paths: Mapping[str, str]
    names: Mapping[str, str]
    request: Shape
    response: Shape
    table: str
    key: str  # property of the entity
    key_type: str
    base: str  # address

    def field(self, name: str) -> FieldPlan:
        """The field that a request calls so. Raises KeyError."""
        for item in self.columns:
            if name in {item.spec.name, item.attr, item.relation}:
                return item
        raise KeyError(name)

    def like(self, text: str) -> str:
        """A text about the exemplar, about this resource."""
        return renamed(text, self.sibling.name, self.name)

    @property
    def variable(self) -> str:
        """What a row is called."""
        return self.name.camel if self.name.camel not in _RESERVED else f"{self.name.camel}Row"

    @property
    def is_patch(self) -> bool:
        """Whether an update is sent only what changes."""
        endpoint = self.sibling.endpoints.get("update")
        return endpoint is not None and endpoint.verb == "PATCH"


@dataclass(frozen=True)
class Decided:
    """The plan with what was assumed and asked on the way."""

    plan: SpringPlan
    assumptions: tuple[Assumption, ...]
    questions: tuple[Question, ...]


def decide_resource(
    feature: Feature, house: SpringHouse, index: FactIndex, read: Callable[[str], str], settings: Mapping[str, str]
) -> Decided:
    """Raises UsageError when the resource exists already or refers to an entity that does not, Unsupported for its place."""
    name = forms(feature.resource, feature.plural)
    sibling = house.sibling
    assert sibling is not None, "the caller refuses houses without one"
    sources = Sources(index, read)
    tables = {t.entity: (p, t) for p, t in index.tables() if p.endswith(".java")}
    _refuse_names(feature, name, tables, sources)
    key, key_type = key_of(sibling.entity, sources)
    access, assumptions, questions = decide_access(feature, house.auth, house.access[sibling.name.snake], settings)
    own = owner_spec(feature, house.auth)
    owner = _field(own, name, tables, sources) if own is not None else None
    request, update, response = _bodies(house, sources)
    paths, names = _places(name, house, sources, (request, update, response))
    plan = SpringPlan(
        name=name,
        fields=tuple(_field(spec, name, tables, sources) for spec in feature.fields),
        owner_field=owner,
        operations=tuple(op for op in OPERATIONS if op in feature.operations),
        access=levels_of(access),
        listing=feature.listing,
        owner=feature.owner,
        unique_together=feature.unique_together,
        index=index,
        house=house,
        sources=sources,
        sibling=sibling,
        paths=paths,
        names=names,
        request=shape_of(request, house.build, sources),
        response=shape_of(response, house.build, sources),
        table=renamed_sql(sibling.table.table, sibling.name, name),
        key=key,
        key_type=key_type,
        base=renamed_address(sibling.base, sibling.name, name),
    )
    return Decided(plan, tuple(assumptions), tuple(questions))


def _refuse_names(feature: Feature, name: NameForms, tables: Mapping[str, tuple[str, Table]], sources: Sources) -> None:
    known = next((e for e in tables if name.pascal in {e, resource_of(e)}), "")
    if known:
        path, table = tables[known]
        raise exists_already(name, f"{path}:{table.loc.line}")
    if name.pascal in KNOWN or name.pascal in {"Object", "String", "System", "Override", "Exception", "Record"}:
        raise UsageError(f"'{name.pascal}' is a class that the new code needs, so the two would collide")
    for spec in feature.fields:
        if spec.name in _RESERVED or camel(spec.name) in _RESERVED:
            raise UsageError(f"a field cannot be called '{spec.name}': it is a word of Java")
        if spec.type == "json":
            raise Unsupported(f"the field `{spec.name}` is JSON, which is not spelled on Spring Boot yet")
        wrong = next((v for v in spec.values if not re.fullmatch(r"[A-Za-z_]\w*", v) or v in _RESERVED), "")
        if wrong:
            raise Unsupported(
                f"the value '{wrong}' of `{spec.name}` cannot be a constant of a Java enum, which is not spelled yet",
                hints=("a name of letters, digits and _ that is no word of Java can be",),
            )


def _bodies(house: SpringHouse, sources: Sources) -> tuple[Definition | None, Definition | None, Definition | None]:
    """The classes of what the exemplar's creation and update are sent and of its rows; None where that is the entity."""
    sibling = house.sibling
    assert sibling is not None

    def sent(operation: str) -> Definition | None:
        endpoint = sibling.endpoints.get(operation)
        given = (
            next(
                (p.annotation for p in endpoint.handler.params if any("RequestBody" in str(d) for d in p.decorators)),
                "",
            )
            if endpoint is not None
            else ""
        )
        found = sources.named(given, sibling.controller.path) if given else None
        return found if found is not None and found.path != sibling.entity.path else None

    return sent("create"), sent("update"), rows_of(sibling, sources)


def _places(
    name: NameForms,
    house: SpringHouse,
    sources: Sources,
    bodies: tuple[Definition | None, Definition | None, Definition | None],
) -> tuple[dict[str, str], dict[str, str]]:
    """Role to file, and role to class: where and as the exemplar has them."""
    sibling = house.sibling
    assert sibling is not None
    paths, names = {}, {}
    request, update, response = bodies
    found = {
        "entity": sibling.entity,
        "repository": sibling.repository,
        "service": sibling.service,
        "implementation": sibling.implementation,
        "controller": sibling.controller,
        "request": request,
        "update": update if update is not None and request is not None and update.path != request.path else None,
        "response": response,
    }
    for role, definition in found.items():
        if definition is None:
            continue
        new = renamed(definition.symbol.name, sibling.name, name)
        path = renamed_path(definition.path, sibling.name, name)
        if new == definition.symbol.name or definition.symbol.scope or basename(path) != f"{new}.java":
            if role in {"request", "update", "response"}:
                continue
            raise Unsupported(
                f"{definition.symbol.name} is not about {sibling.name.human} alone, so no new one can be made like it yet",
                where=f"{definition.path}:{definition.symbol.loc.line}",
                hints=("a class for each resource can be imitated",),
            )
        names[role], paths[role] = new, path
    folder = dirname(paths.get("request") or paths.get("response") or _folder(house, sources, paths))
    for role, ending in (("request", "Request"), ("response", "Response")):
        names.setdefault(role, f"{name.pascal}{ending}")
        paths.setdefault(role, f"{folder}/{names[role]}.java")
    if house.tests is not None:
        tested = paths["controller"].replace("src/main/java", "src/test/java", 1)
        suffix = re.search(r"(?:Integration|ITest|IntegrationTests?|IT|Tests?)$", basename(house.tests.path)[:-5])
        ending = suffix[0] if suffix is not None else "Test"
        names["test"] = f"{names['controller']}{ending}"
        paths["test"] = f"{dirname(tested)}/{names['test']}.java"
    taken = next((p for p in paths.values() if p in sources.index.paths), "")
    if taken:
        raise Unsupported(f"there is a file {taken} already, which the new resource would have to be", where=taken)
    return paths, names


def _folder(house: SpringHouse, sources: Sources, paths: Mapping[str, str]) -> str:
    """A file of the folder where bodies of requests go, in a house whose exemplar has none."""
    known = [d.path for name, ds in sources.classes.items() if _DTO.match(name) for d in ds if not d.symbol.scope]
    if known:
        return known[0]
    controller, entity = dirname(paths["controller"]), dirname(paths["entity"])
    return paths["controller"] if controller == entity else f"{dirname(controller)}/dto/x.java"


def _field(spec: FieldSpec, name: NameForms, tables: Mapping[str, tuple[str, Table]], sources: Sources) -> FieldPlan:
    if spec.type != "ref":
        return FieldPlan(
            spec, camel(spec.name), enum=f"{name.pascal}{pascal(spec.name)}" if spec.type == "enum" else ""
        )
    plain = spec.name.removesuffix("_id")
    entity = next((e for e in tables if {e, resource_of(e)} & {spec.ref, pascal(spec.ref), forms(spec.ref).pascal}), "")
    if not entity:
        raise no_target(spec, name, "entity", tables)
    path, table = tables[entity]
    key, kind = key_of(Definition(path, sources.index.symbols(path)[entity]), sources)
    target = Target(
        entity, Ref(entity), path, table.table, key, KEY_TYPES[kind], kind, forms(resource_of(entity)), table
    )
    return FieldPlan(spec, camel(f"{plain}_id"), camel(plain), "", target)
