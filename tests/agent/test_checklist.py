from __future__ import annotations

import pytest

from backwright.agent.checklist import KINDS, Answer, Item, Touched, answers, items, touched_by
from backwright.core.facts import Span
from backwright.core.findings import Finding
from backwright.core.verdict import StepResult, Verdict
from backwright.engine.handbook import pages
from backwright.engine.registry import Registry
from backwright.kit.cases import Build

RULES = Registry().rules
PASSED = (
    StepResult("guardrails", "passed", detail="nothing new"),
    StepResult("tests", "passed", detail="12 passed, 3 of them new"),
    StepResult("types", "passed"),
    StepResult("migrations", "passed", detail="up, down, up on a scratch database"),
)
ALL = Touched(("app/api/a.py", "app/models/a.py"), frozenset({"python"}), KINDS)


def _said(given: tuple[Answer, ...]) -> dict[str, Answer]:
    return {answer.item.key: answer for answer in given}


@pytest.mark.parametrize("item", items(), ids=lambda item: item.key)
def test_each_item_is_bound_to_something_that_exists(item: Item) -> None:
    assert item.judged or item.rules or item.steps or item.facts
    assert not (item.judged and (item.rules or item.steps or item.facts))
    assert set(item.rules) <= {rule.id for rule in RULES}
    for kind in item.steps:
        assert pages()[f"playbook/{kind}"].front["steps"]
    assert set(item.when) | set(item.facts) <= KINDS


def test_each_guardrail_answers_an_item() -> None:
    asked = {rule for item in items() for rule in item.rules}
    assert not {rule.id for rule in RULES} - asked, "say on the checklist page what it answers"


def test_nothing_is_answered_twice() -> None:
    bound = [rule for item in items() for rule in item.rules]
    assert len(bound) == len(set(bound))
    keys = [item.key for item in items()]
    assert len(keys) == len(set(keys))


def test_a_proven_change() -> None:
    said = _said(answers(Verdict(PASSED), (), ALL, RULES))
    assert said["layers"].said == "yes"
    assert said["layers"].evidence == ("BW101, BW102, BW103, BW108: nothing new in 2 files",)
    assert said["tests-pass"].evidence == ("tests passed: 12 passed, 3 of them new",)
    assert said["way-back"].said == "yes"
    assert said["asked"].said == "judgement"
    assert said["lint"].said == "unproven"  # there is no such step
    assert all(answer.evidence for answer in said.values())


def test_what_the_change_does_not_touch_does_not_count() -> None:
    touched = Touched(("app/services/a.py",), frozenset({"python"}), frozenset())
    said = _said(answers(Verdict(PASSED), (), touched, RULES))
    assert said["validated"].said == said["migration"].said == "not applicable"
    assert said["layers"].said == "yes"
    assert said["tests-added"].said == "no"


def test_nothing_is_a_yes_that_nothing_showed() -> None:
    for results in ((), (StepResult("guardrails", "unavailable", detail="no facts"),)):
        said = _said(answers(Verdict(results), (), ALL, RULES))
        assert {a.said for a in said.values() if not a.item.facts} == {"unproven", "judgement"}
    said = _said(answers(None, (), ALL, RULES))
    assert said["tests-pass"].said == "unproven"
    unspoken = _said(answers(Verdict(PASSED), (), Touched(("a.zig",), frozenset({"zig"}), KINDS), RULES))
    assert unspoken["parameters"].said == "unproven"
    assert "not of zig" in unspoken["parameters"].evidence[0]


def test_findings_and_failures_are_a_no() -> None:
    finding = Finding("BW301", "interpolated-sql", "error", "SQL is put together", Span("app/a.py", 3))
    failed = (*PASSED[:1], StepResult("tests", "failed", was="failed", new=(), detail="1 failed", problems=("a",)))
    said = _said(answers(Verdict(failed), (finding,), ALL, RULES))
    assert (said["parameters"].said, said["parameters"].evidence) == ("no", ("BW301 app/a.py:3: SQL is put together",))
    assert said["tests-pass"].evidence == ("tests failed as before the change: 1 failed",)
    assert said["loading"].said == "yes"


def test_what_a_change_touches(build: Build) -> None:
    index, archmap = build(
        {
            "app/api.py": "from fastapi import APIRouter\nrouter = APIRouter()\n\n@router.get('/a')\ndef a() -> int:\n    return 1\n",
            "app/plain.py": "def f() -> int:\n    return 1\n",
            "tests/test_a.py": "def test_a() -> None:\n    assert True\n",
        }
    )
    assert touched_by(index, archmap, ["app/plain.py"]) == Touched(("app/plain.py",), frozenset({"python"}))
    assert touched_by(index, archmap, ["app/api.py"]).kinds == {"routes"}
    both = touched_by(index, archmap, ["tests/test_a.py", "alembic/versions/1.py"])
    assert both.kinds == {"tests", "migrations"}
