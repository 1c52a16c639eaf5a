"""What several parts did, told as one."""

from __future__ import annotations

from typing import Any

import pytest

from backwright.app.several import behaviour_of, checklist_of, spent
from backwright.engine.behaviour import Changed, How
from backwright.report.results import CheckedItem


def column(how: How, was: str = "", now: str = "") -> Changed:
    return Changed("column", how, "orders.total", was, now)


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (column("added", now="int"), column("changed", "int", "str"), (column("added", now="str"),)),
        (column("added", now="int"), column("removed", "int"), ()),
        (column("changed", "int", "str"), column("changed", "str", "date"), (column("changed", "int", "date"),)),
        (column("changed", "int", "str"), column("removed", "str"), (column("removed", "int"),)),
        (column("removed", "int"), column("added", now="str"), (column("changed", "int", "str"),)),
    ],
)
def test_what_a_part_changes_again_is_told_once(first: Changed, second: Changed, both: tuple[Changed, ...]) -> None:
    assert behaviour_of([[first], [second]]) == both


def test_an_item_has_its_worst_answer_with_the_evidence_for_it() -> None:
    def item(said: str, *evidence: str) -> CheckedItem:
        return CheckedItem("tested", "new code is tested", "tests", said, evidence)

    assert checklist_of([[item("not applicable")], [item("yes", "a"), item("yes", "b")]]) == (item("yes", "a", "b"),)
    assert checklist_of([[item("no", "a")], [item("yes", "b")]]) == (item("no", "a"),)
    assert checklist_of([]) == ()


def test_what_all_parts_spent_is_counted() -> None:
    used: list[dict[str, Any]] = [
        {"usage": {"requests": 2, "input_tokens": 5, "dollars": 0.5}},
        {},
        {"usage": {"requests": 1}},
    ]
    total = spent(used)
    assert (total.requests, total.input_tokens, total.dollars) == (3, 5, 0.5)
    assert spent([]).dollars is None
