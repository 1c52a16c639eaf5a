"""Does landing keep its promise? Kills, full disks, power cuts and a saving user, against a real git repository.

    python bench/kills.py                     200 kills at random moments
    python bench/kills.py --all               and everything below
    python bench/kills.py --syscalls          at every mutating system call: SIGKILL, ENOSPC, EIO (needs strace)
    python bench/kills.py --power 60          power cuts on a scratch ext4 (needs root and loop devices), with a control
    python bench/kills.py --saves 200         a user who saves during the landing
    python bench/kills.py --kills 0 --apply 200   kills at any moment of a whole `backwright apply`
                                              (BACKWRIGHT_SAMPLES_PYTHON: what runs the samples)

The repository has staged, unstaged, untracked, renamed and stashed work. After each round the whole content (git's own
files included), all modes, and `git status --porcelain` must be exactly as before or as the whole change leaves them.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from kills_apply import apply_kills
from kills_repository import make_change, make_repository, picture

from backwright.adapters import landing_journal
from backwright.adapters.landing import land, landed, recover, undo
from backwright.adapters.state import STATE_NAME, open_state
from backwright.core.change import ChangeSet
from backwright.core.errors import BackwrightError, StalePlan

CALLS = (
    *("openat", "mkdir", "mkdirat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fchmod", "fchown"),
    *("fsetxattr", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "rmdir"),
)
ROUNDS = ("identical", "complete", "landed", "conflict", "NEITHER", "JOURNAL LIES", "RECOVERED TWICE", "UNREADABLE")
READY = b"ready\n"


class Bench:
    """The repository as a template, the change, and how both outcomes look."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.copies = 0
        self.template = place / "template"
        make_repository(self.template)
        self.change = make_change(self.template)
        self.spec = place / "change.json"
        self.spec.write_bytes(msgspec.json.encode(self.change))
        self.before = picture(self.template)
        root = self.fresh()
        self.seconds = self.timed_landing(root)
        self.after = picture(root)
        undo(root, root / STATE_NAME, self.change.id)
        if picture(root) != self.before or self.after == self.before:
            raise SystemExit("landing or undoing is wrong even without disturbance")

    def fresh(self, inside: Path | None = None) -> Path:
        """A new copy; every other one has landed something before, so that its journal is there already."""
        root = (inside or self.place) / "work"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.template, root, symlinks=True)
        self.copies += 1
        if self.copies % 2 == 0:
            land(root, open_state(root), self.change)
            undo(root, root / STATE_NAME, self.change.id)
        return root

    def child(self, root: Path, *options: str, before: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [*before, sys.executable, __file__, "--child", str(root), str(self.spec), *options]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def timed_landing(self, root: Path) -> float:
        """Seconds that a landing takes in a process that has started."""
        child = self.started(root, "stay")
        start = time.perf_counter()
        line_from(child)
        seconds = time.perf_counter() - start
        child.kill()
        child.communicate()
        return seconds

    def started(self, root: Path, *options: str) -> subprocess.Popen[bytes]:
        """A child that is ready and goes ahead now."""
        child = self.child(root, *options)
        if line_from(child) != READY:
            raise SystemExit("the child did not start")
        return child

    def judge(self, root: Path) -> str:
        """What the next start makes of it."""
        recover(root, open_state(root))
        now = picture(root)
        outcome = "identical" if now == self.before else "complete" if now == self.after else "NEITHER"
        known = [record for record in landed(root / STATE_NAME) if not record.undone]
        if outcome != "NEITHER" and bool(known) != (outcome == "complete"):
            return "JOURNAL LIES"
        if recover(root, root / STATE_NAME):
            return "RECOVERED TWICE"
        return outcome


def line_from(child: subprocess.Popen[bytes]) -> bytes:
    assert child.stdout is not None
    return child.stdout.readline()


def run_child(root: Path, spec: Path, options: list[str]) -> int:
    """Say that we are ready, then land (or recover)."""
    change = msgspec.json.decode(spec.read_bytes(), type=ChangeSet)
    if "no-sync" in options:
        turn_sync_off()
    os.write(1, READY)
    try:
        if "recover" in options:
            recover(root, root / STATE_NAME)
        else:
            land(root, open_state(root), change)
    except BackwrightError as refused:
        return refused.exit_code
    if "stay" in options:  # landed and said so; the power goes while we live
        os.write(1, b"landed\n")
        time.sleep(60)
    return 0


def turn_sync_off() -> None:
    """The control of the power cuts: the same without one sync, which has to show."""
    real = landing_journal._prepare

    def prepare(connection: sqlite3.Connection, state: Path) -> None:
        real(connection, state)
        connection.execute("pragma synchronous = off")

    landing_journal._prepare = prepare
    os.fsync = lambda fd: None


# --- the rounds ------------------------------------------------------------------------------------------------------


def random_kills(bench: Bench, rounds: int) -> Counter[str]:
    """SIGKILL at a uniformly random moment of the landing."""
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        root = bench.fresh()
        kill_after(bench.started(root), random.uniform(0, 2 * bench.seconds))
        seen["found half done"] += picture(root) not in (bench.before, bench.after)
        seen[bench.judge(root)] += 1
    return seen


def recovery_kills(bench: Bench, rounds: int) -> Counter[str]:
    """SIGKILL while landing, then twice while recovering."""
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        root = bench.fresh()
        kill_after(bench.started(root), random.uniform(0.3, 0.9) * bench.seconds)
        seen["found half done"] += picture(root) not in (bench.before, bench.after)
        for _ in range(2):
            kill_after(bench.started(root, "recover"), random.uniform(0, 0.6) * bench.seconds)
        seen[bench.judge(root)] += 1
    return seen


def kill_after(child: subprocess.Popen[bytes], seconds: float) -> None:
    time.sleep(seconds)
    child.send_signal(signal.SIGKILL)
    child.communicate()


def mutating_calls(bench: Bench) -> list[tuple[str, int]]:
    """Name and ordinal (as strace counts) of every system call of a first landing that changes something."""
    log = bench.place / "strace.log"
    bench.copies = 0
    root = bench.fresh()
    strace = ("strace", "-f", "--seccomp-bpf", "-o", str(log), "-e", "trace=" + ",".join(CALLS))
    bench.child(root, before=strace).communicate()
    counts: Counter[str] = Counter()
    found = []
    ready = False
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"\d+\s+(\w+)\((.*)", line)
        if not match:
            continue
        name, rest = match.groups()
        counts[name] += 1
        if ready and (name != "openat" or re.search(r"O_CREAT|O_TRUNC", rest)):
            found.append((name, counts[name]))
        ready = ready or (name == "write" and '"ready' in rest)
    return found


