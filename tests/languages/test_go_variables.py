"""`var order Order` in a function of Go says what the variable is, as `order := Order{}` does."""

from __future__ import annotations

import pytest

from backwright.core.facts import Assign
from backwright.languages.go import LANGUAGE


def _made(line: str) -> list[tuple[str, str]]:
    source = f"package a\n\nfunc f() {{\n\t{line}\n}}\n".encode()
    facts = LANGUAGE.extract("a.go", source, "a").facts
    return [(f.target.dotted(), f.value.parts[0].dotted()) for f in facts if isinstance(f, Assign) and f.value.parts]


@pytest.mark.parametrize("line", ["var order model.Order", "order := model.Order{}", "order := &model.Order{}"])
def test_a_variable_of_a_named_type_is_made(line: str) -> None:
    assert _made(line) == [("order", "model.Order")]


@pytest.mark.parametrize("line", ["var count int", "var order *Order", "var orders []Order", "var name string"])
def test_others_are_not(line: str) -> None:
    assert _made(line) == []
