from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.facts import FileFacts
from backwright.engine.projects import (
    Project,
    configured_roots,
    find_projects,
    is_manifest,
    is_under,
    left_out,
    module_name,
    read_toml,
    source_roots,
    vendor_folders,
)
from backwright.kit.shapes import Language


def _no_facts(path: str, source: bytes, module: str) -> FileFacts:
    return FileFacts(path, "", "", module)


PYTHON = Language("python", (".py",), 1, _no_facts)
TYPESCRIPT = Language("typescript", (".ts", ".tsx"), 1, _no_facts)


def roots_of(*files: str) -> dict[str, tuple[str, ...]]:
    return {project.root: project.manifests for project in find_projects(sorted(files), [PYTHON, TYPESCRIPT])}


def modules(
    files: list[str], *, manifests: dict[str, str] | None = None, imports: dict[str, list[str]] | None = None
) -> dict[str, str]:
    """The module of each file, given the imports that some of them have."""
    texts = manifests or {}
    projects = find_projects(sorted([*files, *texts]), [PYTHON])
    roots = source_roots(files, projects, texts, imports)
    return {path: module_name(path, roots) for path in files}


# -- projects ----------------------------------------------------------------------------------------------------------


def test_a_plugin_inside_of_a_package_starts_no_project() -> None:
    found = roots_of(
        "app/api.py",
        "app/plugins/__init__.py",
        "app/plugins/mail/__init__.py",
        "app/plugins/mail/requirements.txt",
        "app/plugins/mail/setup.py",
        "pyproject.toml",
    )
    assert set(found) == {""}


def test_requirements_inside_of_a_package_speak_for_the_folder_around_it() -> None:
    assert set(roots_of("package.json", "index.ts", "api/app/__init__.py", "api/app/requirements.txt")) == {"", "api"}


def test_each_folder_with_a_manifest_and_source_is_a_project() -> None:
    found = find_projects(
        [
            "README.md",
            "backend/app/main.py",
            "backend/pyproject.toml",
            "backend/requirements.txt",
            "docs/index.md",
            "docs/requirements.txt",
            "frontend/package.json",
            "frontend/scripts/gen.py",
            "frontend/src/a.ts",
            "frontend/src/b.tsx",
        ],
        [PYTHON, TYPESCRIPT],
    )
    assert found == (
        Project("backend", ("backend/pyproject.toml", "backend/requirements.txt"), ("python",)),
        Project("frontend", ("frontend/package.json",), ("typescript", "python")),
    )
    assert found[0].holds("backend/app/main.py")
    assert not found[0].holds("backend2/app/main.py")


def test_source_outside_of_every_project_belongs_to_the_top() -> None:
    assert roots_of("app/main.py") == {"": ()}
    assert roots_of("backend/setup.py", "backend/a.py", "tools/x.py") == {"": (), "backend": ("backend/setup.py",)}
    assert roots_of("README.md", "pyproject.toml") == {}


def test_requirements_of_tests_or_in_their_own_folder_belong_to_the_project_around() -> None:
    files = [
        "app/a.py",
        "requirements/base.txt",
        "requirements/dev/requirements.in",
        "tests/requirements.txt",
        "tests/t.py",
    ]
    assert list(roots_of("requirements.txt", *files)) == [""]
    assert list(roots_of("svc/requirements/requirements.txt", "svc/a.py")) == ["svc"]


def test_no_project_starts_inside_a_package() -> None:
    assert roots_of(
        "app/__init__.py", "app/requirements.txt", "app/api/__init__.py", "app/api/setup.cfg", "tests/t.py"
    ) == {"": ("app/api/setup.cfg", "app/requirements.txt")}


def test_dependencies_are_no_projects() -> None:
    assert roots_of("a.ts", "package.json", "node_modules/x/package.json", "node_modules/x/i.ts") == {
        "": ("package.json",)
    }


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements.in", "x/Api.csproj", "a/go.mod"]
)
def test_what_a_manifest_is(name: str) -> None:
    assert is_manifest(name)


