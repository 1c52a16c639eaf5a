"""The house of a project that has no resource to imitate: clean architecture, on what the project has already.

Router → service → repository → model; a central module of errors that handlers translate; `Page[T]`; services by
dependency injection. Whatever the project has of it is kept, the rest comes with the first resource as `Foundation`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from posixpath import basename, dirname

from msgspec.structs import replace

from backwright.core.errors import Unsupported
from backwright.engine.housing_database import DatabaseFound, database_of, home_of
from backwright.engine.housing_example import model_of
from backwright.engine.housing_ground import (
    Ground,
    application_object,
    environment_of,
    ground_of,
    last_import,
)
from backwright.engine.placing import is_test
from backwright.engine.unmatched import no_store, refuse_unmatched
from backwright.frameworks.fastapi.errors import declared_errors
from backwright.kit.foundation import Foundation
from backwright.kit.house import (
    Application,
    ErrorClass,
    ErrorStyle,
    House,
    LayerStyle,
    ModelStyle,
    PageStyle,
    Place,
    Ref,
    RouterStyle,
    SchemaStyle,
    SessionStyle,
    TestStyle,
)
from backwright.kit.index import FactIndex
from backwright.kit.modules import module_of

Read = Callable[[str], str]
_FOLDERS = {
    "router": ("api/routes", "api/endpoints", "api/v1/endpoints", "api/v1/routes", "api/v1", "routers", "routes", "endpoints", "api"),
    "service": ("services", "service"),
    "repository": ("repositories", "repository", "repos"),
    "model": ("models", "db/models", "database/models", "entities"),
    "schema": ("schemas", "schema", "dtos"),
}  # fmt: skip
_DEFAULTS = {
    "router": "routers",
    "service": "services",
    "repository": "repositories",
    "model": "models",
    "schema": "schemas",
}
_SHARED = {"model": "models.py", "schema": "schemas.py"}
_DEPENDENCIES = ("dependencies.py", "deps.py", "api/deps.py", "api/dependencies.py", "core/deps.py")
_ERRORS = ((404, "NotFoundError"), (409, "ConflictError"), (403, "PermissionDeniedError"))


def default_house(index: FactIndex, partial: House, read: Read) -> House:
    """`partial` with every part that could not be read of the project filled in.

    Raises `Unsupported` naming what no template can bring: the application, or the database library.
    """
    app = _application(partial)
    refuse_unmatched(index)
    orm = _orm(index, partial)
    tests = frozenset(p for p in index.files if is_test(p))
    found = database_of(index, tests | _migrations(index))
    ground = ground_of(index, app, tests, read)
    base = _base(index, app, found)
    places = {role: _place(index, role, base) for role in _FOLDERS}
    home = home_of(found, base, frozenset(index.paths))
    wiring = _existing(index, base, _DEPENDENCIES) or _free(index, base, ("dependencies", "wiring"))
    session = _session(index, partial, found, home, wiring, orm)
    model = model_of(index, partial.model, found, home, orm)
    errors, errors_path = _errors(index, partial, base, tests, read)
    pages, page_path = _pages(index, partial, base, places["schema"])
    tested, conftest_parts, note = _tests(index, partial, session, app)
    foundation = Foundation(
        mount=ground.mount,
        mount_on=ground.mount_on,
        handlers_after=ground.handlers_after,
        app=Ref(app.variable, index.module(app.path)),
        errors=errors_path,
        handlers=f"{base}error_handlers.py" if errors_path else "",
        page=page_path,
        session_alias=wiring if partial.session.alias is None and session.alias is not None else "",
        conftest=_conftest(index, tested) if conftest_parts else "",
        conftest_parts=conftest_parts,
        test_package=bool(conftest_parts) and not tests,
    )
    foundation = _with_database(foundation, index, found, home, session, model, orm)
    repository, service = _layers(index, base, places, session, wiring)
    return replace(
        partial,
        session=session,
        errors=errors,
        pages=pages,
        router=_router(ground),
        repository=repository,
        service=service,
        model=model,
        schema=SchemaStyle(pydantic=partial.schema.pydantic),
        tests=tested,
        first_party=_first_party(
            index,
            partial,
            [foundation.database, foundation.errors, foundation.handlers, wiring, *(p.path for p in places.values())],
        ),
        places={r: places[r] for r in ("model", "router", *(["schema"] if orm == "sqlalchemy" else []))},
        foundation=_with_entities(foundation, index, places["model"], app, read),
        notes=(*partial.notes, *note, *_unmigrated(partial)),
    )


def _application(partial: House) -> Application:
    if partial.application is None:
        raise Unsupported(
            "there is no resource to imitate and no FastAPI application to add one to",
            hints=("make one first, `app = FastAPI()` in main.py for example",),
        )
    return partial.application


def _orm(index: FactIndex, partial: House) -> str:
    """sqlalchemy | sqlmodel. Raises Unsupported when the project has neither."""
    if any(True for _ in index.tables()):
        return partial.model.orm
    used = {p for p in ("sqlmodel", "sqlalchemy") if any(True for _ in index.imports_package(p))}
    declared = {
        p
        for p in ("sqlmodel", "sqlalchemy")
        if any(re.search(rf"(?<![\w-]){p}(?![\w-])", t, re.IGNORECASE) for t in _manifests(index))
    }
    for known in (used, declared):
        if known:
            return "sqlmodel" if "sqlmodel" in known else "sqlalchemy"
    raise no_store(index, partial.application.path if partial.application is not None else "")


def _manifests(index: FactIndex) -> list[str]:
    return [
        t
        for p, t in index.texts.items()
        if basename(p) in {"pyproject.toml", "Pipfile", "setup.cfg"} or "requirements" in p
    ]


def _migrations(index: FactIndex) -> frozenset[str]:
    own = {p for p in index.files if any(i.module == "alembic" for i in index.imports(p))}
    return frozenset(own)


def _base(index: FactIndex, app: Application, found: DatabaseFound) -> str:
    """The folder of the package, with a slash at its end; `""` where modules stand at the top of the repository."""
    folder = dirname(app.path)
    if folder == index.root:
        inner = next((dirname(p) for p in (found.engine_path, found.base_path, found.address_path) if p), folder)
        while basename(inner) in {"db", "core", "database", "models", "config"}:
            inner = dirname(inner)
        folder = inner if inner.startswith(folder) else folder
    return f"{folder}/" if folder else ""


def _existing(index: FactIndex, base: str, names: tuple[str, ...]) -> str:
    """The first of these files that is there, `""` for none."""
    return next((f"{base}{n}" for n in names if f"{base}{n}" in index.files), "")


def _free(index: FactIndex, base: str, names: tuple[str, ...]) -> str:
    """The first of these modules that neither a file nor a package is called."""
    return next(
        path
        for name in (*names, "backwright")
        if (path := f"{base}{name}.py") not in index.files
        and not any(p.startswith(f"{base}{name}/") for p in index.paths)
    )


def _place(index: FactIndex, role: str, base: str) -> Place:
    """Where a role's files go: where there is a folder or a shared file for it, else where the template has it."""
    name = "{snakes}" if role == "router" else "{snake}"
    folder = next((f for f in _FOLDERS[role] if any(p.startswith(f"{base}{f}/") for p in index.paths)), "")
    shared = f"{base}{_SHARED[role]}" if role in _SHARED else ""
    if not folder and shared in index.files:
        return Place(role, shared, True)
    return Place(role, f"{base}{folder or _DEFAULTS[role]}/{name}.py", False)


