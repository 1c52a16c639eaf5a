"""`check --fix`, `--diff` and `--add-ignores` on a sample service: what is written, and how it is taken back."""

from __future__ import annotations

from pathlib import Path

from app_scene import config_of, shop

from backwright.app.apply import undo
from backwright.app.check import check_repository
from backwright.app.fixing import fix_findings, ignore_findings

BAD = '''"""Reports."""

import time

from fastapi import APIRouter
from sqlalchemy import text

from app.api.deps import SessionDep

router = APIRouter()


@router.get("/reports")
async def report(session: SessionDep, name: str) -> list[str]:
    time.sleep(1)
    rows = await session.execute(text(f"SELECT name FROM products WHERE name = '{name}'"))
    return [row[0] for row in rows]
'''


def _bad(tmp_path: Path) -> tuple[Path, Path]:
    root = shop(tmp_path / "shop")
    path = root / "app" / "api" / "reports.py"
    path.write_text(BAD)
    return root, path


def test_a_diff_writes_nothing(tmp_path: Path) -> None:
    root, path = _bad(tmp_path)
    found = check_repository(root, config_of(root)).findings
    made = fix_findings(root, config_of(root), found, unsafe=False, write=False)
    assert {f.rule for f in made.fixed} == {"BW301", "BW601"}
    assert "+    await asyncio.sleep(1)" in made.diff
    assert path.read_text() == BAD
    assert not made.landed_id


def test_fixes_are_written_and_can_be_taken_back(tmp_path: Path) -> None:
    root, path = _bad(tmp_path)
    before = check_repository(root, config_of(root)).findings
    made = fix_findings(root, config_of(root), before, unsafe=False, write=True)
    text = path.read_text()
    assert 'text("SELECT name FROM products WHERE name = :name"), {"name": name}' in text
    assert "import time" not in text, "nothing uses it any more"
    after = check_repository(root, config_of(root)).findings
    assert {f.rule for f in before} - {f.rule for f in after} >= {"BW301", "BW601"}
    undo(root, made.landed_id)
    assert path.read_text() == BAD


def test_ignores_silence_what_was_found_and_nothing_else(tmp_path: Path) -> None:
    root, path = _bad(tmp_path)
    before = [f for f in check_repository(root, config_of(root)).findings if f.span.path == "app/api/reports.py"]
    made = ignore_findings(root, before, "known since the start")
    assert made.paths == ("app/api/reports.py",)
    assert "time.sleep(1)  # bw: ignore[BW601] known since the start\n" in path.read_text()
    after = check_repository(root, config_of(root)).findings
    assert not [f for f in after if f.span.path == "app/api/reports.py"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    root, path = _bad(tmp_path)
    found = check_repository(root, config_of(root)).findings
    path.write_text('"""Moved."""\n\n\n' + BAD)
    made = fix_findings(root, config_of(root), found, unsafe=False, write=True)
    assert not made.landed_id
    assert {reason for _, reason in made.refused} == {"the file does not read as the fix expects"}
