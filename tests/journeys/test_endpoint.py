"""Actions on a row, for real: the project's own tests pass with them, and so do the new ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from journey_scene import Sample

REQUESTS = [
    ("clinic_features", ("an appointment can be cancelled until it is done",)),
    ("tracker_flat", ("endpoint", "Ticket.close")),
    ("notes_sqlmodel", ("endpoint", "Note.archive", "to:archived_at=now")),
    ("wallet_generic", ("endpoint", "Account.freeze", "to:is_frozen=true", "--access", "admin")),
]


@pytest.mark.nightly
@pytest.mark.journey
@pytest.mark.parametrize(("name", "request_words"), REQUESTS, ids=[name for name, _ in REQUESTS])
def test_the_projects_tests_pass(
    name: str, request_words: tuple[str, ...], sample: Sample, samples_python: Path
) -> None:
    service = sample(name)
    assert not service.written(request_words)["notes"]
    service.passes(samples_python, "backend" if (service.root / "backend").is_dir() else "")


@pytest.mark.journey
def test_apply_and_undo(sample: Sample, samples_python: Path) -> None:
    service = sample("shop_layered")
    before = service.content()
    planned = service.backwright("plan", "endpoint", "Supplier.archive", "stamp:yes", "--json")
    assert planned.returncode == 0, planned.stderr
    number = json.loads(planned.stdout)["data"]["change"]["id"]
    applied = service.backwright("apply", number, "--yes", "--python", str(samples_python), "--json")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    outcomes = {step["step"]: step["outcome"] for step in json.loads(applied.stdout)["data"]["steps"]}
    assert set(outcomes.values()) == {"passed"}, outcomes
    undone = service.backwright("apply", "--undo", number)
    assert undone.returncode == 0, undone.stderr
    assert service.content() == before
