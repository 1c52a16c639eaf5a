"""The quoted source line under a finding, with carets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backwright.core.facts import Span
from backwright.core.findings import Finding
from backwright.report.sanitize import clean
from backwright.report.terminal import Canvas, Styled, width_of

_TAB = "    "
_LEAD = 24  # cells kept before the carets when a long line is cut


def lines_needed(findings: Iterable[Finding]) -> dict[str, frozenset[int]]:
    """The lines that the full report quotes, by path: the line of each finding and the one above it."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        span = finding.span
        wanted.setdefault(span.path, set()).update(n for n in (span.line - 1, span.line) if n > 0)
    return {path: frozenset(lines) for path, lines in wanted.items()}


def draw(canvas: Canvas, span: Span, lines: Mapping[int, str], style: str) -> None:
    """The place, the line above, the line, and carets under what is meant. Without the line, only the place."""
    number = span.line
    gutter = len(str(number))
    bar = Styled(" " * (gutter + 1) + "|", "dim")
    canvas.line(" " * gutter, Styled("--> ", "dim"), Styled(f"{span.path}:{number}:{span.col}", "bold"))
    text = lines.get(number)
    if text is None:
        return
    canvas.line(bar)
    room = max(canvas.screen.width - gutter - 3, 40)
    start, marked, rest = _split(text, span)
    shift = max(width_of(start) - _LEAD, 0) if width_of(start + marked + rest) > room else 0
    above = lines.get(number - 1, "")
    if above.strip() and not shift:
        canvas.line(Styled(f"{number - 1:>{gutter}} | ", "dim"), _fit(_flat(above), 0, room))
    canvas.line(Styled(f"{number} | ", "dim"), _fit(start + marked + rest, shift, room))
    carets = "^" * max(min(width_of(marked), room - width_of(start) + shift), 1)
    canvas.line(bar, " ", " " * (width_of(start) - shift), Styled(carets, style))
    canvas.line(bar)


def _split(text: str, span: Span) -> tuple[str, str, str]:
    """Before, marked, after, each as it will be shown. A span over several lines is marked to the end of its first."""
    first = min(max(span.col - 1, 0), len(text))
    last = span.end_col - 1 if span.end_line in (0, span.line) and span.end_col > span.col else first + 1
    if span.end_line > span.line:
        last = len(text.rstrip())
    return _flat(text[:first]), _flat(text[first:last]), _flat(text[last:].rstrip())


def _flat(text: str) -> str:
    return clean(text.replace("\t", _TAB))


def _fit(text: str, shift: int, room: int) -> str:
    """`text` without its first `shift` cells and cut to `room`, with an ellipsis where something is missing."""
    skipped = used = 0
    kept: list[str] = []
    for char in text:
        cells = width_of(char)
        if skipped < shift:
            skipped += cells
            continue
        if used + cells > room:
            kept[-1:] = ["…"]
            break
        kept.append(char)
        used += cells
    if shift and kept:
        kept[0] = "…"
    return "".join(kept)
