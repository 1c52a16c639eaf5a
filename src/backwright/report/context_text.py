"""What `run --show-context` says: the parts of a pack with the cost of each, and with -v their texts."""

from __future__ import annotations

from backwright.report.results import ContextResult
from backwright.report.sanitize import clean_block
from backwright.report.terminal import Canvas, Part, Screen, Styled


def render_context(result: ContextResult, screen: Screen, *, verbose: bool = False) -> str:
    """A row a part; what there was no place for is named."""
    canvas = Canvas(screen)
    canvas.line(Styled("Context", "bold"), f"   {result.task}")
    canvas.line(Styled(f"{result.kind}, {result.difficulty}", "dim"))
    canvas.gap()
    if verbose:
        for part in result.pack.parts:
            canvas.line(Styled(f"{part.kind}  {part.title}", "bold"), Styled(f"   {part.tokens} tokens", "dim"))
            for line in clean_block(part.text).expandtabs(4).splitlines():
                canvas.line("  ", line)
            canvas.gap()
    else:
        rows: list[list[Part]] = [
            [part.kind, part.title, str(part.tokens), Styled(part.why, "dim")] for part in result.pack.parts
        ]
        canvas.table(rows, right=(2,))
        canvas.gap()
    for title in result.pack.left_out:
        canvas.line(Styled("left out", "bold"), f"  {title}")
    spent = f"About {result.pack.tokens} tokens of {result.pack.budget}."
    canvas.line(spent if verbose else f"{spent} The texts: -v")
    return canvas.text()
