"""A resource on an axum service, for real: planned, formatted, compiled and proved by cargo on a scratch database."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from journey_scene import Repository, Sample

LOCKER = (
    "resource", "Locker", "code:str(1..20):unique", "fee:decimal(8,2):min=0", "kind:enum(small,extra-large)=small",
    "remark:text?", "day:date", "depot:ref(Depot)", "--filter", "kind,depot", "--sort", "fee", "--search", "code,remark",
    "--auth", "write=admin", "--auth", "read=public",
)  # fmt: skip
_OLDEST = 80  # of Rust 1.x, that the locked crates of the service compile with


@pytest.fixture
def parcels(sample: Sample) -> Repository:
    """The sample service, its crates downloaded: what commands run in has no network."""
    said = (
        subprocess.run(["cargo", "--version"], capture_output=True, text=True).stdout if shutil.which("cargo") else ""
    )
    version = re.search(r"cargo 1\.(\d+)", said)
    if version is None or int(version[1]) < _OLDEST:
        pytest.skip(f"cargo 1.{_OLDEST} or later is not installed")
    service = sample("parcels_axum")
    subprocess.run(["cargo", "fetch", "--locked", "-q"], cwd=service.root, check=True)
    return service


@pytest.mark.journey
@pytest.mark.nightly
def test_a_resource_is_applied_and_verified(parcels: Repository) -> None:
    cache = {"XDG_CACHE_HOME": str(parcels.root.parent / "cache")}
    planned = parcels.backwright("plan", *LOCKER, "--json")
    assert planned.returncode == 0, planned.stderr
    plan = json.loads(planned.stdout)["data"]["change"]
    steps = 'verify.steps=["format","tests","guardrails"]'
    applied = parcels.backwright("apply", plan["id"], "--yes", "--json", "--config", steps, env=cache)
    assert applied.returncode == 0, applied.stdout[-4000:] + applied.stderr[-2000:]
    found = {step["step"]: step["outcome"] for step in json.loads(applied.stdout)["data"]["steps"]}
    assert {found[step] for step in ("format", "tests", "guardrails")} == {"passed"}
