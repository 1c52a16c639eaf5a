"""Which exit code a result ends with."""

from __future__ import annotations

from collections.abc import Sequence

from backwright.core.findings import Finding
from backwright.core.verdict import Verdict
from backwright.report.check_text import SEVERITIES
from backwright.report.results import ApplyResult, CheckResult, PlanResult, RunResult

YES, NO, MACHINE, PERSON = 0, 1, 3, 4


def exit_of_check(result: CheckResult, fail_on: str) -> int:
    """1 with a finding at or above `fail_on`; else what the worst problem asks for."""
    if fail_on in SEVERITIES and any(SEVERITIES.index(f.severity) <= _rank(fail_on) for f in result.findings):
        return NO
    return max((problem.exit_code for problem in result.problems), default=YES)


def exit_of_verdict(verdict: Verdict, new_findings: Sequence[Finding] = ()) -> int:
    """1 when a step failed, 3 when none did but a required one could not run."""
    if verdict.ok and not new_findings:
        return YES
    failed = any(r.required and r.outcome == "failed" for r in verdict.results)
    return NO if failed or verdict.ok else MACHINE


def exit_of_plan(result: PlanResult, *, check: bool) -> int:
    """4 while a question is open; with `check`, 1 when something would change."""
    if result.change.questions and not result.saved:
        return PERSON
    return NO if check and result.change.edits else YES


def exit_of_apply(result: ApplyResult) -> int:
    """0 landed, 4 in conflict with what somebody did meanwhile, else what the verdict says."""
    if result.outcome == "landed":
        return YES
    return PERSON if result.outcome == "conflict" else exit_of_verdict(result.verdict, result.new_findings) or NO


def exit_of_run(result: RunResult) -> int:
    """0 done, 3 where an engine could not be reached, 4 where a person is needed, else what the verdict says."""
    if result.outcome in ("done", "dry_run"):
        return YES
    if result.outcome == "partial":
        return NO
    if result.reason == "unreachable":
        return MACHINE
    if result.outcome in ("blocked", "conflict"):
        return PERSON
    return NO if result.verdict is None else exit_of_verdict(result.verdict, result.new_findings) or NO


def _rank(severity: str) -> int:
    return [str(s) for s in SEVERITIES].index(severity)
