"""Values as source."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit.spelling import gap, quoted


@given(st.text())
def test_a_quoted_text_is_that_text_again(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text


@pytest.mark.parametrize(
    "call",
    [
        "f()",
        "f(a)",
        "f(a, b=1)",
        "f(a,)",
        "f(\n    a,\n)",
        "f(\n    a,  # why\n)",
        "f(\n    a  # why, (not)\n)",
        "f(  # why\n)",
    ],
)
def test_one_more_argument_comes_after_what_is_there(call: str) -> None:
    more = f"{call[:-1]}{gap(call)}more=2)"
    node = ast.parse(more, mode="eval").body
    assert isinstance(node, ast.Call)
    assert node.keywords[-1].arg == "more"
    assert more.count("#") == call.count("#")
