"""What is said of one file from what is near it is what a whole check says of it, whatever was edited."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from app_scene import shop

from backwright.app import live as living
from backwright.app.check import check_repository
from backwright.app.config import load
from backwright.app.live import LiveRepository
from backwright.core.errors import NothingToDo
from backwright.core.findings import Finding

_PYTHON = (
    "\n\nasync def waits() -> None:\n    import time\n\n    time.sleep(1)\n",
    "\n\ndef stops() -> None:\n    import time\n\n    time.sleep(1)\n",
    "\n\nasync def asks(name: str) -> None:\n    await session.execute(text(f\"select * from users where name = '{name}'\"))\n",
    "\n\npassword = 'hunter2-Zx81-correct-horse'\n",
    "\n\nSEEN: dict[str, int] = {}\n",
    "\n\ndef broken(:\n",
)
_TYPESCRIPT = (
    "\nexport async function waits() { require('fs').readFileSync('/tmp/x') }\n",
    "\nexport const find = (name: string) => prisma.$queryRawUnsafe(`select * from users where name = '${name}'`)\n",
    "\nconst apiKey = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'\n",
)
_SAMPLES = ("bookings_drf", "events_express", "library_functions", "shop_layered", "tracker_flat", "wallet_generic")


@pytest.mark.parametrize("name", _SAMPLES)
def test_a_part_says_what_the_whole_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Errors only, as hooks do; what a project does everywhere is told by the whole alone."""
    monkeypatch.setattr(living, "_SMALL", 0)
    root = shop(tmp_path / name, config="", name=name)
    chance = random.Random(name)
    with LiveRepository(root) as live:
        for number in range(3):
            changed = _edit(root, chance) if number else ""
            whole = check_repository(root, load(root)).findings
            live.refresh()
            for path in _sources(root, chance, changed):
                expected = [_said(f) for f in whole if f.span.path == path and f.severity == "error" and not f.covers]
                assert _errors(live, path) == expected, (path, changed)


def _errors(live: LiveRepository, path: str) -> list[tuple[str, int, str]]:
    try:
        return [_said(finding) for finding in live.findings(path) if finding.severity == "error"]
    except NothingToDo:
        return []


def _said(finding: Finding) -> tuple[str, int, str]:
    return finding.rule, finding.span.line, finding.fingerprint


def _files(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*") if p.suffix in (".py", ".ts") and ".git" not in p.parts)


def _sources(root: Path, chance: random.Random, changed: str) -> list[str]:
    files = [path.relative_to(root).as_posix() for path in _files(root)]
    return [*([changed] if changed else []), *chance.sample(files, min(len(files), 4 if changed else 12))]


def _edit(root: Path, chance: random.Random) -> str:
    """Some lines more, some lines less, or those of another file: the path of what was changed."""
    path = chance.choice(_files(root))
    lines = path.read_text().splitlines(keepends=True)
    match chance.randrange(4):
        case 0 if lines:
            at = chance.randrange(len(lines))
            del lines[at : at + chance.randrange(1, 9)]
        case 1:
            other = chance.choice([p for p in _files(root) if p.suffix == path.suffix]).read_text()
            lines.append("\n" + other)
        case _:
            lines.append(chance.choice(_PYTHON if path.suffix == ".py" else _TYPESCRIPT))
    path.write_text("".join(lines))
    return path.relative_to(root).as_posix()
