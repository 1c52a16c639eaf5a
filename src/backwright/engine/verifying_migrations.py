"""Judges a trip of the migrations over a scratch database: up, down, up again, and no drift from the models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from backwright.engine.verifying import Ran

_HEAD = re.compile(r"^(?P<revision>\S+)(?: \([^)]*\))* \((?:effective )?head\)$", re.MULTILINE)
_DRIFT = "New upgrade operations detected: ["
_DETECTED = re.compile(r"\[alembic\.autogenerate\.compare[\w.]*\] Detected (.+)$", re.MULTILINE)
_NO_METADATA = "does not provide a MetaData object"  # Alembic's words where env.py has no target_metadata
_MISSING_MODULE = re.compile(r"No module named '(?P<name>[\w.]+)'")
_MISSING_EXTENSION = re.compile(
    r"extension \"(?P<name>[^\"]+)\" is not available|extension control file \"[^\"]*/(?P<file>[^\"/]+)\.control\""
)


class SubStep(msgspec.Struct, frozen=True):
    """One Alembic command of the trip."""

    name: str
    ok: bool
    error: str = ""  # the last line of what went wrong
    seconds: float = 0.0


class Trip(msgspec.Struct, frozen=True):
    """What happened: the commands in order, and the databases that were refused as not being the scratch one."""

    steps: tuple[SubStep, ...]
    refused: tuple[str, ...] = ()
    connected: int = 0  # connections to the scratch database


def heads_of(output: str) -> tuple[str, ...]:
    """The revisions that `alembic heads` lists."""
    return tuple(match["revision"] for match in _HEAD.finditer(output))


def trip_of(heads: Sequence[str], revisions: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The commands of the trip; `revisions` go down and up again. Without any there is only drift to look for."""
    drift = ("drift", ("check",))
    if not heads:
        return (drift,)
    up = ("upgrade", "heads")
    return ("up", up), ("down", ("downgrade", f"-{max(1, revisions)}")), ("up again", up), drift


def judge_trip(trip: Trip, wanted: Sequence[str], heads: Sequence[str], output: str, own: frozenset[str]) -> Ran:
    """The outcome of a trip of which the sub-steps `wanted` had to run; `own` are the project's own packages."""
    if trip.refused:
        reason = f"its migrations connect to {trip.refused[0]}, which is not the scratch database"
        return Ran(unavailable=reason, output=output)
    missing = _missing(output, own)
    if missing and not all(step.ok for step in trip.steps):
        return Ran(unavailable=missing, output=output)
    problems = list(_problems(trip, heads, output))
    done = [step.name for step in trip.steps if step.ok]
    # A project that never gave Alembic its models has nothing to drift from; what went up and down is proved all the same.
    blind = bool(heads) and any(_is_blind(step) for step in trip.steps)
    due = [name for name in wanted if not (blind and name == "drift")]
    if not problems and (done != due or not trip.connected):
        left = [name for name in due if name not in done]
        return Ran(unavailable=f"{', '.join(left) or 'nothing'} did not run on the scratch database", output=output)
    words = "no migrations yet, no drift" if not heads else "up, down, up on a scratch database"
    words += "; env.py names no models to compare with" if blind else ""
    detail = f"{'; '.join(problems[:2])}" if problems else words
    return Ran(exit_code=1 if problems else 0, output=output, detail=detail, problems=tuple(sorted(problems)))


def _problems(trip: Trip, heads: Sequence[str], output: str) -> Iterator[str]:
    if len(heads) > 1:
        yield f"{len(heads)} heads, {', '.join(heads)}: merge them"
    for step in trip.steps:
        if step.ok or (heads and _is_blind(step)):
            continue
        operations = _drift(output) if step.name == "drift" else []
        if operations:
            yield from (f"drift: {operation}" for operation in operations)
        else:
            yield f"{step.name}: {_steady(step.error)}"


def _is_blind(step: SubStep) -> bool:
    return step.name == "drift" and not step.ok and _NO_METADATA in step.error


def _missing(output: str, own: frozenset[str]) -> str:
    """Why the trip cannot be made here: a package or a database extension that is not installed."""
    for match in _MISSING_MODULE.finditer(output):
        if match["name"].partition(".")[0] not in own:
            return f"the package {match['name']} is not installed in the project's environment"
    extension = _MISSING_EXTENSION.search(output)
    if extension:
        return f"the PostgreSQL extension {extension['name'] or extension['file']} is not installed on this machine"
    return ""


def _drift(output: str) -> list[str]:
    """What the models have and the migrations have not: in Alembic's words where it logs them, else its operations."""
    logged = _DETECTED.findall(output.rpartition("== drift ==")[2])
    return [_steady(line) for line in logged] or list(_operations(output))


def _operations(output: str) -> Iterator[str]:
    """The operations that `alembic check` says are missing from the migrations, one text each."""
    start = output.rfind(_DRIFT)
    if start < 0:
        return
    depth, quote, current = 0, "", ""
    for char in output[start + len(_DRIFT) : start + 200_000]:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0:
                break
        elif char == "," and depth == 0:
            yield _steady(current)
            current = ""
            continue
        current += char
    if current.strip():
        yield _steady(current)


def _steady(text: str) -> str:
    return re.sub(r"\b0x[0-9a-f]+\b", "0x0", " ".join(text.split()))[:300]
