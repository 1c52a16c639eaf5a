"""Runs a command under Landlock and seccomp, where there are no namespaces: started by our own interpreter, never imported.

    python -I -S confine.py ORDER STATUS -- COMMAND ...

ORDER and STATUS are descriptors: what to confine the command to (JSON), and a pipe that hears "started" once it is confined and
running, else why not. This process stays outside and ends whatever the command leaves behind.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import resource
import signal
import stat
import struct
import sys
from contextlib import suppress
from typing import Any, NoReturn

LIBC = ctypes.CDLL(None, use_errno=True)
CREATE, ADD, RESTRICT = 444, 445, 446  # landlock_*, the same numbers on every machine
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 1, 22, 24, 36
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
MAKE_CHAR, MAKE_BLOCK, REFER = 1 << 6, 1 << 11, 1 << 13
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL
READ = EXECUTE | READ_FILE | READ_DIR


def abi() -> int:
    """The version of Landlock that the kernel offers; 0 for none."""
    found: int = LIBC.syscall(CREATE, None, 0, 1)
    return max(0, found)


def landlock(readable: list[str], writable: list[str]) -> None:
    """From now on nothing else can be opened, no port bound or reached, nobody outside signalled (where the kernel can)."""
    version = abi()
    handled = (1 << 13) - 1
    for since, right in ((2, REFER), (3, TRUNCATE), (5, IOCTL)):
        handled |= right if version >= since else 0
    attributes = struct.pack("=QQQ", handled, 3, 3)[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = check(LIBC.syscall(CREATE, attributes, len(attributes), 0), "landlock_create_ruleset")
    for places, rights in ((readable, READ), (writable, handled & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL))):
        for place in places:
            with suppress(FileNotFoundError):
                allow(rules, place, rights & handled)
    check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    check(LIBC.syscall(RESTRICT, rules, 0), "landlock_restrict_self")
    os.close(rules)


def allow(rules: int, place: str, rights: int) -> None:
    """One rule: these rights below this place."""
    beneath = os.open(place, os.O_PATH | os.O_CLOEXEC)
    if not stat.S_ISDIR(os.fstat(beneath).st_mode):
        rights &= OF_FILES
    check(LIBC.syscall(ADD, rules, 1, struct.pack("=Qi", rights, beneath), 0), "landlock_add_rule")
    os.close(beneath)


def drop_capabilities() -> None:
    """What root may and others may not."""
    for number in range(64):
        if LIBC.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0:
            break
    LIBC.prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)
    header, data = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    check(LIBC.capset(header, data), "capset")


class Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def seccomp(code: bytes) -> None:
    """The program of refused system calls."""
    program = Program(len(code) // 8, code)
    check(LIBC.prctl(PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


def check(result: int, what: str) -> int:
    """The result of a system call. Raises `OSError` where it failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def become(order: dict[str, Any], command: list[str], status: int) -> NoReturn:
    """Confine this process and turn it into the command."""
    try:
        check(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
        os.setsid()
        for name, value in order["limits"].items():
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))
        drop_capabilities()
        landlock(order["readable"], order["writable"])
        seccomp(base64.b64decode(order["seccomp"]))
        os.closerange(3, status)
        os.closerange(status + 1, 4096)
        os.set_inheritable(status, False)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and a command should not
            signal.signal(number, signal.SIG_DFL)
    except (OSError, ValueError) as error:
        os.write(status, f"refused {error}".encode())
        os._exit(126)
    try:
        os.execvpe(command[0], command, order["env"])  # noqa: S606 (an argv, as it was given)
    except OSError as error:
        os.write(status, f"missing {command[0]}: {error.strerror}".encode())
    os._exit(127)


def children() -> list[int]:
    """Processes of which this one is the parent: the command, and what has lost its own parent."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 (names are all that is wanted, and it has to be fast)
        if name.isdigit():
            with suppress(OSError), open(f"/proc/{name}/stat", "rb") as stream:
                if int(stream.read().rpartition(b")")[2].split()[1]) == os.getpid():
                    found.append(int(name))
    return found


def give_up(*_: object) -> NoReturn:
    """The time is up."""
    end_all()
    os._exit(128 + signal.SIGTERM)


def end_all() -> None:
    """Kill everything below this process: a killed one's children become ours, until there are none."""
    while found := children():
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def main(words: list[str]) -> int:
    """Starts the command and stays until it has ended; its exit code, negative for a signal."""
    order_from, status = int(words[0]), int(words[1])
    with os.fdopen(order_from, "rb") as stream:
        order = json.load(stream)
    check(LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        become(order, words[3:], told)
    os.close(told)
    signal.signal(signal.SIGTERM, give_up)
    check(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0), "prctl")
    with os.fdopen(heard, "rb") as stream:
        problem = stream.read()
    os.write(status, problem or b"started")
    os.close(status)
    while True:
        pid, how = os.waitpid(-1, 0)
        if pid == child:
            break
    end_all()
    return os.waitstatus_to_exitcode(how)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if code < 0:
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code if code >= 0 else 128 - code)
