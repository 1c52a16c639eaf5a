"""How long does the check of one edited file take, for an agent's hook, an editor, and `check`?

    python bench/live.py                     the sample service, and the same grown to 10,000 files
    python bench/live.py --files 2000        grown to another size
    python bench/live.py REPOSITORY...       copies of repositories of yours; --edit FILE edits that one (once for each)

Milliseconds, the least and the middle of --rounds (10), of: a hook as a process, the same question over the socket, the findings that
an editor gets on saving, `check` as a process. `same`: nothing changed since the last time; `edited`: a function was added just before.
Processor time is that of the process that was started and of the resident together. Exit code 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from speed import SAMPLE, copied, grown

from backwright.app.residing import answered, told

BARS = {"hook": 150, "resident": 30, "saving": 50, "check": 200}  # milliseconds of wall time, where a file was edited
_READY = 300  # seconds for the first answers
_TICK = os.sysconf("SC_CLK_TCK")


class Took(NamedTuple):
    """Milliseconds of processor time and of wall time."""

    cpu: float
    wall: float


class Repository:
    """A repository with one file that is edited, and the resident that knows it."""

    def __init__(self, root: Path, path: str) -> None:
        self.root, self.path = root, path
        self._original = (root / path).read_text()
        self._edits = 0
        event = {"cwd": str(root), "tool_name": "Edit", "tool_input": {"file_path": str(root / path)}}
        self._event = json.dumps(event)
        self._resident = 0

    def edit(self) -> None:
        self._edits += 1
        added = f"\n\ndef added_{self._edits}() -> int:\n    return {self._edits}\n"
        (self.root / self.path).write_text(self._original + added)

    def settle(self) -> None:
        """Until the resident has read the repository and answers at once."""
        self._run("hook", "edited")
        until = time.monotonic() + _READY
        while told(self._event, str(self.root)) is None and time.monotonic() < until:
            time.sleep(0.2)
        self._resident = next(pid for pid in _processes() if _is_resident(pid, self.root))

    def end(self) -> None:
        (self.root / self.path).write_text(self._original)
        with suppress(ProcessLookupError):
            os.kill(self._resident, signal.SIGTERM)

    def hook(self) -> float:
        return self._run("hook", "edited")

    def check(self) -> float:
        return self._run("check", "--quiet")

    def resident(self) -> float:
        told(self._event, str(self.root))
        return 0.0

    def saving(self) -> float:
        answered(str(self.root), {"ask": "findings", "path": self.path})
        return 0.0

    def took(self, once: Callable[[], float]) -> Took:
        before, began = _cpu(self._resident), time.perf_counter()
        own = once()
        wall = time.perf_counter() - began
        return Took((own + _cpu(self._resident) - before) * 1000, wall * 1000)

    def _run(self, *arguments: str) -> float:
        """Seconds of processor time of a call."""
        environment = {k: v for k, v in os.environ.items() if k not in ("CI", "BACKWRIGHT_RESIDENT")}
        command = [sys.executable, "-c", "from backwright.surfaces.cli.__main__ import main; main()", *arguments]
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        process.stdin.write(self._event.encode())
        process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _is_resident(pid: int, root: Path) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return arguments[-3:-1] == [b"serve", b"resident"] and os.fsencode(root) in arguments


def _cpu(pid: int) -> float:
    """Seconds of processor time of a process and of the worker that extracts for it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(_own_cpu(each) for each in (pid, *children))
    except FileNotFoundError:  # it has ended, since nobody asked or the program was changed
        return 0.0


def _own_cpu(pid: int | str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def report(root: Path, path: str, rounds: int) -> bool:
    """A table row for each way to ask; whether all bars were kept."""
    repository = Repository(root, path)
    files = sum(1 for found in root.rglob("*") if found.suffix in (".py", ".ts", ".go", ".java", ".rs"))
    good = True
    repository.settle()
    try:
        for name, once in (
            ("hook", repository.hook),
            ("resident", repository.resident),
            ("saving", repository.saving),
            ("check", repository.check),
        ):
            once()
            same = [repository.took(once) for _ in range(rounds)]
            edited = []
            for _ in range(rounds):
                repository.edit()
                edited.append(repository.took(once))
            kept = min(t.wall for t in edited) <= BARS[name]
            good = good and kept
            figures = "".join(_figures(took) for took in (same, edited))
            print(f"{root.name:<20}{files:>7}  {name:<9}{figures}  {'ok' if kept else 'OVER'} {BARS[name]}", flush=True)
    finally:
        repository.end()
    return good


def _figures(took: list[Took]) -> str:
    walls = sorted(t.wall for t in took)
    return f"{sum(t.cpu for t in took) / len(took):>8.0f}{walls[0]:>8.0f}{walls[len(walls) // 2]:>8.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="*", type=Path)
    parser.add_argument("--files", type=int, default=10_000, help="to grow the sample to")
    parser.add_argument("--edit", action="append", default=[], help="the file to edit, one for each repository")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    print(
        f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; cpu is the mean, wall the least and the middle"
    )
    print(f"{'':<38}{'same: cpu':>8}{'wall':>7}{'':>8}{'edited: cpu':>10}{'wall':>6}{'':>7}  bar")
    good = True
    with tempfile.TemporaryDirectory(prefix="bw-live-") as place:
        folder = Path(place).resolve()
        service = "app/services/category.py"
        given = dict(zip(options.repositories, options.edit, strict=False))
        for repository in options.repositories:
            root = copied(repository.resolve(), folder / repository.resolve().name)
            good &= report(root, given.get(repository, "") or _rather_large(root), options.rounds)
            shutil.rmtree(root)
        if not options.repositories:
            good &= report(copied(SAMPLE, folder / "sample"), service, options.rounds)
            good &= report(grown(folder / "grown", options.files), service, options.rounds)
    return 0 if good else 1


def _rather_large(root: Path) -> str:
    sources = [path for path in root.rglob("*.py") if ".git" not in path.parts and "test" not in path.name]
    middle = sorted(sources, key=lambda path: path.stat().st_size)[len(sources) * 9 // 10]
    return middle.relative_to(root).as_posix()


if __name__ == "__main__":
    sys.exit(main())
