"""The first two resources of a project, made for real: the project's own tests, linter and migrations pass."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from journey_scene import Repository, Sample

PROJECTS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent.parent / "engine" / "first_resources.yaml").read_text()
)
FIRST = ("resource", "Product", "name:str(1..100):unique", "price:decimal(10,2)", "status:enum(draft,active)=draft",
         "--paginate", "--filter", "status", "--sort", "name,price")  # fmt: skip
SECOND = ("resource", "OrderItem", "code:str:unique", "product:ref(Product)", "due:datetime?", "--paginate",
          "--filter", "product", "--sort", "code")  # fmt: skip


@pytest.mark.journey
def test_empty_service(sample: Sample, samples_python: Path) -> None:
    service = sample("empty_fastapi")
    for request in (FIRST, SECOND):
        service.lands(request, samples_python)


@pytest.mark.journey
@pytest.mark.parametrize("name", PROJECTS)
def test_other_beginnings(name: str, tmp_path: Path, samples_python: Path) -> None:
    service = Repository(tmp_path / name)
    _write(service, PROJECTS[name])
    service.git("init", "-q")
    for request in (FIRST, SECOND):
        planned = service.backwright("plan", *request, "--json")
        assert planned.returncode == 0, planned.stderr
        edits = json.loads(planned.stdout)["data"]["change"]["edits"]
        _write(service, {edit["path"]: edit["after"] for edit in edits})
    _passes(service, samples_python, "pytest", "-q", "-p", "no:cacheprovider")
    if "alembic.ini" in PROJECTS[name]:
        for command in (("upgrade", "head"), ("check",), ("downgrade", "base")):
            _passes(service, samples_python, "alembic", *command)


def _write(service: Repository, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        file = service.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _passes(service: Repository, python: Path, *module: str) -> None:
    done = subprocess.run([str(python), "-m", *module], cwd=service.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
