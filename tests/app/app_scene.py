"""Small backends to run the verbs on, with a contract that takes no time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from backwright.app.config import Config, load
from backwright.app.results import Silent
from backwright.core.events import Event
from backwright.core.verdict import Contract

REPOS = Path(__file__).parent.parent / "repos"
THING = ("resource", "Thing", "name:str(50):unique", "size:int?")
PASSES = "[backwright.verify]\nsteps = ['tests', 'guardrails']\ncommands = { tests = ['python', '-c', 'print(1)'] }\n"
_LEFT = shutil.ignore_patterns("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv")
_GIT = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *_GIT, *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def shop(root: Path, config: str = PASSES, name: str = "shop_layered") -> Path:
    """A committed copy of a sample service with this configuration."""
    shutil.copytree(REPOS / name, root, ignore=_LEFT)
    if config:
        (root / "backwright.toml").write_text(config)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    return root


def content(root: Path) -> dict[str, bytes]:
    """Every file with what is in it, git's and ours left out."""
    files = ((p.relative_to(root).as_posix(), p) for p in root.rglob("*") if p.is_file())
    return {name: p.read_bytes() for name, p in files if not name.startswith((".git/", ".backwright/"))}


def config_of(root: Path) -> Config:
    return load(root)


class Watching(Silent):
    """A progress that remembers, and a consent that agrees."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str]] = []
        self.events: list[Event] = []
        self.asked: list[Contract] = []

    def finished(self, name: str, outcome: str, seconds: float, detail: str = "") -> None:
        self.steps.append((name, outcome))

    def event(self, event: Event) -> None:
        self.events.append(event)

    def consent(self, contract: Contract) -> None:
        assert not self.steps, "asked before anything runs"
        self.asked.append(contract)


PYTHON = sys.executable
