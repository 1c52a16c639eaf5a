"""`apply` killed with its children still at work: the next command, whichever it is, clears up and says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from journey_scene import Repository, Sample

_CONTRACT = """language: python
framework: fastapi
verify:
  wait: python -c "import subprocess; subprocess.Popen(['sleep', '{seconds}']).wait()"
"""


@pytest.mark.journey
@pytest.mark.parametrize("following", [["map"], ["check"], ["plan", "resource", "Other", "name:str"], []], ids=str)
def test_killed_while_proving(
    sample: Sample, samples_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, following: list[str]
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    shop = _prepared(sample, seconds=60)
    before = shop.content()
    child = _applying(shop, samples_python)
    while len(_working_in(temporary)) < 2:
        assert child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    deadline = time.monotonic() + 20
    while _working_in(temporary) and time.monotonic() < deadline:  # the sandbox goes with who made it
        time.sleep(0.05)
    assert _working_in(temporary) == []
    done = shop.backwright(*following)
    assert done.returncode in (0, 1), done.stderr
    assert "note: removed 3 temporary folders of a command that was killed" in done.stderr
    assert list(temporary.iterdir()) == []
    assert shop.content() == before
    assert "note: " not in shop.backwright(*following).stderr


@pytest.mark.journey
def test_killed_while_landing(sample: Sample, samples_python: Path) -> None:
    shop = _prepared(sample, seconds=0)
    before = shop.content()
    lock = shop.root / ".backwright" / "landing.lock"
    child = _applying(shop, samples_python)
    while not lock.exists():
        assert child.poll() is None
        time.sleep(0.001)
    while shop.content() == before and child.poll() is None:
        pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    done = shop.backwright("map")
    content = shop.content()
    if content == before:
        assert "note: took back change" in done.stderr
    else:
        assert set(content) >= {"app/models/thing.py", "app/services/thing.py"}
        assert b"thing" in content["app/api/router.py"]


def _prepared(sample: Sample, *, seconds: int) -> Repository:
    shop = sample("shop_layered")
    (shop.root / "stack").mkdir()
    (shop.root / "stack/stack.yaml").write_text(_CONTRACT.format(seconds=seconds))
    (shop.root / "backwright.toml").write_text('[backwright.verify]\nsteps = ["wait"]\n')
    return shop


def _applying(shop: Repository, python: Path) -> subprocess.Popen[bytes]:
    planned = shop.backwright("plan", "resource", "Thing", "name:str", "--json")
    assert planned.returncode == 0, planned.stderr
    change = json.loads(planned.stdout)["data"]["change"]["id"]
    command = [sys.executable, "-m", "backwright.surfaces.cli", "apply", change, "--yes", "--python", str(python)]
    return subprocess.Popen(command, cwd=shop.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _working_in(temporary: Path) -> list[int]:
    """Sleeping processes whose temporary files go there, and who started them."""
    mark = b"TMPDIR=" + os.fsencode(temporary) + b"/"
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes() and b"sleep" in (place / "cmdline").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return found
