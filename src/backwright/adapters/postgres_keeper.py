"""A program of its own: keeps one PostgreSQL server for as long as its standard input is open.

    python -I postgres_keeper.py '{"initdb": …, "postgres": …, "folder": …, "rules": …, "options": […], …}'

Whoever starts it holds the other end of the pipe. When that process ends, in whatever way, the pipe closes, and the
server is stopped and its folder removed. Should the keeper itself be killed, Linux stops the server with it
(PR_SET_PDEATHSIG); elsewhere the next start cleans up. It writes `started` once the cluster is made, or the end of the
server's log.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

_PR_SET_PDEATHSIG = 1
_PATIENCE = 5.0  # seconds for an immediate shutdown


def main(order: dict[str, Any]) -> int:
    """Makes the cluster, runs the server, waits for the end of the pipe. Returns the exit code."""
    folder = Path(order["folder"])
    server: subprocess.Popen[bytes] | None = None
    try:
        with (folder / "log").open("ab") as log:
            settings: dict[str, Any] = {
                "cwd": folder,
                "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                "stdin": subprocess.DEVNULL,
                "stdout": log,
                "stderr": log,
            }
            if order["user"] is not None:  # the server refuses to run as root
                settings |= {"user": order["user"], "group": order["group"], "extra_groups": []}
            data = folder / "data"
            cluster = ["-D", str(data), "-U", order["superuser"], "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
            made = subprocess.call([order["initdb"], *cluster, f"--pwfile={_password(order)}"], **settings)
            if made != 0:
                return _report(folder)
            (data / "pg_hba.conf").write_text(order["rules"])
            argv = [order["postgres"], "-D", str(data), *order["options"]]
            server = subprocess.Popen(argv, preexec_fn=_die_with_parent, **settings)
        sys.stdout.write("started\n")
        sys.stdout.flush()
        while server.poll() is None:
            readable, _, _ = select.select([sys.stdin], [], [], 0.2)
            if readable and not sys.stdin.buffer.read(1):
                return 0
        return _report(folder)
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _password(order: dict[str, Any]) -> Path:
    """The file with the superuser's password, which initdb reads as whoever the server runs as."""
    place = Path(order["folder"]) / "password"
    place.touch(0o600)
    place.write_text(order["password"] + "\n")
    if order["user"] is not None:
        os.chown(place, order["user"], order["group"])
    return place


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _stop(server: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                server.wait(_PATIENCE)


def _report(folder: Path) -> int:
    lines = (folder / "log").read_text(errors="replace").splitlines()
    sys.stdout.write("\n".join(lines[-15:]) + "\n")
    return 1


def _end(*_: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main(json.loads(sys.argv[1])))
