"""The steps of a project without a manifest, from its own configuration, scripts and dependencies."""

from __future__ import annotations

import pytest

from backwright.core.ports import SourceFile
from backwright.core.verdict import Step
from backwright.engine.contract import discover_contract
from backwright.engine.contract_commands import invocations
from backwright.engine.contract_project import ProjectFacts, is_relevant, project_facts, read_toml

LAYOUT = ("app/main.py", "app/models.py", "tests/test_users.py", "migrations/env.py", "migrations/versions/1_a.py")


def steps(files: dict[str, str], paths: tuple[str, ...] = LAYOUT, **more: object) -> dict[str, Step]:
    project = ProjectFacts(files=files, paths=(*files, *paths), **more)  # type: ignore[arg-type]
    contract = discover_contract(project)
    assert contract.source == "discovered"
    return {step.name: step for step in contract.steps}


def commands(files: dict[str, str], paths: tuple[str, ...] = LAYOUT, **more: object) -> dict[str, str]:
    return {name: " ".join(step.argv) for name, step in steps(files, paths, **more).items() if name != "guardrails"}


def test_configuration_in_pyproject_with_defaults_from_the_layout() -> None:
    text = """
[project]
dependencies = ["fastapi>=0.110"]
[dependency-groups]
dev = ["pytest", "mypy>=1.8", "ruff"]
[tool.ruff.format]
quote-style = "double"
[tool.mypy]
strict = true
"""
    found = steps({"pyproject.toml": text, "alembic.ini": "[alembic]\nscript_location = migrations\n"})
    assert {name: " ".join(step.argv) for name, step in found.items()} == {
        "format": "ruff format --check",
        "lint": "ruff check",
        "types": "mypy app",
        "migrations": "alembic -c alembic.ini",
        "tests": "pytest",
        "guardrails": "",
    }
    assert list(found) == ["format", "lint", "types", "migrations", "tests", "guardrails"]
    assert all(step.required for step in found.values())
    assert found["types"].source == "pyproject.toml [tool.mypy]"
    assert found["migrations"].builtin == "migrations"
    assert found["tests"].source == "dependencies"


def test_the_projects_own_scripts_say_with_which_arguments() -> None:
    files = {
        "pyproject.toml": "[tool.mypy]\nstrict = true\n[tool.ruff]\nline-length = 88\n",
        "scripts/lint.sh": "#!/bin/bash\nset -e\nmypy app\nty check app\nruff check app\nruff format app --check\n",
        "scripts/format.sh": "ruff check app scripts --fix\nruff format app scripts\n",
        "scripts/test.sh": 'APP_ENV=test coverage run -m pytest -v tests/ --cov=app "$@"\ncoverage report\n',
    }
    found = steps(files)
    assert found["format"].argv == ("ruff", "format", "--check", "app")
    assert found["lint"].argv == ("ruff", "check", "app")
    assert found["types"].argv == ("mypy", "app")
    assert found["ty"].argv == ("ty", "check", "app")
    assert found["tests"].argv == ("pytest", "tests/")
    assert found["tests"].env == {"APP_ENV": "test"}
    assert found["tests"].source == "scripts/test.sh:1"


def test_makefile_tox_and_tasks() -> None:
    makefile = "test:\n\texport APP_ENV=test && python -m pytest -v ./tests\nlint:\n\tflake8 app\n\tblack app --check\n"
    assert commands({"Makefile": makefile}) == {
        "format": "black --check app",
        "lint": "flake8 app",
        "tests": "pytest ./tests",
    }
    tox = "[tox]\n[testenv]\ncommands =\n  pytest {posargs:tests}\n[testenv:types]\ncommands = mypy app\n"
    assert commands({"tox.ini": tox}) == {"types": "mypy app", "tests": "pytest tests"}
    tasks = '[tool.poe.tasks]\nlint = "ruff check --fix app"\ntest = { cmd = "pytest -q -x" }\n'
    assert commands({"pyproject.toml": tasks}) == {"lint": "ruff check app", "tests": "pytest"}


def test_arguments_that_do_not_fit_this_project_are_dropped() -> None:
    script = "mypy backend/app --config-file ../mypy.ini\npytest other/tests --tb short --cov app -m unit\n"
    assert commands({"check.sh": script}) == {"types": "mypy app", "tests": "pytest -m unit"}


