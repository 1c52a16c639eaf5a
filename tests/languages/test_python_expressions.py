"""Python's literals and names: the value that Python gives them, at the place where they stand."""

from __future__ import annotations

import ast

import msgspec
import pytest

from backwright.core.facts import Assign, Expr, FileFacts, Param, Symbol
from backwright.languages.python import LANGUAGE


def facts_of(source: str) -> FileFacts:
    return LANGUAGE.extract("app.py", source.encode(), "app")


def value_of(source: str) -> Expr:
    [assign] = [f for f in facts_of(source).facts if isinstance(f, Assign)]
    return assign.value


@pytest.mark.parametrize(
    "literal",
    [
        "''", '""', "'a'", '"it\'s"', r"'it\'s'", r"'a\tb'", r"r'a\tb'", r"R'\d'", "u'ü'", "b'a'", r"b'\xff'", "'日'",
        "''''''", "'''a\nb'''", "'''a\r\nb'''", r"'''a\
b'''", r"r'''a\
b'''", "'''it's'''",
    ],
)  # fmt: skip
def test_a_literal_has_the_value_that_python_gives_it(literal: str) -> None:
    value = ast.literal_eval(literal)
    expected = value if isinstance(value, str) else value.decode("latin-1")
    assert value_of(f"x = {literal}\n") == Expr("string", expected, value_of(f"x = {literal}\n").loc)


@pytest.mark.parametrize("kind", ["list[str] | None", "M[list[str] | None]", "dict[str, int] | list[int] | None"])
def test_a_union_of_types_has_its_sign(kind: str) -> None:
    [function] = [f for f in facts_of(f"def f(a: {kind}): ...\n").facts if isinstance(f, Symbol)]
    annotation = function.params[0].annotation_expr
    assert annotation is not None
    union = annotation.parts[1] if annotation.kind == "subscript" else annotation
    assert (union.kind, union.text) == ("binary", "|")


def test_half_a_surrogate_pair_can_be_kept() -> None:
    facts = facts_of("x = '\\udfff'\n")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts
    assert value_of("x = '\\udfff'\n").text == "\\udfff"


@pytest.mark.parametrize("before", ["", "'ß'; "])
@pytest.mark.parametrize("dotted", ["a.b.c", "a . b.c", "(a).b.c", "ä.b.c", "None.b.c", "f().b.c", "a.b[0].c"])
def test_each_link_of_a_chain_has_its_place(before: str, dotted: str) -> None:
    line = f"{before}x = {dotted}"
    expr = value_of(line + "\n")
    assert expr.kind == "attribute"
    assert expr.text == "c"
    while expr.parts:
        assert expr.loc.line == expr.loc.end_line == 1
        written = line[expr.loc.col - 1 : expr.loc.end_col - 1]
        assert written == line.encode()[expr.loc.start : expr.loc.end].decode()
        assert written.endswith((expr.text, "()", "[0]"))
        expr = expr.parts[0]
    assert expr.kind == ("constant" if dotted.startswith("None") else "name")


def test_parameters_of_every_form() -> None:
    source = "def f(a, /, b: int, c=1, d: str = 'x', *args: int, e, g: bool = True, **rest: str) -> None: ...\n"
    [symbol] = [f for f in facts_of(source).facts if isinstance(f, Symbol)]
    assert [(p.name, p.annotation, p.default, p.kind) for p in symbol.params] == [
        ("a", "", "", "positional"),
        ("b", "int", "", "positional"),
        ("c", "", "1", "positional"),
        ("d", "str", "'x'", "positional"),
        ("args", "int", "", "var_positional"),
        ("e", "", "", "keyword"),
        ("g", "bool", "True", "keyword"),
        ("rest", "str", "", "var_keyword"),
    ]


def test_a_comment_among_the_pieces_does_not_move_them() -> None:
    source = "def f(\n    a  # first\n    : int  # second\n    = 3,\n): ...\n"
    [symbol] = [f for f in facts_of(source).facts if isinstance(f, Symbol)]
    [param] = symbol.params
    assert isinstance(param, Param)
    assert (param.annotation, param.default) == ("int", "3")
    call = value_of("x = f(  # why\n    a=  # because\n    1,\n)\n")
    assert call.keys == ("", "a")
    assert call.parts[1].text == "1"
