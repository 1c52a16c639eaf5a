"""Two renames that never destroy a file: `exchange` swaps two names, `move` refuses to replace.

Both work within one open directory and are one atomic system call on Linux (renameat2) and macOS (renameatx_np). Where
the file system has neither, hard links stand in; then a save that replaces the file by rename in the microseconds
between `link` and `rename` would be lost. A save in place is noticed even then, because the old file is kept under the
spare name. `mend` completes what a kill interrupted there.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys

_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})
_CALL, _NO_REPLACE, _EXCHANGE = ("renameatx_np", 4, 2) if sys.platform == "darwin" else ("renameat2", 1, 2)
_LIBC = ctypes.CDLL(None, use_errno=True)


def exchange(directory: int, name: str, other: str, spare: str) -> None:
    """Swap what the two names mean. Raises `FileNotFoundError` when one of them means nothing."""
    if _native(directory, other, name, _EXCHANGE):
        return
    os.link(name, spare, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
    os.rename(other, name, src_dir_fd=directory, dst_dir_fd=directory)
    os.rename(spare, other, src_dir_fd=directory, dst_dir_fd=directory)


def move(directory: int, source: str, target: str) -> None:
    """Rename, or raise `FileExistsError` when the target exists."""
    if _native(directory, source, target, _NO_REPLACE):
        return
    os.link(source, target, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
    os.unlink(source, dir_fd=directory)


def mend(directory: int, name: str, other: str, spare: str) -> None:
    """Undo half a rename that a crash left where hard links stand in: no file goes by two of our names afterwards."""
    if _inode(directory, spare) is not None:
        if _inode(directory, other) is None:
            os.rename(spare, other, src_dir_fd=directory, dst_dir_fd=directory)
        else:
            os.unlink(spare, dir_fd=directory)
    inode = _inode(directory, name)
    if inode is not None and inode == _inode(directory, other):
        os.unlink(other, dir_fd=directory)


def _native(directory: int, source: str, target: str, flag: int) -> bool:
    """Whether the kernel did it; False where it or the file system has no such call."""
    call = getattr(_LIBC, _CALL, None)
    if call is None:
        return False
    if call(directory, os.fsencode(source), directory, os.fsencode(target), ctypes.c_uint(flag)) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), source, None, target)


def _inode(directory: int, name: str) -> tuple[int, int] | None:
    with contextlib.suppress(FileNotFoundError):
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        return found.st_dev, found.st_ino
    return None
