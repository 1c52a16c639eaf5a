"""How a request on the command line is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import surface_results as results

if TYPE_CHECKING:
    from conftest import Stage


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("resource Review rating:int body:text?", ("resource", "Review", "rating:int", "body:text?")),
        ("field remove Invoice notes", ("field", "remove", "Invoice", "notes")),
        ("field add Customer phone:str(20)?", ("field", "add", "Customer", "phone:str(20)?")),
        ("resource planning with rooms and dates", ()),
        ("field of play: a page of it", ()),
        ("add a products API with name:str", ()),
    ],
)
def test_a_quoted_line_of_the_grammar_is_not_plain_words(stage: Stage, line: str, tokens: tuple[str, ...]) -> None:
    stage.answers("plan", "plan_request", results.planned())
    assert stage.run("plan", line).exit_code == 0
    assert stage.calls[-1].kwargs["tokens"] == tokens
    assert stage.calls[-1].kwargs["words"] == ("" if tokens else line)
