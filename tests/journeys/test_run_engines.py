"""`run --engine` from end to end: the real command line, the sample's own verification, a provider that plays a script."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from journey_scene import Repository, Sample

from scripted_provider import Played, Step, provider, say, use

TASK = "names of categories are compared without the spaces around them"
SERVICE = "app/services/category.py"
TESTS = "tests/services/test_category_service.py"
OLD = "get_by_name(name) is not None"
NEW = "get_by_name(name.strip()) is not None"
TEST = """

async def test_create_with_a_taken_name_between_spaces(service: CategoryService) -> None:
    with pytest.raises(ConflictError):
        await service.create(CategoryCreate(name=" Wheels "))
"""
BEFORE = "\n\nasync def test_missing"
WRONG = "get_by_name(name.strip()) is None"


def run(
    repository: Repository, played: Played, engine: str, python: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    keys = {
        "OPENAI_API_KEY": "canary-openai",
        "ANTHROPIC_API_KEY": "canary-anthropic",
        "GEMINI_API_KEY": "canary-gemini",
    }
    servers = {
        "OPENAI_BASE_URL": f"{played.url}/v1",
        "ANTHROPIC_BASE_URL": played.url,
        "GOOGLE_GEMINI_BASE_URL": played.url,
    }
    model = "openai" if engine == "model" else engine
    chosen = ("--config", f"agent.model={model}:{'gemini-2.5-pro' if engine == 'gemini' else 'scripted'}")
    address = ("--config", f"agent.base-url={played.url}/v1") if engine == "model" else ()
    return repository.backwright(
        *chosen, *address, "run", TASK, "--engine", engine, "--yes", "--python", str(python), "--json", *more,
        env={**keys, **servers},
    )  # fmt: skip


def steps(engine: str, new: str) -> tuple[Step, ...]:
    edits: tuple[Step, ...]
    match engine:
        case "claude":
            edits = (
                use("Read", file_path=SERVICE),
                use("Edit", file_path=SERVICE, old_string=OLD, new_string=new),
                use("Read", file_path=TESTS),
                use(
                    "Edit",
                    file_path=TESTS,
                    old_string=BEFORE,
                    new_string=f"{TEST}{BEFORE}",
                ),
            )
        case "codex":
            line = "        if await self.categories."
            patch = f"*** Begin Patch\n*** Update File: {SERVICE}\n@@\n-{line}{OLD}:\n+{line}{new}:\n*** End Patch\n"
            edits = (
                use("exec_command", cmd=f"apply_patch <<'EOF'\n{patch}EOF\n"),
                use("exec_command", cmd=f"cat >> {TESTS} <<'EOF'\n{TEST}EOF\n"),
            )
        case "gemini" | "qwen" | "opencode":
            read, edit, path, old, changed = (
                ("read", "edit", "filePath", "oldString", "newString")
                if engine == "opencode"
                else ("read_file", "edit" if engine == "qwen" else "replace", "file_path", "old_string", "new_string")
            )
            why = {"instruction": "Compare names without spaces."} if engine == "gemini" else {}
            edits = (
                use(read, **{path: f"@HERE@/{SERVICE}"}),
                use(edit, **{path: f"@HERE@/{SERVICE}", old: OLD, changed: new, **why}),
                use(read, **{path: f"@HERE@/{TESTS}"}),
                use(edit, **{path: f"@HERE@/{TESTS}", old: BEFORE, changed: f"{TEST}{BEFORE}", **why}),
            )
        case _:
            edits = (
                use("search", text="get_by_name", glob="app/**"),
                use("write_edit", path=SERVICE, old=OLD, new=new),
                use("write_edit", path=TESTS, new=TEST),
                use("run_check"),
                *((use("run_tests"),) if new == NEW else ()),
            )
    return (*edits, say("Names are compared without the spaces around them."))


def envelope(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.journey
@pytest.mark.parametrize("engine", ["model", "claude", "codex", "gemini", "qwen", "opencode"])
def test_a_change_by_an_engine_lands_verified(engine: str, sample: Sample, samples_python: Path) -> None:
    if engine != "model" and shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")
    repository = sample("shop_layered")
    with provider(*steps(engine, NEW)) as played:
        done = run(repository, played, engine, samples_python)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "This run sends code to: " in done.stderr
    if engine == "model":
        assert "tests: passed" in json.dumps(played.requests[-1])
    assert NEW in (repository.root / SERVICE).read_text()
    assert sorted(repository.git("diff", "--name-only").split()) == [SERVICE, TESTS]
    assert "canary" not in "".join(
        p.read_text(errors="replace") for p in (repository.root / ".backwright").rglob("*") if p.is_file()
    )


@pytest.mark.nightly
@pytest.mark.journey
def test_what_breaks_tests_is_repaired_by_what_they_said(sample: Sample, samples_python: Path) -> None:
    repository = sample("shop_layered")
    mend = use("write_edit", path=SERVICE, old=WRONG, new=NEW)
    with provider(*steps("model", WRONG), again=(mend, say("Mended."))) as played:
        done = run(repository, played, "model", samples_python)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert NEW in (repository.root / SERVICE).read_text()
    (told,) = [
        body for body in map(json.dumps, played.requests) if "This is attempt 2" in body and "Mended" not in body
    ][:1]
    assert "test_create_with_taken_name" in told


@pytest.mark.nightly
@pytest.mark.journey
def test_a_change_that_breaks_tests_does_not_land(sample: Sample, samples_python: Path) -> None:
    repository = sample("shop_layered")
    before = repository.content()
    with provider(*steps("model", WRONG)) as played:
        done = run(repository, played, "model", samples_python)
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    assert repository.content() == before


@pytest.mark.nightly
@pytest.mark.journey
def test_a_provider_that_is_spent_leaves_the_tree_and_a_run_to_resume(sample: Sample, samples_python: Path) -> None:
    repository = sample("shop_layered")
    before = repository.content()
    with provider(Step(status=429, headers={"retry-after": "3600"})) as played:
        done = run(repository, played, "model", samples_python)
    assert done.returncode == 4, done.stdout[-3000:] + done.stderr[-3000:]
    assert repository.content() == before
