"""Facts of many files, extracted in worker processes: a hostile file can end its worker, never the run."""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import gc
import os
import resource
import selectors
import signal
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import msgspec

from backwright.adapters.standby import Asked, EndedError, Standby
from backwright.core.facts import FileFacts, Import
from backwright.engine.nearby import all_spelt
from backwright.kit.shapes import Language

SECONDS = 5.0  # wall time for one file
MEMORY = 1024 * 1024 * 1024  # bytes of data a worker may take beyond what it was born with
MANY_FILES = 300  # from here on more than one worker pays

_FEW = 40  # files; more are for workers that are forked
_standing: list[Standby] = []

_FRAME = struct.Struct("<II")  # number of the job, length of what follows
_PIPE_BYTES = 1024 * 1024
_DECODER = msgspec.msgpack.Decoder(FileFacts)


@dataclass(frozen=True)
class Job:
    """One file to extract. `source` is UTF-8, `sha256` that of the file as it is on disk."""

    language: Language
    path: str
    module: str
    sha256: str
    source: bytes


class Parsed(msgspec.Struct, frozen=True, array_like=True):
    """What came of a job: `facts` is for `decode_facts`; `settled` is false where another try may do better.

    `imports` are the modules that the file imports; those that begin with a point are paths from its folder.
    `skipped` says why there are no facts.
    """

    facts: bytes
    imports: tuple[str, ...] = ()
    skipped: str = ""
    settled: bool = True


def encode_skipped(path: str, language: str, sha256: str, module: str, why: str) -> Parsed:
    """The result for a file that is not read."""
    facts = FileFacts(path=path, language=language, sha256=sha256, module=module, skipped=why)
    return Parsed(encode_facts(facts), skipped=why)


def encode_facts(facts: FileFacts) -> bytes:
    """Facts as they are kept and sent: MessagePack, compressed to a quarter."""
    return zlib.compress(msgspec.msgpack.encode(facts), 1)


def decode_facts(data: bytes) -> FileFacts:
    """The inverse of `encode_facts`. Raises `zlib.error` and `msgspec.DecodeError` on anything else."""
    return _DECODER.decode(zlib.decompress(data))


def extract_all(jobs: Sequence[Job], *, seconds: float = SECONDS, memory: int = MEMORY) -> Iterator[tuple[int, Parsed]]:
    """The number of each job with its result, in the order in which they are ready.

    A file that takes longer than `seconds`, needs more than `memory` bytes or crashes the parser is skipped, and the
    result says so. Sources reach the workers through fork, so nothing is copied to them.
    """
    if _standing and len(jobs) <= _FEW:
        yield from _in_turn(_standing[-1], jobs)
        return
    count = min(os.cpu_count() or 1, len(jobs)) if len(jobs) >= MANY_FILES else min(1, len(jobs))
    pool = selectors.DefaultSelector()
    limits = _Limits(seconds, memory)
    try:
        for first in range(count):
            _Worker.start(pool, jobs, range(first, len(jobs), count), limits)
        while pool.get_map():
            for key, _ in pool.select():
                worker: _Worker = key.data
                chunk = os.read(key.fd, _PIPE_BYTES)
                if chunk:
                    yield from worker.results(chunk)
                    continue
                reason = worker.end(pool)
                if worker.done < len(worker.share):
                    culprit = worker.share[worker.done]
                    yield culprit, _failed(jobs[culprit], worker.error or reason)
                    _Worker.start(pool, jobs, worker.share[worker.done + 1 :], limits)
    finally:
        for key in list(pool.get_map().values()):
            os.kill(key.data.pid, signal.SIGKILL)
            key.data.end(pool)
        pool.close()


@contextlib.contextmanager
def standing_by(languages: Sequence[Language]) -> Iterator[None]:
    """Meanwhile a few files are extracted by a worker that stays: to fork one of a process that has much in memory takes long."""
    worker = Standby(languages, _within_time)
    worker.start(_settle)
    _standing.append(worker)
    try:
        yield
    finally:
        _standing.remove(worker)
        worker.end()


def _in_turn(worker: Standby, jobs: Sequence[Job]) -> Iterator[tuple[int, Parsed]]:
    for number, job in enumerate(jobs):
        worker.start(_settle)
        try:
            body = worker.extract(Asked(job.language.name, job.path, job.module, job.sha256, job.source))
        except EndedError as ended:
            yield number, _failed(job, _reason(ended.status))
        else:
            yield number, msgspec.msgpack.decode(body, type=Parsed)


