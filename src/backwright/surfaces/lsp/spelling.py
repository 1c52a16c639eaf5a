"""Answers about a repository in the words of the Language Server Protocol. Positions count from 0, in the client's units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from lsprotocol.types import (
    CodeLens,
    Command,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    Location,
    Position,
    Range,
    TextEdit,
)
from pygls.workspace import PositionCodec

_SEVERITIES = {
    "error": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "advice": DiagnosticSeverity.Information,
}
SHOW = "backwright.showWay"  # the command of a lens; an editor that does not know it shows the words alone


def diagnostics(
    findings: Sequence[Mapping[str, Any]], root: Path, lines: Sequence[str], codec: PositionCodec
) -> list[Diagnostic]:
    """Findings of one file. `data` is what a code action needs to ask for the fix."""
    return [_diagnostic(finding, root, lines, codec) for finding in findings]


def _diagnostic(finding: Mapping[str, Any], root: Path, lines: Sequence[str], codec: PositionCodec) -> Diagnostic:
    helped = f"\nhelp: {finding['help']}" if finding["help"] else ""
    fix = finding["fix"]
    return Diagnostic(
        range=codec.range_to_client_units(lines, range_of(finding["span"])),
        severity=_SEVERITIES[finding["severity"]],
        code=finding["rule"],
        source="backwright",
        message=f"{finding['message']}{helped}",
        related_information=[
            DiagnosticRelatedInformation(_location(step["span"], root), step["message"]) for step in finding["related"]
        ],
        data={
            "fingerprint": finding["fingerprint"],
            "line": finding["span"]["line"],
            "title": fix["title"] if fix and fix["patches"] else "",
            "safe": bool(fix) and fix["safety"] == "safe",
        },
    )


def range_of(span: Mapping[str, Any]) -> Range:
    """A span as a range in characters; one without an end is its first character."""
    start = Position(span["line"] - 1, max(span["col"] - 1, 0))
    end_line = span["end_line"] or span["line"]
    end_col = span["end_col"] - 1 if span["end_col"] else start.character + 1
    return Range(start, Position(end_line - 1, max(end_col, 0)))


def _location(span: Mapping[str, Any], root: Path) -> Location:
    return Location((root / span["path"]).as_uri(), range_of(span))


def edit(before: str, after: str, codec: PositionCodec) -> TextEdit:
    """The change between two texts: the lines in the middle that are not the same."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    first = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - first
    last = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    start, end = Position(first, 0), Position(len(old) - last, 0)
    if end.line == len(old) and old and not old[-1].endswith(("\n", "\r")):  # there is no line below the last one
        end = Position(len(old) - 1, len(old[-1]))
    return TextEdit(codec.range_to_client_units(old, Range(start, end)), "".join(new[first : len(new) - last]))


def lens(way: Mapping[str, Any], root: Path, file: str) -> CodeLens:
    """`GET /orders · list_orders → OrderService.list → OrderRepository.list → orders · 2 statements`."""
    stops = way["stops"]
    title = " · ".join(part for part in (_asked(way), " → ".join(_ways(way)), _counted(way)) if part)
    places = [[(root / stop["path"]).as_uri(), stop["line"] - 1] for stop in stops]
    here = Position(way["line"] - 1, 0)
    return CodeLens(
        Range(here, here), Command(title, SHOW, arguments=[(root / file).as_uri(), way["line"] - 1, places])
    )


def _asked(way: Mapping[str, Any]) -> str:
    return f"{way['method']} {way['route']}".strip() if way["route"] else ""


def _ways(way: Mapping[str, Any]) -> Iterator[str]:
    """Each function once; of several methods of one class below each other the last tells most."""
    stops = [stop["name"] for stop in way["stops"]]
    for name, following in pairwise([*stops, ""]):
        owner = name.rpartition(".")[0]
        if not owner or owner != following.rpartition(".")[0]:
            yield name
    if way["tables"]:
        yield ", ".join(way["tables"])


def _counted(way: Mapping[str, Any]) -> str:
    count = way["statements"]
    if not count:
        return "no statement found"  # which is not to say that there is none
    return f"{count} statement{'s' if count > 1 else ''}{', in a loop' if way['repeated'] else ''}"
