"""A worker that stays, for a process that extracts one file after the other: it is forked while little is in memory.

It is as safe as the workers that are forked for many files (`parsing`): a file that takes too long or crashes the parser
ends it, and the next file gets another one.
"""

from __future__ import annotations

import contextlib
import gc
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

import msgspec

from backwright.kit.shapes import Language

_LENGTH = struct.Struct("<I")
_DESCRIPTORS = 4096  # more than a process of ours has


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """One file, as it is sent to the worker; the language by its name."""

    language: str
    path: str
    module: str
    sha256: str
    source: bytes


class Standby:
    """The worker, born with the first file and again after each that ended it. `work` is what it does with a file."""

    def __init__(self, languages: Sequence[Language], work: Callable[[Asked, Language], bytes]) -> None:
        self._languages = {language.name: language for language in languages}
        self._work = work
        self._pid = 0
        self._to = self._back = -1

    def start(self, prepare: Callable[[], None]) -> None:
        """Fork the worker, unless there is one; `prepare` is called in it first."""
        if self._pid:
            return
        asked, self._to = os.pipe()
        self._back, answered = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._stay(asked, answered, prepare)
        os.close(asked)
        os.close(answered)

    def extract(self, asked: Asked) -> bytes:
        """What the worker made of a file. Raises `EndedError` where that ended it."""
        try:
            _send(self._to, msgspec.msgpack.encode(asked))
            return _receive(self._back)
        except (BrokenPipeError, EOFError) as gone:
            raise EndedError(self.end()) from gone

    def end(self) -> int:
        """Take leave of the worker, if there is one; the status that it ended with."""
        if not self._pid:
            return 0
        os.close(self._to)
        os.close(self._back)
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return status

    def _stay(self, asked: int, answered: int, prepare: Callable[[], None]) -> NoReturn:
        """The life of the worker. It ends when whoever asks is gone, by `os._exit`: nothing of theirs may be cleaned up twice."""
        low, high = sorted((asked, answered))
        for first, end in ((3, low), (low + 1, high), (high + 1, _DESCRIPTORS)):
            os.closerange(first, end)
        with contextlib.suppress(BaseException):
            prepare()
            gc.freeze()
            while True:
                job = msgspec.msgpack.decode(_receive(asked), type=Asked)
                _send(answered, self._work(job, self._languages[job.language]))
        os._exit(1)


class EndedError(Exception):
    """The worker ended over a file; `status` as `os.waitpid` gives it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _send(pipe: int, body: bytes) -> None:
    data = memoryview(_LENGTH.pack(len(body)) + body)
    while data:
        data = data[os.write(pipe, data) :]


def _receive(pipe: int) -> bytes:
    (length,) = _LENGTH.unpack(b"".join(_parts(pipe, _LENGTH.size)))
    return b"".join(_parts(pipe, length))


def _parts(pipe: int, missing: int) -> Iterator[bytes]:
    while missing:
        part = os.read(pipe, min(missing, 1024 * 1024))
        if not part:
            raise EOFError
        missing -= len(part)
        yield part
