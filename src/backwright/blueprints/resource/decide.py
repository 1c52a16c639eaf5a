"""From a feature and a house to a decided resource: every name, path and guard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from backwright.blueprints.resource.access import decide_access
from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.request import Feature, FieldSpec
from backwright.kit.artifacts import FieldPlan, ResourcePlan, Target
from backwright.kit.house import House, LayerStyle
from backwright.kit.imitation import fill, mentions
from backwright.kit.index import FactIndex
from backwright.kit.modules import module_of
from backwright.kit.naming import NameForms, forms, pascal
from backwright.kit.targets import find_target

_FUNCTIONS = {
    "list": "list_{snakes}",
    "get": "get_{snake}",
    "create": "create_{snake}",
    "update": "update_{snake}",
    "delete": "delete_{snake}",
}


@dataclass(frozen=True)
class Decision:
    """The plan with what was assumed, asked and noted on the way."""

    plan: ResourcePlan
    assumptions: tuple[Assumption, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]


def decide(feature: Feature, house: House, index: FactIndex, settings: Mapping[str, str]) -> Decision:
    """Raises UsageError when the resource exists already or refers to an entity that does not exist."""
    name = forms(feature.resource, feature.plural)
    refuse_existing(feature, name, house, index)
    access, assumptions, questions = decide_access(feature, house.auth, house.access, settings)
    fields = tuple(_field(spec, name, house, index) for spec in feature.fields)
    owner_field = _owner_field(feature, name, house, index)
    paths = _paths(name, house)
    modules = {role: module_of(path, index) for role, path in paths.items()}
    if house.router.registration is not None:
        modules["registration"] = index.module(house.router.registration.path)
    key = house.model.key
    plan = ResourcePlan(
        name=name,
        class_name=fill(house.model.class_name, name),
        table=settings.get("table") or fill(house.model.table_name, name),
        fields=fields,
        operations=_ordered(feature, house),
        access=access,
        listing=feature.listing,
        owner=feature.owner,
        owner_field=owner_field,
        unique_together=feature.unique_together,
        house=_sane(house, name),
        index=index,
        paths=paths,
        schemas=_schemas(name, house),
        functions=_functions(feature, name, house),
        segment=_segment(name, house),
        key=key.name if key is not None else "id",
        key_python=house.model.key_python,
        list_query=_list_query(feature, name, house, paths),
        settings=dict(settings),
        modules=modules,
    )
    return Decision(plan, tuple(assumptions), tuple(questions), house.notes)


def _functions(feature: Feature, name: NameForms, house: House) -> dict[str, str]:
    """The handlers' names as the exemplar has them, where they stay apart and are not what a row is called."""
    out: dict[str, str] = {}
    for operation in feature.operations:
        wanted = fill(house.router.names.get(operation, _FUNCTIONS[operation]), name)
        plain = fill(_FUNCTIONS[operation], name)
        taken = {*out.values(), name.snake}
        out[operation] = next(n for n in (wanted, plain, f"{plain}_{operation}") if n not in taken)
    return out


def refuse_existing(feature: Feature, name: NameForms, house: House, index: FactIndex) -> None:
    """A resource that exists already is refused before anything else is thought about."""
    wanted = {fill(house.model.class_name, name), name.pascal}
    for path, table in index.tables():
        if table.entity in wanted or table.table == fill(house.model.table_name, name):
            raise UsageError(
                f"{feature.resource} exists already: the entity {table.entity} has the table `{table.table}`",
                where=f"{path}:{table.loc.line}",
                hints=("choose another name, or ask for a field or an endpoint on the existing resource",),
            )


def _field(spec: FieldSpec, name: NameForms, house: House, index: FactIndex) -> FieldPlan:
    if spec.type == "ref":
        target = find_target(spec.ref, house, index, spec.name)
        attr = spec.name if spec.name.endswith("_id") else f"{spec.name}_id"
        relation = attr.removesuffix("_id")
        return FieldPlan(spec, attr, relation, _back(name, house, target, relation), target)
    enum = f"{name.pascal}{pascal(spec.name)}" if spec.type == "enum" else ""
    return FieldPlan(spec, spec.name, enum=enum)


