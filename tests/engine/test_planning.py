"""The whole change for one resource, planned in each sample service: every file it makes and every file it extends."""

from __future__ import annotations

import ast
import difflib
import re

import pytest
from sample_scene import NAMES, Samples, plan_at

from backwright.adapters.formatter import RuffFormatter
from backwright.core.change import Edit
from backwright.core.errors import UsageError

WITH_EXEMPLAR = tuple(name for name in NAMES if name != "empty_fastapi")
TARGETS = {
    "clinic_features": "Patient",
    "library_functions": "Author",
    "notes_sqlmodel": "Label",
    "shop_layered": "Category",
    "tracker_flat": "Project",
    "wallet_generic": "Account",
}
NEW_FILES = {
    "clinic_features": {
        "src/products/__init__.py",
        "src/products/models.py",
        "src/products/schemas.py",
        "src/products/service.py",
        "src/products/router.py",
        "tests/products/test_router.py",
        "tests/products/test_service.py",
    },
    "library_functions": {
        "app/models/product.py",
        "app/schemas/product.py",
        "app/crud/product.py",
        "app/routers/products.py",
        "tests/test_products.py",
    },
    "notes_sqlmodel": {"backend/app/api/routes/products.py", "backend/tests/api/routes/test_products.py"},
    "shop_layered": {
        "app/models/product.py",
        "app/schemas/product.py",
        "app/repositories/product.py",
        "app/services/product.py",
        "app/api/routes/products.py",
        "tests/api/test_products.py",
        "tests/services/test_product_service.py",
    },
    "tracker_flat": {"tests/test_products.py"},
    "wallet_generic": {
        "app/models/product.py",
        "app/schemas/product.py",
        "app/crud/crud_product.py",
        "app/api/api_v1/endpoints/products.py",
        "app/tests/api/api_v1/test_products.py",
    },
}
EXTENDED_FILES = {
    "clinic_features": {"alembic/env.py", "src/main.py"},
    "library_functions": {"app/models/author.py", "app/models/__init__.py", "app/main.py"},
    "notes_sqlmodel": {"backend/app/models.py", "backend/app/crud.py", "backend/app/api/main.py"},
    "shop_layered": {"app/models/category.py", "app/models/__init__.py", "app/api/deps.py", "app/api/router.py"},
    "tracker_flat": {"tracker/models.py", "tracker/schemas.py", "tracker/crud.py", "tracker/main.py"},
    "wallet_generic": {
        "app/models/account.py",
        "app/models/__init__.py",
        "app/schemas/__init__.py",
        "app/crud/__init__.py",
        "app/db/base.py",
        "app/api/api_v1/api.py",
    },
}


def request(name: str, resource: str = "Product") -> tuple[str, ...]:
    """A resource with something of everything."""
    target = TARGETS[name]
    return (
        resource,
        "title:str(1..100):unique",
        "price:decimal(10,2):min=0",
        "state:enum(draft,live)",
        f"target:ref({target})?",
        "active:bool=true",
        "starts:datetime?",
        "--auth",
        "write=admin",
        "--paginate",
        "--filter",
        "state,target",
        "--sort",
        "title,price",
        "--search",
        "title",
    )


def edits(samples: Samples, name: str) -> tuple[Edit, ...]:
    return samples.plan(name, *request(name)).change.edits


def migrations(edits: tuple[Edit, ...], directory: str) -> list[Edit]:
    return [e for e in edits if e.path.startswith(f"{directory}/")]


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_every_role_has_its_file(samples: Samples, name: str) -> None:
    migration = samples.house(name).migration
    assert migration is not None
    change = samples.plan(name, *request(name)).change

    made = {e.path for e in change.edits if e.before is None}
    assert {p for p in made if not p.startswith(f"{migration.directory}/")} == NEW_FILES[name]
    assert {e.path for e in change.edits if e.before is not None} == EXTENDED_FILES[name]
    assert len(migrations(change.edits, migration.directory)) == 1
    assert set(change.tests) == {p for p in NEW_FILES[name] if "/test_" in p}


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_every_file_is_python(samples: Samples, name: str) -> None:
    for edit in edits(samples, name):
        compile(edit.after or "", edit.path, "exec")


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_existing_files_only_grow(samples: Samples, name: str) -> None:
    for edit in edits(samples, name):
        if edit.before is None or edit.after is None:
            continue
        before, after = edit.before.splitlines(), edit.after.splitlines()
        # Names may join an import or `__all__` that stands on one line; nothing else of an old line may change.
        for line in (line[2:] for line in difflib.ndiff(before, after) if line.startswith("- ")):
            assert line.startswith(("from ", "import ", "__all__")), f"{edit.path}: {line}"
            assert set(re.findall(r"\w+", line)) <= set(re.findall(r"\w+", edit.after)), f"{edit.path}: {line}"


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_new_files_are_formatted_and_use_what_they_import(samples: Samples, name: str) -> None:
    house = samples.house(name)
    new = {e.path: e.after or "" for e in edits(samples, name) if e.before is None and e.after}

    again = RuffFormatter().format(
        new, line_length=house.line_length, first_party=house.first_party, target=house.target
    )

    assert again == new


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_new_lines_fit(samples: Samples, name: str) -> None:
    length = samples.house(name).line_length
    for edit in edits(samples, name):
        old = set((edit.before or "").splitlines())
        assert [line for line in (edit.after or "").splitlines() if len(line) > length and line not in old] == []


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_the_migration_follows_the_head(samples: Samples, name: str) -> None:
    style = samples.house(name).migration
    assert style is not None
    tree = ast.parse(migrations(edits(samples, name), style.directory)[0].after or "")

    values: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            values[ast.unparse(target)] = node.value.value
    assert values["down_revision"] == style.head
    assert values["revision"] != style.head
    assert {n.name for n in tree.body if isinstance(n, ast.FunctionDef)} == {"upgrade", "downgrade"}


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_the_same_request_gives_the_same_change(samples: Samples, name: str) -> None:
    one = samples.plan(name, *request(name)).change
    two = plan_at(samples.project(name), request(name)).change

    assert one.id == two.id
    assert [e.path for e in one.edits] == [e.path for e in two.edits]
    for left, right in zip(one.edits, two.edits, strict=True):
        differing = [line for line in difflib.ndiff(_lines(left), _lines(right)) if line[0] in "+-"]
        assert all("Create Date" in line for line in differing)


