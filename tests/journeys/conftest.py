"""What journeys stand on: sample services copied into repositories of their own, and an environment that runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from journey_scene import Repository, Sample

from made_once import alone

REPOS = Path(__file__).parent.parent / "repos"
_LEFT = shutil.ignore_patterns("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv")


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """Makes a committed repository of a sample service."""

    def make(name: str) -> Repository:
        root = tmp_path / name
        shutil.copytree(REPOS / name, root, ignore=_LEFT)
        repository = Repository(root)
        repository.git("init", "-q")
        repository.git("add", "-A")
        repository.git("commit", "-qm", "The service as it is")
        return repository

    return make


@pytest.fixture(scope="session")
def samples_python(request: pytest.FixtureRequest) -> Path:
    """An interpreter that has what the sample services need: the one that is named, else made once and kept."""
    named = os.environ.get("BACKWRIGHT_SAMPLES_PYTHON", "")
    if named:
        return Path(named)
    cache = request.config.cache
    assert cache is not None
    folder = Path(str(cache.mkdir("backwright-samples")))
    python = folder / "venv" / "bin" / "python"
    requirements = REPOS / "requirements.txt"
    done = folder / "requirements.txt"
    with alone(folder):
        if not done.is_file() or done.read_bytes() != requirements.read_bytes():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder / "venv")], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", str(requirements)], check=True)
            shutil.copyfile(requirements, done)
    return python
