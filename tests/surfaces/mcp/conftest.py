"""A repository that is served."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_SHOP = Path(__file__).parents[2] / "repos" / "shop_layered"
_LEFT = shutil.ignore_patterns("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv")
_STACK = """language: python
framework: fastapi
verify:
  say: python -c "print(42)"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The layered sample with a contract of one quick command."""
    root = tmp_path / "shop"
    shutil.copytree(_SHOP, root, ignore=_LEFT)
    (root / "stack").mkdir(exist_ok=True)
    (root / "stack/stack.yaml").write_text(_STACK)
    (root / "backwright.toml").write_text('[backwright.verify]\nsteps = ["say"]\n')
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.email=a@b.c", "-c", "user.name=a", "commit", "-qm", "1"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root