def _session(index: FactIndex, partial: House, found: DatabaseFound, home: str, wiring: str, orm: str) -> SessionStyle:
    """How sessions arrive already, else by a dependency beside the engine, under an alias."""
    if partial.session.dependency.module:
        return partial.session
    module = "sqlmodel.ext.asyncio.session" if found.is_async else "sqlmodel"
    if orm == "sqlalchemy":
        module = "sqlalchemy.ext.asyncio" if found.is_async else "sqlalchemy.orm"
    return SessionStyle(
        is_async=found.is_async,
        type=Ref("AsyncSession" if found.is_async else "Session", module),
        dependency=found.dependency or Ref("get_session", module_of(home, index)),
        alias=Ref("SessionDep", module_of(wiring, index)),
        commits="dependency" if found.dependency_commits else "explicit",
        sqlmodel=orm == "sqlmodel",
    )


def _with_database(
    ground: Foundation,
    index: FactIndex,
    found: DatabaseFound,
    home: str,
    session: SessionStyle,
    model: ModelStyle,
    orm: str,
) -> Foundation:
    """What is missing on the way from an address to a session."""
    metadata = (
        Ref("SQLModel", "sqlmodel")
        if orm == "sqlmodel"
        else found.base or model.base or Ref("Base", module_of(home, index))
    )
    opens = found.dependency is not None or bool(session.because)
    missing = {
        "base": orm == "sqlalchemy" and model.base == Ref("Base", module_of(home, index)) and found.base is None,
        "address": not found.address and found.engine is None and found.factory is None and not opens,
        "engine": found.engine is None and found.factory is None and not opens,
        "session": not opens,
    }
    engine = found.engine or Ref("engine", module_of(home, index))
    options = ", expire_on_commit=False" if session.is_async else ""
    opening = f"{found.factory.name}()" if found.factory is not None else f"{session.type.name}({engine.name}{options})"
    imports = [found.address_import, engine.line, found.factory.line if found.factory is not None else ""]
    return replace(
        ground,
        database=home if any(missing.values()) else "",
        database_parts=tuple(part for part, lacks in missing.items() if lacks),
        address=found.address or "DATABASE_URL",
        address_imports=(found.address_import or f"from {module_of(home, index)} import DATABASE_URL",),
        opening=opening,
        database_imports=tuple(i for i in imports if i),
        metadata=metadata,
        engine_maker=Ref("make_engine", module_of(home, index)) if missing["engine"] else None,
    )


