"""The folders of private PostgreSQL servers: where they may be, and what killed runs left of them."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from backwright.core.errors import MachineError

PREFIX = "backwright-pg-"
_SOCKET_LIMIT = 80  # bytes of the folder's path; a socket's whole path may have 103


def remove_stale() -> int:
    """Stops and removes what earlier runs left behind because they and their keepers were killed; how many."""
    removed = 0
    for base in _bases():
        for folder in base.glob(f"{PREFIX}*"):
            with suppress(OSError):
                if _is_stale(folder):
                    remove_server(folder)
                    removed += 1
    return removed


def _is_stale(folder: Path) -> bool:
    state = folder.lstat()
    owners = {os.geteuid(), *([user.pw_uid] if (user := _server_user()) else [])}
    if not stat.S_ISDIR(state.st_mode) or state.st_uid not in owners:
        return False
    noted = folder / "keeper.pid"
    if not noted.exists():
        return time.time() - state.st_mtime > 60  # otherwise one is just being made
    return not _is_running(int(noted.read_text() or 0), str(folder))


def remove_server(folder: Path) -> None:
    """Kills a server that still runs in `folder`, and removes it."""
    with suppress(OSError, ValueError):
        postmaster = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        if _is_running(postmaster, str(folder)):
            os.kill(postmaster, 9)
    shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int, folder: str) -> bool:
    """Is `pid` a process that was started for this folder (and not another that got its number)?"""
    if pid <= 0:
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return False
        from backwright.adapters.shell import run

        command = run(("ps", "-o", "args=", "-p", str(pid)), cwd=Path("/"), env={"PATH": os.defpath}, timeout=5).output
    return folder in command


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: ourselves (None), or somebody without rights where we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise MachineError("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as")


def make_folder() -> tuple[pwd.struct_passwd | None, Path]:
    """A new folder, and whom the server in it runs as. Raises `MachineError`."""
    user = _server_user()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_bases()[0]))
    if user:
        # A command in a sandbox is root without its power to pass everywhere: it gets to the socket as one of root's group.
        os.chown(folder, user.pw_uid, os.getegid())
        folder.chmod(0o710)
    return user, folder


def _bases() -> list[Path]:
    """Where the folder may be: everybody may pass through, and the path is short enough for a socket."""
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 (mkdtemp makes it private)
    fitting = []
    for base in candidates:
        resolved = base.resolve()
        open_to_all = all(place.stat().st_mode & 0o001 for place in (resolved, *resolved.parents))
        short = len(os.fsencode(resolved)) + len(PREFIX) + 8 <= _SOCKET_LIMIT
        if resolved.is_dir() and short and (open_to_all or os.geteuid() != 0):
            fitting.append(resolved)
    return list(dict.fromkeys(fitting)) or [Path("/tmp")]  # noqa: S108 (as above)
