"""The house style that is read from each sample service: what a person who knows that service would say of it."""

from __future__ import annotations

import pytest
from sample_scene import NAMES, Samples

WITH_EXEMPLAR = tuple(name for name in NAMES if name != "empty_fastapi")


def each(**expected: object) -> pytest.MarkDecorator:
    """One case a sample service; every one with an exemplar has to be named."""
    assert set(expected) == set(WITH_EXEMPLAR)
    return pytest.mark.parametrize(("name", "expected"), list(expected.items()), ids=list(expected))


@each(
    clinic_features=("feature", "Appointment"),
    library_functions=("layered", "Author"),
    notes_sqlmodel=("flat", "Label"),
    shop_layered=("layered", "Category"),
    tracker_flat=("flat", "Project"),
    wallet_generic=("layered", "Transaction"),
)
def test_layout_and_exemplar(samples: Samples, name: str, expected: tuple[str, str]) -> None:
    house = samples.house(name)

    assert house.sibling is not None
    assert (house.layout, house.sibling.entity) == expected


def test_a_project_without_resources_has_no_exemplar(samples: Samples) -> None:
    house = samples.house("empty_fastapi")

    assert house.sibling is None
    assert house.layout == "empty"
    assert any("no resource to imitate" in note for note in house.notes)


@each(
    clinic_features=(True, "from sqlalchemy.ext.asyncio import AsyncSession", "from src.database import get_session"),
    library_functions=(False, "from sqlalchemy.orm import Session", "from app.dependencies import get_db"),
    notes_sqlmodel=(False, "from sqlmodel import Session", "from app.api.deps import get_db"),
    shop_layered=(True, "from sqlalchemy.ext.asyncio import AsyncSession", "from app.core.database import get_session"),
    tracker_flat=(False, "from sqlalchemy.orm import Session", "from tracker.database import get_db"),
    wallet_generic=(False, "from sqlalchemy.orm import Session", "from app.api import deps"),
)
def test_how_a_session_arrives(samples: Samples, name: str, expected: tuple[bool, str, str]) -> None:
    session = samples.house(name).session

    assert (session.is_async, session.type.line, session.dependency.line) == expected


@each(
    clinic_features=("DBSession", "session", "explicit"),
    library_functions=("", "db", "explicit"),
    notes_sqlmodel=("SessionDep", "session", "explicit"),
    shop_layered=("SessionDep", "session", "dependency"),
    tracker_flat=("", "db", "explicit"),
    wallet_generic=("", "db", "explicit"),
)
def test_what_the_session_is_called_and_who_commits(
    samples: Samples, name: str, expected: tuple[str, str, str]
) -> None:
    session = samples.house(name).session

    assert (session.alias.name if session.alias else "", session.param, session.commits) == expected


@each(
    clinic_features={"user": "get_current_user", "admin": "require_role(Role.admin)"},
    library_functions={"user": "get_current_user", "admin": "get_current_admin"},
    notes_sqlmodel={"user": "get_current_user", "admin": "get_current_active_superuser"},
    shop_layered={"user": "get_current_user", "admin": "require_admin"},
    tracker_flat={"user": "auth.current_user", "admin": "auth.admin_user"},
    wallet_generic={"user": "deps.get_current_active_user", "admin": "deps.get_current_active_superuser"},
)
def test_guards(samples: Samples, name: str, expected: dict[str, str]) -> None:
    assert {guard.level: guard.expr for guard in samples.house(name).auth.guards} == expected


@each(
    clinic_features=("User", "user_account", ""),
    library_functions=("User", "users", '{user}.role == "admin"'),
    notes_sqlmodel=("User", "user", "{user}.is_superuser"),
    shop_layered=("User", "users", "{user}.is_admin"),
    tracker_flat=("models.User", "users", "{user}.is_admin"),
    wallet_generic=("models.User", "user", "{user}.is_superuser"),
)
def test_the_user_and_what_makes_an_administrator(samples: Samples, name: str, expected: tuple[str, str, str]) -> None:
    auth = samples.house(name).auth

    assert auth.user is not None
    assert (auth.user.name, auth.user_table, auth.admin_test) == expected


