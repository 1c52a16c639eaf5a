"""New tests count as shown failing only where they fail for want of the change."""

from __future__ import annotations

import pytest

from backwright.agent.red import is_right, reds_of
from backwright.core.change import ChangeSet, Edit
from backwright.core.verdict import Fault, StepResult

TEST = "tests/test_thing.py"
CHANGE = ChangeSet(
    "ab12", "add Thing",
    (Edit("app/models/thing.py", None, "class Thing: ...\n"), Edit("app/api/router.py", "x = 1\n", "x = 1\nthings = 2\n"),
     Edit(TEST, None, "from app.models.thing import Thing\n")),
    "blueprint:resource", {}, tests=(TEST,),
)  # fmt: skip


def reasons(*messages: str, name: str = f"{TEST}::test_create") -> list[str]:
    faults = tuple(Fault(name, tuple(message.splitlines())) for message in messages)
    return [red.reason for red in reds_of(StepResult("tests", "failed", faults=faults), CHANGE)]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("assert response.status_code == 201\n  where 404 = <Response>.status_code", "answer"),
        ("AssertionError: expected 3 rows", "assertion"),
        ("ModuleNotFoundError: No module named 'app.models.thing'", "missing"),
        ("ImportError: cannot import name 'Thing' from 'app.models'", "missing"),
        ("AttributeError: module 'app.api' has no attribute 'things'", "missing"),
        ("ModuleNotFoundError: No module named 'pytest_nothing'", "other"),
        ("ImportError: cannot import name 'Customer' from 'app.models'", "other"),
        ("SyntaxError: invalid syntax", "other"),
        ("E   IndentationError: unexpected indent\nassert 1", "other"),
        ("ConnectionRefusedError: [Errno 111]", "other"),
    ],
)
def test_reason(message: str, reason: str) -> None:
    assert reasons(message) == [reason]


def test_tests_of_others_say_nothing() -> None:
    assert reasons("assert 1 == 2", name="tests/test_other.py::test_x") == []
    assert not is_right(())


def test_one_wrong_reason_spoils_it() -> None:
    result = StepResult(
        "tests", "failed",
        faults=(Fault(f"{TEST}::a", ("assert 404 == 201",)), Fault(f"{TEST}::b", ("SyntaxError: x",))),
    )  # fmt: skip
    assert not is_right(reds_of(result, CHANGE))


def test_without_a_known_form_the_end_of_the_output_tells() -> None:
    result = StepResult(
        "tests", "failed", new=(TEST,), problems=(TEST,), tail="ModuleNotFoundError: No module named 'app.models.thing'"
    )
    assert [red.reason for red in reds_of(result, CHANGE)] == ["missing"]
