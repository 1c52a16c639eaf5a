"""Runs a verify contract and judges each step: what it is now, what it was, and what is new.

Pure: running is the caller's `RunStep`. A step that failed before and fails now is `failed`; whether the change broke
anything is another question, which `nothing_new` answers from the problems that each run reported.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from backwright.core.verdict import Contract, Outcome, Step, StepResult, Verdict
from backwright.engine.faults import faults_of, faults_of_tests
from backwright.engine.verifying_counts import count_of
from backwright.engine.verifying_problems import added, problems_of
from backwright.engine.verifying_tests import TestReport, is_test_file, read_report

TAIL_LINES = 40


class Ran(msgspec.Struct, frozen=True):
    """What running one step gave. `unavailable` and `skipped` say why it did not run, and are empty where it did."""

    exit_code: int | None = None
    seconds: float = 0.0
    output: str = ""  # without control characters, paths relative to the project
    command: str = ""  # as a person would type it
    timed_out: bool = False
    complete: bool = True  # False where the middle of the output is missing
    unavailable: str = ""
    skipped: str = ""
    tests: str = ""  # the JUnit report, where the step ran tests
    detail: str = ""
    problems: tuple[str, ...] | None = None  # where the step tells them itself


class RunStep(Protocol):
    """Runs one step in the tree that is to be verified."""

    def __call__(self, step: Step) -> Ran: ...


def verify(
    contract: Contract,
    run_step: RunStep,
    baseline: Verdict | None = None,
    *,
    new_tests: Sequence[str] = (),
    on_result: Callable[[StepResult], None] | None = None,
) -> Verdict:
    """Runs all steps in order and judges them against `baseline`, the verdict on the tree before the change.

    `new_tests` are the paths of tests that the change adds: they must have run. `on_result` hears of each step's end.
    """
    started = time.monotonic()
    before = {result.step: result for result in baseline.results} if baseline else {}
    results = []
    for step in contract.steps:
        result = judge(step, run_step(step), before.get(step.name), new_tests)
        results.append(result)
        if on_result:
            on_result(result)
    return Verdict(results=tuple(results), seconds=time.monotonic() - started)


def judge(step: Step, ran: Ran, before: StepResult | None, new_tests: Sequence[str] = ()) -> StepResult:
    """The result of a step that ran (or could not), compared with its result before the change."""
    result = StepResult(
        step=step.name,
        outcome="unavailable",
        was=before.outcome if before else "",
        exit_code=ran.exit_code,
        seconds=ran.seconds,
        detail=ran.unavailable or ran.skipped,
        command=ran.command,
        required=step.required and not ran.skipped,
    )
    if ran.skipped:
        return msgspec.structs.replace(result, outcome="skipped")
    if ran.unavailable:
        return msgspec.structs.replace(result, tail=_tail(ran.output))
    report = read_report(ran.tests) if ran.tests else None
    if report:
        return _judge_tests(result, step, ran, report, before, new_tests)
    return _judge_problems(result, step, ran, before)


def nothing_new(verdict: Verdict) -> bool:
    """Did the change break nothing? True only where every required step passed, or fails with the very problems it had.

    A required step that could not run, or whose problems cannot be compared, proves nothing: False.
    """
    required = [result for result in verdict.results if result.required]
    return bool(required) and all(r.outcome == "passed" or _as_before(r) for r in required)


def _as_before(result: StepResult) -> bool:
    """Whether it fails as it failed before. A step that passed before broke, be it silent about why."""
    return result.outcome == "failed" and result.was == "failed" and result.new == () and bool(result.problems)


def exit_code(verdict: Verdict) -> int:
    """0 verified, 1 a required step failed, 2 there was nothing to run, 3 a required step could not run."""
    if verdict.ok:
        return 0
    required = {result.outcome for result in verdict.results if result.required}
    if not required:
        return 2
    return 1 if "failed" in required else 3


def _judge_problems(result: StepResult, step: Step, ran: Ran, before: StepResult | None) -> StepResult:
    outcome: Outcome = "passed" if ran.exit_code == 0 else "failed"
    detail = ran.detail
    if ran.timed_out:
        outcome, detail = "failed", f"stopped after {step.timeout:g} s"
    elif outcome == "passed" and step.pass_signal and step.pass_signal not in ran.output:
        outcome, detail = "failed", f"its output does not say `{step.pass_signal}`"
    elif outcome == "passed" and _runs_tests(step):
        outcome, detail = _counted(ran)
    problems = ran.problems
    if problems is None and ran.complete and not ran.timed_out:
        problems = () if outcome == "passed" else problems_of(ran.output)
    new = _new(problems, before)
    if outcome == "failed" and not detail:
        detail = _summary(new)
    return msgspec.structs.replace(
        result,
        outcome=outcome,
        detail=detail,
        problems=problems,
        new=new,
        tail=_tail(ran.output) if outcome == "failed" else "",
        faults=faults_of(ran.output) if outcome == "failed" else (),
    )


def _runs_tests(step: Step) -> bool:
    return step.name in ("test", "tests") and not step.builtin


def _counted(ran: Ran) -> tuple[Outcome, str]:
    """Of a test runner without a report that ended well: it did where it ran something."""
    count = count_of(ran.output)
    if count is None:
        return "passed", ran.detail or "it does not say how many tests ran"
    return ("passed", f"{count} ran") if count.number else ("failed", "no test ran")


def _judge_tests(
    result: StepResult, step: Step, ran: Ran, report: TestReport, before: StepResult | None, new_tests: Sequence[str]
) -> StepResult:
    failed = sorted(report.failed)
    outcome: Outcome = "passed" if ran.exit_code == 0 and not failed else "failed"
    detail = _test_counts(report, before, new_tests)
    problems = failed
    missing = [path for path in new_tests if is_test_file(path) and not _has_tests(report, path)]
    if ran.timed_out:
        outcome, detail = "failed", f"stopped after {step.timeout:g} s; {detail}"
    elif report.ran == 0:
        outcome, detail, problems = "failed", "no test ran", ["no test ran"]
    elif missing and outcome == "passed":
        outcome, detail = "failed", f"{detail}, but {missing[0]} did not run"
        problems = [f"{path}: did not run" for path in missing]
    elif step.pass_signal and step.pass_signal not in ran.output:
        outcome, detail = "failed", f"its output does not say `{step.pass_signal}`"
    elif outcome == "failed" and not failed:
        problems = [_session_problem(ran)]
        detail = f"{detail}; {problems[0]}"
    new = _new(tuple(problems), before) if not ran.timed_out else None
    if failed and new is not None and not ran.timed_out:
        detail = _failures(new, frozenset(before.proved) if before else frozenset(), detail)
    return msgspec.structs.replace(
        result,
        outcome=outcome,
        detail=detail,
        problems=tuple(problems),
        new=new,
        proved=tuple(sorted(report.passed)),
        tail=_tail(ran.output) if outcome == "failed" else "",
        faults=(faults_of_tests(report.details) or faults_of(ran.output)) if outcome == "failed" else (),
    )


def _has_tests(report: TestReport, path: str) -> bool:
    return bool(report.of_files(report.passed | report.failed | report.skipped, (path,)))


def _new(problems: tuple[str, ...] | None, before: StepResult | None) -> tuple[str, ...] | None:
    """What `before` did not have; None where there is nothing to compare with."""
    if problems is None or before is None or before.problems is None:
        return None
    return added(problems, before.problems)


def _summary(new: tuple[str, ...] | None) -> str:
    if new is None:
        return ""
    if not new:
        return "failed before too, nothing new"
    return f"{len(new)} new: {new[0]}"


def _test_counts(report: TestReport, before: StepResult | None, new_tests: Sequence[str]) -> str:
    parts = [f"{len(report.failed)} failed"] if report.failed else []
    parts.append(f"{len(report.passed)} passed")
    if new_tests:
        fresh = len(report.of_files(report.passed, new_tests))
    else:
        fresh = len(report.passed - set(before.proved)) if before and before.proved else 0
    if fresh:
        parts.append(f"{fresh} of them new")
    if report.skipped:
        parts.append(f"{len(report.skipped)} skipped")
    return ", ".join(parts)


def _failures(new: tuple[str, ...], proved: frozenset[str], counts: str) -> str:
    if not new:
        return f"{counts}; the same failed before"
    broken = [name for name in new if name in proved]
    if broken:
        return f"{len(broken)} failed that passed before: {broken[0]}"
    return f"{counts}; new: {new[0]}"


def _session_problem(ran: Ran) -> str:
    """What the session failed for where no test did: coverage too low, a plugin, an interrupted run."""
    for line in reversed(ran.output.splitlines()):
        if re.match(r"(ERROR|FAIL|INTERNALERROR|Interrupted|E  )\b", line.strip("! =")):
            return re.sub(r"\d+(\.\d+)?", "N", line.strip("! ="))
    return f"pytest ended with {ran.exit_code} though no test failed"


def _tail(output: str) -> str:
    return "\n".join(output.rstrip().splitlines()[-TAIL_LINES:])
