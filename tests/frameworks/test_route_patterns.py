"""Each framework that is known by patterns finds the routes of a small service, under their full paths."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from patterns_scene import routes_of

CASES = sorted((Path(__file__).parent / "patterns").glob("*.toml"))
FOLDER = Path(__file__).parents[2] / "src" / "backwright" / "frameworks"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_routes(case: Path) -> None:
    service = tomllib.loads(case.read_text(encoding="utf-8"))
    assert routes_of(service["files"]) == sorted(service["routes"])


def test_every_framework_has_a_service() -> None:
    """A folder with patterns and without a service (or a project of entities) says nothing that was ever seen to be true."""
    tests = {case.stem for folder in ("patterns", "entities") for case in (CASES[0].parents[1] / folder).glob("*.toml")}
    assert {path.parent.name for path in FOLDER.glob("*/framework.toml")} <= tests