def _with_entities(ground: Foundation, index: FactIndex, place: Place, app: Application, read: Read) -> Foundation:
    """How Alembic gets to know the entities: through the package that holds them, which its environment imports."""
    package = "" if place.shared else f"{dirname(place.path)}/__init__.py"
    known = {p for p in index.files if p.startswith(f"{dirname(place.path)}/")} if package else {place.path}
    environment = environment_of(index, frozenset(known), app.path, read)
    return replace(
        ground,
        models=package,
        models_module=module_of(f"{dirname(package)}.py" if package else place.path, index),
        models_after=last_import(index, package, read) if package in index.files else None,
        environment_after=environment.after,
        environment_metadata=environment.metadata,
        environment_address=environment.address,
    )


def _errors(index: FactIndex, partial: House, base: str, tests: frozenset[str], read: Read) -> tuple[ErrorStyle, str]:
    """(style, file that the classes are to be written to): `""` where they are there."""
    if partial.errors.kind == "domain":
        return partial.errors, ""
    declared = declared_errors(index, tests, read)
    if declared is not None:
        return declared, ""
    path = _free(index, base, ("errors", "domain_errors", "resource_errors"))
    module = module_of(path, index)
    classes = tuple(ErrorClass(status, Ref(name, module), f"{name}({{message}})") for status, name in _ERRORS)
    return ErrorStyle("domain", classes), path


def _pages(index: FactIndex, partial: House, base: str, schema: Place) -> tuple[PageStyle, str]:
    """(style, file that the envelope is to be written to): `""` where it is there."""
    if partial.pages.envelope != "list":
        return partial.pages, ""
    folder = f"{dirname(schema.path)}/" if not schema.shared else base
    path = _free(index, folder, ("page", "pagination", "paging"))
    generic = Ref("Page", module_of(path, index))
    return PageStyle(
        "offset", "limit", "offset", 0, "generic", generic, extra=(("limit", "size"), ("offset", "at"))
    ), path


