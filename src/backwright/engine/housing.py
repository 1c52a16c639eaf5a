"""The house style of one project, put together from what each framework reads of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from posixpath import basename, dirname
from typing import Literal

from msgspec.structs import replace

from backwright.core.archmap import Component, Convention, EntityInfo, RouteInfo
from backwright.core.facts import Span
from backwright.engine.collecting import collectors
from backwright.engine.documenting import documentation_of
from backwright.engine.first_party import alembic_is_ours
from backwright.engine.housing_database import database_of
from backwright.engine.housing_tools import formatting, linting_of, newest, relative_imports
from backwright.engine.layering import layer_style
from backwright.engine.siblings import Resource, operation_of, resources
from backwright.engine.tracing import leads_to, untraced
from backwright.frameworks.alembic.style import migration_style
from backwright.frameworks.fastapi.application import application_style
from backwright.frameworks.fastapi.arrivals import arrivals, auth_style, injected_ones, session_style
from backwright.frameworks.fastapi.endpoints import router_style
from backwright.frameworks.fastapi.errors import error_style
from backwright.frameworks.fastapi.pages import page_style
from backwright.frameworks.pydantic.style import schema_style
from backwright.frameworks.pytest.minting import minting
from backwright.frameworks.pytest.style import test_style
from backwright.frameworks.sqlalchemy.style import model_style
from backwright.kit.house import (
    AuthStyle,
    House,
    LayerStyle,
    ModelStyle,
    PageStyle,
    Place,
    Ref,
    RouterStyle,
    SchemaStyle,
    SessionStyle,
    Sibling,
    TestStyle,
)
from backwright.kit.imitation import pattern_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms, forms

Read = Callable[[str], str]
Layout = Literal["layered", "feature", "flat", "empty"]
_DEFAULT_SESSION = SessionStyle(False, Ref("Session", "sqlalchemy.orm"), Ref("get_session", ""))


def build_house(index: FactIndex, placed: tuple[Component, ...], read: Read) -> tuple[House, tuple[Convention, ...]]:
    """The house and its conventions, each with counts and exemplar. `read` gives a file's text."""
    tests = frozenset(c.path for c in placed if c.role == "test")
    all_resources = tuple(r for r in resources(index, placed) if _is_class(index, r.entity))
    best = next((r for r in all_resources if r.routes), None)
    conventions: list[Convention | None] = []
    uses = arrivals(index, tests)
    session, found = session_style(index, uses)
    conventions.append(found)
    auth, more = auth_style(index, uses, tests)
    conventions += more
    errors, found = error_style(index, tests, read)
    conventions.append(found)
    pages, found = page_style(index, [(i, r.name) for r in all_resources if (i := r.operation("list")) is not None])
    conventions.append(found)
    entities = tuple(e for p, t in index.tables() if p not in tests and _is_class(index, e := EntityInfo(p, t)))
    model, more = _model(index, all_resources, entities)
    conventions += more
    router, schema, more = _web(index, best, tests, read)
    conventions += more
    repository, service = _layers(index, best, read, list(injected_ones(index, uses)))
    tested, found = _tests(index, best, tests, auth)
    conventions.append(found)
    places, layout = _places(best, schema)
    feature = _feature(best, index) if best is not None else ""
    conventions.append(_layout_convention("feature" if feature else layout, places, best))
    package, first_party = packages(index)
    line_length, target = formatting(index)
    house = House(
        root=index.root,
        package=package,
        line_length=line_length,
        target=target,
        first_party=first_party,
        layout=layout,
        sibling=replace(_sibling(best, repository, service), mounted=feature) if best else None,
        session=session or replace(_DEFAULT_SESSION, is_async=database_of(index, tests).is_async),
        auth=auth,
        errors=errors,
        pages=pages or PageStyle("offset", "limit", "offset"),
        router=router,
        repository=repository,
        service=service,
        model=model,
        schema=schema,
        migration=migration_style(index),
        tests=tested,
        places=places,
        application=application_style(index, tests, next((c.ref.name for c in (errors.of(409),) if c), ""), read),
        collectors=tuple(collectors(index, best, entities, read, feature)) if best else (),
        notes=_notes(best, service.form, repository.form),
        unspelled=_unspelled(index, best, service, repository),
        access=_access(best, auth) if best else {},
        relative=relative_imports(index, tests),
        linting=linting_of(index),
        documentation=documentation_of(index, tests, read),
    )
    if feature and best is not None:
        house = _in_folder_of_its_own(house, dirname(best.router_path), forms(feature))
    return house, tuple(c for c in conventions if c is not None)