def at_every_call(bench: Bench, what: str) -> Counter[str]:
    """`what` is strace's "signal=KILL" or "error=ENOSPC": at each mutating system call once."""
    seen: Counter[str] = Counter()
    for name, ordinal in mutating_calls(bench):
        bench.copies = 0
        root = bench.fresh()
        # Signals need the slow way: strace loses them where a seccomp filter reports the call.
        fast = ["--seccomp-bpf"] if what.startswith("error") else []
        inject = f"inject={name}:{what}:when={ordinal}"
        strace = ("strace", "-f", *fast, "-qq", "-o", "/dev/null", "-e", f"trace={name}", "-e", inject)
        child = bench.child(root, before=strace)
        child.communicate()
        seen["found half done"] += picture(root) not in (bench.before, bench.after)
        outcome = bench.judge(root)
        seen[outcome] += 1
        if what.startswith("error"):
            seen["EXIT CODE LIES"] += child.returncode != (0 if outcome == "complete" else 3)
        else:
            seen["NOT KILLED"] += child.returncode != -signal.SIGKILL
    return seen


def power_cuts(bench: Bench, rounds: int, *options: str) -> Counter[str]:
    """What a fresh mount of the disk's image finds, taken without any sync at a random moment, or once landed."""
    seen: Counter[str] = Counter()
    image, cut = bench.place / "disk.img", bench.place / "cut.img"
    for number in range(rounds):
        image.unlink(missing_ok=True)
        with image.open("wb") as file:
            file.truncate(48 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
        acknowledged = number % 2 == 0
        with mounted(image, bench.place / "disk") as disk:
            root = bench.fresh(disk)
            os.sync()
            child = bench.started(root, *(["stay"] if acknowledged else []), *options)
            if acknowledged:
                line_from(child)
            else:
                time.sleep(random.uniform(0, bench.seconds))
            child.send_signal(signal.SIGSTOP)
            shutil.copyfile(image, cut)
            child.send_signal(signal.SIGKILL)
            child.communicate()
        with mounted(cut, bench.place / "cut") as disk:
            try:
                outcome = bench.judge(disk / "work")
            except (BackwrightError, OSError, subprocess.CalledProcessError):
                outcome = "UNREADABLE"
            seen[outcome] += 1
            seen["ACKNOWLEDGED, LOST"] += acknowledged and outcome != "complete"
    return seen


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    at.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, at], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", at], check=True)


