"""SIGKILL at any moment of a whole `backwright apply`: plan read, copy, verification, landing, recording.

The command line runs as a user runs it, on a git repository made of a sample service with uncommitted work, hooks and
configuration. After the kill another command runs; then the tree must be as before or complete to the byte, and nothing
may be left: no lock, no half-written state, no temporary folder, no process, no database server.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from kills_repository import Picture, git, picture

from backwright.adapters.landing import landed, recover
from backwright.adapters.state import STATE_NAME

SAMPLES = Path(__file__).parents[1] / "tests" / "repos"
PYTHON = os.environ.get("BACKWRIGHT_SAMPLES_PYTHON", sys.executable)
NEXT: tuple[list[str], ...] = (
    ["check"],
    ["map"],
    [],
    ["verify", "--yes", "--python", PYTHON],
)  # what a user may run after the kill
REQUEST = ("resource", "Parcel", "name:str(1..80)", "weight:int", "--paginate")
PATIENCE = 15.0  # seconds in which the keeper of a database server, which outlives us, ends it
CONTRACT = """language: python
framework: fastapi
verify:
  compile: python -m compileall -q {source}
  children: python -c "import subprocess; subprocess.Popen(['sleep', '0.3']).wait(); subprocess.run(['sleep', '0.2'])"
  tests: python -c "import os, time; open(os.environ['TMPDIR'] + '/left', 'w'); time.sleep(0.3)"
  guardrails: builtin
