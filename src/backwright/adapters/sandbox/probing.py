"""Which tier this machine gives, found by trying: a command inside attempts to get out, and a tier in which it can does not count.

The answer is kept, outside every repository, for as long as the machine is not started anew and neither its kernel, nor
bubblewrap, nor this program changes.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from backwright.adapters import shell
from backwright.adapters.privatedir import PrivateDir
from backwright.adapters.program import program_id
from backwright.adapters.sandbox import bubblewrap, seccomp
from backwright.adapters.sandbox.places import places_of_program
from backwright.adapters.sandbox.space import Space
from backwright.adapters.sandbox.tier_a import Wrapped
from backwright.adapters.sandbox.tier_b import Confined
from backwright.adapters.trust import state_home
from backwright.core.errors import BackwrightError
from backwright.core.permissions import Permissions

GUEST = Path(__file__).parents[1] / "guest"
_TIMEOUT = 20.0  # seconds
# What Landlock is not for; of it, kernels before 6.12 do not scope signals.
_TOLERATED = {"landlock": ("signal a process", "namespaces", "be root")}
_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")

Runner = Callable[[Space], shell.Run]


class Tier(msgspec.Struct, frozen=True):
    """How well this machine can hold a command. `name` is `bubblewrap`, `landlock` or `none`.

    `program` is the bubblewrap that holds; `abi` is the version of Landlock; `because` says why it is none better, `weaker`
    what a command can do all the same.
    """

    name: str
    abi: int = 0
    because: str = ""
    weaker: tuple[str, ...] = ()
    program: str = ""


class _Kept(msgspec.Struct, frozen=True):
    key: str
    tier: Tier


def find_tier(environ: Mapping[str, str] | None = None, programs: Sequence[Path] | None = None) -> Tier:
    """The best tier of this machine, from memory where it was tried before."""
    programs = bubblewrap.programs() if programs is None else programs
    key, place = _key(programs), state_home(os.environ if environ is None else environ) / "backwright" / "sandbox.json"
    known = _known(place, key)
    if known is not None:
        return known
    tier = try_tiers(programs)
    with suppress(OSError):  # then it is tried each time
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = place.with_name(f".{place.name}.{os.getpid()}")
        temporary.write_bytes(msgspec.json.encode(_Kept(key, tier)))
        temporary.replace(place)
    return tier


def try_tiers(programs: Sequence[Path] | None = None) -> Tier:
    """The best tier, tried now."""
    if sys.platform != "linux" or not seccomp.is_known_machine():
        return Tier("none", because=f"there is no sandbox for {platform.system()} on {platform.machine()} yet")
    wrapped = "bubblewrap is not installed"
    for program in bubblewrap.programs() if programs is None else programs:
        wrapped = _tried("bubblewrap", Wrapped(Space(), Permissions(), program).with_space)
        if not wrapped:
            return Tier("bubblewrap", program=str(program))
    abi = _abi()
    if not abi:
        return Tier("none", because=f"{wrapped}; this kernel has no Landlock")
    confined = _tried("landlock", lambda space: Confined(space, Permissions(), abi).run)
    if confined:
        return Tier("none", because=f"{wrapped}; with Landlock, {confined}")
    weaker = [
        "it has no network of its own",
        "it sees which files exist",
        "it can change times and rights of files of yours",
    ]
    return Tier("landlock", abi, wrapped, tuple([*weaker, "it can signal processes of yours"] if abi < 6 else weaker))


def _tried(name: str, runner: Runner) -> str:
    """What is wrong with a tier; `""` for one that holds."""
    variable, socket_name = secrets.token_hex(8), f"backwright-{secrets.token_hex(8)}"
    with (
        PrivateDir("probe") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as door,
        _shared_memory() as segment,
        subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, env={"BACKWRIGHT_PROBE": variable}) as other,
    ):
        door.bind("\0" + socket_name)
        door.listen()
        copy = folder / "copy"
        copy.mkdir()
        for file in ("outside", "secret"):
            (folder / file).write_text("")
        order = {
            "copy": str(copy), "outside": str(folder / "outside"), "secret": str(folder / "secret"), "name": socket_name,
            "port": server.getsockname()[1], "pid": other.pid, "variable": variable,
            "namespaces": {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in _NAMESPACES},  # noqa: PTH115
            "segment": segment,
            "bounding": name == "bubblewrap" or os.geteuid() == 0,
        }  # fmt: skip
        python = Path(sys.executable)
        space = Space(writable=(copy,), readable=(GUEST, *places_of_program(python)))
        argv = (str(python), "-I", "-S", str(GUEST / "probes.py"), json.dumps(order))
        try:
            done = runner(space)(argv, cwd=copy, env={}, timeout=_TIMEOUT)
        except BackwrightError as error:
            return error.message
    return judge(name, done)


@contextmanager
def _shared_memory() -> Iterator[int]:
    """The number of a segment of shared memory."""
    libc = ctypes.CDLL(None)
    segment: int = libc.shmget(0, 4096, 0o600)
    try:
        yield segment
    finally:
        libc.shmctl(segment, 0, None)


def judge(name: str, done: shell.Completed) -> str:
    """What the attempts say against a tier."""
    try:
        report = json.loads(done.output.strip().splitlines()[-1])
        out, works = report["out"], report["works"]
    except (ValueError, IndexError, KeyError, TypeError):
        return f"the self test did not run: {done.tail(1) or f'it ended with {done.exit_code}'}"
    escaped = [attempt for attempt, succeeded in out.items() if succeeded and attempt not in _TOLERATED.get(name, ())]
    if escaped:
        return f"a command could still {', '.join(escaped)}"
    broken = [work for work, done_well in works.items() if not done_well and (name, work) != ("landlock", "loopback")]
    return f"a command could not {', '.join(broken)}" if broken else ""


def _abi() -> int:
    import ctypes

    found: int = ctypes.CDLL(None).syscall(444, None, 0, 1)
    return max(0, found)


def _key(programs: Sequence[Path]) -> str:
    boot = Path("/proc/sys/kernel/random/boot_id")
    state = [(str(program), program.stat().st_mtime_ns) for program in programs if program.is_file()]
    started = boot.read_text().strip() if boot.is_file() else ""
    return repr((started, platform.release(), state, os.geteuid(), program_id()))


def _known(place: Path, key: str) -> Tier | None:
    try:
        if place.is_symlink() or place.stat().st_uid != os.geteuid():
            return None
        kept = msgspec.json.decode(place.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return None
    return kept.tier if kept.key == key else None
