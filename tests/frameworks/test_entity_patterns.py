"""Each ORM that is known by patterns finds the entities of a small project: tables, columns, relations."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from backwright.core.facts import Table
from patterns_scene import tables_of

CASES = sorted((Path(__file__).parent / "entities").glob("*.toml"))


def shown(table: Table) -> str:
    """`table: column type pk; name -> Target` (`->>` for many)."""
    columns = [
        f"{c.name} {c.type}{' pk' if c.primary_key else ''}{' null' if c.nullable else ''}" for c in table.columns
    ]
    relations = [f"{r.name} {'->>' if r.many else '->'} {r.target}" for r in table.relations]
    return f"{table.table}: " + "; ".join([*columns, *relations])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_entities(case: Path) -> None:
    project = tomllib.loads(case.read_text(encoding="utf-8"))
    assert {name: shown(table) for name, table in tables_of(project["files"]).items()} == project["entities"]
