"""The report of a run: whatever came from a repository reads as itself, in Markdown as in HTML."""

from __future__ import annotations

import msgspec
from report_samples import FAILED, RAN

from backwright.core.verdict import Red
from backwright.engine.behaviour import Changed
from backwright.report.results import CheckedItem
from backwright.report.run_report import html_of_run, markdown_of_run, risks

HOSTILE = "<script>alert(1)</script> [x](javascript:y) \x1b[31m| a"
TOLD = msgspec.structs.replace(
    RAN,
    behaviour=(Changed("route", "added", f"POST /things{HOSTILE}", "", "create", "app/api.py"),),
    checklist=(
        CheckedItem("a", "Inputs are validated", "Input", "yes", ("BW201 found nothing",)),
        CheckedItem("b", "Types are checked", "Code", "unproven", ("no step",)),
        CheckedItem("c", "It does what was asked for", "Request", "judgement"),
        CheckedItem("d", "Models have migrations", "Data", "not applicable"),
    ),
    reds=(Red("tests/test_thing.py::test_a", "answer", "404"),),
)


def test_all_that_is_known_is_told() -> None:
    text = markdown_of_run(TOLD)
    for heading in (
        "Changed behaviour",
        "Verification",
        "Tests first",
        "Checklist",
        "Files",
        "Unresolved risks",
        "Cost",
    ):
        assert f"### {heading}" in text
    assert "Models have migrations" not in text
    assert "BW201 found nothing" in text


def test_foreign_text_is_text() -> None:
    page, text = html_of_run(TOLD), markdown_of_run(TOLD)
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", ""), "it loads nothing"
    assert "\x1b" not in page + text
    assert "\\<script" in text
    assert "[x](javascript" not in text


def test_risks_name_what_nobody_proved() -> None:
    found = risks(TOLD)
    assert "Types are checked (unproven)" in found
    assert "for a person to judge: It does what was asked for" in found
    assert risks(msgspec.structs.replace(FAILED, verdict=None, change=None)) == ("nothing was verified",)
