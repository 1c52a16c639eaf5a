"""What `stack` says to people."""

from __future__ import annotations

from difflib import unified_diff

from backwright.core.stack import Stack
from backwright.engine.stack_fields import questions
from backwright.report.check_text import draw_problems
from backwright.report.map_text import headline
from backwright.report.results import StackResult, StackSetResult
from backwright.report.terminal import Canvas, Part, Screen, Styled, count

_KINDS = {"package_manager": "packages", "api": "api layer", "queries": "query layer", "style": "api style"}
_DIFF_LINES = 60


def render_stack(result: StackResult, screen: Screen, *, verbose: bool = False) -> str:
    """Every backend with its stack; the other projects in a line each."""
    canvas = Canvas(screen)
    canvas.line(Styled(headline(result.head), "bold"))
    shown = [s for s in result.stacks if s.kind == "backend"]
    for stack in shown:
        canvas.gap()
        canvas.line(Styled(stack.root or ".", "bold cyan"), "   backend")
        _parts(canvas, stack, verbose=verbose)
    if not shown:
        canvas.gap()
        canvas.line("no backend here")
    others = [s for s in result.stacks if s.kind != "backend"]
    if others:
        canvas.gap()
        canvas.line(Styled("Other projects" if shown else "Projects", "bold cyan"))
        rows: list[list[Part]] = []
        for stack in others if verbose else others[:12]:
            where = str(stack.because[0]) if stack.because else ""
            rows.append([stack.root or ".", stack.kind, stack.name("language"), Styled(where, "dim")])
        canvas.table(rows)
        if len(others) > len(rows):
            canvas.line(f"  and {len(others) - len(rows)} more: -v shows them")
    if result.problems:
        canvas.gap()
        draw_problems(canvas, result.problems)
    return canvas.text()


def render_stack_check(result: StackResult, screen: Screen, *, verbose: bool = False) -> str:
    """What differs between `stack/` and the project."""
    canvas = Canvas(screen)
    root = result.stacks[0].root or "."
    if not result.problems:
        canvas.line(f"{root}: stack/ says what the project shows.")
        return canvas.text()
    canvas.line(Styled(f"{root}: stack/ and the project differ", "bold"))
    draw_problems(canvas, result.problems)
    return canvas.text()


def render_stack_set(result: StackSetResult, screen: Screen, *, verbose: bool = False) -> str:
    """The files that were written, or what would be written over."""
    canvas = Canvas(screen)
    for path, (before, after) in sorted(result.kept.items()):
        lines = list(
            unified_diff(
                before.splitlines(), after.splitlines(), path, path, "as it is", "as it would be", lineterm="", n=2
            )
        )
        for line in lines if verbose else lines[:_DIFF_LINES]:
            canvas.line(
                Styled(line, {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")) if line[:1] in "+-@" else line
            )
        if len(lines) > _DIFF_LINES and not verbose:
            canvas.line(f"  and {len(lines) - _DIFF_LINES} more lines: -v shows them")
        canvas.gap()
    new = sorted(set(result.texts) - set(result.kept) - set(result.written))
    if result.kept:
        canvas.line(
            f"{count(len(result.kept), 'file')} would change"
            + (f", {', '.join(new)} would be new" if new else "")
            + ". Nothing was written."
        )
        return canvas.text()
    for path in result.written:
        canvas.line(f"  + {path}")
    canvas.line(
        f"Wrote {count(len(result.written), 'file')}." if result.written else "stack/ is as it would be written."
    )
    if result.landed_id:
        canvas.line(f"Undo with: backwright apply --undo {result.landed_id}")
    return canvas.text()


def _parts(canvas: Canvas, stack: Stack, *, verbose: bool) -> None:
    rows: list[list[Part]] = []
    for part in stack.parts:
        sure = "" if part.confidence >= 0.75 else ", probably"
        spans = part.evidence if verbose else part.evidence[:1]
        evidence = "  ".join(map(str, spans))
        rows.append(
            [_KINDS.get(part.kind, part.kind), f"{part.name} {part.version}".strip() + sure, Styled(evidence, "dim")]
        )
    canvas.table(rows)
    for question in questions(stack):
        canvas.line(Styled("  Question", "bold yellow"), f": {question.text}")
        canvas.line(f"    backwright stack set --set {question.key}={'|'.join(question.options)}")
    if stack.unused:
        names = ", ".join(part.name for part in stack.unused)
        canvas.line(Styled(f"  declared, not seen in use: {names}", "dim"))