def _back(name: NameForms, house: House, target: Target, relation: str) -> str:
    """The collection on the target; none where the house keeps none, or where the name is taken."""
    if not house.model.back_references or not relation or not _loaded_together(name, house, target):
        return ""
    taken = {c.name for c in target.facts.columns} | {r.name for r in target.facts.relations}
    plain = name.snake_plural
    if relation not in {target.name.snake, "owner", "user"}:
        plain = f"{relation}_{plain}"
    return plain if plain not in taken else f"{plain}_as_{relation}" if f"{plain}_as_{relation}" not in taken else ""


def _loaded_together(name: NameForms, house: House, target: Target) -> bool:
    """Whether importing the target always loads the new entity too: else naming it there breaks what imports the target alone."""
    if target.path == fill(house.places["model"].path, name):
        return True
    package = f"{target.path.rpartition('/')[0]}/__init__.py"
    own = house.sibling is not None and mentions(package, forms(house.sibling.mounted or house.sibling.snake))
    return not own and any(c.path == package for c in house.collectors)


def _owner_field(feature: Feature, name: NameForms, house: House, index: FactIndex) -> FieldPlan | None:
    if feature.owner is None or not house.auth.user_table:
        return None
    entity = next((t.entity for _, t in index.tables() if t.table == house.auth.user_table), "")
    target = find_target(entity, house, index, feature.owner.field)
    attr = feature.owner.field if feature.owner.field.endswith("_id") else f"{feature.owner.field}_id"
    relation = attr.removesuffix("_id")
    spec = FieldSpec(name=relation, type="ref", ref=entity, on_delete="cascade", update=False)
    return FieldPlan(spec, attr, relation, _back(name, house, target, relation), target)


def _paged_by_a_library(house: House) -> bool:
    """Whether a library adds its own parameters to list routes: a model of parameters works as the only ones."""
    return house.pages.generic is not None and house.pages.generic.module.startswith("fastapi_pagination")


def _list_query(feature: Feature, name: NameForms, house: House, paths: Mapping[str, str]) -> str:
    """A class for what a list is asked for, where a function of the house may not take that many arguments."""
    listing, owner = feature.listing, feature.owner
    asked = 2 * listing.paginate + bool(listing.sorts) + len(listing.filters) + bool(listing.search)
    handler = 1 + (house.pages.envelope == "list" and listing.total)  # the session or a layer, the response
    if "list" not in feature.operations or not house.router.query_models or _paged_by_a_library(house):
        return ""
    users = (owner is not None and owner.list_own) * 1
    counts = {"router": handler, "service": 1, "repository": 1}
    most = house.linting.max_args
    over = [
        role
        for role, others in counts.items()
        if role in paths and asked + others + users > most and house.linting.selects("PLR0913", paths[role])
    ]
    return f"{name.pascal}ListQuery" if over else ""


def _ordered(feature: Feature, house: House) -> tuple[str, ...]:
    """The operations in the order in which the exemplar's endpoints stand."""
    known = list(reversed(list(house.router.names)))
    return tuple(sorted(feature.operations, key=lambda op: known.index(op) if op in known else len(known)))


def _schemas(name: NameForms, house: House) -> dict[str, str]:
    style = house.schema
    return {
        "create": fill(style.create, name),
        "update": fill(style.update, name),
        "read": fill(style.read, name),
        "base": fill(style.base or "{Pascal}Base", name),
    }


def _segment(name: NameForms, house: House) -> str:
    return {
        "snakes": name.snake_plural,
        "snake": name.snake,
        "kebabs": name.kebab_plural,
        "kebab": name.kebab,
    }[house.router.segment]


def _paths(name: NameForms, house: House) -> dict[str, str]:
    out = {role: fill(place.path, name) for role, place in house.places.items()}
    for role, style in (("repository", house.repository), ("service", house.service)):
        if style.place is not None and style.form != "inline":
            out[role] = fill(style.place.path, name)
        if style.provider_path:
            out[f"{role}_provider"] = fill(style.provider_path, name)
    if house.model.orm == "sqlmodel":
        out.setdefault("schema", out["model"])
    if house.tests is not None and house.tests.place is not None:
        out["test"] = fill(house.tests.place.path, name)
    return out


def _sane(house: House, name: NameForms) -> House:
    """With the names of its page filled in; a service class over functions has no repository object to take."""
    pages = house.pages
    house = replace(house, pages=replace(pages, items=fill(pages.items, name), total=fill(pages.total, name)))
    if house.service.form == "class" and house.service.takes == "repository" and house.repository.form != "class":
        return replace(house, service=replace(house.service, takes="session"))
    return house


__all__ = ["Decision", "LayerStyle", "decide"]
