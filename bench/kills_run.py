"""Kills at random moments of whole runs: each resumes to its end or leaves the tree as it was, and nothing lands twice.

    python bench/kills_run.py --kills 200

Each round takes a fresh copy of a sample service, starts a run in a process of its own and kills that with SIGKILL (every fifth
with SIGTERM, every seventh again while it resumes) at a random moment. A tree must be as before or as the whole change leaves
it; `--resume` must end done, with the change landed exactly once and no finished step repeated.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from backwright.adapters import landing
from backwright.adapters.state import open_state
from backwright.app.config import load
from backwright.app.recovering import recover_at
from backwright.app.results import RunResult, Silent
from backwright.app.run import resume_run, run_task
from backwright.app.status import last_run
from backwright.core.errors import BackwrightError
from backwright.core.verdict import Contract

SAMPLE = Path(__file__).resolve().parent.parent / "tests/repos/shop_layered"
CONTRACT = "[backwright.verify]\nsteps = ['tests', 'guardrails']\ncommands = { tests = ['python', '-c', 'print(1)'] }\n"
THING = ("resource", "Thing", "name:str(50):unique", "size:int?")
GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
BAD = ("TREE BROKEN", "LANDED TWICE", "STEP REPEATED", "NOT RESUMED", "ANOTHER END")


def allowed(contract: Contract) -> None:
    """A contract of ours."""


def template(place: Path) -> Path:
    """The sample under git, everything committed."""
    root = place / "template"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", ".venv"))
    (root / "backwright.toml").write_text(CONTRACT)
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run([*GIT, *arguments], cwd=root, check=True)
    return root


def content(root: Path) -> dict[str, bytes]:
    """What does not depend on when it was made: a migration is named and dated by that."""
    left = (".git/", ".backwright/")
    found = ((p.relative_to(root).as_posix(), p) for p in root.rglob("*") if p.is_file())
    return {
        name: p.read_bytes() for name, p in found if not name.startswith(left) and "migrations/versions" not in name
    }


def run(root: Path) -> RunResult:
    return run_task(root, load(root), tokens=THING, python=sys.executable, consent=allowed, progress=Silent())


def resume(root: Path, run_id: str) -> RunResult:
    return resume_run(root, load(root), run_id, settings={}, consent=allowed, progress=Silent())


def struck(work: Callable[[], object], after: float, how: signal.Signals) -> None:
    """Do it in a process that is hit after so many seconds."""
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, interrupted)
        with contextlib.suppress(BackwrightError, KeyboardInterrupt):
            work()
        os._exit(0)
    time.sleep(after)
    os.kill(pid, how)
    os.waitpid(pid, 0)


def interrupted(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def judge(root: Path, before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """What became of the run."""
    recover_at(root)
    now = content(root)
    found = last_run(root) if (root / ".backwright/runs.db").exists() else None
    if now not in (before, after):
        return "TREE BROKEN"
    if found is None:
        return "killed before it began" if now == before else "TREE BROKEN"
    ended = found.status
    if ended != "done":
        try:
            if resume(root, found.id).outcome != "done":
                return "NOT RESUMED"
        except BackwrightError as error:
            print(error.message, flush=True)
            return "NOT RESUMED"
    landings = [record.id for record in landing.landed(open_state(root))]
    if landings != [found.id]:
        return "LANDED TWICE"
    if content(root) != after:
        return "ANOTHER END"
    told = last_run(root)
    assert told is not None
    steps = Counter(e.body["finished"] for e in told.events if "finished" in e.body)
    if max(steps.values()) > 1:
        return "STEP REPEATED"
    return f"resumed after {ended}" if ended != "done" else "was done already"


def run_kills(rounds: int, seed: int) -> Counter[str]:
    """How the rounds ended."""
    seen: Counter[str] = Counter()
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        original = template(place)
        before = content(original)
        for name in ("first", "second"):  # the first one imports everything, which no later one does
            root = place / name
            shutil.copytree(original, root)
            begun = time.monotonic()
            run(root)
            seconds = time.monotonic() - begun
        after = content(root)
        for number in range(rounds):
            root = place / f"work-{number}"
            shutil.copytree(original, root)
            how = signal.SIGTERM if number % 5 == 4 else signal.SIGKILL
            struck(lambda root=root: run(root), chance.uniform(0, 1.1 * seconds), how)  # type: ignore[misc]
            found = last_run(root) if (root / ".backwright/runs.db").exists() else None
            if number % 7 == 6 and found is not None and found.status != "done":
                again = chance.uniform(0, seconds)
                struck(lambda root=root, run=found.id: resume(root, run), again, signal.SIGKILL)  # type: ignore[misc]
            how_it_ended = judge(root, before, after)
            seen[how_it_ended] += 1
            if how_it_ended in BAD:
                print(f"round {number} of seed {seed}: {how_it_ended}", flush=True)
            shutil.rmtree(root)
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    seen = run_kills(given.kills, given.seed)
    for what, times in seen.most_common():
        print(f"{times:5}  {what}")
    return 1 if any(seen[what] for what in BAD) else 0


if __name__ == "__main__":
    sys.exit(main())
