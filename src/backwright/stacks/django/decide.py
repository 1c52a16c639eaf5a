"""From what was asked for to a decided resource: its app, its files, its names, who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from posixpath import basename, dirname

from backwright.blueprints.resource.access import decide_access, levels_of
from backwright.core.change import Assumption, Question
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Table
from backwright.core.request import Feature, FieldSpec
from backwright.kit.artifacts import FieldPlan, Target
from backwright.kit.decided import DecidedResource, exists_already, no_target
from backwright.kit.django.house import DjangoHouse, Resource
from backwright.kit.django.migrations import migrations_of_django
from backwright.kit.django.models import Model, models
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms, forms, pascal
from backwright.kit.ref import Ref
from backwright.stacks.django.inherited import Inherited, inherited_of
from backwright.stacks.django.reserved import why_not_of_django
from backwright.stacks.django.resources import app_of
from backwright.stacks.django.users import user_model

_TEST = re.compile(r"/(tests\.py|test_\w+\.py|\w+_tests?\.py)$")


@dataclass(frozen=True)
class App:
    """The app that a resource is written into. `folder` lies in the repository, `module` is its dotted name."""

    folder: str
    module: str
    label: str
    new: bool


@dataclass(frozen=True)
class DjangoPlan(DecidedResource):
    """A resource, decided, in the style of `house`."""

    class_name: str
    house: DjangoHouse
    app: App
    sibling: Resource
    paths: Mapping[str, str]  # role to file
    inherited: Inherited
    read: Callable[[str], str]
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def serializer(self) -> str:
        return _like(self.sibling.serializer.symbol.name, self.sibling, self.name) if self.sibling.serializer else ""

    def module(self, role: str) -> str:
        """The dotted module of a role's file."""
        return self.module_of(self.paths[role])

    def module_of(self, path: str) -> str:
        """The dotted module of a file, be it there or not: counted from its app's own."""
        known = self.index.module(path)
        if known:
            return known
        inside = (
            path.removeprefix(f"{self.app.folder}/").removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        )
        return f"{self.app.module}.{inside}" if path.startswith(f"{self.app.folder}/") else inside


