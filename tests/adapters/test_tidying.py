"""The project's own formatter on changed files: new files always, edited ones only where they were tidy before."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from backwright.adapters.pythonenv import Environment, find_environment
from backwright.adapters.sandbox.space import unheld
from backwright.adapters.shell import run
from backwright.adapters.tidying import clean_files, exempt, tidy
from backwright.adapters.toolchain import Toolchain
from backwright.core.verdict import Contract, Step

UNTIDY = "import sys\nimport os\nx = {  'a':os, 'b':sys }\n"
TIDY = 'import os\nimport sys\n\nx = {"a": os, "b": sys}\n'
RUFF = Contract(
    (Step("format", ("ruff", "format", "--check", ".")), Step("lint", ("uv", "run", "ruff", "check", "app"))), ""
)


@pytest.fixture(scope="module")
def environment() -> Environment:
    return find_environment(Path.cwd(), Path.cwd(), unheld, python=Path(sys.executable))


def project(root: Path) -> Path:
    files = {
        "backend/pyproject.toml": '[tool.ruff.lint]\nselect = ["I"]\n',
        "backend/app/tidy.py": TIDY,
        "backend/app/untidy.py": UNTIDY,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_only_what_was_tidy_is_tidied(tmp_path: Path, environment: Environment) -> None:
    copy = project(tmp_path / "copy")
    edited = ["backend/app/tidy.py", "backend/app/untidy.py"]
    clean = clean_files(copy, "backend", RUFF, environment, run, edited)
    assert clean == {"ruff check": ("backend/app/tidy.py",), "ruff format": ("backend/app/tidy.py",)}
    for path in [*edited, "backend/app/new.py"]:
        (copy / path).write_text(UNTIDY)
    tidy(copy, "backend", RUFF, environment, run, new=["backend/app/new.py", "backend/notes.txt"], clean=clean)
    assert (copy / "backend/app/new.py").read_text() == TIDY
    assert (copy / "backend/app/tidy.py").read_text() == TIDY
    assert (copy / "backend/app/untidy.py").read_text() == UNTIDY


def test_without_a_formatter_nothing_is_touched(tmp_path: Path, environment: Environment) -> None:
    copy = project(tmp_path / "copy")
    contract = Contract((Step("types", ("mypy", "app")), Step("black", ("tool-that-is-not-there", "--check"))), "")
    assert clean_files(copy, "backend", contract, environment, run, ["backend/app/tidy.py"]) == {}
    tidy(copy, "backend", contract, environment, run, new=["backend/app/untidy.py"], clean={})
    assert (copy / "backend/app/untidy.py").read_text() == UNTIDY


def test_broken_files_are_left_to_verification(tmp_path: Path, environment: Environment) -> None:
    copy = project(tmp_path / "copy")
    (copy / "backend/app/new.py").write_text("def half(:\n")
    tidy(copy, "backend", RUFF, environment, run, new=["backend/app/new.py"], clean={})
    assert (copy / "backend/app/new.py").read_text() == "def half(:\n"


def test_marking_keeps_the_ends_of_lines(tmp_path: Path, environment: Environment) -> None:
    copy = project(tmp_path / "copy")
    (copy / "backend/pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["PLR2004"]\n')
    (copy / "backend/app/dos.py").write_bytes(b"def new(a):\r\n    return a == 418\r\n")
    assert exempt(copy, "backend", RUFF, environment, run, {"backend/app/dos.py": ""}) == {"PLR2004": 1}
    assert (copy / "backend/app/dos.py").read_bytes() == b"def new(a):\r\n    return a == 418  # noqa: PLR2004\r\n"


def test_new_lines_against_taste_are_marked_and_faults_are_not(tmp_path: Path, environment: Environment) -> None:
    copy = project(tmp_path / "copy")
    settings = (
        '[tool.ruff]\nextend-exclude = ["app/generated"]\n\n[tool.ruff.lint]\nselect = ["PLR0913", "PLR2004", "F"]\n'
    )
    (copy / "backend/pyproject.toml").write_text(settings)
    old = "def old(a: int) -> bool:\n    return a == 404\n"
    new = "def new(a, b, c, d, e, f):\n    return a == 418 or missing\n"
    (copy / "backend/app/generated").mkdir()
    for name in ("backend/app/fresh.py", "backend/app/generated/one.py"):
        (copy / name).write_text(new)
    (copy / "backend/app/grown.py").write_text(f"{old}\n\n{new}")

    before = {"backend/app/fresh.py": "", "backend/app/grown.py": old, "backend/app/generated/one.py": ""}
    assert exempt(copy, "backend", RUFF, environment, run, before) == {"PLR0913": 2, "PLR2004": 2}

    marked = "def new(a, b, c, d, e, f):  # noqa: PLR0913\n    return a == 418 or missing  # noqa: PLR2004\n"
    assert (copy / "backend/app/fresh.py").read_text() == marked
    assert (copy / "backend/app/grown.py").read_text() == f"{old}\n\n{marked}"
    assert (copy / "backend/app/generated/one.py").read_text() == new
    assert exempt(copy, "backend", RUFF, environment, run, before) == {}


def test_the_project_s_own_prettier_lays_out_what_is_new(tmp_path: Path) -> None:
    """A stand-in for prettier, where a package manager puts programs; one that is not the project's is never called."""
    copy = project(tmp_path / "copy")
    contract = Contract((Step("format", ("npm", "run", "format:check")),), "")
    for path in ("backend/new.ts", "backend/new.sql"):
        (copy / path).write_text("x\n")
    tools = Toolchain("backend", ("backend",), ("node_modules",), ("node_modules/.bin",), copy=copy)
    tidy(copy, "backend", contract, tools, run, new=["backend/new.ts", "backend/new.sql"], clean={})
    assert (copy / "backend/new.ts").read_text() == "x\n"
    program = copy / "backend/node_modules/.bin/prettier"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\n[ "$1" = --write ] && for f in "$@"; do [ -f "$f" ] && echo tidy > "$f"; done\n')
    program.chmod(0o755)
    tidy(copy, "backend", contract, tools, run, new=["backend/new.ts", "backend/new.sql"], clean={})
    assert (copy / "backend/new.ts").read_text() == "tidy\n"
    assert (copy / "backend/new.sql").read_text() == "x\n"
