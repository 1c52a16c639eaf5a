"""Values as source."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from backwright.kit.spelling import quoted


@given(st.text())
def test_a_quoted_text_is_that_text_again(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text
