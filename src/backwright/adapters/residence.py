"""Where the resident of a repository listens, and asking it. Imports little: whoever asks is in a hurry.

The socket is in a folder that only this user may enter. One question is one line of JSON, and so is its answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LIMIT = 16 * 1024 * 1024  # bytes of a question or an answer
_CONNECTING = 0.05  # seconds; nobody who listens takes longer to be reached


def ask(root: str, question: Mapping[str, Any], *, timeout: float) -> dict[str, Any] | None:
    """What the resident of this repository answers; None where there is none, or it does not answer within `timeout` seconds."""
    where = place(root)
    if where is None:
        return None
    with contextlib.suppress(OSError, ValueError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.settimeout(_CONNECTING)
        wire.connect(where)
        wire.settimeout(timeout)
        wire.sendall(json.dumps(question).encode() + b"\n")
        answer = json.loads(read_line(wire, time.monotonic() + timeout))
        return answer if isinstance(answer, dict) else None
    return None


def read_line(wire: socket.socket, deadline: float) -> bytes:
    """One line. Raises `ValueError` where it is too long or ends early, OSError where it takes too long."""
    read = bytearray()
    while not read.endswith(b"\n"):
        chunk = wire.recv(65536)
        read += chunk
        if not chunk or len(read) > LIMIT:
            raise ValueError("not one line")
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(read)


def place(root: str, *, make: bool = False) -> str | None:
    """The socket's path, None where the folder for it is not there or not this user's alone.

    It is another one for each installation of ours, and short: a socket's path may have some hundred bytes.
    """
    base = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - the folder in it is made, and must be, for this user alone
    folder = f"{base}/bw-residents-{os.getuid()}"
    try:
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)
        status = os.lstat(folder)
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        return None
    known = f"{os.path.dirname(__file__)}\0{os.path.realpath(root)}"
    return f"{folder}/{hashlib.sha256(os.fsencode(known)).hexdigest()[:24]}.sock"


def root_of(folder: str) -> str:
    """The top of the repository that a folder is in, `""` outside of any."""
    here = os.path.realpath(folder)
    while not os.path.exists(f"{here}/.git"):
        above = os.path.dirname(here)
        if above == here:
            return ""
        here = above
    return here
