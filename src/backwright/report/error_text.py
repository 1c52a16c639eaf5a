"""Errors, always in this form: `error: where: message`, and under it what to do."""

from __future__ import annotations

from backwright.report.terminal import Canvas, Screen, Styled


def render_error(message: str, screen: Screen, *, where: str = "", hints: tuple[str, ...] = ()) -> str:
    """The message in one line where it is one; each further line and each hint indented below."""
    canvas = Canvas(screen)
    first, *rest = message.splitlines() or [""]
    canvas.line(Styled("error", "bold red"), ": ", Styled(f"{where}: " if where else "", "bold"), first)
    for line in (*rest, *(line for hint in hints for line in hint.splitlines())):
        canvas.line("  ", line)
    return canvas.text()