@pytest.mark.parametrize("name", ["requirements.md", "my-requirements.txt", "pyproject.toml.bak", "go.mod/a", ""])
def test_what_a_manifest_is_not(name: str) -> None:
    assert not is_manifest(name)


def test_what_languages_do_not_read() -> None:
    files = [
        "go.mod",
        "vendor/x.py",
        "svc/package.json",
        "svc/vendor/y.py",
        "app/vendor/models.py",
        "shop/pyproject.toml",
    ]
    files += ["shop/vendor/__init__.py", "shop/vendor/models.py", "vendors/a.py"]
    vendor = vendor_folders(files)
    read = {path for path in files if not left_out(path, vendor)}
    assert set(files) - read == {"vendor/x.py", "svc/vendor/y.py"}
    for path in ("a/node_modules/b.py", ".venv/x.py", "lib/site-packages/y.py", "uv.lock", "web/package-lock.json"):
        assert left_out(path, frozenset())
    assert not left_out("clock.py", frozenset())


# -- modules -----------------------------------------------------------------------------------------------------------


def test_modules_by_layout_alone() -> None:
    packages = ["app/__init__.py", "app/models.py", "app/api/__init__.py", "tests/test_a.py", "main.py"]
    assert modules(packages) == {
        "app/__init__.py": "app",
        "app/models.py": "app.models",
        "app/api/__init__.py": "app.api",
        "tests/test_a.py": "tests.test_a",
        "main.py": "main",
    }
    assert modules(["backend/app/models.py"], manifests={"backend/pyproject.toml": ""}) == {
        "backend/app/models.py": "app.models"
    }
    assert modules(["src/app/x.py", "tests/test_x.py"], manifests={"pyproject.toml": ""}) == {
        "src/app/x.py": "app.x",
        "tests/test_x.py": "tests.test_x",
    }
    assert modules(["services/api/app/__init__.py", "services/api/app/x.py"])["services/api/app/x.py"] == "app.x"
    assert modules(["src/__init__.py", "src/x.py"])["src/x.py"] == "src.x"


def test_the_way_the_code_imports_itself_decides() -> None:
    files = ["src/app/main.py", "src/app/models.py", "tests/test_models.py"]
    inside = {"src/app/main.py": ["app.models"], "tests/test_models.py": ["app.models", "fastapi"]}
    outside = {"src/app/main.py": ["src.app.models"], "tests/test_models.py": ["src.app.models", "fastapi"]}
    manifests = {"pyproject.toml": ""}
    assert modules(files, manifests=manifests, imports=inside)["src/app/models.py"] == "app.models"
    assert modules(files, manifests=manifests, imports=outside)["src/app/models.py"] == "src.app.models"
    few, many = (
        {"tests/a.py": ["src.app.models"], "tests/b.py": ["src.app.main"]},
        {f"tests/{n}.py": ["app.models"] for n in "cde"},
    )
    assert modules(files, manifests=manifests, imports={**few, **many})["src/app/models.py"] == "app.models"
    few, many = {"tests/c.py": ["app.models"]}, {f"tests/{n}.py": ["src.app.models"] for n in "ab"}
    assert modules(files, manifests=manifests, imports={**few, **many})["src/app/models.py"] == "src.app.models"


def test_a_folder_run_from_within_is_a_source_root() -> None:
    files = ["backend/main.py", "backend/models.py", "backend/routers/users.py"]
    imports = {"backend/main.py": ["routers.users", "models"], "backend/routers/users.py": ["models", "sqlalchemy"]}
    assert modules(files, imports=imports)["backend/routers/users.py"] == "routers.users"
    assert modules(files, imports={"backend/main.py": ["backend.models"]})["backend/models.py"] == "backend.models"


def test_a_project_that_is_imported_from_above_keeps_the_longer_name() -> None:
    files = ["backend/app/main.py", "backend/app/models.py"]
    manifests = {"backend/requirements.txt": ""}
    imports = {"backend/app/main.py": ["backend.app.models"]}
    assert modules(files, manifests=manifests, imports=imports)["backend/app/models.py"] == "backend.app.models"