"""
QUICK = """[backwright.verify]
steps = ["compile", "children", "tests", "guardrails"]
"""
POSTGRES = {"sqlite:///./wallet.db": "postgresql+psycopg://wallet:wallet@localhost:5432/wallet"}


@dataclass(frozen=True)
class Sample:
    """A sample service, its folder of sources, and texts to replace in it."""

    name: str
    source: str
    replaced: dict[str, str]


CHOICE = (Sample("shop_layered", "app", {}), Sample("wallet_generic", "app", POSTGRES))


class ApplyBench:
    """One sample under git with a saved plan, and how both outcomes look."""

    def __init__(self, place: Path, sample: Sample) -> None:
        self.place = place / sample.name
        self.temporary = self.place / "tmp"
        self.temporary.mkdir(parents=True)
        for folder in (place, self.place):
            folder.chmod(0o711)  # the user that a database server runs as has to pass
        self.temporary.chmod(0o1777)
        self.template = self.place / "template"
        self._make(sample)
        self.before = picture(self.template)
        root = self.fresh()
        started = time.monotonic()
        child = self.apply(root)
        output = child.communicate()[1]
        self.seconds = time.monotonic() - started
        self.after = picture(root)
        if child.returncode or self.after == self.before or self.left():
            raise SystemExit(f"apply is wrong even without disturbance: {output} {self.left()}")

    def _make(self, sample: Sample) -> None:
        root = self.template
        shutil.copytree(SAMPLES / sample.name, root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
        for path in root.rglob("*.py"):
            text = path.read_text()
            for old, new in sample.replaced.items():
                text = text.replace(old, new)
            path.write_text(text)
        (root / "stack").mkdir()
        (root / "stack" / "stack.yaml").write_text(CONTRACT.format(source=sample.source))
        (root / "backwright.toml").write_text(QUICK)
        git(self.place, "init", "-q", str(root))
        git(root, "add", ".")
        git(root, "commit", "-qm", "first")
        (root / "README.md").write_text("stashed\n")
        git(root, "stash")
        (root / "README.md").write_text("staged\n")
        git(root, "add", "README.md")
        (root / "README.md").write_text("and changed again\n")
        (root / "untracked.txt").write_text("untracked\n")
        (root / ".git/hooks/pre-commit").write_text("#!/bin/sh\nexit 1\n")
        (root / ".git/hooks/pre-commit").chmod(0o755)
        git(root, "config", "core.hooksPath", ".git/hooks")
        planned = self.run(root, "plan", *REQUEST, "--json")
        if planned.returncode:
            raise SystemExit(planned.stderr)
        self.plan = json.loads(planned.stdout)["data"]["change"]["id"]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.temporary), "XDG_STATE_HOME": str(self.place / "home")}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "backwright.surfaces.cli", *arguments]

    def run(self, root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), cwd=root, env=self.environment, capture_output=True, text=True, check=False
        )

    def apply(self, root: Path) -> subprocess.Popen[str]:
        command = self.command("apply", self.plan, "--yes", "--python", PYTHON)
        return subprocess.Popen(
            command, cwd=root, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def fresh(self) -> Path:
        root = self.place / "work"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.template, root, symlinks=True)
        return root

    def left(self) -> list[str]:
        """What there is of ours outside the tree: folders and processes."""
        found = [path.name for path in self.temporary.iterdir()]
        for place in Path("/proc").glob("[0-9]*"):
            try:
                told = (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
            except OSError:
                continue
            if str(self.temporary).encode() in told:
                found.append(f"process {place.name}: {(place / 'cmdline').read_bytes()[:80]!r}")
        return found

    def round(self, number: int, seen: Counter[str]) -> None:
        """One kill, the next command, and what is there then."""
        root = self.fresh()
        child = self.apply(root)
        if number % 5 < 2:
            _wait_for_landing(root, child)
            time.sleep(random.uniform(0, 0.12))
        else:
            time.sleep(random.uniform(0, self.seconds))
        child.send_signal(signal.SIGKILL)
        output = child.communicate()[1]
        at_kill = picture(root)
        there = [*self.left(), *_of_state(root)]
        phase = _phase(output, child.returncode, landing=(root / STATE_NAME / "landing.lock").exists())
        seen[f"in {phase}"] += 1
        seen["found half done"] += at_kill not in (self.before, self.after)
        seen["with leftovers"] += bool(there)
        following = NEXT[number % len(NEXT)]
        done = self.run(root, *following)
        said = "note: " in done.stderr
        half = at_kill not in (self.before, self.after)
        # What a server's keeper clears up by itself, right after the kill, needs no words.
        ours = [name for name in there if not re.match(r"backwright-pg-|process .*(postgres|initdb|keeper)", name)]
        seen["NOT SAID"] += (half or bool(ours)) and not said
        outcome = _outcome(root, self.before, self.after)
        seen[outcome] += 1
        seen["NEXT COMMAND FAILED"] += done.returncode not in (0, 1)
        still = self._still(root)
        seen["LEFT BEHIND"] += bool(still)
        if outcome.isupper() or still or done.returncode not in (0, 1) or ((half or ours) and not said):
            print(f"  round {number} in {phase}: {outcome} {still} {there} {done.args[3:]} {done.stderr}", flush=True)
        if outcome == "identical" and number % 10 == 0:
            again = self.apply(root)
            again.communicate()
            seen["DOES NOT APPLY ANY MORE"] += again.returncode != 0 or picture(root) != self.after

    def _still(self, root: Path) -> list[str]:
        deadline = time.monotonic() + PATIENCE
        while (found := [*self.left(), *_of_state(root)]) and time.monotonic() < deadline:
            time.sleep(0.1)
            if all(name.startswith("backwright-pg-") for name in found):
                self.run(root)  # the folder of a server that was just being made is removed by a later command
        return found


def _wait_for_landing(root: Path, child: subprocess.Popen[str]) -> None:
    journal = root / STATE_NAME / "landing.lock"
    while not journal.exists() and child.poll() is None:
        time.sleep(0.0005)


def _phase(output: str, code: int, *, landing: bool) -> str:
    if code == 0:
        return "the end (too late)"
    if landing:
        return "landing"
    lines = [line for line in output.splitlines() if "passed" in line or "failed" in line]
    if not lines:
        return "reading and copying"
    return "verification before" if all("before: " in line for line in lines) else "verification after"


def _outcome(root: Path, before: Picture, after: Picture) -> str:
    now = picture(root)
    outcome = "identical" if now == before else "complete" if now == after else "NEITHER"
    known = [record for record in landed(root / STATE_NAME) if not record.undone]
    if outcome != "NEITHER" and bool(known) != (outcome == "complete"):
        return "JOURNAL LIES"
    return "RECOVERED TWICE" if recover(root, root / STATE_NAME) else outcome


def _of_state(root: Path) -> list[str]:
    """Half-written files and locks that somebody holds in our state folder."""
    state = root / STATE_NAME
    found = [path.name for path in state.rglob(".*.*") if path.suffix[1:].isdecimal()]
    for lock in state.glob("*.lock"):
        handle = os.open(lock, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found += [lock.name] if lock.name.startswith("run-") else []
        except BlockingIOError:
            found.append(f"{lock.name} is held")
        finally:
            os.close(handle)
    return found


def apply_kills(place: Path, rounds: int) -> Counter[str]:
    """SIGKILL at a random moment of `apply`; two of five right around the landing."""
    seen: Counter[str] = Counter()
    for sample in CHOICE:
        bench = ApplyBench(place, sample)
        print(f"{sample.name}: {bench.seconds:.1f} s undisturbed", flush=True)
        for number in range(rounds // len(CHOICE)):
            bench.round(number, seen)
            if number % 10 == 9:
                print(f"  {dict(seen)}", flush=True)  # a round takes seconds: what was seen so far
    return seen
