"""Each part of the sandbox is taken away, one at a time: the self test, or what is looked at here, must notice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backwright.adapters.sandbox import Space, bubblewrap, probing, tier_a
from backwright.adapters.sandbox.tier_a import Wrapped
from backwright.adapters.sandbox.tier_b import Confined
from backwright.adapters.shell import Run
from backwright.core.permissions import Permissions

Words = list[str]
PROGRAM = Path(probing.find_tier().program or "/nowhere")
ABI = probing._abi()
KERNEL = "/proc/sys"


@pytest.fixture(autouse=True)
def _bubblewrap() -> None:
    if not PROGRAM.is_file():
        assert not os.environ.get("CI"), probing.find_tier().because
        pytest.skip("no bubblewrap here")


def run_in(space: Space) -> Run:
    return Wrapped(space, Permissions(), PROGRAM).run


def self_test() -> str:
    """What the self test says against bubblewrap as it is called now."""
    return probing._tried("bubblewrap", run_in)


def without(*flag: str) -> Callable[[Words], Words]:
    """The words without the first occurrence of these."""

    def mutate(words: Words) -> Words:
        at = next(n for n in range(len(words)) if tuple(words[n : n + len(flag)]) == flag)
        return words[:at] + words[at + len(flag) :]

    return mutate


def taking(flag: str, more: int) -> Callable[[Words], Words]:
    """The words without the first `flag` and what follows it."""

    def mutate(words: Words) -> Words:
        at = words.index(flag)
        return words[:at] + words[at + 1 + more :]

    return mutate


def without_kernel(words: Words) -> Words:
    at = next(n for n in range(len(words)) if words[n : n + 3] == ["--ro-bind", KERNEL, KERNEL])
    return words[:at] + words[at + 3 :]


def writable_system(words: Words) -> Words:
    at = next(n for n in range(len(words)) if words[n : n + 3] == ["--ro-bind", "/usr", "/usr"])
    return [*words[:at], "--bind", *words[at + 1 :]]


def in_place_of_tmp(words: Words) -> Words:
    """The machine's own folder of temporary files, where an empty one should be."""
    at = next(n for n in range(len(words)) if words[n : n + 2] == ["--tmpfs", "/tmp"])
    return [*words[: at - 2], "--bind", "/tmp", "/tmp", *words[at + 2 :]]


MUTANTS: dict[str, tuple[Callable[[Words], Words], str]] = {
    "user namespace": (taking("--unshare-user", 0), "could not start"),
    "shared memory": (taking("--unshare-ipc", 0), "namespaces, shared memory"),
    "processes": (taking("--unshare-pid", 0), "signal a process"),
    "host name": (taking("--unshare-uts", 0), "could not start"),
    "control groups": (taking("--unshare-cgroup-try", 0), "namespaces"),
    "network": (taking("--unshare-net", 0), "reach the machine, reach a socket"),
    "user id": (taking("--uid", 1), "be root"),
    "group id": (taking("--gid", 1), "be root"),
    "session": (taking("--new-session", 0), "session"),
    "capabilities": (without("--cap-drop", "ALL"), "capabilities"),
    "kernel settings": (without_kernel, "kernel settings"),
    "read-only system": (writable_system, "write the system"),
    "read-only top": (without("--remount-ro", "/"), "write the top"),
    "system calls": (taking("--seccomp", 1), "io_uring, keys, raw packets"),
    "temporary files": (in_place_of_tmp, "write outside, read a secret"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_self_test_notices_what_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate, noticed = MUTANTS[name]
    arguments = bubblewrap.arguments
    monkeypatch.setattr(bubblewrap, "arguments", lambda *a, **k: mutate(arguments(*a, **k)))
    if name in ("user id", "group id", "kernel settings", "read-only system") and os.geteuid() != 0:
        pytest.skip("only root could do this anyway")
    found = self_test()
    assert any(word in found for word in noticed.split(", ")), found or "nothing was noticed"


def test_nothing_is_noticed_where_nothing_is_missing() -> None:
    assert self_test() == ""


def test_user_namespaces_are_refused_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the system calls, and by bubblewrap."""
    arguments = bubblewrap.arguments
    calls = taking("--seccomp", 1)
    monkeypatch.setattr(bubblewrap, "arguments", lambda *a, **k: calls(arguments(*a, **k)))
    assert "user namespace" not in self_test()
    both = taking("--disable-userns", 0)
    monkeypatch.setattr(bubblewrap, "arguments", lambda *a, **k: both(calls(arguments(*a, **k))))
    assert "user namespace" in self_test()


def test_bubblewrap_starts_clean_and_clears_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R16: its own environment can be read in /proc/1/environ."""
    monkeypatch.setenv("CANARY", "canary-of-ours")
    look = ("sh", "-c", "env; cat /proc/1/environ")
    run = run_in(Space(writable=(tmp_path,)))
    assert "canary" not in run(look, cwd=tmp_path, env={}, timeout=10).output
    monkeypatch.setattr(tier_a, "_CLEAN", dict(os.environ))
    assert "canary" in run(look, cwd=tmp_path, env={}, timeout=10).output
    assert "canary" not in run(("env",), cwd=tmp_path, env={}, timeout=10).output
    arguments, clear = bubblewrap.arguments, taking("--clearenv", 0)
    monkeypatch.setattr(bubblewrap, "arguments", lambda *a, **k: clear(arguments(*a, **k)))
    assert "canary" in run(("env",), cwd=tmp_path, env={}, timeout=10).output


SLEEPER = """
import sys
from pathlib import Path
from backwright.adapters.sandbox import Space
from backwright.adapters.sandbox.tier_a import Wrapped
from backwright.core.permissions import Permissions
folder = Path(sys.argv[1])
run = Wrapped(Space(writable=(folder,)), Permissions(), Path(sys.argv[2])).run
run(("sh", "-c", "touch started; exec sleep 77.%d" % (folder.stat().st_ino % 1000000)), cwd=folder, env={}, timeout=99)
"""


def test_a_command_dies_with_us(tmp_path: Path) -> None:
    us = subprocess.Popen([sys.executable, "-c", SLEEPER, str(tmp_path), str(PROGRAM)])
    mark = f"sleep\x0077.{tmp_path.stat().st_ino % 1000000}".encode()
    deadline = time.monotonic() + 20
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    assert _running(mark)
    us.kill()
    us.wait()
    while _running(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _running(mark)


def _running(mark: bytes) -> bool:
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in place.read_bytes():
                return True
        except OSError:
            continue
    return False


@pytest.mark.parametrize(
    ("call", "noticed"),
    [
        ("landlock", "write outside, read a secret"),
        ("seccomp", "user namespace, keys"),
        ("drop_capabilities", "capabilities"),
    ],
)
def test_the_self_test_of_landlock_notices_what_is_missing(
    call: str, noticed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not ABI:
        pytest.skip("this kernel has no Landlock")
    if call == "drop_capabilities" and os.geteuid() != 0:
        pytest.skip("nobody but root has any")
    from backwright.adapters.sandbox import tier_b

    def tried() -> str:
        return probing._tried("landlock", lambda space: Confined(space, Permissions(), ABI).run)

    assert tried() == ""
    text = tier_b.CONFINE.read_text()
    line = next(line for line in text.splitlines() if line.strip().startswith(f"{call}("))
    broken = tmp_path / "confine.py"
    kept = "        check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'no_new_privs')"
    broken.write_text(text.replace(line, kept))
    monkeypatch.setattr(tier_b, "CONFINE", broken)
    found = tried()
    assert any(word in found for word in noticed.split(", ")), found or "nothing was noticed"