def test_packages_without_init_files_are_no_source_roots() -> None:
    files = ["app/api/__init__.py", "app/api/users.py", "app/core/__init__.py", "app/core/db.py", "app/main.py"]
    imports = {"app/main.py": ["app.api.users", "app.core.db"], "app/api/users.py": ["app.core.db"]}
    assert modules(files, imports=imports)["app/core/db.py"] == "app.core.db"


def test_modules_named_like_libraries_do_not_mislead() -> None:
    files = ["app/main.py", "app/celery.py", "app/logging.py", "app/tasks.py", "app/types.py"]
    imports = {
        "app/main.py": ["logging", "types", "celery", "app.tasks", "app.logging"],
        "app/celery.py": ["celery", "logging", "types"],
        "app/tasks.py": ["celery", "app.celery", "logging", "app.types"],
    }
    found = modules(files, imports=imports)
    assert found["app/tasks.py"] == "app.tasks"
    assert found["app/logging.py"] == "app.logging"


def test_a_package_of_integrations_named_like_libraries_is_no_source_root() -> None:
    files = [
        "app/main.py",
        "app/metrics/__init__.py",
        "app/metrics/fastapi.py",
        "app/metrics/sqlalchemy.py",
        "app/db.py",
    ]
    imports = {
        "app/main.py": ["fastapi.middleware", "app.metrics.fastapi", "app.db"],
        "app/db.py": ["sqlalchemy.orm", "sqlalchemy.pool"],
        "app/metrics/fastapi.py": ["app.metrics.sqlalchemy"],
    }
    assert modules(files, imports=imports)["app/metrics/fastapi.py"] == "app.metrics.fastapi"


def test_a_package_that_imports_itself_relatively_is_no_source_root() -> None:
    files = ["app/__init__.py", "app/celery.py", "app/tasks.py"]
    imports = {"app/tasks.py": ["celery"], "app/celery.py": ["celery"]}
    assert modules(files, imports=imports)["app/tasks.py"] == "app.tasks"


def test_a_folder_run_from_within_may_hold_an_idle_package_file() -> None:
    files = ["todos/__init__.py", "todos/app/__init__.py", "todos/app/main.py", "todos/app/core/db.py"]
    imports = {"todos/app/main.py": ["app.core.db", "fastapi"], "todos/app/core/db.py": ["sqlalchemy.orm"]}
    assert modules(files, imports=imports)["todos/app/core/db.py"] == "app.core.db"
    imports["todos/app/main.py"] = ["todos.app.core.db", "fastapi"]
    assert modules(files, imports=imports)["todos/app/core/db.py"] == "todos.app.core.db"


def test_a_package_with_a_part_called_as_a_library_is_no_source_root() -> None:
    files = ["app/__init__.py", "app/main.py", "app/celery/__init__.py", "app/celery/worker.py"]
    imports = {"app/main.py": ["celery.worker", "app.celery.worker"], "app/celery/worker.py": ["app.main", "celery"]}
    assert modules(files, imports=imports)["app/celery/worker.py"] == "app.celery.worker"


def test_a_library_shared_by_services_keeps_its_root() -> None:
    files = ["libs/common/code/common/db.py", "services/one/app/main.py"]
    manifests = {"libs/common/pyproject.toml": "", "services/one/pyproject.toml": ""}
    imports = {"services/one/app/main.py": ["common.db", "common.db.session"]}
    assert modules(files, manifests=manifests, imports=imports)["libs/common/code/common/db.py"] == "common.db"


def test_tests_of_a_library_do_not_mislead() -> None:
    files = [
        "app/tasks.py",
        "tests/celery/__init__.py",
        "tests/celery/test_a.py",
        "tests/__init__.py",
        "tests/tools.py",
    ]
    imports = {"app/tasks.py": ["celery"], "tests/celery/test_a.py": ["tests.tools", "app.tasks"]}
    assert modules(files, imports=imports)["tests/tools.py"] == "tests.tools"