DOMAIN_ERRORS = {
    "clinic_features": {404: "NotFound", 409: "Conflict", 403: "PermissionDenied"},
    "shop_layered": {404: "NotFoundError", 409: "ConflictError", 403: "PermissionDeniedError"},
}


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_errors(samples: Samples, name: str) -> None:
    errors = samples.house(name).errors

    assert {c.status: c.ref.name for c in errors.classes} == DOMAIN_ERRORS.get(name, {})
    assert errors.kind == ("domain" if name in DOMAIN_ERRORS else "http")
    assert errors.additions == ()


@each(
    clinic_features=("page", "page", "size", 1, "generic", "results"),
    library_functions=("offset", "skip", "limit", 0, "list", "items"),
    notes_sqlmodel=("offset", "skip", "limit", 0, "own", "data"),
    shop_layered=("offset", "offset", "limit", 0, "generic", "items"),
    tracker_flat=("offset", "offset", "limit", 0, "list", "items"),
    wallet_generic=("offset", "skip", "limit", 0, "list", "items"),
)
def test_pages(samples: Samples, name: str, expected: tuple[object, ...]) -> None:
    pages = samples.house(name).pages

    assert (pages.kind, pages.at, pages.size, pages.first, pages.envelope, pages.items) == expected


@each(
    clinic_features=("inline", "functions"),
    library_functions=("functions", "inline"),
    notes_sqlmodel=("functions", "inline"),
    shop_layered=("class", "class"),
    tracker_flat=("functions", "inline"),
    wallet_generic=("instance", "inline"),
)
def test_layers(samples: Samples, name: str, expected: tuple[str, str]) -> None:
    house = samples.house(name)

    assert (house.repository.form, house.service.form) == expected


def test_how_a_service_is_wired(samples: Samples) -> None:
    service = samples.house("shop_layered").service

    assert (service.name, service.takes, service.repository) == ("{Pascal}Service", "repository", "self.{snakes}")
    assert service.provider is not None
    assert (service.provider.name, service.provider_path) == ("get_{snake}_service", "app/api/deps.py")
    assert service.alias_source == "{Pascal}ServiceDep = Annotated[{Pascal}Service, Depends(get_{snake}_service)]"


def test_an_object_of_a_generic_base(samples: Samples) -> None:
    crud = samples.house("wallet_generic").repository

    assert crud.base == "(CRUDBase[{Pascal}, {Pascal}Create, {Pascal}Update])"
    assert (crud.name, crud.instance, crud.session_param) == ("CRUD{Pascal}", "{snake}", "db")
    assert {"get", "get_multi", "create", "update", "remove"} <= set(crud.base_methods)


@each(
    clinic_features=("src/main.py", "app.include_router(appointments_router)"),
    library_functions=("app/main.py", "app.include_router(authors.router)"),
    notes_sqlmodel=("backend/app/api/main.py", "api_router.include_router(labels.router)"),
    shop_layered=("app/api/router.py", "api_router.include_router(categories.router)"),
    tracker_flat=None,
    wallet_generic=(
        "app/api/api_v1/api.py",
        'api_router.include_router(\n    transactions.router, prefix="/transactions", tags=["transactions"]\n)',
    ),
)
def test_registration(samples: Samples, name: str, expected: tuple[str, str] | None) -> None:
    found = samples.house(name).router.registration

    assert ((found.path, found.statement) if found is not None else None) == expected


@each(
    clinic_features=("", "/{param}", "patch", "none"),
    library_functions=("/", "/{param}", "put", "none"),
    notes_sqlmodel=("/", "/{param}", "patch", "message"),
    shop_layered=("", "/{param}", "patch", "none"),
    tracker_flat=("", "/{param}", "patch", "none"),
    wallet_generic=("/", "/{param}", "put", "entity"),
)
def test_endpoints(samples: Samples, name: str, expected: tuple[str, str, str, str]) -> None:
    router = samples.house(name).router

    assert (router.collection, router.item, router.update_method, router.delete_answer) == expected


