"""What keeps the code readable, in numbers: sizes, names, errors that are not swallowed, no place of one machine only."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILE_LINES = 400
FUNCTION_LINES = 60
STRING_LINES = 15
SINKS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "shared", "stuff"}
BOUNDARIES = {  # where any exception at all becomes an answer
    "src/backwright/surfaces/cli/boundary.py",  # a crash report
    "src/backwright/engine/checking.py",  # a rule that fails is named, and the others go on
    "src/backwright/adapters/guest/alembic_session.py",  # whatever a project's migrations raise is the outcome
}
_BROAD = {"Exception", "BaseException"}
_PLACES = re.compile(rb"(?<![\w.$}])(?:/(?:work|root)/|/home/(?!sandbox/|user/|app/)\w+/|/Users/\w+/)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _listed() -> list[str]:
    """The files of the project, as git sees them: tracked, or about to be."""
    argv = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(p for p in done.stdout.splitlines() if (ROOT / p).is_file())


LISTED = _listed()
OURS = [p for p in LISTED if p.endswith(".py") and not p.startswith("tests/repos/")]
SOURCE = [p for p in OURS if p.startswith("src/")]


def _size(node: ast.stmt | ast.expr) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def long_functions(tree: ast.Module) -> list[str]:
    """Functions of more than `FUNCTION_LINES` lines, their decorators not counted."""
    found = (node for node in ast.walk(tree) if isinstance(node, Function) and _size(node) > FUNCTION_LINES)
    return [f"{node.lineno} {node.name}: {_size(node)} lines" for node in found]


def long_strings(tree: ast.Module) -> list[str]:
    """String literals of more than `STRING_LINES` lines that are no docstrings: they should be files."""
    documented = (ast.Module, ast.ClassDef, *Function.__args__)
    docs = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, documented) and _starts_with_text(n.body)}
    found = {}  # by line: an f-string holds other strings, which may span the same lines
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant) and _size(node) > STRING_LINES and id(node) not in docs:
            found[node.lineno] = f"{node.lineno}: {_size(node)} lines"
    return list(found.values())


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _starts_with_text(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[0], ast.Expr) and _is_text(body[0].value)


def swallowing(tree: ast.Module) -> list[str]:
    """Handlers of every exception that do not raise it again."""
    handlers = (n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and _is_broad(n.type))
    return [f"{h.lineno}" for h in handlers if not (isinstance(h.body[-1], ast.Raise) and h.body[-1].exc is None)]


def _is_broad(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_is_broad(one) for one in caught.elts)
    return caught is None or (isinstance(caught, ast.Name) and caught.id in _BROAD)


@cache
def _found() -> Mapping[str, list[str]]:
    """What each measure finds in the project; every file is parsed once."""
    found: dict[str, list[str]] = {"functions": [], "strings": [], "handlers": []}
    for path in OURS:
        tree = ast.parse((ROOT / path).read_bytes(), path)
        found["functions"] += [f"{path}:{one}" for one in long_functions(tree)]
        if path in SOURCE:
            found["strings"] += [f"{path}:{one}" for one in long_strings(tree)]
            found["handlers"] += [f"{path}:{one}" for one in swallowing(tree) if path not in BOUNDARIES]
    return found


def test_files_are_short() -> None:
    sizes = {path: len((ROOT / path).read_bytes().splitlines()) for path in OURS}
    assert {path: lines for path, lines in sizes.items() if lines > FILE_LINES} == {}


def test_functions_are_short() -> None:
    assert _found()["functions"] == []


def test_long_texts_are_files() -> None:
    assert _found()["strings"] == []


def test_exceptions_are_not_swallowed() -> None:
    assert _found()["handlers"] == []


def test_modules_are_named_for_what_they_hold() -> None:
    parts = {path: set(Path(path).with_suffix("").parts) for path in SOURCE}
    assert [path for path, names in parts.items() if names & SINKS] == []


def test_no_place_of_one_machine() -> None:
    found = []
    for path in LISTED:
        if path != Path(__file__).relative_to(ROOT).as_posix():
            lines = (ROOT / path).read_bytes().splitlines()
            found += [f"{path}:{n}: {line.strip()[:100]!r}" for n, line in enumerate(lines, 1) if _PLACES.search(line)]
    assert found == []


LONG = "def long():\n" + "    x = 1\n" * FUNCTION_LINES
TEXT = 'def f():\n    """Doc.\n' + "\n" * 30 + '    """\n    return """\n' + "\n" * STRING_LINES + '"""\n'
HANDLERS = "try:\n    f()\nexcept {0}:\n    {1}\n"


@pytest.mark.parametrize(
    ("measure", "code", "count"),
    [
        (long_functions, LONG, 1),
        (long_functions, "async " + LONG, 1),
        (long_functions, LONG.removesuffix("    x = 1\n"), 0),
        (long_strings, TEXT, 1),
        (long_strings, TEXT.replace("return ", "return f"), 1),
        (long_strings, TEXT.replace("\n" * STRING_LINES, "\n"), 0),
        (swallowing, HANDLERS.format("Exception", "pass"), 1),
        (swallowing, HANDLERS.format("(OSError, BaseException)", "pass"), 1),
        (swallowing, HANDLERS.format("", "pass").replace(" :", ":"), 1),
        (swallowing, HANDLERS.format("Exception", "raise"), 0),
        (swallowing, HANDLERS.format("OSError", "pass"), 0),
    ],
)
def test_the_measures_measure(measure: object, code: str, count: int) -> None:
    assert callable(measure)
    assert len(measure(ast.parse(code))) == count


@pytest.mark.parametrize("folder", ["work/x/y", "root/x", "home/anna/code", "Users/anna/code"])
def test_places_are_recognised(folder: str) -> None:
    assert _PLACES.search(f"'/{folder}'".encode())


def test_files_of_tests_have_names_of_their_own() -> None:
    """Their folders are no packages: pytest imports each by its bare name."""
    names = Counter(Path(path).name for path in OURS if path.startswith("tests/") and not path.endswith("conftest.py"))
    assert [name for name, times in names.items() if times > 1] == []
