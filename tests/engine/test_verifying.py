"""Judging the steps of a contract against what they were before the change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.verdict import Contract, Step, StepResult, Verdict
from backwright.engine.verifying import Ran, exit_code, judge, nothing_new, verify
from backwright.engine.verifying_problems import added, problems_of
from backwright.engine.verifying_tests import read_report

LINT = Step(name="lint", argv=("ruff", "check"))
TESTS = Step(name="tests", argv=("pytest",), timeout=9)


def lint(ran: Ran, before: Ran | None = None) -> StepResult:
    return judge(LINT, ran, judge(LINT, before, None) if before else None)


def report(*cases: str) -> str:
    """A JUnit report: `tests/test_a.py::test_x` passes, `!…` fails, `-…` is skipped."""
    rows = []
    for case in cases:
        path, _, name = case.lstrip("!-").partition("::")
        body = {"!": '<failure message="no"/>', "-": "<skipped/>"}.get(case[0], "")
        *classes, name = name.split("::")
        dotted = ".".join([path.removesuffix(".py").replace("/", "."), *classes])
        rows.append(f'<testcase classname="{dotted}" name="{name}" file="{path}" line="3" time="0.1">{body}</testcase>')
    return f'<?xml version="1.0"?><testsuites><testsuite name="pytest">{"".join(rows)}</testsuite></testsuites>'


def run_tests(*cases: str, code: int | None = None, output: str = "", **more: object) -> Ran:
    failed = any(case.startswith("!") for case in cases)
    return Ran(exit_code=int(failed) if code is None else code, output=output, tests=report(*cases), **more)  # type: ignore[arg-type]


def test_a_step_that_passes_and_one_that_fails() -> None:
    passed = lint(Ran(exit_code=0, seconds=0.5, command="ruff check"))
    assert (passed.outcome, passed.was, passed.problems, passed.command) == ("passed", "", (), "ruff check")
    failed = lint(Ran(exit_code=1, output="app/a.py:3:1: F401 unused\nFound 1 error.\n"))
    assert (failed.outcome, failed.problems, failed.new) == ("failed", ("app/a.py: F401 unused",), None)
    assert "Found 1 error." in failed.tail


def test_a_moved_problem_is_not_new_and_a_second_one_is() -> None:
    before = Ran(exit_code=1, output="app/a.py:3:1: F401 unused\n")
    moved = lint(Ran(exit_code=1, output="app/a.py:30:1: F401 unused\n"), before)
    assert (moved.outcome, moved.was, moved.new, moved.detail) == (
        "failed",
        "failed",
        (),
        "failed before too, nothing new",
    )
    second = lint(Ran(exit_code=1, output="app/a.py:3:1: F401 unused\napp/a.py:9:1: F401 unused\n"), before)
    assert second.new == ("app/a.py: F401 unused",)
    assert second.detail == "1 new: app/a.py: F401 unused"
    other = lint(Ran(exit_code=1, output="app/b.py:3:1: F401 unused\n"), before)
    assert other.new == ("app/b.py: F401 unused",)


def test_a_step_that_passed_before_has_only_new_problems() -> None:
    result = lint(Ran(exit_code=1, output="app/b.py:3:1: F401 unused\n"), Ran(exit_code=0))
    assert (result.was, result.new) == ("passed", ("app/b.py: F401 unused",))


@pytest.mark.parametrize(
    ("output", "problems"),
    [
        ("app/a.py:1:2: F401 [*] `os` imported\n  |\n1 | import os\n", ("app/a.py: F401 [*] `os` imported",)),
        ('a.py:3: error: Name "x" already defined on line 12  [no-redef]\na.py:3: note: see\n',
         ('a.py: error: Name "x" already defined on line N  [no-redef]',)),
        ("  app/a.py:5:9 - error: bad (reportX)\n1 error\n", ("app/a.py: error: bad (reportX)",)),
        ("app/a.py:5:9: error[invalid-argument] bad\n", ("app/a.py: error[invalid-argument] bad",)),
        ("Would reformat: app/a.py\n1 file would be reformatted\n", ("app/a.py: is not formatted",)),
        ("would reformat app/a.py\nOh no!\n", ("app/a.py: is not formatted",)),
        ("ERROR: app/a.py Imports are incorrectly sorted and/or formatted.\n", ("app/a.py: is not formatted",)),
        ("something 12 odd\nin 0.5 s\n", ("in N s", "something N odd")),
    ],
)  # fmt: skip
def test_the_complaints_of_known_and_unknown_tools(output: str, problems: tuple[str, ...]) -> None:
    assert problems_of(output) == problems


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_added_is_counted(now: list[str], before: list[str]) -> None:
    new = added(now, before)
    for letter in "abc":
        assert new.count(letter) == max(0, now.count(letter) - before.count(letter))


@given(st.text(max_size=200))
def test_any_output_and_any_report_is_read(text: str) -> None:
    problems_of(text)
    read_report(text)


def test_what_cannot_run_is_unavailable_and_never_a_pass() -> None:
    verdict = verify(Contract(steps=(LINT,), source="x"), lambda _: Ran(unavailable="ruff is not installed"))
    (result,) = verdict.results
    assert (result.outcome, result.detail) == ("unavailable", "ruff is not installed")
    assert not verdict.ok
    assert not nothing_new(verdict)
    assert exit_code(verdict) == 3


def test_unavailable_before_leaves_nothing_to_compare_with() -> None:
    result = lint(Ran(exit_code=1, output="a.py:1:1: E1 x\n"), Ran(unavailable="gone"))
    assert (result.was, result.new) == ("unavailable", None)
    assert not nothing_new(Verdict(results=(result,)))


def test_a_skip_that_the_contract_allows() -> None:
    result = lint(Ran(skipped="uv is not installed"))
    assert (result.outcome, result.required, result.detail) == ("skipped", False, "uv is not installed")


def test_timeout_missing_signal_and_output_with_a_gap() -> None:
    assert lint(Ran(exit_code=-9, timed_out=True)).detail == "stopped after 600 s"
    assert lint(Ran(exit_code=0, timed_out=True)).outcome == "failed"
    step = Step(name="tests", argv=("x",), pass_signal="all good")
    assert judge(step, Ran(exit_code=0, output="no"), None).outcome == "failed"
    assert judge(step, Ran(exit_code=0, output="all good"), None).outcome == "passed"
    gap = lint(Ran(exit_code=1, output="a.py:1:1: E1 x", complete=False), Ran(exit_code=0))
    assert (gap.problems, gap.new) == (None, None)


def test_the_names_of_tests() -> None:
    found = read_report(
        report("tests/test_a.py::test_x", "tests/test_a.py::TestB::test_y[1-a]", "!t.py::test_z", "-t.py::test_s")
    )
    assert found is not None
    assert found.passed == {"tests/test_a.py::test_x", "tests/test_a.py::TestB::test_y[1-a]"}
    assert found.failed == {"t.py::test_z"}
    assert found.skipped == {"t.py::test_s"}


@pytest.mark.parametrize("xml", ["", "<a/>", "<testsuites>", '<!DOCTYPE a [<!ENTITY b "c">]><testsuites/>'])
def test_what_is_no_report(xml: str) -> None:
    assert read_report(xml) is None


def test_tests_passed_and_how_many_are_new() -> None:
    old = [f"tests/test_a.py::test_{i}" for i in range(3)]
    new = [f"tests/api/test_order.py::test_{i}" for i in range(2)]
    before = judge(TESTS, run_tests(*old), None)
    assert before.detail == "3 passed"
    result = judge(TESTS, run_tests(*old, *new), before, ("tests/api/test_order.py", "tests/conftest.py"))
    assert (result.outcome, result.detail, result.new) == ("passed", "5 passed, 2 of them new", ())
    assert judge(TESTS, run_tests(*old, *new), before).detail == "5 passed, 2 of them new"
    assert set(result.proved) == {*old, *new}


def test_new_tests_that_did_not_run_are_a_failure() -> None:
    before = judge(TESTS, run_tests("t/test_a.py::test_x"), None)
    result = judge(TESTS, run_tests("t/test_a.py::test_x"), before, ("t/test_new.py",))
    assert (result.outcome, result.detail) == ("failed", "1 passed, but t/test_new.py did not run")
    assert result.new == ("t/test_new.py: did not run",)


def test_a_test_that_passed_before_and_fails_now() -> None:
    before = judge(TESTS, run_tests("t/test_a.py::test_x", "!t/test_a.py::test_y"), None)
    assert before.detail == "1 failed, 1 passed"
    broken = judge(TESTS, run_tests("!t/test_a.py::test_x", "!t/test_a.py::test_y", output="boom"), before)
    assert broken.detail == "1 failed that passed before: t/test_a.py::test_x"
    assert (broken.new, broken.tail) == (("t/test_a.py::test_x",), "boom")
    same = judge(TESTS, run_tests("t/test_a.py::test_x", "!t/test_a.py::test_y"), before)
    assert (same.outcome, same.new, same.detail) == ("failed", (), "1 failed, 1 passed; the same failed before")
    assert nothing_new(Verdict(results=(same,)))
    fresh = judge(TESTS, run_tests("t/test_a.py::test_x", "!t/test_n.py::test_n", code=1), before, ("t/test_n.py",))
    assert fresh.detail == "1 failed, 1 passed; new: t/test_n.py::test_n"


def test_no_test_at_all_and_a_session_that_fails_without_one() -> None:
    assert judge(TESTS, run_tests(code=5), None).detail == "no test ran"
    assert judge(TESTS, run_tests("-t.py::test_s"), None).outcome == "failed"
    coverage = "FAIL Required test coverage of 100% not reached. Total coverage: 98.20%\n1 passed in 3.2s\n"
    result = judge(TESTS, run_tests("t.py::test_a", code=1, output=coverage), None)
    assert result.outcome == "failed"
    assert "Required test coverage" in result.detail
    again = judge(TESTS, run_tests("t.py::test_a", code=1, output=coverage.replace("98.20", "97.10")), result)
    assert again.new == ()


def test_a_whole_contract_against_its_baseline() -> None:
    contract = Contract(steps=(LINT, TESTS, Step(name="docs", argv=("x",), required=False)), source="x")
    heard: list[str] = []
    answers = {
        "lint": Ran(exit_code=1, output="a.py:1:1: E1 x\n"),
        "tests": run_tests("t.py::test_a"),
        "docs": Ran(exit_code=1),
    }
    baseline = verify(contract, lambda step: answers[step.name])
    verdict = verify(contract, lambda step: answers[step.name], baseline, on_result=lambda r: heard.append(r.step))
    assert heard == ["lint", "tests", "docs"]
    assert [(r.outcome, r.was) for r in verdict.results] == [
        ("failed", "failed"),
        ("passed", "passed"),
        ("failed", "failed"),
    ]
    assert not verdict.ok
    assert nothing_new(verdict)
    assert exit_code(verdict) == 1
    assert not nothing_new(baseline)


def test_an_empty_contract_proves_nothing() -> None:
    verdict = verify(Contract(steps=(), source="x"), lambda _: Ran())
    assert (verdict.ok, nothing_new(verdict), exit_code(verdict)) == (False, False, 2)
