"""A repository on which the command line is run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_GIT = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org", "-c", "init.defaultBranch=main")


@dataclass(frozen=True)
class Repository:
    """One repository; what Backwright asks and remembers stays beside it."""

    root: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *_GIT, *arguments], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout

    def backwright(self, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a verb, with more variables in `env`. What it asks and remembers stays inside the test's folder."""
        own = {"XDG_STATE_HOME": str(self.root.parent / "home"), "NO_COLOR": "1", "COLUMNS": "200"}
        env = {**os.environ, **own, **(env or {})}
        argv = [sys.executable, "-m", "backwright.surfaces.cli", *arguments]
        return subprocess.run(argv, cwd=self.root, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def lands(
        self, request: Sequence[str], python: Path, steps: Sequence[str] = ("lint", "migrations", "tests", "guardrails")
    ) -> None:
        """Plans the request, applies it with every one of the steps passed, and commits what landed."""
        planned = self.backwright("plan", *request, "--json")
        assert planned.returncode == 0, planned.stderr
        plan = json.loads(planned.stdout)["data"]["change"]
        applied = self.backwright("apply", plan["id"], "--yes", "--python", str(python), "--json")
        assert applied.returncode == 0, applied.stdout + applied.stderr
        outcomes = {step["step"]: step["outcome"] for step in json.loads(applied.stdout)["data"]["steps"]}
        assert outcomes == dict.fromkeys(steps, "passed")
        self.git("add", "-A")
        self.git("commit", "-qm", "applied")

    def written(self, request: Sequence[str]) -> dict[str, Any]:
        """The plan for a request, with its edits written as they are, unproven."""
        planned = self.backwright("plan", *request, "--json")
        assert planned.returncode == 0, planned.stderr
        change: dict[str, Any] = json.loads(planned.stdout)["data"]["change"]
        for edit in change["edits"]:
            path = self.root / edit["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(edit["after"])
        return change

    def passes(self, python: Path, folder: str = "") -> None:
        """The project's own tests pass."""
        command = [str(python), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=self.root / folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:]

    def content(self) -> dict[str, bytes]:
        """Every file with what is in it, git's and ours left out."""
        files = (p for p in self.root.rglob("*") if p.is_file())
        paths = ((p.relative_to(self.root).as_posix(), p) for p in files)
        return {name: p.read_bytes() for name, p in paths if not name.startswith((".git/", ".backwright/"))}


Sample = Callable[[str], Repository]
