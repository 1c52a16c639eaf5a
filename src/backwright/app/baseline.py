"""A baseline: the findings that a project starts with, in a file beside it. Only what is not in it counts."""

from __future__ import annotations

from pathlib import Path

import msgspec

from backwright.app.results import CheckResult
from backwright.core.errors import MachineError, UsageError
from backwright.core.facts import Span
from backwright.core.findings import Finding, Severity
from backwright.engine.checking import new_findings

SCHEMA = "backwright.baseline/1"


class Known(msgspec.Struct, frozen=True):
    """One finding of a baseline; `line` is for people, the fingerprint is what counts."""

    rule: str
    path: str
    line: int
    message: str
    fingerprint: str
    severity: Severity = "error"
    covers: tuple[str, ...] = ()


class Baseline(msgspec.Struct, frozen=True):
    """The file, sorted by place, so that it reads well in a diff."""

    schema: str
    findings: tuple[Known, ...] = ()


def write_baseline(path: Path, result: CheckResult) -> int:
    """Write what was found; returns how many. Raises `MachineError`."""
    known = tuple(
        Known(f.rule, f.span.path, f.span.line, f.message, f.fingerprint, f.severity, f.covers) for f in result.findings
    )
    raw = msgspec.json.format(msgspec.json.encode(Baseline(SCHEMA, known)), indent=2)
    try:
        path.write_bytes(raw + b"\n")
    except OSError as error:
        raise MachineError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return len(known)


def without_known(path: Path, result: CheckResult) -> CheckResult:
    """The result without what the baseline has, each as often as it has it. Raises `UsageError` for no such file."""
    try:
        baseline = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except OSError as error:
        hint = f"write one: backwright check --write-baseline {path}"
        raise UsageError(f"there is no baseline: {error.strerror}", where=str(path), hints=(hint,)) from error
    except msgspec.MsgspecError as error:
        raise UsageError(f"this is no baseline: {error}", where=str(path)) from error
    if baseline.schema != SCHEMA:
        raise UsageError(f"this baseline is of another kind: {baseline.schema}", where=str(path))
    before = [
        Finding(k.rule, "", k.severity, k.message, Span(k.path, k.line), fingerprint=k.fingerprint, covers=k.covers)
        for k in baseline.findings
    ]
    new = new_findings(result.findings, before)
    return msgspec.structs.replace(result, findings=new, silenced=result.silenced + len(result.findings) - len(new))
