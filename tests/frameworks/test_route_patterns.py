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
    """A folder that makes facts and has no service (or project of entities) was never seen to say something true."""
    tests = {case.stem for folder in ("patterns", "entities") for case in (CASES[0].parents[1] / folder).glob("*.toml")}
    folders = {
        path.parent.name for path in FOLDER.glob("*/__init__.py") if "facts=" in path.read_text(encoding="utf-8")
    }
    folders |= {path.parent.name for path in FOLDER.glob("*/framework.toml")}
    assert folders - tests == {"fastapi", "sqlalchemy", "sqlmodel"} & folders  # test_routes.py and test_tables.py
