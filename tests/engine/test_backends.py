"""Which projects are backends, and which one a path means."""

from __future__ import annotations

import pytest

from backwright.core.errors import NothingToDo, UsageError
from backwright.engine.backends import Backend, choose_backend, files_of, find_backends, matcher

WEB, ORM = ("fastapi", "sqlalchemy.orm"), ("sqlalchemy",)


def test_code_that_imports_the_framework_is_a_backend_and_tests_are_not() -> None:
    imports = {"api/app/main.py": WEB, "cli/run.py": ("click",), "e2e/tests/test_api.py": ("fastapi.testclient",)}
    assert find_backends(["api", "cli", "e2e"], imports) == (Backend("api", "api"),)


def test_a_mock_server_beside_a_backend_with_tables_does_not_count() -> None:
    imports = {"api/app/main.py": WEB, "mock/main.py": ("fastapi",)}
    assert [b.root for b in find_backends(["", "api", "mock"], imports)] == ["api"]
    assert [b.root for b in find_backends(["", "mock"], {"mock/main.py": ("fastapi",)})] == ["mock"]


def test_tests_and_migrations_beside_the_project_belong_to_it() -> None:
    imports = {"app/main.py": WEB, "tests/test_main.py": ("fastapi.testclient",), "alembic/env.py": ("alembic",)}
    assert find_backends(["", "app"], imports) == (Backend("app", ""),)


def test_a_folder_above_several_backends_is_none_of_them() -> None:
    imports = {"a/main.py": WEB, "b/main.py": WEB, "tests/test_all.py": ("fastapi.testclient",)}
    assert [b.root for b in find_backends(["", "a", "b"], imports)] == ["a", "b"]


BACKENDS = (Backend("services/orders", "services/orders"), Backend("services/stock", "services/stock"))


def test_a_path_inside_means_its_project() -> None:
    assert choose_backend(BACKENDS, "services/stock/app/api", "x").root == "services/stock"
    assert choose_backend(BACKENDS[:1], "", "x").root == "services/orders"
    assert choose_backend(BACKENDS[:1], "services", "x").root == "services/orders"


def test_the_top_folder_may_be_a_backend_with_others_below() -> None:
    nested = (Backend("", ""), Backend("jobs", "jobs"))

    assert choose_backend(nested, "", "x").root == ""
    assert choose_backend(nested, "app/api", "x").root == ""
    assert choose_backend(nested, "jobs", "x").root == "jobs"


def test_several_are_listed_and_none_is_said() -> None:
    with pytest.raises(UsageError) as caught:
        choose_backend(BACKENDS, "services", "x")
    assert caught.value.hints == ("cd services/orders", "cd services/stock")
    with pytest.raises(NothingToDo) as none:
        choose_backend(BACKENDS, "frontend", "x")
    assert "there is one in services/orders" in none.value.hints


def test_files_of_nested_backends_are_not_shared() -> None:
    nested = (Backend("", ""), Backend("inner", "inner"))
    paths = ["app/main.py", "inner/main.py", "innermost.py"]
    assert files_of(nested[0], nested, paths) == ["app/main.py", "innermost.py"]
    assert files_of(nested[1], nested, paths) == ["inner/main.py"]


@pytest.mark.parametrize(
    ("pattern", "path", "hit"),
    [
        ("app", "app/a.py", True), ("app/", "app/a.py", True), ("app", "apple.py", False),
        ("app/api/**", "app/api/v1/a.py", True), ("*.py", "a.py", True), ("alembic", "app/alembic/a.py", False),
    ],
)  # fmt: skip
def test_patterns(pattern: str, path: str, hit: bool) -> None:
    assert matcher((pattern,))(path) is hit
