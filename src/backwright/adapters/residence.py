"""Where the resident of a repository listens, and asking it. Imports next to nothing: whoever asks is in a hurry.

The socket is in a folder that only this user may enter. One question is one line of JSON, and so is its answer.
`_socket` and `_blake2` are what `socket` and `hashlib` are made of; those take half as long to import as Python to start.
"""

from __future__ import annotations

import os
import stat
import time
from _blake2 import blake2b
from _socket import AF_UNIX, SOCK_STREAM, socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LIMIT = 16 * 1024 * 1024  # bytes of a question or an answer
_CONNECTING = 0.05  # seconds; nobody who listens takes longer to be reached


def ask(root: str, question: Mapping[str, Any], *, timeout: float) -> dict[str, Any] | None:
    """What the resident of this repository answers; None where there is none, or it does not answer within `timeout` seconds."""
    import json

    said = ask_line(root, json.dumps(question).encode() + b"\n", timeout=timeout)
    try:
        answer = json.loads(said or b"")
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def ask_line(root: str, line: bytes, *, timeout: float) -> bytes | None:
    """As `ask`, for a question that is written already; the answer as it came."""
    where = place(root)
    if where is None:
        return None
    try:
        wire = socket(AF_UNIX, SOCK_STREAM)
    except OSError:
        return None
    try:
        wire.settimeout(_CONNECTING)
        wire.connect(where)
        wire.settimeout(timeout)
        wire.sendall(line)
        return read_line(wire, time.monotonic() + timeout)
    except (OSError, ValueError):
        return None
    finally:
        wire.close()


def read_line(wire: socket, deadline: float) -> bytes:
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
        if make and not os.path.lexists(folder):
            _make(folder)
        status = os.lstat(folder)
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        return None
    known = f"{os.path.dirname(__file__)}\0{os.path.realpath(root)}"
    return f"{folder}/{blake2b(os.fsencode(known)).hexdigest()[:24]}.sock"


def _make(folder: str) -> None:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:  # another process was quicker
        return


def root_of(folder: str) -> str:
    """The top of the repository that a folder is in, `""` outside of any."""
    here = os.path.realpath(folder)
    while not os.path.exists(f"{here}/.git"):
        above = os.path.dirname(here)
        if above == here:
            return ""
        here = above
    return here
