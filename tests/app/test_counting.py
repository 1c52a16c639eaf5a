"""What was counted in a whole backend is known to who looks at a part of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_scene import git, shop

from backwright.adapters.files import open_tree
from backwright.app import live as living
from backwright.app.check import check_repository
from backwright.app.config import load
from backwright.app.counting import known_counts
from backwright.app.live import LiveRepository
from backwright.core.findings import Finding

_HANDLERS = """
import time

from fastapi import APIRouter
from sqlalchemy.orm import Session

router = APIRouter()


@router.get("/{name}")
async def read(session: Session) -> None:
    session.query(int).all()
"""


def _counted(root: Path) -> dict[str, dict[str, int]]:
    with open_tree(root) as tree:
        return {name: dict(counts) for name, counts in known_counts(tree).items()}


def test_the_style_of_the_whole_counts_near_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "_SMALL", 0)
    monkeypatch.setattr(living, "_BEHIND", 0)
    root = shop(tmp_path / "shop", config="")
    paths = [root / f"app/api/more_{number}.py" for number in range(30)]
    for path in paths:
        path.write_text(_HANDLERS.replace("{name}", path.stem))
    mine = paths[0].relative_to(root).as_posix()
    with LiveRepository(root) as live:
        assert _blocking(live.findings(mine)) == {"error"}  # one of its kind, as far as can be seen from here
        whole = check_repository(root, load(root)).findings
        assert _counted(root)[""]["BW601 synchronous"] == 30
        assert _blocking(whole) == {"warning"}
        live.refresh()
        assert _blocking(live.findings(mine)) == {"warning"}


def _blocking(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.severity for finding in findings if finding.rule == "BW601"}


def test_counts_that_come_with_a_repository_are_not_believed(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop", config="")
    check_repository(root, load(root))
    assert _counted(root)
    git(root, "add", "-f", ".backwright/counts.json")
    git(root, "commit", "-qm", "ours")
    assert _counted(root) == {}
