"""Files that are in memory only, handed to a child as a descriptor."""

from __future__ import annotations

import os
from contextlib import ExitStack


def memory_file(content: bytes, stack: ExitStack) -> int:
    """The descriptor of a file with this content, at its beginning; closed with `stack`."""
    descriptor = os.memfd_create("backwright")
    stack.callback(os.close, descriptor)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
