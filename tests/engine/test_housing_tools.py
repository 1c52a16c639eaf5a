from __future__ import annotations

import pytest

from backwright.engine.housing_tools import linting_of, newest
from backwright.kit.index import FactIndex
from backwright.kit.linting import Linting


def read(texts: dict[str, str], root: str = "") -> Linting:
    return linting_of(FactIndex({}, root=root, texts=texts))


def test_a_project_without_ruff_selects_nothing() -> None:
    assert read({"pyproject.toml": "[tool.black]\nline-length = 100\n"}) == Linting()


def test_settings_of_ruff() -> None:
    text = """
[tool.ruff.lint]
select = ["E", "PL"]
extend-select = ["UP"]
ignore = ["E501"]
per-file-ignores = { "tests/*" = ["PLR2004"] }
pylint.max-args = 7
"""
    found = read({"pyproject.toml": text})
    assert found.select == ("E", "PL", "UP")
    assert found.ignore == ("E501",)
    assert found.max_args == 7
    assert not found.selects("PLR2004", "tests/test_a.py")
    assert found.selects("PLR2004", "app/a.py")


def test_settings_above_the_table_and_in_a_file_of_their_own() -> None:
    found = read({"pyproject.toml": "[tool.ruff]\nselect = ['ALL']\n", "ruff.toml": "select = ['F']\n"})
    assert found.select == ("F",)


def test_the_nearest_settings_count_and_may_extend_others() -> None:
    texts = {
        "pyproject.toml": "[tool.ruff.lint]\nselect = ['ALL']\n",
        "backend/ruff.toml": "extend = '../strict.toml'\nline-length = 100\n",
        "strict.toml": "[lint]\nselect = ['PL']\n",
    }
    found = read(texts, "backend")
    assert (found.select, found.folder) == (("PL",), "backend")
    assert read({"pyproject.toml": texts["pyproject.toml"]}, "backend").select == ("ALL",)


def test_defaults_of_ruff() -> None:
    assert read({"ruff.toml": "line-length = 100\n"}).selects("F401", "a.py")
    assert read({"ruff.toml": "not toml"}) == Linting()


@pytest.mark.parametrize(
    ("declared", "new"),
    [
        ("fastapi", True),
        ("fastapi>=0.110", True),
        ("fastapi[standard]<1.0.0,>=0.114.2", True),
        ("fastapi>=0.100,<0.111", False),
        ("fastapi==0.95.1", False),
        ("fastapi==0.128.0", True),
    ],
)
def test_the_newest_version_that_is_allowed(declared: str, new: bool) -> None:
    index = FactIndex({}, texts={"requirements.txt": f"uvicorn==0.30\n{declared}\n"})
    assert (newest(index, "fastapi") >= (0, 115)) is new
    assert newest(index, "django") > (999,)
