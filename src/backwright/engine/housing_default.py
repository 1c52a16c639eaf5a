"""The house of a project that has no resource to imitate: clean architecture, on what the project has already.

Router → service → repository → model; a central module of errors that handlers translate; `Page[T]`; services by
dependency injection. Whatever the project has of it is kept, the rest comes with the first resource as `Foundation`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from posixpath import basename, dirname

from backwright.core.errors import Unsupported
from backwright.core.facts import Fact, Symbol
from backwright.engine.housing_database import DatabaseFound, database_of, home_of
from backwright.engine.housing_ground import (
    Ground,
    application_object,
    environment_of,
    ground_of,
    last_import,
)
from backwright.engine.placing import is_test
from backwright.frameworks.fastapi.errors import declared_errors
from backwright.frameworks.sqlalchemy.style import model_style
from backwright.frameworks.sqlalchemy.tables import tables
from backwright.core.archmap import EntityInfo
from backwright.kit.house import (
    Application,
    ErrorClass,
    ErrorStyle,
    Foundation,
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
from backwright.kit.naming import forms
from backwright.languages.python.extract import extract

Read = Callable[[str], str]
_FOLDERS = {
    "router": ("api/routes", "api/endpoints", "api/v1/endpoints", "api/v1/routes", "api/v1", "routers", "routes", "endpoints", "api"),
    "service": ("services", "service"),
    "repository": ("repositories", "repository", "repos"),
    "model": ("models", "db/models", "database/models", "entities"),
    "schema": ("schemas", "schema", "dtos"),
}  # fmt: skip
_DEFAULTS = {"router": "routers", "service": "services", "repository": "repositories", "model": "models", "schema": "schemas"}
_SHARED = {"model": "models.py", "schema": "schemas.py"}
_DEPENDENCIES = ("dependencies.py", "deps.py", "api/deps.py", "api/dependencies.py", "core/deps.py")
_ERRORS = ((404, "NotFoundError"), (409, "ConflictError"), (403, "PermissionDeniedError"))
_EXAMPLE = "backwright_example.py"


def default_house(index: FactIndex, partial: House, read: Read) -> House:
    """`partial` with every part that could not be read of the project filled in.

    Raises `Unsupported` naming what no template can bring: the application, or the database library.
    """
    app = _application(partial)
    orm = _orm(index, partial)
    return _Template(index, partial, read, app, orm).house()


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
    declared = {p for p in ("sqlmodel", "sqlalchemy") if any(re.search(rf"(?<![\w-]){p}(?![\w-])", t, re.IGNORECASE) for t in _manifests(index))}
    for known in (used, declared):
        if known:
            return "sqlmodel" if "sqlmodel" in known else "sqlalchemy"
    raise Unsupported(
        "a resource needs a database, and this project has no database library",
        where=partial.application.path if partial.application is not None else "",
        hints=("add SQLAlchemy (or SQLModel) and Alembic to the dependencies of the project, and run `alembic init alembic`",),
    )


def _manifests(index: FactIndex) -> list[str]:
    return [t for p, t in index.texts.items() if basename(p) in {"pyproject.toml", "Pipfile", "setup.cfg"} or "requirements" in p]


@dataclass(frozen=True)
class _Template:
    """One project, furnished."""

    index: FactIndex
    partial: House
    read: Read
    app: Application
    orm: str

    def house(self) -> House:
        tests = frozenset(p for p in self.index.files if is_test(p))
        ground = ground_of(self.index, self.app, tests, self.read)
        found = database_of(self.index, tests | self._migrations())
        base = self._base(found)
        home = home_of(found, base, frozenset(self.index.paths))
        places = {role: self._place(role, base) for role in _FOLDERS}
        wiring = self._existing(base, _DEPENDENCIES) or f"{base}dependencies.py"
        session, alias_missing = self._session(found, home, wiring)
        errors, errors_path = self._errors(base, tests)
        page = self._page_path(base, places["schema"])
        tested, conftest, parts = self._tests(session, tests)
        model = self._model(found, home)
        foundation = Foundation(
            mount=ground.mount,
            mount_on=ground.mount_on,
            handlers_after=ground.handlers_after,
            app=Ref(self.app.variable, self.index.module(self.app.path)),
            session_alias=wiring if alias_missing else "",
            errors=errors_path,
            handlers=f"{base}error_handlers.py" if errors_path else "",
            page=page if self.partial.pages.generic is None and self.partial.pages.support == 0 else "",
            conftest=conftest,
            conftest_parts=parts,
            test_package=not tests and bool(parts),
            **self._database(found, home, session),
            **self._known_entities(places["model"]),
        )  # type: ignore[arg-type]  # keywords by their names
        layers = self._layers(base, places, session, wiring)
        return replace(
            self.partial,
            first_party=self._first_party(),
            session=session,
            errors=errors,
            pages=PageStyle("offset", "limit", "offset", 0, "generic", Ref("Page", module_of(page, self.index)), extra=(("limit", "size"), ("offset", "at"))),
            router=_router(ground),
            repository=layers[0],
            service=layers[1],
            model=model,
            schema=SchemaStyle(pydantic=self.partial.schema.pydantic),
            tests=tested,
            places={r: places[r] for r in ("model", "router", "schema")} if self.orm == "sqlalchemy" else {r: places[r] for r in ("model", "router")},
            foundation=foundation,
        )