def user_saves(bench: Bench, rounds: int) -> Counter[str]:
    """A user saves the file, by rename or in place, again and again while we land on what we saw."""
    seen: Counter[str] = Counter()
    for number in range(rounds):
        root = bench.fresh()
        state = open_state(root)
        path = root / "app/core/facts.py"
        count = random.randint(1, 3)
        user = os.fork()
        if user == 0:
            for save in range(count):
                time.sleep(random.uniform(0, bench.seconds))
                target = path if number % 2 else path.with_name("facts.py~")
                target.write_text(f"save {save}\n")
                if target != path:
                    target.replace(path)
            os._exit(0)
        try:
            change = make_change(root)
            land(root, state, change)
            outcome = "landed"
        except StalePlan:
            outcome = "conflict"
        os.waitpid(user, 0)
        last = f"save {count - 1}\n"
        text = path.read_bytes().decode()
        kept = [file.read_text() for file in (state / "kept").glob("*")]
        seen[outcome] += 1
        seen["set aside"] += text not in (last, last + "more\r\n") and last in kept
        seen["SAVE LOST"] += text not in (last, last + "more\r\n") and last not in kept
        others = [edit for edit in change.edits if edit.path != "app/core/facts.py"]
        as_wanted = [holds(root / edit.path, edit.after) for edit in others]
        as_before = [holds(root / edit.path, edit.before) for edit in others]
        seen["MIXED TREE"] += not all(as_wanted if outcome == "landed" else as_before)
    return seen


def holds(path: Path, text: str | None) -> bool:
    return (path.read_bytes().decode() if path.exists() else None) == text


def landing_speed(bench: Bench) -> str:
    """Milliseconds of landing and undoing eleven files, the median of nine, and of recovery with nothing to do."""
    root = bench.fresh()
    state = open_state(root)
    times: dict[str, list[float]] = {"land": [], "undo": [], "recover": []}
    for _ in range(9):
        for name, action in (
            ("land", lambda: land(root, state, bench.change)),
            ("recover", lambda: recover(root, state)),
            ("undo", lambda: undo(root, state, bench.change.id)),
        ):
            start = time.perf_counter()
            action()
            times[name].append((time.perf_counter() - start) * 1000)
    return ", ".join(f"{name} {sorted(values)[4]:.1f} ms" for name, values in times.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--recovery", type=int, default=0, help="kills while landing, then twice while recovering")
    parser.add_argument("--syscalls", action="store_true")
    parser.add_argument("--power", type=int, default=0)
    parser.add_argument("--saves", type=int, default=0)
    parser.add_argument("--apply", type=int, default=0, help="kills at any moment of a whole `backwright apply`")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    if options.all:
        options.recovery, options.syscalls, options.power, options.saves, options.apply = 100, True, 60, 200, 200
    if options.syscalls and not shutil.which("strace"):
        parser.error("--syscalls needs strace")
    bad = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        bench = Bench(Path(place))
        print(f"{len(bench.change.edits)} files: {landing_speed(bench)}")
        rounds: list[tuple[str, Callable[[], Counter[str]], int]] = [
            ("SIGKILL at a random moment", lambda: random_kills(bench, options.kills), options.kills),
            (
                "killed landing, then twice recovering",
                lambda: recovery_kills(bench, options.recovery),
                options.recovery,
            ),
            ("SIGKILL at every system call", lambda: at_every_call(bench, "signal=KILL"), options.syscalls),
            ("ENOSPC at every system call", lambda: at_every_call(bench, "error=ENOSPC"), options.syscalls),
            ("EIO at every system call", lambda: at_every_call(bench, "error=EIO"), options.syscalls),
            ("power cut", lambda: power_cuts(bench, options.power), options.power),
            ("user saves meanwhile", lambda: user_saves(bench, options.saves), options.saves),
            ("SIGKILL during a whole apply", lambda: apply_kills(Path(place), options.apply), options.apply),
        ]
        for name, run, wanted in rounds:
            if wanted:
                bad += report(name, run())
        if options.power:
            bad += report("control: power cut without syncs", power_cuts(bench, options.power // 2, "no-sync")) == 0
    return 1 if bad else 0


def report(name: str, seen: Counter[str]) -> int:
    """One line of the table; how many rounds were bad."""
    bad = {what: count for what, count in seen.items() if count and what.isupper()}
    good = {what: count for what, count in sorted(seen.items()) if count and not what.isupper()}
    total = sum(seen[what] for what in ROUNDS)
    shown = ", ".join(f"{what} {count}" for what, count in (good | bad).items())
    print(f"{name:<42} {total:>4} rounds   {sum(bad.values())} bad   {shown}", flush=True)
    return sum(bad.values())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        sys.exit(run_child(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
    sys.exit(main())