def _lines(edit: Edit) -> list[str]:
    return (edit.after or "").splitlines()


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
def test_everything_that_is_imported_from_the_project_is_there(samples: Samples, name: str) -> None:
    """Every name that a changed file imports from the project is defined by a file of the project as it will be."""
    project = samples.project(name)
    changed = {e.path: e.after for e in edits(samples, name) if e.path.endswith(".py")}
    index = project.with_texts(changed)

    for path in changed:
        for item in index.imports(path):
            if item.module.split(".")[0] not in project.house.first_party or not item.name or item.name == "*":
                continue
            known = index.resolve(path, item.alias) is not None or index.imported_file(path, item) is not None
            assert known, f"{path}: from {item.module} import {item.name}"


@pytest.mark.parametrize(
    ("resource", "segment", "table"),
    [
        ("OrderLine", "/order-lines", "order_lines"),
        ("Category2", "/category2s", "category2s"),
        ("Person", "/people", "people"),
        ("News", "/news", "news"),
        ("Bus", "/buses", "buses"),
        ("Series", "/series", "series"),
        ("Box", "/boxes", "boxes"),
        ("HTTPServer", "/http-servers", "http_servers"),
    ],
)
def test_names_that_the_language_makes_hard(samples: Samples, resource: str, segment: str, table: str) -> None:
    planned = samples.plan("shop_layered", resource, "title:str(100):unique", "--paginate")
    plan = planned.decision.plan

    assert (f"/{plan.segment}", plan.table) == (segment, table)
    assert len({e.path for e in planned.change.edits}) == len(planned.change.edits)
    for edit in planned.change.edits:
        ast.parse(edit.after or "")
    router = next(e.after for e in planned.change.edits if e.path == plan.paths["router"])
    assert f'prefix="{segment}"' in (router or "")


@pytest.mark.parametrize("name", WITH_EXEMPLAR)
@pytest.mark.parametrize("resource", ["News", "Session", "Service", "Status", "Data", "Value"])
def test_names_that_code_uses_already(samples: Samples, name: str, resource: str) -> None:
    """A resource may be called like a module, a class or a variable of the code around it."""
    try:
        planned = samples.plan(name, *request(name, resource))
    except UsageError:
        return
    for edit in planned.change.edits:
        ast.parse(edit.after or "")
    assert _shadowed(planned.change.edits) == []


def _shadowed(edits: tuple[Edit, ...]) -> list[str]:
    """Functions of new files that give a name away that they still need: a parameter's, a module's, a function's."""
    found = []
    for edit in edits:
        tree = ast.parse(edit.after or "")
        outer = {a.asname or a.name for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
        outer |= {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or edit.before is not None:
                continue
            inside = [n for part in function.body for n in ast.walk(part)]  # decorators see the outer names
            for statement in inside:
                if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
                    continue
                name = statement.targets[0].id
                loads = [n for n in inside if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
                early = [n for n in loads if n.lineno < statement.lineno or n in list(ast.walk(statement.value))]
                given = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
                if (name in outer and early) or name in given:
                    found.append(f"{edit.path}: {function.name}: {name}")
    return found


def test_a_resource_that_exists_is_refused(samples: Samples) -> None:
    with pytest.raises(UsageError, match="exists already"):
        samples.plan("shop_layered", "Category", "name:str")


def test_a_reference_to_nothing_is_refused(samples: Samples) -> None:
    with pytest.raises(UsageError, match="not an entity"):
        samples.plan("shop_layered", "Product", "warehouse:ref(Warehouse)")


def test_every_reason_is_told(samples: Samples) -> None:
    change = samples.plan("shop_layered", *request("shop_layered")).change

    assert all(e.because for e in change.edits)
    router = next(e for e in change.edits if e.path == "app/api/routes/products.py")
    assert router.like == "app/api/routes/categories.py"


def test_a_plan_without_tests_says_why(samples: Samples) -> None:
    change = samples.plan("shop_layered", "Gadget", "name:str(50)", "--only", "list,get").change

    assert not any(path.startswith("tests/api/") for path in change.tests)
    assert any("the endpoints get no tests" in note and "create" in note for note in change.notes)
    assert change.leaves == ("BW904",)


def test_a_whole_plan_has_nothing_to_excuse(samples: Samples) -> None:
    change = samples.plan("shop_layered", *request("shop_layered")).change

    assert "tests/api/test_products.py" in change.tests
    assert not any("no tests" in note or "no migration" in note for note in change.notes)
