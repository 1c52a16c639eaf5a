"""Runs inside a sandbox and tries to get out of it: prints, as JSON, each attempt and whether it succeeded.

    python -I -S probes.py '{"copy": "...", "outside": "...", "secret": "...", "port": 1, "pid": 1, "name": "...",
                               "variable": "...", "namespaces": {}, "segment": 1, "bounding": true}'

`copy` may be written; `outside` and `secret` are files that may not be written and not be read; something listens on `port` of the
machine's 127.0.0.1 and on the abstract Unix socket `name`; `pid` is a process outside, `variable` is in its
environment. `namespaces` are those outside by kind, `segment` is shared memory.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER = 0x10000000
TIOCSTI = 0x5412


def call(number: int, *arguments: Any) -> bool:
    """Whether a system call is let through; -1 is what a refusal returns."""
    return bool(LIBC.syscall(number, *arguments) >= 0)


def opened(path: str, flags: int = os.O_RDONLY) -> bool:
    """Whether a file opens."""
    os.close(os.open(path, flags, 0o600))
    return True


def is_readable(device: str) -> bool:
    """Whether a device is there and opens."""
    try:
        return opened(device)
    except OSError:
        return False


def bound() -> bool:
    """Whether a server can be started."""
    with socket.create_server(("127.0.0.1", 0)):
        return True


def unix_socket(name: str) -> bool:
    """Whether an abstract socket outside answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.connect(name)
    return True


def port(number: int) -> bool:
    """Whether a port of the machine answers."""
    with socket.create_connection(("127.0.0.1", number), timeout=2):
        return True


def made(family: int, kind: int) -> bool:
    """Whether such a socket can be made."""
    with socket.socket(family, kind):
        return True


def signalled(pid: int) -> bool:
    """Whether a process outside can be signalled. Inside a pid namespace its number is nobody's."""
    os.kill(pid, 0)
    return True


def seen(variable: str) -> bool:
    """Whether a text is in any environment that can be read."""
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 (names are all that is wanted)
        with suppress(OSError), open(f"/proc/{name}/environ", "rb") as stream:
            if variable.encode() in stream.read():
                return True
    return False


def capable(*, bounding: bool) -> bool:
    """Whether there is any capability, or a way to get one. Only root can empty its bounding set; without new rights it is idle."""
    with open("/proc/self/status") as stream:
        status = dict(line.split(":", 1) for line in stream.read().splitlines())
    sets = ("CapEff", "CapPrm", "CapAmb", *(("CapBnd",) if bounding else ()))
    return any(int(status[name], 16) for name in sets) or int(status["NoNewPrivs"]) != 1


def typed() -> bool:
    """Whether a character can be put into the keyboard buffer of our terminal."""
    with open("/dev/tty") as terminal:
        fcntl.ioctl(terminal, TIOCSTI, b"x")
    return True


def descriptors() -> bool:
    """Whether a descriptor was left to us besides the three streams."""
    opened_here = os.open("/dev/null", os.O_RDONLY)
    try:
        return opened_here > 3
    finally:
        os.close(opened_here)


def shared(order: dict[str, Any]) -> bool:
    """Whether one of our namespaces is that of who started us."""
    return any(
        os.readlink(f"/proc/self/ns/{kind}") == name  # noqa: PTH115 (no file is meant)
        for kind, name in order["namespaces"].items()
    )


def attached(segment: int) -> bool:
    """Whether a segment of shared memory outside can be attached."""
    LIBC.shmat.restype = ctypes.c_ssize_t
    return bool(LIBC.shmat(segment, None, 0o10000) != -1)


def attempts(order: dict[str, Any]) -> dict[str, Callable[[], bool]]:
    """What is tried, by name."""
    arm = os.uname().machine != "x86_64"
    return {
        "descriptors": descriptors,  # first: the others open some
        "write outside": lambda: opened(order["outside"], os.O_WRONLY),
        "write the system": lambda: opened("/usr/.backwright", os.O_WRONLY | os.O_CREAT),
        "read a secret": lambda: opened(order["secret"]),
        "read an environment": lambda: seen(order["variable"]),
        "reach the machine": lambda: port(order["port"]),
        "reach a socket": lambda: unix_socket("\0" + order["name"]),
        "signal a process": lambda: signalled(order["pid"]),
        "capabilities": lambda: capable(bounding=order["bounding"]),
        "user namespace": lambda: call(97 if arm else 272, CLONE_NEWUSER),
        "trace": lambda: call(117 if arm else 101, 0, 0, 0, 0),
        "kernel settings": lambda: opened("/proc/sys/kernel/core_pattern", os.O_WRONLY),
        "devices": lambda: any(map(is_readable, ("/dev/mem", "/dev/kmsg", "/dev/vda", "/dev/sda", "/dev/nvme0n1"))),
        "io_uring": lambda: call(425, 1, 0),
        "keys": lambda: call(219 if arm else 250, 0, -3, 1),
        "raw packets": lambda: made(socket.AF_PACKET, socket.SOCK_RAW) or made(40, socket.SOCK_STREAM),
        "terminal": typed,
        "session": lambda: os.getsid(0) == 0,
        "write the top": lambda: opened("/.backwright", os.O_WRONLY | os.O_CREAT),
        "be root": lambda: os.getuid() == 0 or os.getgid() == 0,
        "namespaces": lambda: shared(order),
        "shared memory": lambda: attached(order["segment"]),
    }


def main(order: dict[str, Any]) -> None:
    """Tries everything."""
    works = {
        "write the copy": lambda: opened(order["copy"] + "/probe", os.O_WRONLY | os.O_CREAT),
        "loopback": bound,
    }
    found = {"out": tried(attempts(order)), "works": tried(works)}
    sys.stdout.write(json.dumps(found) + "\n")


def tried(attempts: dict[str, Callable[[], bool]]) -> dict[str, bool]:
    """What became of each."""
    found = {}
    for name, attempt in attempts.items():
        try:
            found[name] = attempt()
        except OSError:
            found[name] = False
    return found


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