def _router(ground: Ground) -> RouterStyle:
    names = ("list_{snakes}", "get_{snake}", "create_{snake}", "update_{snake}", "delete_{snake}")
    operations = ("list", "get", "create", "update", "delete")
    return RouterStyle(
        tag="{kebabs}",
        item="/{param}",
        response_in_decorator=False,
        names=dict(reversed(list(zip(operations, names, strict=True)))),
        body="data",
        path_prefix=ground.prefix,
    )


def _layers(
    index: FactIndex, base: str, places: dict[str, Place], session: SessionStyle, wiring: str
) -> tuple[LayerStyle, LayerStyle]:
    """(repository, service): classes; the service takes its repository, and arrives by dependency injection."""
    repository = LayerStyle("class", places["repository"], "{Pascal}Repository")
    kind = (
        session.alias.name
        if session.alias is not None
        else f"Annotated[{session.type.name}, Depends({session.dependency.name})]"
    )
    module = module_of(wiring, index)
    needed = [r for r in (session.alias, session.dependency) if r is not None and r.module != module]
    service = LayerStyle(
        "class",
        places["service"],
        "{Pascal}Service",
        takes="repository",
        takes_param="repository",
        provider=Ref("get_{snake}_service", module),
        provider_path=wiring,
        provider_source=(
            f"def get_{{snake}}_service(session: {kind}) -> {{Pascal}}Service:\n"
            "    return {Pascal}Service({Pascal}Repository(session))"
        ),
        provider_imports=tuple(needed),
        alias="{Pascal}ServiceDep",
        alias_source="{Pascal}ServiceDep = Annotated[{Pascal}Service, Depends(get_{snake}_service)]",
    )
    return repository, service


def _tests(
    index: FactIndex, partial: House, session: SessionStyle, app: Application
) -> tuple[TestStyle | None, tuple[str, ...], tuple[str, ...]]:
    """(style, fixtures that are to be made, notes)."""
    present = partial.tests
    if present is not None and present.client:
        return present, (), ()
    target = application_object(index, app)
    if target is None:
        return None, (), ("no tests are written: no module makes an application that they could import",)
    if session.is_async and not any("aiosqlite" in t for t in _manifests(index)):
        return (
            None,
            (),
            ("no tests are written: their database needs aiosqlite, which is no dependency of this project",),
        )
    automatic = any(re.search(r"(asyncio|anyio)_mode\s*=\s*[\"']?auto", t) for t in index.texts.values())
    prefix = f"{index.root}/" if index.root else ""
    style = present or TestStyle("sync", Place("test", f"{prefix}tests/test_{{snakes}}.py", False))
    parts = ("client",) if style.session else ("engine", "session", "client")
    style = replace(
        style,
        kind="async" if session.is_async else "sync",
        client="client",
        client_type=Ref("AsyncClient", "httpx") if session.is_async else Ref("TestClient", "fastapi.testclient"),
        session=style.session or "session",
        session_async=session.is_async,
        marker="pytest.mark.anyio" if session.is_async and not automatic else "",
        app=target,
    )
    return style, parts, ()


def _conftest(index: FactIndex, tests: TestStyle | None) -> str:
    """The nearest conftest.py above the new tests, else one beside them."""
    folder = dirname(tests.place.path) if tests is not None and tests.place is not None else "tests"
    current = folder
    while current:
        if f"{current}/conftest.py" in index.files:
            return f"{current}/conftest.py"
        current = dirname(current)
    return f"{folder}/conftest.py"


def _first_party(index: FactIndex, partial: House, paths: list[str]) -> tuple[str, ...]:
    """The project's own names, with those that new files bring."""
    tops = {module_of(p, index).partition(".")[0] for p in paths if p}
    return tuple(sorted({*partial.first_party, *tops}))


def _unmigrated(partial: House) -> tuple[str, ...]:
    if partial.migration is not None:
        return ()
    return ("no migration is written: Alembic is not set up here (`alembic init alembic`)",)


__all__ = ["default_house"]