def test_what_needs_a_shell_or_runs_elsewhere_is_no_evidence() -> None:
    script = "cd frontend && pytest\ndocker compose exec app pytest\nmypy app || true\nblack $FILES\n"
    assert commands({"run.sh": script}, ("app/main.py",)) == {}


def test_a_tool_that_only_a_hook_mentions_is_not_required() -> None:
    hooks = """
repos:
- repo: https://github.com/astral-sh/ruff-pre-commit
  rev: v0.9.0
  hooks:
  - id: ruff
  - id: ruff-format
- repo: local
  hooks: [{id: types, entry: uv run mypy app, language: system}]
"""
    found = steps({".pre-commit-config.yaml": hooks})
    assert [(name, s.required) for name, s in found.items()] == [
        ("format", False), ("lint", False), ("types", False), ("tests", True), ("guardrails", True),
    ]  # fmt: skip
    assert found["lint"].source == ".pre-commit-config.yaml"


def test_configuration_above_a_sub_project_counts_for_ruff() -> None:
    above = {"pyproject.toml": "[tool.ruff.lint]\nselect = ['E']\n"}
    assert commands({}, ("app/main.py",), above=above, root="backend") == {"lint": "ruff check"}


def test_isort_that_is_only_frozen_into_the_requirements_is_not_a_step() -> None:
    assert commands({"requirements.txt": "isort==5.13\nfastapi\n"}, ("app/main.py",)) == {}
    assert commands({"requirements.txt": "isort==5.13\n", ".isort.cfg": "[settings]\n"}, ("app/main.py",)) == {
        "format": "isort --check-only ."
    }


def test_mypy_with_targets_of_its_own_gets_no_paths() -> None:
    assert commands({"mypy.ini": "[mypy]\nfiles = app, tests\n"})["types"] == "mypy"
    assert commands({"mypy.ini": "[mypy]\n"}, ("src/shop/main.py", "tests/test_a.py"))["types"] == "mypy src"


@pytest.mark.parametrize(
    ("files", "paths", "cwd", "argv"),
    [
        ({"alembic.ini": "[alembic]\nscript_location = %(here)s/db/migrations\n"}, ("db/migrations/env.py",), "",
         ("alembic", "-c", "alembic.ini")),
        ({"src/alembic.ini": "[alembic]\nscript_location = ./migrations\n"}, ("src/migrations/env.py",), "src",
         ("alembic", "-c", "alembic.ini")),
        ({"pyproject.toml": '[tool.alembic]\nscript_location = "app/migrations"\n'}, ("app/migrations/env.py",), "",
         ("alembic",)),
    ],
)  # fmt: skip
def test_where_alembic_runs(files: dict[str, str], paths: tuple[str, ...], cwd: str, argv: tuple[str, ...]) -> None:
    step = steps(files, paths)["migrations"]
    assert (step.cwd, step.argv, step.builtin) == (cwd, argv, "migrations")


def test_an_alembic_ini_whose_scripts_are_not_there_is_no_step() -> None:
    assert "migrations" not in steps({"alembic.ini": "[alembic]\nscript_location = gone\n"})


def test_nothing_to_go_by_leaves_the_guardrails() -> None:
    assert list(steps({}, ("app/main.py",))) == ["guardrails"]


@pytest.mark.parametrize("text", ["[tool.", "a" + ".a" * 20_000 + " = 1", "x = " + "[" * 50_000, "a = 1\na = 2"])
def test_broken_or_hostile_toml_is_no_configuration(text: str) -> None:
    assert read_toml(text) == {}
    assert commands({"pyproject.toml": text}, ("app/main.py",)) == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("@uv run --no-sync ruff check .", [(("ruff", "check", "."), {})]),
        ("poetry run python -m mypy app # types", [(("mypy", "app"), {})]),
        ("hatch run test:pytest -q", [(("pytest", "-q"), {})]),
        ("A=1 B='2 3' pytest && C=4 mypy .", [(("pytest",), {"A": "1", "B": "2 3"}), (("mypy", "."), {"C": "4"})]),
        ("export A=1; pytest", [(("pytest",), {"A": "1"})]),
        ("env A=1 pytest", [(("pytest",), {"A": "1"})]),
        ('pytest -m "a and (b)"', [(("pytest", "-m", "a and (b)"), {})]),
        ("pytest ${@}", [(("pytest",), {})]),
        ("echo 'it", []),
    ],
)
def test_commands_within_a_line(line: str, found: list[object]) -> None:
    assert [(call.argv, call.env) for call in invocations(line, "x", "y")] == found


