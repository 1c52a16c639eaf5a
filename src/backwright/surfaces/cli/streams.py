"""Writing to a reader who may be gone: the verb goes on and ends with its own exit code."""

from __future__ import annotations

import contextlib
import os
import sys

from backwright.core.errors import MachineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

_listening: list[list[tuple[TextIO, str]]] = []


@contextlib.contextmanager
def heard() -> Iterator[list[tuple[TextIO, str]]]:
    """What is written meanwhile, in order."""
    texts: list[tuple[TextIO, str]] = []
    _listening.append(texts)
    try:
        yield texts
    finally:
        _listening.remove(texts)


def write(stream: TextIO, text: str) -> None:
    """Write and flush. A closed pipe swallows this and all that follows.

    Raises `MachineError` when the text cannot be written for another reason, such as a full disk.
    """
    for texts in _listening:
        texts.append((stream, text))
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        swallow(stream)
    except OSError as error:
        swallow(stream)
        raise MachineError(f"cannot write the answer: {error.strerror}") from error


def swallow(stream: TextIO) -> None:
    """Lead a stream nowhere, so that the flush at exit does not fail again."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def prepare() -> None:
    """Make standard output and error unable to fail over a character that their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
