"""The main job, as a user does it: map, plan, apply, undo, run, on a sample service with its own tests and tools."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from journey_scene import Sample

PRODUCT = (
    "resource", "Product", "name:str(200)", "price:decimal(10,2)", "category:ref(Category)?", "sku:str:unique",
    "--auth", "write=admin", "--paginate", "--filter", "category", "--sort", "name,price",
)  # fmt: skip


@pytest.mark.journey
def test_map_plan_apply_undo(sample: Sample, samples_python: Path) -> None:
    shop = sample("shop_layered")
    mapped = shop.backwright("map")
    assert mapped.returncode == 0, mapped.stderr
    assert "FastAPI" in mapped.stdout
    assert "SQLAlchemy" in mapped.stdout

    before = shop.content()
    planned = shop.backwright("plan", *PRODUCT, "--json")
    assert planned.returncode == 0, planned.stderr
    assert shop.content() == before, "a plan writes no code"
    plan = json.loads(planned.stdout)["data"]["change"]
    assert {"app/models/product.py", "app/api/routes/products.py"} <= {edit["path"] for edit in plan["edits"]}

    applied = shop.backwright("apply", plan["id"], "--yes", "--python", str(samples_python), "--json")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    answer = json.loads(applied.stdout)
    outcomes = {step["step"]: step["outcome"] for step in answer["data"]["steps"]}
    assert outcomes == dict.fromkeys(("lint", "types", "migrations", "tests", "guardrails"), "passed")
    assert set(shop.content()) - set(before) == {e["path"] for e in plan["edits"] if e["before"] is None}
    status = shop.git("status", "--porcelain", "--untracked-files=all").splitlines()
    assert {line[3:] for line in status} == {edit["path"] for edit in plan["edits"]}

    undone = shop.backwright("apply", "--undo", plan["id"])
    assert undone.returncode == 0, undone.stderr
    assert shop.content() == before
    assert shop.git("status", "--porcelain") == ""


@pytest.mark.journey
def test_run_on_a_branch(sample: Sample, samples_python: Path) -> None:
    shop = sample("shop_layered")
    before, head, index = shop.content(), shop.git("rev-parse", "HEAD"), (shop.root / ".git/index").read_bytes()
    words = "add a brands API with a unique name and an optional country; only admins may create or change"
    options = ("--set", "country=str(60)?", "--branch", "--yes", "--python", str(samples_python))
    ran = shop.backwright("run", words, *options, "--json")
    *events, last = (json.loads(line) for line in ran.stdout.splitlines())
    assert ran.returncode == 0, last
    assert last["data"]["outcome"] == "done"
    assert [scene["scene"] for scene in last["data"]["scenes"]] == ["PREPARE", "ACQUIRE", "ACT", "VERIFY", "FINALIZE"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))

    assert shop.content() == before, "the working tree is not touched"
    assert (shop.root / ".git/index").read_bytes() == index
    assert shop.git("rev-parse", "HEAD") == head
    changed = shop.git("diff", "--name-only", f"main...{last['data']['branch']}").split()
    assert "app/models/brand.py" in changed
    shop.git("checkout", "-q", last["data"]["branch"])
    verified = shop.backwright("verify", "--yes", "--python", str(samples_python))
    assert verified.returncode == 0, verified.stdout