def _in_folder_of_its_own(house: House, folder: str, feature: NameForms) -> House:
    """The same house with the places of the exemplar's feature folder moved to one of the new resource's own."""
    repository, service = (
        replace(style, place=_moved(style.place, folder)) if style.place is not None else style
        for style in (house.repository, house.service)
    )
    tests = house.tests
    if tests is not None and tests.place is not None:
        tests = replace(tests, place=_moved(tests.place, folder))
    places = {role: _moved(place, folder) for role, place in house.places.items()}
    router, mount = house.router, house.router.registration
    if mount is not None and "{" in pattern_of(mount.statement.partition("prefix")[2], feature):
        outer = router.path_prefix.rpartition("/")[0]
        router = replace(router, prefix_in_mount=True, prefix_in_router=False, path_prefix=outer, segment="kebabs")
    model = replace(house.model, table_name=house.model.table_name.removeprefix(f"{feature.snake}_"))
    house = replace(house, layout="feature", places=places, repository=repository, service=service)
    return replace(house, router=router, model=model, tests=tests)


def _layers(
    index: FactIndex, best: Resource | None, read: Read, providers: list[Definition]
) -> tuple[LayerStyle, LayerStyle]:
    """(repository, service); a layer that nothing above it uses for this resource is none."""
    inline = LayerStyle("inline")
    if best is None:
        return inline, inline
    service = layer_style(index, "service", best, read, providers)
    if service.because is not None and not _used(index, best.router_path, service.form, service.because.path):
        service = inline
    repository = layer_style(index, "repository", best, read, providers)
    above = service.because.path if service.because is not None else best.router_path
    if repository.because is not None and not _used(index, above, repository.form, repository.because.path):
        repository = inline
    return repository, service


def _is_class(index: FactIndex, entity: EntityInfo) -> bool:
    """Whether a table is written as a class; one that stands in SQL only shows no style of models."""
    return index.resolve(entity.path, entity.table.entity) is not None


def _used(index: FactIndex, path: str, form: str, layer: str) -> bool:
    """Whether one file leads to a layer's file; of functions, whether it calls them."""
    if path == layer:
        return True
    if form != "functions":
        return leads_to(index, path, layer)
    for call in index.calls(path):
        found = index.resolve(path, call.expr.parts[0].dotted())
        if found is not None and found.path == layer:
            return True
    return False


def _model(
    index: FactIndex, all_resources: tuple[Resource, ...], entities: tuple[EntityInfo, ...]
) -> tuple[ModelStyle, tuple[Convention, ...]]:
    if not all_resources:
        return ModelStyle("sqlalchemy"), ()
    chosen = all_resources[0]
    style, conventions = model_style(index, chosen.entity, chosen.name, entities)
    return replace(style, orm=chosen.entity.table.orm), conventions


def _web(
    index: FactIndex, best: Resource | None, tests: frozenset[str], read: Read
) -> tuple[RouterStyle, SchemaStyle, tuple[Convention, ...]]:
    if best is None:
        return RouterStyle(), SchemaStyle(), ()
    routes = tuple(RouteInfo(p, r) for p, r in index.routes() if p not in tests)
    operations = {op: i for i in reversed(best.routes) if (op := operation_of(i, best.name))}
    router, first = router_style(index, operations, best.name, routes, read)
    router = replace(router, query_models=newest(index, "fastapi") >= (0, 115))
    schema, second = schema_style(index, best.name, best.schemas, operations)
    return router, schema, (*first, *second)


def _tests(
    index: FactIndex, best: Resource | None, tests: frozenset[str], auth: AuthStyle
) -> tuple[TestStyle | None, Convention | None]:
    name = best.name if best is not None else forms("thing")
    own, router = (best.tests, pattern_of(best.router_path, name)) if best is not None else ((), "")
    style, found = test_style(index, tests, name, own, router)
    return (replace(style, minting=minting(index, tests, auth)) if style is not None else None), found


def _sibling(best: Resource, repository: LayerStyle, service: LayerStyle) -> Sibling:
    return Sibling(
        entity=best.entity.table.entity,
        snake=best.name.snake,
        plural=best.name.snake_plural,
        model_path=best.entity.path,
        router_path=best.router_path,
        repository_path=repository.because.path if repository.because else "",
        service_path=service.because.path if service.because else "",
    )


def _places(best: Resource | None, style: SchemaStyle) -> tuple[dict[str, Place], Layout]:
    if best is None:
        return {}, "empty"
    out: dict[str, Place] = {}
    schema = _main_schema(best)
    answer = next((d for d in best.schemas if pattern_of(d.symbol.name, best.name) == style.read), None)
    if schema is not None and answer is not None and answer.path != schema.path:
        pattern = pattern_of(answer.path, best.name)
        if "{" in pattern and "{" in pattern_of(schema.path, best.name):
            out["schema_read"] = Place("schema_read", pattern, False, Span(answer.path, answer.symbol.loc.line))
    for role, path, line in (
        ("model", best.entity.path, best.entity.table.loc.line),
        ("router", best.router_path, best.routes[0].route.loc.line if best.routes else 1),
        ("schema", schema.path if schema else best.entity.path, schema.symbol.loc.line if schema else 1),
    ):
        pattern = pattern_of(path, best.name)
        out[role] = Place(role, pattern, "{" not in pattern, Span(path, line))
    model, router = out["model"].path, out["router"].path
    if "{" in dirname(model) or "{" in dirname(router):
        return out, "feature"
    if (out["model"].shared and out["router"].shared) or (out["model"].shared and out["schema"].shared):
        return out, "flat"
    return out, "layered"


