"""Runs a verb of our own in a process of its own, for a server: many at once, each can be stopped, none can harm the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
from anyio.abc import ByteReceiveStream, Process

GRACE = 20.0  # seconds that an interrupted verb has for leaving the tree as it was
_LINE = 4096  # bytes of a line of words that are told

Hear = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Ended:
    """How the verb ended. `output` is its standard output, one JSON document where `--json` was among the arguments."""

    exit_code: int
    output: bytes
    words: str  # the end of its standard error


async def call_verb(arguments: Sequence[str], *, root: Path, hear: Hear) -> Ended:
    """Runs `backwright ARGUMENTS` for the repository at `root`; `hear` gets each line that it says meanwhile.

    When the caller is cancelled the verb is asked to end, and has `GRACE` seconds to put the tree in order.
    """
    # -P: a repository must not be able to lay modules of its own before ours.
    own = [sys.executable, "-P", "-m", "backwright.adapters.tied", str(os.getpid())]
    argv = [*own, "-C", str(root), "--color=never", "--no-input"]
    process = await anyio.open_process([*argv, *arguments], cwd="/", stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return await _followed(process, hear)
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _followed(process: Process, hear: Hear) -> Ended:
    assert process.stdout is not None
    assert process.stderr is not None
    output = bytearray()
    words: list[str] = []

    async def read_output(stream: ByteReceiveStream) -> None:
        async for chunk in stream:
            output.extend(chunk)

    async def read_words(stream: ByteReceiveStream) -> None:
        rest = b""
        async for chunk in stream:
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[-_LINE:]
            for line in lines:
                text = line[:_LINE].decode("utf-8", "replace").strip()
                if text:
                    words.append(text)
                    del words[:-40]
                    await hear(text)
        if rest.strip():
            words.append(rest.decode("utf-8", "replace").strip())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read_output, process.stdout)
        tasks.start_soon(read_words, process.stderr)
    code = await process.wait()
    return Ended(code, bytes(output), "\n".join(words))


async def _end(process: Process) -> None:
    """Whatever happened, the process is gone when this returns."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with anyio.move_on_after(GRACE):
            await process.wait()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    await process.aclose()
