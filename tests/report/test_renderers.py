"""Every renderer against a golden text: width 100, no colour. `BACKWRIGHT_GOLDEN=write` writes them anew."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import report_samples as samples

from backwright.core.change import ChangeSet
from backwright.core.facts import Span
from backwright.core.findings import Finding, Related
from backwright.report import (
    check_text,
    config_text,
    envelope,
    error_text,
    github,
    gitlab,
    junit,
    map_text,
    markdown,
    pages_text,
    plan_text,
    run_text,
    verdict_text,
)
from backwright.report.excerpt import lines_needed
from backwright.report.results import (
    BlueprintInfo,
    BlueprintList,
    ExplainResult,
    Head,
    InitResult,
    PlanResult,
    StatusResult,
    UndoResult,
)
from backwright.report.terminal import Screen

GOLDEN = Path(__file__).parent / "golden"
PLAIN = Screen(color=False, symbols=True, width=100)
PAGE = (Path(__file__).parent / "data" / "page.md").read_text(encoding="utf-8")
SETTINGS = [("include", ("app",), "a.toml:2"), ("rules.fail-on", "error", "default")]
CASES: dict[str, Callable[[], str]] = {
    "map": lambda: map_text.render_map(samples.MAP, PLAIN),
    "map_verbose": lambda: map_text.render_map(samples.MAP, PLAIN, verbose=True),
    "check_full": lambda: check_text.render_full(samples.CHECK, PLAIN),
    "check_concise": lambda: check_text.render_concise(samples.CHECK, PLAIN),
    "check_statistics": lambda: check_text.render_statistics(samples.CHECK, PLAIN),
    "check_clean": lambda: check_text.render_full(samples.CLEAN, PLAIN),
    "check_markdown": lambda: markdown.markdown(samples.CHECK),
    "check_gitlab": lambda: envelope.to_json(gitlab.code_quality(samples.CHECK)),
    "check_junit": lambda: junit.junit(samples.CHECK),
    "check_jsonl": lambda: "".join(envelope.lines("check", samples.CHECK, 1)),
    "check_github": lambda: github.workflow_commands(samples.CHECK),
    "plan": lambda: plan_text.render_plan(samples.PLAN, PLAIN),
    "plan_verbose": lambda: plan_text.render_plan(samples.PLAN, PLAIN, verbose=True),
    "blueprints": lambda: plan_text.render_blueprints(
        BlueprintList((BlueprintInfo("resource", "A resource with its routes", "backwright plan resource …"),)), PLAIN
    ),
    "verified": lambda: verdict_text.render_verify(samples.VERIFIED, PLAIN),
    "not_verified": lambda: verdict_text.render_verify(samples.NOT_VERIFIED, PLAIN),
    "applied": lambda: verdict_text.render_apply(samples.APPLIED, PLAIN),
    "not_applied": lambda: verdict_text.render_apply(samples.NOT_APPLIED, PLAIN),
    "conflict": lambda: verdict_text.render_apply(samples.CONFLICT, PLAIN),
    "undone": lambda: verdict_text.render_undo(UndoResult("7c1e", "add Order", Head("x"), ("a.py", "b.py")), PLAIN),
    "run_done": lambda: run_text.render_run(samples.RAN, PLAIN),
    "run_failed": lambda: run_text.render_run(samples.FAILED, PLAIN),
    "run_dry": lambda: run_text.render_run(msgspec.structs.replace(samples.RAN, outcome="dry_run"), PLAIN),
    "status": lambda: pages_text.render_status(samples.STATUS, PLAIN),
    "status_new": lambda: pages_text.render_status(StatusResult(Head("shop"), "no backend found"), PLAIN),
    "init": lambda: pages_text.render_init(InitResult("backwright.toml", "[backwright]\nx = 1\n", Head("x")), PLAIN),
    "explain": lambda: pages_text.render_explain(ExplainResult("BW301", "BW301", PAGE), PLAIN),
    "config": lambda: config_text.render_settings("a.toml", SETTINGS, PLAIN),
    "error": lambda: error_text.render_error("names BW999", PLAIN, where="a.toml:7", hints=("did you mean BW199?",)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    text = CASES[name]()
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("BACKWRIGHT_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_golden_text_without_a_renderer() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


@pytest.mark.parametrize("name", ["map", "check_full", "plan", "applied", "not_verified", "run_failed"])
def test_color_adds_nothing_but_color(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "PLAIN", Screen(color=True))
    colored = CASES[name]()
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["map", "check_full", "plan", "applied", "not_verified", "run_failed", "status"])
def test_a_dumb_terminal_gets_ascii(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "PLAIN", Screen(symbols=False))
    assert CASES[name]().isascii()


HOSTILE = "a\x1b]0;x\x07\x9b31m\u202eb\nc\U000e0041"


def hostile(value: Any) -> Any:
    """`value` with every text in it made hostile."""
    match value:
        case Finding():
            return msgspec.structs.replace(
                value,
                message=HOSTILE,
                help=HOSTILE,
                span=Span(HOSTILE, 41, 3, 41, 9),
                related=tuple(msgspec.structs.replace(r, message=HOSTILE) for r in value.related),
            )
        case ChangeSet():
            edits = tuple(
                msgspec.structs.replace(e, path=e.path + HOSTILE, summary=HOSTILE, like=HOSTILE, after=HOSTILE)
                for e in value.edits
            )
            return msgspec.structs.replace(value, edits=edits, title=HOSTILE, notes=(HOSTILE,))
    raise TypeError(value)


def test_nothing_from_a_repository_steers_the_terminal() -> None:
    findings = tuple(hostile(f) for f in samples.CHECK.findings)
    check = msgspec.structs.replace(
        samples.CHECK, findings=findings, excerpts={HOSTILE: {41: HOSTILE.replace("\n", "") * 9}}
    )
    plan = PlanResult(hostile(samples.CHANGE), Head(HOSTILE, HOSTILE, HOSTILE))
    explain = ExplainResult(HOSTILE, HOSTILE, f"# {HOSTILE}\n\n- `{HOSTILE}`\n\n```\n{HOSTILE}\n```\n")
    texts = [
        check_text.render_full(check, PLAIN),
        check_text.render_concise(check, PLAIN),
        markdown.markdown(check),
        github.workflow_commands(check),
        plan_text.render_plan(plan, PLAIN, verbose=True),
        pages_text.render_explain(explain, PLAIN),
        verdict_text.render_verify(samples.NOT_VERIFIED, PLAIN),
        error_text.render_error(HOSTILE, PLAIN, where=HOSTILE, hints=(HOSTILE,)),
    ]
    for text in texts:
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\U000e0000-\U000e007f]", text)


def test_a_finding_with_many_places_shows_some_of_them() -> None:
    notes = tuple(Related("so does this", Span("app/api.py", line)) for line in range(1, 16))
    check = msgspec.structs.replace(samples.CHECK, findings=(msgspec.structs.replace(samples.QUERY, related=notes),))
    shown = [line for line in check_text.render_full(check, PLAIN).splitlines() if line.strip().startswith("note")]
    assert len(shown) == 13
    assert "app/api.py:12:" in shown[11]
    assert "3 more" in shown[12]


def test_the_caret_stands_under_what_is_meant_in_a_long_line() -> None:
    line = "x" * 300 + "BAD" + "y" * 300
    finding = msgspec.structs.replace(samples.QUERY, span=Span("a.py", 7, 301, 7, 304))
    check = msgspec.structs.replace(samples.CLEAN, findings=(finding,), excerpts={"a.py": {7: line}})
    shown = check_text.render_full(check, PLAIN).splitlines()
    source = next(text for text in shown if "BAD" in text)
    carets = shown[shown.index(source) + 1]
    assert len(source) <= 100
    assert source.startswith("7 | …")
    assert source.endswith("…")
    assert carets.index("^") == source.index("BAD")
    assert carets.count("^") == 3


def test_the_caret_counts_wide_characters_and_tabs() -> None:
    finding = msgspec.structs.replace(samples.QUERY, span=Span("a.py", 7, 4, 7, 7))
    check = msgspec.structs.replace(samples.CLEAN, findings=(finding,), excerpts={"a.py": {7: "\t日 bad"}})
    carets = next(line for line in check_text.render_full(check, PLAIN).splitlines() if "^" in line)
    assert carets == "  |     " + "   ^^^"


def test_the_lines_that_a_report_quotes() -> None:
    first = msgspec.structs.replace(samples.QUERY, span=Span("b.py", 1))
    assert lines_needed([samples.QUERY, samples.PAGES, first]) == {"app/api/orders.py": {40, 41, 8, 9}, "b.py": {1}}


@pytest.mark.parametrize(
    ("findings", "since", "expected"),
    [
        ((), "", "Nothing found."),
        ((), "main", "Nothing new since main."),
        ((samples.QUERY,), "main", "Found 1 error, new since main."),
        ((samples.QUERY, samples.QUERY), "main", "Found 2 errors, both new since main."),
        ((samples.QUERY, samples.QUERY, samples.PAGES), "", "Found 2 errors and 1 warning."),
    ],
)
def test_the_summary_counts(findings: tuple[Finding, ...], since: str, expected: str) -> None:
    result = msgspec.structs.replace(samples.CLEAN, findings=findings, since=since)
    assert check_text.summary_line(result).startswith(expected)


def test_a_plan_that_only_asks_shows_no_counts() -> None:
    change = msgspec.structs.replace(samples.CHANGE, edits=(), assumptions=())
    text = plan_text.render_plan(PlanResult(change, samples.HEAD), PLAIN)
    assert "to add" not in text
    assert "--set owner=admin" in text
    assert "Saved" not in text


def test_no_setting_is_offered_for_what_nothing_sets() -> None:
    said = msgspec.structs.replace(samples.CHANGE.assumptions[0], fixed=True)
    change = msgspec.structs.replace(samples.CHANGE, assumptions=(said,))
    line = next(
        x for x in plan_text.render_plan(PlanResult(change, samples.HEAD), PLAIN).splitlines() if "money is" in x
    )
    assert line == "Assumed: money is Numeric(12, 2), as in invoice."
