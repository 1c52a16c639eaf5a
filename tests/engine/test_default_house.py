"""The first resource of a project: clean architecture on what is there, and the second one imitates it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from backwright.adapters.formatter import RuffFormatter
from backwright.blueprints.resource import BLUEPRINT
from backwright.core.errors import NeedsPerson, Unsupported
from backwright.engine.first_party import alembic_is_ours
from backwright.engine.housing import build_house
from backwright.engine.planning import Planned, plan_change
from backwright.engine.request_grammar import parse_grammar
from backwright.kit.cases import Build
from backwright.kit.house import House
from backwright.kit.index import FactIndex

HERE = Path(__file__).parent
PROJECTS: dict[str, dict[str, str]] = yaml.safe_load((HERE / "first_resources.yaml").read_text())
EMPTY = HERE.parent / "repos" / "empty_fastapi"
PRODUCT = ("Product", "name:str(1..100):unique", "price:decimal(10,2)", "--paginate", "--sort", "name,price")
ORDER = ("OrderItem", "code:str:unique", "product:ref(Product)", "--paginate", "--filter", "product")
LAYERS = ("errors.py", "error_handlers.py", "dependencies.py", "schemas/page.py", "models/product.py", "schemas/product.py",
          "repositories/product.py", "services/product.py", "routers/products.py", "models/__init__.py")  # fmt: skip


def housed(build: Build, files: Mapping[str, str]) -> tuple[House, FactIndex]:
    index, archmap = build(files)
    house, _ = build_house(index, archmap.components, lambda path: files[path])
    return house, index


def planned(build: Build, files: Mapping[str, str], *tokens: str) -> Planned:
    house, index = housed(build, files)
    return plan_change(
        parse_grammar(("resource", *tokens)),
        house,
        index,
        read=files.get,
        formatter=RuffFormatter(),
        settings={},
        blueprint=BLUEPRINT,
    )


def applied(files: Mapping[str, str], plan: Planned) -> dict[str, str]:
    return {**files, **{e.path: e.after for e in plan.change.edits if e.after is not None}}


@pytest.fixture(scope="module")
def empty() -> dict[str, str]:
    paths = (p for p in EMPTY.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(EMPTY).as_posix(): p.read_text() for p in paths}


def test_clean_architecture(build: Build, empty: dict[str, str]) -> None:
    plan = planned(build, empty, *PRODUCT)
    after = applied(empty, plan)
    new = set(after) - set(empty)

    assert {f"app/{name}" for name in LAYERS} | {"tests/conftest.py", "tests/test_products.py"} <= new
    assert {e.path for e in plan.change.edits if e.before is not None} == {
        "app/database.py",
        "app/main.py",
        "alembic/env.py",
    }
    assert all(f"app/{layer}/__init__.py" in new for layer in ("routers", "services", "repositories", "schemas"))
    assert (
        "from app import models  # noqa: F401\nfrom app.database import DATABASE_URL, Base\n" in after["alembic/env.py"]
    )
    assert "register_error_handlers(app)\napp.include_router(products.router)\n" in after["app/main.py"]
    assert "execute" not in after["app/routers/products.py"] + after["app/services/product.py"]
    assert "fastapi" not in after["app/services/product.py"] + after["app/errors.py"]
    assert "-> Page[ProductRead]:" in after["app/routers/products.py"]
    assert [(a.key, a.value) for a in plan.change.assumptions if a.key == "access"] == [("access", "public")]
    assert any("no resource to imitate" in note for note in plan.change.notes)


@pytest.mark.parametrize("name", PROJECTS)
def test_both_resources_are_valid_python(build: Build, name: str) -> None:
    files = PROJECTS[name]
    first = planned(build, files, *PRODUCT)
    after = applied(files, first)
    second = planned(build, after, *ORDER)

    for plan in (first, second):
        for edit in plan.change.edits:
            if edit.path.endswith(".py"):
                ast.parse(edit.after or "", edit.path)
    house, _ = housed(build, after)
    assert house.sibling is not None
    assert house.sibling.entity == "Product"
    assert (house.service.form, house.repository.form, house.errors.kind) == ("class", "class", "domain")
    assert house.pages.generic is not None
    likes = {e.like for e in second.change.edits if e.before is None}
    assert any(like.endswith("services/product.py") for like in likes)
    assert not {e.path for e in second.change.edits} & {e.path for e in first.change.edits if e.before is None} - {
        p for p in after if p.endswith(("dependencies.py", "__init__.py"))
    }


def test_present_session_router_folder_and_client_are_kept(build: Build) -> None:
    files = PROJECTS["furnished"]
    after = applied(files, planned(build, files, *PRODUCT))

    assert after["app/database.py"] == files["app/database.py"]
    assert after["tests/conftest.py"] == files["tests/conftest.py"]
    assert "session: Annotated[Session, Depends(get_db)]" in after["app/dependencies.py"]
    assert "app.include_router(health.router)\n" in after["app/main.py"]
    assert "app.include_router(products.router)\n" in after["app/main.py"]
    assert "app/routers/products.py" in after


def test_error_classes_that_nothing_translates_are_not_relied_on(build: Build) -> None:
    files = PROJECTS["furnished"]
    translated = dict(files)
    translated["app/main.py"] += (
        "\n\n@app.exception_handler(AppError)\n"
        "async def handle(_request: Request, error: AppError) -> JSONResponse:\n"
        "    return JSONResponse({}, error.status_code)\n"
    )
    translated["app/main.py"] = "from app.exceptions import AppError\n" + translated["app/main.py"]

    assert "app/errors.py" in applied(files, planned(build, files, *PRODUCT))
    after = applied(translated, planned(build, translated, *PRODUCT))
    assert "app/errors.py" not in after
    assert "from app.exceptions import ConflictError, NotFoundError" in after["app/services/product.py"]


def test_asynchronous_engine_makes_asynchronous_code(build: Build) -> None:
    files = PROJECTS["async_engine"]
    after = applied(files, planned(build, files, *PRODUCT))

    assert "async with session_maker() as session:" in after["app/db.py"]
    assert "await service.get(product_id)" in after["app/routers/products.py"]
    assert "pytestmark = pytest.mark.anyio" in after["tests/test_products.py"]
    assert housed(build, files)[0].session.is_async


def test_factory_prefix_settings_and_base_are_followed(build: Build) -> None:
    files = PROJECTS["factory"]
    plan = planned(build, files, *PRODUCT)
    after = applied(files, plan)
    migration = next(t for p, t in after.items() if p.startswith("migrations/versions/") and p.endswith(".py"))

    assert "engine = make_engine(settings.database_url)" in after["src/shop/db/session.py"]
    assert "    register_error_handlers(application)\n" in after["src/shop/main.py"]
    assert "api_router.include_router(products.router)\n" in after["src/shop/api/router.py"]
    assert 'URL = "/api/v1/products"' in after["tests/test_products.py"]
    assert "id:" not in after["src/shop/models/product.py"], "the base brings the key"
    assert '"created_at"' in migration
    assert 'name=op.f("uq_product_name")' in migration
    second = applied(after, planned(build, after, *ORDER))
    made = next(t for p, t in second.items() if p.startswith("migrations/versions/") and p not in after)
    assert '"orderitem",' in made, "as the base makes a name of two words"


def test_what_alembic_init_leaves_open_is_filled_in(build: Build) -> None:
    files = PROJECTS["initialised"]
    env = applied(files, planned(build, files, *PRODUCT))["alembic/env.py"]

    assert "target_metadata = None" not in env
    assert (
        'config.set_main_option("sqlalchemy.url", DATABASE_URL.replace("%", "%%"))\ntarget_metadata = Base.metadata\n'
        in env
    )


def test_without_migrations_the_plan_says_so(build: Build) -> None:
    plan = planned(build, PROJECTS["flat_sqlmodel"], *PRODUCT)
    assert any("no migration" in note for note in plan.change.notes)


def test_no_database_library_is_a_question_for_a_person(build: Build) -> None:
    files = {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n", "requirements.txt": "fastapi\n"}
    with pytest.raises(Unsupported, match="no database library") as caught:
        planned(build, files, *PRODUCT)
    assert caught.value.exit_code == 4
    assert caught.value.where == "main.py"
    assert "SQLAlchemy" in caught.value.hints[0]


def test_no_application_is_a_question_for_a_person(build: Build) -> None:
    with pytest.raises(Unsupported, match="no FastAPI application"):
        planned(build, {"jobs.py": "import sqlalchemy\n"}, *PRODUCT)


def test_roles_without_authentication_are_a_question(build: Build, empty: dict[str, str]) -> None:
    with pytest.raises(NeedsPerson) as caught:
        planned(build, empty, *PRODUCT, "--auth", "write=admin")
    assert caught.value.exit_code == 4
    assert "--set auth.write=public" in caught.value.hints[0]
    answered = planned(build, empty, *PRODUCT, "--auth", "write=public")  # what the hint offers is understood
    assert answered.change.edits


def test_the_map_shows_only_what_is_there(build: Build, empty: dict[str, str]) -> None:
    house, _ = housed(build, empty)
    assert house.foundation is None
    assert house.layout == "empty"
    assert (house.service.form, house.repository.form) == ("inline", "inline")


@pytest.mark.parametrize(
    ("settings", "ours"),
    [
        ('[tool.ruff.lint]\nselect = ["E", "I"]\n', True),
        ('[tool.ruff]\nselect = ["I001"]\n', True),
        ('[tool.ruff]\nsrc = ["app"]\n[tool.ruff.lint]\nselect = ["I"]\n', False),
        ('[tool.ruff.lint]\nselect = ["I"]\nisort.known-third-party = ["alembic"]\n', False),
        ('[tool.ruff.lint]\nselect = ["E"]\n', False),
        ("[tool.ruff\n", False),
    ],
)
def test_whose_alembic_is(build: Build, settings: str, ours: bool) -> None:
    index, _ = build({"alembic/env.py": "from alembic import context\n", "pyproject.toml": settings})
    assert alembic_is_ours(index) is ours
    assert not alembic_is_ours(build({"migrations/env.py": "", "pyproject.toml": settings})[0])
