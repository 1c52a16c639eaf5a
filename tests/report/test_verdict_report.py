"""What `verify` saw, in the formats of machines."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from backwright.core.facts import Span
from backwright.core.findings import Finding
from backwright.core.verdict import Contract, StepResult, Verdict
from backwright.report.github import fitting
from backwright.report.results import Head, VerifyResult
from backwright.report.verdict_report import junit_of_verify, markdown_of_verify, workflow_commands_of_verify

_HEAD = Head("shop", "main", "4f2c1ab")


def _result(*steps: StepResult, findings: tuple[Finding, ...] = ()) -> VerifyResult:
    return VerifyResult(Contract((), "discovered"), Verdict(steps), _HEAD, findings, 12.5)


_LINT = StepResult("lint", "passed", seconds=0.4, command="ruff check")
_TESTS = StepResult(
    "tests",
    "failed",
    exit_code=1,
    detail="1 failed",
    tail="\x1b[31mE assert 1 == 2\x1b[0m\n```\n::error::planted",
    command="pytest | tee",
)
_TYPES = StepResult("types", "unavailable", detail="mypy is not installed\nat all")
_SLOW = StepResult("slow", "skipped", detail="asked for", required=False)
_FINDING = Finding("BW301", "interpolated-sql", "error", "text, in SQL", Span("app/a.py", 3, 5, 3, 9), "bind it")


def test_github_shows_what_failed_and_what_is_new() -> None:
    lines = workflow_commands_of_verify(_result(_LINT, _TESTS, _TYPES, _SLOW, findings=(_FINDING,))).splitlines()
    assert lines == [
        "::error title=tests failed::1 failed",
        "::error title=types unavailable::mypy is not installed%0Aat all",
        "::error file=app/a.py,line=3,col=5,endLine=3,endColumn=9,title=BW301 interpolated-sql::text, in SQL%0Abind it",
        "Not verified: tests failed; types could not run. 1 step passed, 12.5 s.",
    ]
    assert workflow_commands_of_verify(_result(_LINT)) == "Verified. 1 step passed, 12.5 s.\n"


def test_markdown_has_every_step_and_the_end_of_what_failed() -> None:
    text = markdown_of_verify(_result(_LINT, _TESTS, _TYPES, findings=(_FINDING,)))
    assert text.startswith("## Not verified: tests failed; types could not run\n")
    assert "| lint | ✓ passed |" in text
    assert "`pytest \\| tee`" in text
    assert "\nE assert 1 == 2\n'''\n" in text  # the block ends where we end it
    assert "\x1b" not in text
    assert "app/a" in text
    assert markdown_of_verify(_result(_LINT)).startswith("## Verified\n")


def test_a_summary_is_cut_and_says_so() -> None:
    long = StepResult("tests", "failed", tail="ü" * 5000)
    whole = markdown_of_verify(_result(long))
    assert fitting(whole) == whole
    text = fitting(whole, 1000)
    assert len(text.encode()) <= 1000
    assert text.endswith("The rest does not fit here.\n")


def test_junit_has_a_case_for_each_step() -> None:
    suite = ElementTree.fromstring(junit_of_verify(_result(_LINT, _TESTS, _TYPES, _SLOW)))[0]
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"], ["skipped"]]
