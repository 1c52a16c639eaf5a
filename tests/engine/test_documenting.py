"""Docstrings for new code, where the house has them."""

from __future__ import annotations

import ast

import pytest

from backwright.engine.documenting import document, documentation_of
from backwright.kit.cases import Build
from backwright.kit.house import Documentation

CODE = """
import os


class OrderLine(Base):
    id: int

    def __init__(self) -> None:
        pass

    @property
    def total(self) -> int:
        return 1


def get_order_by_code(code: str) -> None:
    \"\"\"Kept.\"\"\"


def _private() -> None:
    def inner() -> None: ...


async def test_create_order_with_taken_code() -> None:
    assert True
"""
ALL = Documentation(modules=True, classes=True, functions=True, test_modules=True, tests=True)


def docs(source: str) -> dict[str, str | None]:
    tree = ast.parse(source)
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    return {"": ast.get_docstring(tree), **{n.name: ast.get_docstring(n) for n in nodes}}


def test_what_is_told_from_names() -> None:
    source = document(CODE, ALL, {"OrderLine": "A line."}, module="The orders.", is_test=False, width=80)

    assert docs(source) == {
        "": "The orders.",
        "OrderLine": "A line.",
        "__init__": "Keep what the methods work with.",
        "total": "Total.",
        "get_order_by_code": "Kept.",
        "_private": None,
        "inner": None,
        "test_create_order_with_taken_code": "Test create order with taken code.",
    }


def test_nothing_where_the_house_has_none() -> None:
    assert document(CODE, Documentation(), {}, module="The orders.", is_test=False, width=80) == CODE


def test_no_line_is_too_long() -> None:
    source = document(CODE, ALL, {}, module="The orders of everybody who ever bought a thing.", is_test=True, width=30)

    assert max(len(line) for line in source.splitlines() if '"""' in line) <= 30
    assert docs(source)["test_create_order_with_taken_code"] == "Test create order."


@pytest.mark.parametrize(("doc", "expected"), [('"""Doc."""', True), ("pass", False)])
def test_what_most_of_the_house_does(build: Build, doc: str, expected: bool) -> None:
    head = "# a comment\n" + (doc if expected else "x = 1") + "\n\n\n"
    code = f"{head}class A:\n    {doc}\n\n    def b(self):\n        {doc}\n"
    case = f"{head}def test_a():\n    {doc}\n"
    files = {"app/a.py": code, "tests/test_a.py": case}
    index, _ = build(files)

    found = documentation_of(index, frozenset({"tests/test_a.py"}), lambda path: files[path])

    assert found == (ALL if expected else Documentation())
