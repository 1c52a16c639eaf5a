"""Expressions as facts, and as source again."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.facts import Assign, Expr
from backwright.kit.rendering import source_of
from backwright.languages.python.extract import extract


def expression(source: str) -> Expr:
    facts = extract("x.py", f"x = {source}\n".encode(), "x").facts
    return next(f for f in facts if isinstance(f, Assign)).value


@pytest.mark.parametrize(
    "source",
    [
        "1",
        "None",
        "name",
        "a.b.c",
        '"text"',
        '"with \\"quotes\\" and é"',
        "call()",
        "call(1, *args, key=2, **rest)",
        'ForeignKey("users.id", ondelete="CASCADE")',
        "Mapped[str]",
        "dict[str, int]",
        "[1, 2]",
        "(1,)",
        "(1, 2)",
        "{1, 2}",
        '{"a": 1}',
        "a | None",
        "not x",
        "-1",
        "Decimal(10)",
        "a + b",
        "{}",
        "[]",
        "()",
    ],
)
def test_source_of(source: str) -> None:
    assert ast.dump(ast.parse(source_of(expression(source)))) == ast.dump(ast.parse(source))


def test_source_of_nothing() -> None:
    assert source_of(None) == ""


def _call(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(["f", "a.b"]), st.lists(children, max_size=3)).map(
        lambda t: f"{t[0]}({', '.join(t[1])})"
    )


_SOURCES = st.recursive(
    st.sampled_from(["1", "x", "a.b", '"t"', "None", "True"]),
    lambda c: (
        _call(c) | st.lists(c, min_size=1, max_size=3).map(lambda p: f"[{', '.join(p)}]") | c.map(lambda p: f"d[{p}]")
    ),
    max_leaves=6,
)


@given(_SOURCES)
def test_what_is_read_is_written_again(source: str) -> None:
    assert ast.dump(ast.parse(source_of(expression(source)))) == ast.dump(ast.parse(source))
