"""`--tdd`: new tests fail without the change for want of it, and pass with it; and what the report says of a change."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from journey_scene import Sample

from backwright.app.config import load
from backwright.app.results import RunResult, Silent
from backwright.app.run import run_task
from backwright.core.verdict import Contract
from backwright.report.run_report import html_of_run, markdown_of_run

THING = ("resource", "Thing", "name:str(50):unique", "size:int?")
CONTRACT = "[backwright.verify]\nsteps = ['tests', 'guardrails']\n"


def allowed(contract: Contract) -> None:
    """A contract of the sample."""


def configured(sample: Sample, config: str) -> Path:
    shop = sample("shop_layered")
    (shop.root / "backwright.toml").write_text(config)
    shop.git("add", "-A")
    shop.git("commit", "-qm", "a contract")
    return shop.root


def run(root: Path, python: str, **more: object) -> RunResult:
    given = {"tokens": THING, **more}
    return run_task(root, load(root), python=python, tdd=True, consent=allowed, progress=Silent(), **given)  # type: ignore[arg-type]


@pytest.mark.journey
def test_new_tests_are_seen_failing_first(sample: Sample, samples_python: Path) -> None:
    root = configured(sample, CONTRACT)
    result = run(root, str(samples_python))
    assert result.outcome == "done", result.failures
    assert result.reds
    assert {red.reason for red in result.reds} <= {"missing", "answer", "assertion"}
    assert [e.body["right"] for e in result.run.events if e.body.get("finished") == "red"] == [True]
    added = {one.name for one in result.behaviour if one.how == "added"}
    assert any(name.startswith("POST ") and "things" in name for name in added)
    assert "things" in added
    assert any(one.kind == "migration" for one in result.behaviour)
    assert any(one.said == "yes" and one.evidence for one in result.checklist)
    text = markdown_of_run(result)
    assert "### Changed behaviour" in text
    assert "### Tests first" in text
    assert html_of_run(result).startswith("<!doctype html>")


@pytest.mark.journey
def test_tests_that_do_not_fail_first_prove_nothing(sample: Sample) -> None:
    passing = (
        "[backwright.verify]\nsteps = ['tests', 'guardrails']\ncommands = { tests = ['python', '-c', 'print(1)'] }\n"
    )
    root = configured(sample, passing)
    result = run(root, sys.executable)
    assert (result.outcome, result.reason) == ("failed", "unproven")
    assert "do not fail" in result.scenes[-1].detail
