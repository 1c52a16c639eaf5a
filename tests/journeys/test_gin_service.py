"""A resource on a Gin service, for real: planned, proved by gofmt, vet, build and tests in the sandbox, landed."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from journey_scene import Sample

REQUEST = (
    "resource", "Asset", "tag:str(1..64):unique", "price:decimal(10,2):min=0", "status:enum(draft,active)=draft",
    "due:date?", "author:ref(Author)", "--auth", "write=admin", "--auth", "read=public", "--filter", "status",
    "--sort", "tag,price", "--search", "tag",
)  # fmt: skip


@pytest.mark.journey
@pytest.mark.nightly
def test_a_resource_is_planned_and_proved(sample: Sample) -> None:
    if shutil.which("go") is None:
        pytest.skip("Go is not installed")
    service = sample("library_gin")
    fetched = subprocess.run(["go", "mod", "download"], cwd=service.root, capture_output=True, text=True)
    if fetched.returncode:
        pytest.skip(f"the modules of the sample could not be fetched: {fetched.stderr[-200:]}")
    planned = service.backwright("plan", *REQUEST, "--json")
    assert planned.returncode == 0, planned.stderr
    change = json.loads(planned.stdout)["data"]["change"]
    applied = service.backwright("apply", change["id"], "--yes", "--json")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    outcomes = {step["step"]: step["outcome"] for step in json.loads(applied.stdout)["data"]["steps"]}
    assert outcomes == dict.fromkeys(("format", "lint", "types", "tests", "guardrails"), "passed")
    assert (service.root / "internal/router/assets_test.go").is_file()