class Repository:
    """A tree of texts."""

    root = None

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def files(self) -> list[str]:
        return sorted(self._files)

    def read(self, path: str) -> SourceFile:
        return SourceFile(path, len(self._files[path]), "", self._files[path])


def test_facts_of_a_sub_project_are_relative_to_it() -> None:
    tree = Repository(
        {
            "backend/pyproject.toml": "[tool.mypy]\n",
            "backend/app/main.py": "",
            "backend/app/secret.txt": "",
            "frontend/pyproject.toml": "[tool.black]\n",
            "pyproject.toml": "[tool.ruff]\n",
        }
    )
    project = project_facts(tree, "backend")  # type: ignore[arg-type]
    assert dict(project.files) == {"pyproject.toml": "[tool.mypy]\n"}
    assert project.paths == ("app/main.py", "app/secret.txt", "pyproject.toml")
    assert dict(project.above) == {"pyproject.toml": "[tool.ruff]\n"}
    assert [s.name for s in discover_contract(project).steps] == ["lint", "types", "guardrails"]


def test_dependencies_of_every_kind() -> None:
    files = {
        "pyproject.toml": """
[project]
dependencies = ["FastAPI[standard]>=1"]
[project.optional-dependencies]
a = ["psycopg[binary]"]
[dependency-groups]
dev = ["Flake8", {include-group = "x"}]
[tool.poetry.group.dev.dependencies]
mypy = "^1"
[tool.uv]
dev-dependencies = ["ty"]
""",
        "requirements-dev.txt": "-r requirements.txt\nblack==24 # formatter\n\n",
        "setup.cfg": "[options]\ninstall_requires =\n  SQLAlchemy>=2\n[options.extras_require]\nt =\n  pytest\n",
        "Pipfile": '[packages]\nAlembic_X = "*"\n',
    }
    project = ProjectFacts(files=files, paths=())
    wanted = {"fastapi", "psycopg", "flake8", "mypy", "ty", "black", "sqlalchemy", "pytest", "alembic-x"}
    assert wanted <= project.dependencies


def test_which_files_are_read() -> None:
    read = ["Makefile", "a/b/alembic.ini", "scripts/test.sh", "requirements/dev.txt"]
    assert [path for path in (*read, ".env", "app/main.py", "a/b/c/pyproject.toml") if is_relevant(path)] == read


CHECKED = """
[project]
dependencies = ["fastapi", "pylint", "squawk-cli"]
[tool.bandit]
exclude_dirs = ["tests"]
[tool.importlinter]
root_package = "app"
"""


def test_the_checkers_that_a_project_has_chosen_are_run() -> None:
    paths = (*LAYOUT, "db/migrations/1_users.sql", "db/seed.sql")
    assert commands({"pyproject.toml": CHECKED, ".squawk.toml": "pg_version = '15'\n"}, paths) == {
        "security": "bandit -q -c pyproject.toml -r app",
        "imports": "lint-imports",
        "squawk": "squawk db/migrations/1_users.sql",
        "tests": "pytest",
    }
    linted = commands({"pyproject.toml": CHECKED, ".pylintrc": "[MAIN]\n", "Makefile": "lint:\n\tpylint app\n"})
    assert linted["lint"] == "pylint app"
    assert "squawk" not in linted  # nobody configured it, and there is no SQL for it to look at
    required = steps({"pyproject.toml": CHECKED})
    assert required["security"].required
    assert required["security"].source == "pyproject.toml [tool.bandit]"


def test_a_checker_that_only_a_hook_names_need_not_be_installed() -> None:
    hooks = "repos:\n- repo: https://example.org/bandit\n  hooks:\n  - id: bandit\n"
    found = steps({".pre-commit-config.yaml": hooks})
    assert found["security"].argv == ("bandit", "-q", "-r", "app")
    assert not found["security"].required


def test_django_is_proved_by_its_own_commands() -> None:
    files = {"requirements.txt": "Django==5.0\n"}
    paths = ("manage.py", "shop/settings.py", "orders/models.py", "orders/tests.py")
    assert commands(files, paths) == {
        "migrations": "python manage.py makemigrations --check --dry-run",
        "tests": "python manage.py test",
    }
    assert commands({"requirements.txt": "Django\npytest-django\npytest\n"}, paths)["tests"] == "pytest"