def _within_time(asked: Asked, language: Language) -> bytes:
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    body = _extract(Job(language, asked.path, asked.module, asked.sha256, asked.source))
    signal.setitimer(signal.ITIMER_REAL, 0)
    return body


def _settle() -> None:
    _silence()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process even inside a parser written in C
    _limit_memory(MEMORY)


@dataclass(frozen=True)
class _Limits:
    seconds: float
    memory: int


@dataclass
class _Worker:
    """A child process that works through its share of the jobs in order, and the pipe it answers through."""

    pid: int
    pipe: int
    share: range
    done: int = 0
    error: str = ""
    _rest: bytearray = field(default_factory=bytearray)

    @classmethod
    def start(cls, pool: selectors.BaseSelector, jobs: Sequence[Job], share: range, limits: _Limits) -> None:
        if not share:
            return
        reading, writing = os.pipe()
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(PermissionError):  # the user's share of pipe memory is spent: the default will do
                fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        pid = os.fork()
        if pid == 0:
            _work(writing, jobs, share, limits)
        os.close(writing)
        pool.register(reading, selectors.EVENT_READ, cls(pid, reading, share))

    def results(self, chunk: bytes) -> Iterator[tuple[int, Parsed]]:
        """The results that are complete with this chunk."""
        self._rest += chunk
        at = 0
        while len(self._rest) - at >= _FRAME.size:
            number, length = _FRAME.unpack_from(self._rest, at)
            end = at + _FRAME.size + length
            if len(self._rest) < end:
                break
            body = bytes(self._rest[at + _FRAME.size : end])
            at = end
            if number == _ERROR:
                self.error = body.decode("utf-8", "replace")
            else:
                self.done += 1
                yield number, msgspec.msgpack.decode(body, type=Parsed)
        del self._rest[:at]

    def end(self, pool: selectors.BaseSelector) -> str:
        """Take leave of the process; says what it died of."""
        pool.unregister(self.pipe)
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        return _reason(status)


_ERROR = 0xFFFFFFFF  # in place of a job's number: the worker's last words
_TOO_SLOW = "took too long to parse"


def _reason(status: int) -> str:
    """What a worker died of."""
    if not os.WIFSIGNALED(status):
        return "the parser failed"
    if os.WTERMSIG(status) == signal.SIGALRM:
        return _TOO_SLOW
    return f"the parser crashed ({signal.Signals(os.WTERMSIG(status)).name})"


def _failed(job: Job, why: str) -> Parsed:
    skipped = encode_skipped(job.path, job.language.name, job.sha256, job.module, why)
    # A machine under load may make a harmless file slow: that is not to be remembered.
    return msgspec.structs.replace(skipped, settled=False)


def _work(pipe: int, jobs: Sequence[Job], share: range, limits: _Limits) -> NoReturn:
    """The life of a worker. It leaves by `os._exit`: nothing of the parent's may be flushed or cleaned up twice."""
    code = 1
    try:
        try:
            _silence()
            gc.disable()  # facts and syntax nodes have no cycles; a collection would copy every page shared with the parent
            signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process even inside a parser written in C
            _limit_memory(limits.memory)
            for number in share:
                signal.setitimer(signal.ITIMER_REAL, limits.seconds)
                body = _extract(jobs[number])
                signal.setitimer(signal.ITIMER_REAL, 0)
                _write(pipe, number, body)
            code = 0
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            error = sys.exc_info()[1]
            if error is not None:
                last_words = f"the parser failed: {type(error).__name__} {error}"[:300].strip()
                _write(pipe, _ERROR, last_words.encode("utf-8", "backslashreplace"))
    finally:
        os._exit(code)


def _silence() -> None:
    """A crash report, of Python's or of the C library's, is no part of our output."""
    faulthandler.disable()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def _limit_memory(memory: int) -> None:
    """Limit the data of this process. What fork brought along counts too, so it is added where it can be known."""
    try:
        born_with = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        born_with = 0
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = born_with + memory
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _extract(job: Job) -> bytes:
    facts = job.language.extract(job.path, job.source, job.module)
    if facts.sha256 != job.sha256:
        facts = msgspec.structs.replace(facts, sha256=job.sha256)
    imports = all_spelt([fact for fact in facts.facts if isinstance(fact, Import)])
    return msgspec.msgpack.encode(Parsed(encode_facts(facts), imports, facts.skipped))


def _write(pipe: int, number: int, body: bytes) -> None:
    data = memoryview(_FRAME.pack(number, len(body)) + body)
    while data:
        data = data[os.write(pipe, data) :]