def _main_schema(best: Resource) -> Definition | None:
    """The schema whose file new schemas go to: that of the create request, of the answer, of whatever there is."""
    for wanted in (r"Create|Request|In$|Add|New", r"Read|Out|Response|Public"):
        for definition in best.schemas:
            if re.search(wanted, definition.symbol.name) and "{" in pattern_of(definition.path, best.name):
                return definition
    for definition in best.schemas:
        if re.search(r"Create|Read|Response|Request", definition.symbol.name):
            return definition
    return best.schemas[0] if best.schemas else None


def _feature(best: Resource, index: FactIndex) -> str:
    """The folder's name in a project of one folder a feature whose exemplar's folder is not named after its entity.

    Told by neighbours: other folders beside it hold a file of the same name with routes.
    """
    folder, name = dirname(best.router_path), basename(best.router_path)
    if not folder or dirname(best.entity.path) != folder or "{" in pattern_of(folder, best.name):
        return ""
    parent = dirname(folder)
    neighbours = {
        p for p, _ in index.routes() if basename(p) == name and dirname(dirname(p)) == parent and dirname(p) != folder
    }
    return basename(folder) if neighbours else ""


def _moved(place: Place, folder: str) -> Place:
    """The place in a folder of the new resource's own."""
    if not place.path.startswith(folder + "/"):
        return place
    plural = "{snakes}" if basename(folder).endswith("s") else "{snake}"
    parent = dirname(folder)
    path = (
        f"{parent}/{plural}/{place.path[len(folder) + 1 :]}" if parent else f"{plural}/{place.path[len(folder) + 1 :]}"
    )
    return replace(place, path=path, shared=False)


def _layout_convention(layout: str, places: dict[str, Place], best: Resource | None) -> Convention | None:
    if best is None:
        return None
    words = {
        "feature": "one folder a feature",
        "layered": "one folder a layer",
        "flat": "one file a layer for all resources",
    }
    detail = ", ".join(f"{r}: {p.path}" for r, p in places.items())
    return Convention("layout", words[layout], 1, 0, places["router"].exemplar, detail)


def packages(index: FactIndex) -> tuple[str, tuple[str, ...]]:
    """The package that holds the application, and all top-level names of the project."""
    tops: dict[str, int] = {}
    for file in index.files.values():
        top = file.module.split(".")[0]
        if top:
            tops[top] = tops.get(top, 0) + 1
    known = tuple(sorted(t for t in tops if t.isidentifier() and (t != "alembic" or alembic_is_ours(index))))
    apps = [t for t in tops if t not in {"tests", "test", "alembic", "migrations", "scripts"}]
    return (max(apps, key=lambda t: tops[t]) if apps else ""), known


def _access(best: Resource, auth: AuthStyle) -> dict[str, str]:
    """Who may do what with the exemplar: public where nothing guards, admin where the administrators' guard does."""
    admins = {g.expr.partition("(")[0].rpartition(".")[2] for g in auth.guards if g.level == "admin"}
    out = {}
    for operation in ("create", "list", "get", "update", "delete"):
        info = best.operation(operation)
        if info is not None:
            out[operation] = "admin" if admins & set(info.route.auth) else "user" if info.route.auth else "public"
    return out


def _unspelled(index: FactIndex, best: Resource | None, service: LayerStyle, repository: LayerStyle) -> tuple[str, ...]:
    """Why endpoints like the exemplar's cannot be written; nothing where they can."""
    if best is None:
        return ()
    operations = [r for r in best.routes if operation_of(r, best.name)]
    why = untraced(index, operations, (service, repository), best.classes.values())
    return (why,) if why else ()


def _notes(best: Resource | None, service: str, repository: str) -> tuple[str, ...]:
    if best is None:
        return (
            "there is no resource to imitate, so the built-in clean architecture is used: router, service, repository, model",
        )
    out = []
    if service == "inline":
        out.append("this repository has no service layer, so the change has none either")
    if repository == "inline" and service == "inline":
        out.append("endpoints query the database themselves here, and so do the new ones")
    elif repository == "inline":
        out.append("services query the database themselves here, and so does the new one")
    return tuple(out)
