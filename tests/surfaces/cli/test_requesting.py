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


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (["--resume", "9b02", "--dry-run"], "--dry-run"),
        (["--resume", "9b02", "--branch", "--engine", "claude"], "--branch, --engine"),
        (["--review", "a..b", "--branch"], "--branch"),
        (["--review", "a..b", "--resume", "9b02"], "not each other"),
    ],
)
def test_what_would_be_ignored_is_refused(stage: Stage, line: list[str], named: str) -> None:
    done = stage.run("run", *line)
    assert done.exit_code == 2
    assert named in done.stderr


@pytest.mark.parametrize("verb", ["plan", "run"])
def test_who_asks_for_nothing_is_shown_the_same_verb(stage: Stage, verb: str) -> None:
    assert f'backwright {verb} "a products API' in stage.run(verb).stderr
