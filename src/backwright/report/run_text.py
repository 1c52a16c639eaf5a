"""What `run` says to people: the five scenes, and how it ended."""

from __future__ import annotations

from backwright.report.plan_text import counts_of, kind_of
from backwright.report.results import RunResult
from backwright.report.terminal import Canvas, Part, Screen, Styled, count, seconds
from backwright.report.verdict_text import draw_notes, draw_verdict

_ENDING = {
    "dry_run": "Nothing was written (--dry-run).",
    "partial": "Done in part; what is missing is below.",
    "failed": "Not done; your tree is as it was.",
    "blocked": "Stopped: a person is needed; your tree is as it was.",
    "conflict": "Not done: files were changed meanwhile; your tree is as it was.",
}


def render_run(result: RunResult, screen: Screen, *, verbose: bool = False) -> str:
    """A line a scene, the message, and where to look."""
    canvas = Canvas(screen)
    canvas.line(Styled(f"Run {result.run.id}", "bold"), f"   {result.run.task}")
    canvas.gap()
    rows: list[list[Part]] = []
    for scene in result.scenes:
        mark = Styled("✓", "green") if scene.ok else Styled("✗", "bold red")
        rows.append([Styled(scene.scene, "bold"), mark, Styled(seconds(scene.seconds), "dim"), scene.detail])
    canvas.table(rows, indent=0, right=(2,))
    if result.verdict is not None and (verbose or not result.verdict.ok):
        canvas.gap()
        draw_verdict(canvas, result.verdict, verbose=verbose)
    if result.change is not None and (verbose or result.outcome == "dry_run"):
        canvas.gap()
        canvas.table([[kind_of(edit), edit.path, Styled(edit.summary, "dim")] for edit in result.change.edits])
    draw_notes(canvas, result.change.notes if result.change is not None else ())
    canvas.gap()
    _ending(canvas, result)
    return canvas.text()


def _ending(canvas: Canvas, result: RunResult) -> None:
    took = seconds(result.seconds)
    if result.review:
        holds = result.outcome == "done"
        said = result.message if holds else "It does not hold."
        canvas.line(Styled(said, "bold green" if holds else "bold red"), f" {took}.")
    elif result.outcome == "done":
        made = f"{_made(result)} " if result.change is not None else ""
        canvas.line(Styled(result.message or "Done.", "bold green"), f" {made}{took}.")
    else:
        canvas.line(Styled(_ENDING[result.outcome], "bold" if result.outcome == "dry_run" else "bold red"), f" {took}.")
        if result.message:
            canvas.line(result.message)
    for failure in result.failures:
        canvas.line("  ", failure)
    for part in result.missing:
        canvas.line("  ", Styled("missing", "bold"), f"  {part}")


def _made(result: RunResult) -> str:
    assert result.change is not None
    counts = counts_of(result.change)
    words = [
        f"{number} {word}"
        for word, number in zip(("added", "changed", "removed"), counts.values(), strict=True)
        if number
    ]
    where = f" on branch {result.branch}" if result.branch else ""
    return f"{count(len(result.change.edits), 'file')}{where}: {', '.join(words)}."
