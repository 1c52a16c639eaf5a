"""Fields added, renamed and removed for real: the project's own tests pass with what changed, and with the new ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from journey_scene import Sample

REQUESTS = [
    ("shop_layered", ("field", "add", "Supplier", "phone:str(5..20)")),
    ("library_functions", ("rename field title of book to headline",)),
    ("library_functions", ("audit", "Book")),
    ("wallet_generic", ("relation", "Transaction", "belongs-to", "User", "as:payer")),
    ("tracker_flat", ("remove field text from ticket", "--set", "data=delete")),
]


@pytest.mark.journey
@pytest.mark.parametrize(("name", "request_words"), REQUESTS, ids=[name for name, _ in REQUESTS])
def test_the_projects_tests_pass(
    name: str, request_words: tuple[str, ...], sample: Sample, samples_python: Path
) -> None:
    service = sample(name)
    service.written(request_words)
    service.passes(samples_python)


@pytest.mark.journey
def test_apply_and_undo(sample: Sample, samples_python: Path) -> None:
    service = sample("tracker_flat")
    before = service.content()
    planned = service.backwright("plan", "add field level:int(1..9)=1 to ticket", "--json")
    assert planned.returncode == 0, planned.stderr
    number = json.loads(planned.stdout)["data"]["change"]["id"]
    applied = service.backwright("apply", number, "--yes", "--python", str(samples_python), "--json")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    outcomes = {step["step"]: step["outcome"] for step in json.loads(applied.stdout)["data"]["steps"]}
    assert outcomes == dict.fromkeys(("lint", "migrations", "tests", "guardrails"), "passed")
    assert service.content() != before
    undone = service.backwright("apply", "--undo", number)
    assert undone.returncode == 0, undone.stderr
    assert service.content() == before