@each(
    clinic_features=("sqlalchemy", "uuid", "{snake}", ("created_at", "updated_at")),
    library_functions=("sqlalchemy", "uuid", "{snakes}", ("created_at",)),
    notes_sqlmodel=("sqlmodel", "uuid", "{flat}", ("created_at",)),
    shop_layered=("sqlalchemy", "int", "{snakes}", ("created_at", "updated_at")),
    tracker_flat=("sqlalchemy", "int", "{snakes}", ()),
    wallet_generic=("sqlalchemy", "int", "{flat}", ()),
)
def test_entities(samples: Samples, name: str, expected: tuple[object, ...]) -> None:
    model = samples.house(name).model

    assert (model.orm, model.key_python, model.table_name, tuple(c.name for c in model.timestamps)) == expected


@each(
    clinic_features=("{Pascal}Create", "{Pascal}Update", "{Pascal}Response"),
    library_functions=("{Pascal}Create", "{Pascal}Update", "{Pascal}"),
    notes_sqlmodel=("{Pascal}Create", "{Pascal}Update", "{Pascal}Public"),
    shop_layered=("{Pascal}Create", "{Pascal}Update", "{Pascal}Read"),
    tracker_flat=("{Pascal}In", "{Pascal}Patch", "{Pascal}Out"),
    wallet_generic=("{Pascal}Create", "{Pascal}Update", "{Pascal}"),
)
def test_schemas(samples: Samples, name: str, expected: tuple[str, str, str]) -> None:
    schema = samples.house(name).schema

    assert (schema.create, schema.update, schema.read) == expected


@each(
    clinic_features=("alembic/versions", "a84d19f36e52"),
    library_functions=("alembic/versions", "e07b64d8129c"),
    notes_sqlmodel=("backend/app/alembic/versions", "b52e97d3f1a0"),
    shop_layered=("migrations/versions", "c93d5f20e8b7"),
    tracker_flat=("migrations/versions", "0002"),
    wallet_generic=("alembic/versions", "f19d57e3a082"),
)
def test_the_head_of_the_migrations(samples: Samples, name: str, expected: tuple[str, str]) -> None:
    migration = samples.house(name).migration

    assert migration is not None
    assert (migration.directory, migration.head) == expected
    assert migration.heads == (expected[1],)


@each(
    clinic_features=("async", "client", "session", "pytest.mark.anyio"),
    library_functions=("sync", "client", "db", ""),
    notes_sqlmodel=("sync", "client", "session", ""),
    shop_layered=("async", "client", "session", ""),
    tracker_flat=("sync", "client", "db", ""),
    wallet_generic=("sync", "client", "db", ""),
)
def test_fixtures_of_the_tests(samples: Samples, name: str, expected: tuple[str, str, str, str]) -> None:
    tests = samples.house(name).tests

    assert tests is not None
    assert (tests.kind, tests.client, tests.session, tests.marker) == expected
    assert tests.session_async == (tests.kind == "async")


@each(
    clinic_features=("", ""),
    library_functions=("member_headers", "admin_headers"),
    notes_sqlmodel=("normal_user_token_headers", "superuser_token_headers"),
    shop_layered=("user_headers", "admin_headers"),
    tracker_flat=("", ""),
    wallet_generic=("normal_user_token_headers", "superuser_token_headers"),
)
def test_who_tests_act_as(samples: Samples, name: str, expected: tuple[str, str]) -> None:
    tests = samples.house(name).tests

    assert tests is not None
    assert (tests.user_headers, tests.admin_headers) == expected


@each(
    clinic_features="tests/{snakes}/test_router.py",
    library_functions="tests/test_{snakes}.py",
    notes_sqlmodel="backend/tests/api/routes/test_{snakes}.py",
    shop_layered="tests/api/test_{snakes}.py",
    tracker_flat="tests/test_{snakes}.py",
    wallet_generic="app/tests/api/api_v1/test_{snakes}.py",
)
def test_where_tests_stand(samples: Samples, name: str, expected: str) -> None:
    tests = samples.house(name).tests

    assert tests is not None
    assert tests.place is not None
    assert tests.place.path == expected
    unit = tests.unit_place.path if tests.unit_place is not None else ""
    assert unit == ("tests/services/test_{snake}_service.py" if name == "shop_layered" else "")


@each(
    clinic_features=120,
    library_functions=88,
    notes_sqlmodel=88,
    shop_layered=100,
    tracker_flat=88,
    wallet_generic=88,
)
def test_line_length(samples: Samples, name: str, expected: int) -> None:
    assert samples.house(name).line_length == expected
