"""Importing a module does nothing but define what is in it, alone and from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "import_everything.py"


def test_importing_prints_and_writes_nothing(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("cwd", "home", "tmp", "state")]
    for place in places:
        place.mkdir()
    cwd, home, temporary, state = places
    cwd.chmod(0o555)
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "XDG_STATE_HOME": str(state),
        "XDG_CACHE_HOME": str(state),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run([sys.executable, str(PROGRAM)], cwd=cwd, env=env, capture_output=True, text=True)
    cwd.chmod(0o755)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [entry for place in places for entry in place.iterdir()] == []