def test_each_service_of_a_monorepo_has_its_own_root() -> None:
    files = [f"services/{name}/app/{module}.py" for name in ("one", "two") for module in ("main", "db")]
    manifests = {"services/one/pyproject.toml": "", "services/two/pyproject.toml": ""}
    imports = {path: ["app.db"] for path in files if path.endswith("main.py")}
    found = modules(files, manifests=manifests, imports=imports)
    assert found["services/one/app/db.py"] == found["services/two/app/db.py"] == "app.db"


@pytest.mark.parametrize(
    ("config", "root"),
    [
        ('[tool.setuptools.package-dir]\n"" = "lib"\n', "lib"),
        ('[tool.setuptools.packages.find]\nwhere = ["lib"]\n', "lib"),
        ('[tool.hatch.build.targets.wheel]\npackages = ["lib/shop"]\n', "lib"),
        ('[tool.hatch.build.targets.wheel]\nsources = ["lib"]\n', "lib"),
        ('[tool.poetry]\npackages = [{include = "shop", from = "lib"}]\n', "lib"),
        ('[tool.pytest.ini_options]\npythonpath = ["./lib/", "."]\n', "lib"),
        ('[tool.pytest.ini_options]\npythonpath = "lib"\n', "lib"),
        ('[tool.pdm.build]\npackage-dir = "lib"\n', "lib"),
        ('[tool.uv.build-backend]\nmodule-root = "lib"\n', "lib"),
    ],
)
def test_packaging_says_where_packages_are(config: str, root: str) -> None:
    assert configured_roots(config) == {root}
    assert modules(["svc/lib/shop/a.py"], manifests={"svc/pyproject.toml": config})["svc/lib/shop/a.py"] == "shop.a"


@pytest.mark.parametrize(
    "text",
    [
        "tool = 1",
        "[tool]\nhatch = 1",
        "[tool.poetry]\npackages = [1, {from = 2}]",
        "[tool.setuptools]\npackages = ['a']",
        '[tool.pytest.ini_options]\npythonpath = ["..", "/", "../../etc"]',
        "not toml",
        "[tool.hatch.build.targets.wheel]\npackages = ['shop']",
    ],
)
def test_other_packaging_says_nothing(text: str) -> None:
    assert configured_roots(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 30_000 + " = 1",
        "a" + " . a" * 30_000 + " = 1",
        "[a" + ".a" * 30_000 + "]",
        "x = {a" + ".a" * 30_000 + " = 1}",
        "a = " + "[" * 50_000,
        "a = " + "{a = " * 30_000,
        "x" * 10_000_000,
    ],
)
def test_a_document_made_to_exhaust_the_reader_is_empty_at_once(text: str) -> None:
    begin = time.process_time()
    assert read_toml(text) == {}
    assert time.process_time() - begin < 1


def test_an_ordinary_document_with_many_dots_is_read() -> None:
    names = ", ".join(f'"pkg{n}==1.{n}.0"' for n in range(60))
    text = f'[project]\ndependencies = [{names}]\ndescription = "{"." * 200}"\n'
    assert len(read_toml(text)["project"]["dependencies"]) == 60


PART = st.sampled_from(["a", "b", "app", "src", "tests", "vendor", "__init__", "x-y", "ü", "requirements"])
PATH = st.lists(PART, min_size=1, max_size=4).map(lambda parts: "/".join(parts) + ".py")


@given(
    st.sets(PATH, max_size=12), st.dictionaries(PATH, st.lists(st.text("ab.src", max_size=8), max_size=3), max_size=4)
)
def test_any_set_of_files_has_modules(files: set[str], imports: dict[str, list[str]]) -> None:
    listing = sorted(files)
    projects = find_projects(listing, [PYTHON])
    roots = source_roots(listing, projects, {"a/pyproject.toml": "[", "src/pyproject.toml": ""}, imports)
    assert "" in roots
    for path in listing:
        module = module_name(path, roots)
        assert module
        assert (path.removesuffix(".py").removesuffix("/__init__")).endswith(module.replace(".", "/"))
        assert sum(project.holds(path) for project in projects) >= (not left_out(path, vendor_folders(listing)))


def test_everything_is_under_the_top() -> None:
    assert is_under("a/b", "")
    assert is_under("a/b", "a")
    assert is_under("a", "a")
    assert not is_under("ab", "a")
