"""What a plan announced is left to be done; all else that is new stands in the way."""

from __future__ import annotations

import pytest

from backwright.app.trying import without_announced
from backwright.core.change import ChangeSet
from backwright.core.facts import Span
from backwright.core.findings import Finding, Severity

CHANGE = ChangeSet(
    id="1", title="t", edits=(), author="blueprint:resource", base={}, notes=("said",), leaves=("BW904",)
)


def finding(rule: str, severity: Severity = "warning", line: int = 1) -> Finding:
    return Finding(rule, "name", severity, f"no test requests `GET /{line}`", Span("app/routes.py", line))


def test_announced_warnings_are_noted_and_no_findings() -> None:
    rest, change = without_announced((finding("BW904"), finding("BW101"), finding("BW904", line=2)), CHANGE)
    assert rest == (finding("BW101"),)
    assert change.notes == (
        "said",
        "left to be done, as planned: BW904: no test requests `GET /1`; no test requests `GET /2`",
    )


@pytest.mark.parametrize("found", [finding("BW101"), finding("BW904", "error")])
def test_what_was_not_announced_and_errors_stay(found: Finding) -> None:
    assert without_announced((found,), CHANGE) == ((found,), CHANGE)


def test_a_plan_that_announced_nothing() -> None:
    silent = ChangeSet(id="1", title="t", edits=(), author="blueprint:resource", base={})
    assert without_announced((finding("BW904"),), silent) == ((finding("BW904"),), silent)