@dataclass(frozen=True)
class Decided:
    """The plan with what was assumed, asked and noted on the way."""

    plan: DjangoPlan
    assumptions: tuple[Assumption, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()


def decide_resource(
    feature: Feature, house: DjangoHouse, index: FactIndex, read: Callable[[str], str], settings: Mapping[str, str]
) -> Decided:
    """Raises UsageError when the resource exists already or refers to a model that does not, Unsupported for its place."""
    name = forms(feature.resource, feature.plural)
    _refuse_existing(name, index)
    siblings = imitable(house, index)
    for spec in feature.fields:
        if reason := why_not_of_django(spec.name):
            hints = (f"for example {name.snake}_{spec.name}",)
            raise UsageError(f"a field cannot be called '{spec.name}': {reason}", hints=hints)
    fields = tuple(_field(spec, name, index) for spec in feature.fields)
    owner = _owner_field(feature, name, index)
    sibling, app, why = _place(name, fields, siblings, house, index)
    access, assumptions, questions = decide_access(feature, house.auth, house.access[sibling.name.snake], settings)
    return Decided(
        DjangoPlan(
            name=name,
            class_name=name.pascal,
            fields=fields,
            owner_field=owner,
            operations=tuple(op for op in ("list", "create", "get", "update", "delete") if op in feature.operations),
            access=levels_of(access),
            listing=feature.listing,
            owner=feature.owner,
            unique_together=feature.unique_together,
            house=house,
            index=index,
            app=app,
            sibling=sibling,
            paths=_paths(name, sibling, app, house, index, read),
            inherited=inherited_of(index, sibling),
            read=read,
            settings=dict(settings),
        ),
        tuple(assumptions),
        tuple(questions),
        (why,),
    )


def imitable(house: DjangoHouse, index: FactIndex) -> list[Resource]:
    """What can be imitated whole, the best first. Raises Unsupported for the first of all where nothing can."""
    found: list[Resource] = []
    first: Unsupported | None = None
    for sibling in house.siblings:
        mount = sibling.mounts[0]
        if house.shared and mount.router and not mount.segment.strip("^/$"):
            where, what = f"{mount.path}:{mount.line}", f"{sibling.name.human_plural} have a router of their own"
            first = first or Unsupported(f"{what}, on which nothing else can be registered", where=where)
            continue
        try:
            inherited_of(index, sibling)
        except Unsupported as why:
            first = first or why
        else:
            found.append(sibling)
    if not found and first is not None:
        raise first
    return found


def _refuse_existing(name: NameForms, index: FactIndex) -> None:
    for model in models(index).by_name.get(name.pascal, ()):
        raise exists_already(name, f"{model.definition.path}:{model.definition.symbol.loc.line}")


def _place(
    name: NameForms, fields: tuple[FieldPlan, ...], siblings: list[Resource], house: DjangoHouse, index: FactIndex
) -> tuple[Resource, App, str]:
    """The resource to imitate, the app and why: that of what it refers to, or a new one where each resource has its own."""
    label = migrations_of_django(index).label
    sibling = siblings[0]
    if not house.shared:
        folder = f"{dirname(sibling.app)}/{name.snake_plural}" if dirname(sibling.app) else name.snake_plural
        if any(p.startswith(f"{folder}/") for p in index.paths):
            raise Unsupported(f"there is a folder {folder} already, which a new app would have to be", where=folder)
        outer = index.module(sibling.model.path).split(".")
        depth = len(sibling.model.path.removeprefix(f"{sibling.app}/").removesuffix(".py").split("/"))
        module = ".".join([*outer[:-depth][:-1], name.snake_plural])
        why = f"{folder} is a new app, since each app here holds one resource, such as {sibling.app}"
        return sibling, App(folder, module, name.snake_plural, True), why
    targets = [app_of(f.target.path) for f in fields if f.target is not None]
    near = [r for app in targets for r in siblings if r.app == app]
    chosen = max(near, key=lambda r: (bool(r.tests), len(r.model.symbol.fields)), default=sibling)
    because = "what it refers to lives there" if near else f"{sibling.name.human} lives there, which is imitated"
    why = f"the app is {chosen.app}: {because}"
    module = (
        index.module(chosen.model.path).rpartition(".models")[0] or index.module(chosen.model.path).rpartition(".")[0]
    )
    app = App(chosen.app, module, label(chosen.app), False)
    return chosen, app, why


def _like(text: str, sibling: Resource, name: NameForms) -> str:
    """A name of the exemplar's, made for another resource."""
    return fill(pattern_of(text, sibling.name), name)


def _paths(
    name: NameForms, sibling: Resource, app: App, house: DjangoHouse, index: FactIndex, read: Callable[[str], str]
) -> dict[str, str]:
    """Role to file: where the exemplar has it, in the new app where there is one."""
    assert sibling.serializer is not None
    own = {
        "model": sibling.model.path,
        "serializer": sibling.serializer.path,
        "view": sibling.views[0].path,
        "mount": sibling.mounts[0].path,
    }
    if sibling.admin:
        own["admin"] = sibling.admin
    if sibling.factory is not None:
        own["factory"] = sibling.factory.path
    out = {role: _moved(path, sibling, app, name) for role, path in own.items()}
    out["permissions"] = f"{app.folder}/permissions.py"
    out["pagination"] = f"{app.folder}/pagination.py"
    out["filters"] = f"{app.folder}/filters.py"
    if house.tests is not None:
        apps = {r.app for r in house.resources} - {sibling.app}
        known = [p for p in index.files if _TEST.search(p) and "def test_" in read(p)]
        ours = [p for p in known if not any(p.startswith(f"{other}/") for other in apps)]
        out["test"] = _test_path(name, sibling, app, index, ours)
    return out


def _test_path(name: NameForms, sibling: Resource, app: App, index: FactIndex, known: list[str]) -> str:
    """Beside the exemplar's tests, or those of its app; where there are none, in a folder of the app."""
    near = sorted(p for p in known if p.startswith(f"{sibling.app}/"))
    about = [p for p in sibling.tests if p in known]
    named = [p for p in about if _like(p, sibling, name) != p and basename(p) != "tests.py"]
    like = next(iter([*(p for p in named if p in near), *near, *named, *about]), "")
    if not like:
        module = f"{app.folder}/tests.py" in index.paths
        return f"{app.folder}/{'' if module else 'tests/'}test_{name.snake_plural}.py"
    moved = _moved(like, sibling, app, name)
    if like in named and not (moved == like or moved in index.paths):
        return moved
    folder = dirname(moved)
    return f"{folder}/test_{name.snake_plural}.py" if folder else f"test_{name.snake_plural}.py"


def _moved(path: str, sibling: Resource, app: App, name: NameForms) -> str:
    if app.new and path.startswith(f"{sibling.app}/"):
        return f"{app.folder}/{_like(path.removeprefix(f'{sibling.app}/'), sibling, name)}"
    head, tail = (
        (sibling.app, path.removeprefix(f"{sibling.app}/")) if path.startswith(f"{sibling.app}/") else ("", path)
    )
    filled = _like(tail, sibling, name)
    return f"{head}/{filled}" if head else filled


def _field(spec: FieldSpec, name: NameForms, index: FactIndex) -> FieldPlan:
    if spec.type == "ref":
        plain = spec.name.removesuffix("_id")
        target = _target(spec, name, index)
        return FieldPlan(spec, plain, plain, _back(name, target, plain), target)
    return FieldPlan(spec, spec.name, enum=pascal(spec.name) if spec.type == "enum" else "")


def _back(name: NameForms, target: Model | Target, relation: str) -> str:
    """`related_name`: the plural, with the relation's name where that is taken."""
    facts = target.facts if isinstance(target, Target) else None
    taken = {c.name for c in facts.columns} | {r.name for r in facts.relations} if facts is not None else set()
    plain = name.snake_plural
    return plain if plain not in taken else f"{relation}_{plain}"


def _target(spec: FieldSpec, resource: NameForms, index: FactIndex) -> Target:
    """The model that a field refers to. Raises UsageError when there is none, Unsupported for the new one."""
    name = forms(spec.ref)
    known = models(index)
    for candidate in (spec.ref, name.pascal, forms(name.snake).pascal):
        found = known.by_name.get(candidate, [])
        if found:
            return _as_target(found[0], index)
    user = user_model(index)
    if name.snake == "user":
        return _as_target(user, index) if user is not None else _stock_user()
    have = (n for n, found in known.by_name.items() if any(_is_entity(m) for m in found))
    raise no_target(spec, resource, "model", have)


def _is_entity(model: Model) -> bool:
    return "." not in model.definition.symbol.qualname


def _as_target(model: Model, index: FactIndex) -> Target:
    path = model.definition.path
    key = next((f for f in model.definition.symbol.fields if re.search(r"primary_key\s*=\s*True", f.value)), None)
    kind = (
        "uuid"
        if key is not None and "UUIDField" in key.value
        else "int"
        if key is None or "Auto" in key.value
        else "str"
    )
    relations = frozenset(model.relations)
    facts = next((t for _, t in index.tables() if t.entity == model.name), None)
    empty = Table(model.name, "", model.definition.symbol.loc, "django orm")
    found = facts or empty
    taken = tuple(c for c in found.columns if c.name not in relations)
    return Target(
        model.name,
        Ref(model.name, index.module(path)),
        path,
        found.table,
        key.name if key is not None else "id",
        kind,
        "",
        forms(model.name),
        Table(found.entity, found.table, found.loc, found.orm, taken, found.relations, found.unique_together),
    )


def _stock_user() -> Target:
    from backwright.core.facts import Loc

    facts = Table("User", "auth_user", Loc(1, 1, 1, 1, 0, 0), "django orm")
    return Target(
        "User", Ref("User", "django.contrib.auth.models"), "", "auth_user", "id", "int", "", forms("User"), facts
    )


def _owner_field(feature: Feature, name: NameForms, index: FactIndex) -> FieldPlan | None:
    if feature.owner is None:
        return None
    plain = feature.owner.field.removesuffix("_id")
    user = user_model(index)
    target = _as_target(user, index) if user is not None else _stock_user()
    spec = FieldSpec(name=plain, type="ref", ref=target.entity, on_delete="cascade", update=False)
    return FieldPlan(spec, plain, plain, _back(name, target, plain), target)
