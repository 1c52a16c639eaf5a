"""The system calls that no command of a repository needs, as a program for the kernel (seccomp, classic BPF).

Written out here instead of asking libseccomp, which is not on every machine and whose bindings are not kept up: the program is a
list of comparisons. Refused calls fail with EPERM, new ones that have an older form with ENOSYS, so that programs fall back.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Collection, Iterator

Instruction = tuple[int, int, int, int]

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH, _FIRST, _SECOND = 0, 4, 16, 24  # offsets in `struct seccomp_data`; low halves of the arguments
_ARCHES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1), "arm64": (0xC00000B7, 1)}
_X32 = 0x40000000
_NAMESPACES = 0x7E020080  # CLONE_NEW*: time, mount, cgroup, uts, ipc, user, pid, net
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # both put characters into the keyboard buffer of a terminal

UNIX, INET, INET6, NETLINK = 1, 2, 10, 16

# Name: numbers on x86_64 and aarch64; -1 where the call does not exist.
_REFUSED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "setns": (308, 268), "unshare": (272, 97),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "fanotify_init": (300, 262),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "iopl": (172, -1), "ioperm": (173, -1), "modify_ldt": (154, -1),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42), "syslog": (103, 116), "vhangup": (153, 58),
}  # fmt: skip
_UNKNOWN = {
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "clone3": (435, 435),
}  # fmt: skip
_SHARED = {
    "shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190), "semop": (65, 193), "msgget": (68, 186),
    "msgsnd": (69, 189), "msgrcv": (70, 188),
}  # fmt: skip
_MEMORY_FILES = {"memfd_create": (319, 279), "memfd_secret": (447, 447)}
_TRUNCATE = {"truncate": (76, 45)}
_CLONE, _SOCKET, _IOCTL = (56, 220), (41, 198), (16, 29)


def is_known_machine() -> bool:
    """Whether programs can be written for this machine."""
    return platform.machine() in _ARCHES


def program(
    families: Collection[int], *, truncate: bool = True, memory_files: bool = True, shared: bool = True
) -> bytes:
    """The program. `families` are the kinds of socket that may be made; none means no socket at all.

    `truncate`, `memory_files` and `shared` say whether files may be cut by their path, and made that have none, and memory shared by
    number: what Landlock does not see. The machine must be one that `is_known_machine`.
    """
    arch, column = _ARCHES[platform.machine()]
    refused = {**_REFUSED, **({} if truncate else _TRUNCATE), **({} if shared else _SHARED)}
    unknown = {**_UNKNOWN, **({} if memory_files else _MEMORY_FILES)}
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if platform.machine() == "x86_64":
        code += [(_AT_LEAST, 0, 1, _X32), _fail(errno.ENOSYS)]
    for numbers, error in ((refused, errno.EPERM), (unknown, errno.ENOSYS)):
        for both in numbers.values():
            if both[column] >= 0:
                code += [(_EQUAL, 0, 1, both[column]), _fail(error)]
    code += _when(_CLONE[column], [(_LOAD, 0, 0, _FIRST), (_ANY_BIT, 0, 1, _NAMESPACES), _fail(errno.EPERM)])
    code += _when(_SOCKET[column], [(_LOAD, 0, 0, _FIRST), *_one_of(sorted(families)), _fail(errno.EACCES)])
    asks = [(_EQUAL, 1, 0, _TIOCSTI), (_EQUAL, 0, 1, _TIOCLINUX), _fail(errno.EPERM)]
    code += _when(_IOCTL[column], [(_LOAD, 0, 0, _SECOND), *asks])
    code.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _fail(error: int) -> Instruction:
    return (_RETURN, 0, 0, _ERROR | error)


def _when(number: int, body: list[Instruction]) -> list[Instruction]:
    """`body` for this call alone; the number of the call is loaded again after it."""
    return [(_EQUAL, 0, len(body) + 1, number), *body, (_LOAD, 0, 0, _NUMBER)]


def _one_of(values: list[int]) -> Iterator[Instruction]:
    """Jumps over the instruction that follows where the argument is one of these."""
    for at, value in enumerate(values):
        yield (_EQUAL, len(values) - at, 0, value)
