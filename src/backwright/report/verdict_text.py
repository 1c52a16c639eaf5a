"""What `verify`, `apply` and `undo` say to people: the block of steps, and what became of the change."""

from __future__ import annotations

from collections.abc import Sequence

from backwright.core.findings import Finding
from backwright.core.verdict import StepResult, Verdict
from backwright.report.check_text import draw_finding
from backwright.report.results import ApplyResult, UndoResult, VerifyResult
from backwright.report.sanitize import clean_block, without_colors
from backwright.report.terminal import Canvas, Part, Screen, Styled, count, seconds

MARKS = {
    "passed": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "unavailable": ("?", "bold yellow"),
    "skipped": ("–", "dim"),
}
_NEW_PROBLEMS = 10
_TAIL_LINES = 30
_TAIL_LINES_VERBOSE = 400


def render_verify(result: VerifyResult, screen: Screen, *, verbose: bool = False) -> str:
    """The steps, the end of the output of those that failed, and the verdict in one line."""
    canvas = Canvas(screen)
    # "discovered" is the JSON's word for a contract that no file of the repository states.
    found = result.contract.source == "discovered"
    steps = count(len(result.contract.steps), "step")
    source = "found in the project; stack/stack.yaml would state them" if found else f"from {result.contract.source}"
    canvas.line(Styled("Contract", "bold"), f"   {steps} {source}")
    if result.verdict.sandbox:
        canvas.line(Styled("Sandbox", "bold"), f"    {result.verdict.sandbox}")
    canvas.gap()
    draw_verdict(canvas, result.verdict, verbose=verbose)
    _new_findings(canvas, result.new_findings)
    canvas.gap()
    took = seconds(result.seconds)
    if result.verdict.ok:
        canvas.line(Styled(f"Verified in {took}.", "bold green"))
    else:
        canvas.line(Styled(f"Not verified: {why_not(result.verdict)}.", "bold red"), f" {took}.")
    return canvas.text()


def render_apply(result: ApplyResult, screen: Screen, *, verbose: bool = False) -> str:
    """What was written and how to take it back, or why nothing was."""
    canvas = Canvas(screen)
    landed = result.outcome == "landed"
    undo = result.landed_id or result.change.id
    if landed:
        wrote = count(len(result.change.edits), "file")
        canvas.line(f"Wrote {wrote}. Undo with: ", Styled(f"backwright apply --undo {undo}", "bold"))
        canvas.gap()
    draw_verdict(canvas, result.verdict, verbose=verbose)
    _new_findings(canvas, result.new_findings)
    draw_notes(canvas, result.change.notes)
    canvas.gap()
    took = seconds(result.seconds)
    if landed:
        canvas.line(Styled(f"Applied and verified in {took}.", "bold green"))
    elif result.outcome == "conflict":
        canvas.line(Styled("Not applied: these files were changed meanwhile; your tree is as it was.", "bold red"))
        canvas.table([[path] for path in result.conflicts])
    else:
        reason = why_not(result.verdict) or f"{count(len(result.new_findings), 'new finding')}"
        canvas.line(Styled(f"Not applied: {reason}; your tree is as it was.", "bold red"), f" {took}.")
    return canvas.text()


def render_undo(result: UndoResult, screen: Screen, *, verbose: bool = False) -> str:
    """The paths that are as before again."""
    canvas = Canvas(screen)
    canvas.line(f"Undone: {result.title}. {count(len(result.restored), 'file')} as before again.")
    if verbose:
        canvas.table([[path] for path in result.restored])
    return canvas.text()


def why_not(verdict: Verdict) -> str:
    """`tests failed, mypy could not run`; `""` when the verdict is green."""
    if verdict.ok:
        return ""
    failed = [r.step for r in verdict.results if r.required and r.outcome == "failed"]
    missing = [r.step for r in verdict.results if r.required and r.outcome in ("unavailable", "skipped")]
    words = [f"{', '.join(failed)} failed"] if failed else []
    words += [f"{', '.join(missing)} could not run"] if missing else []
    return "; ".join(words) or "no required step ran"


def draw_verdict(canvas: Canvas, verdict: Verdict, *, verbose: bool = False) -> None:
    """A line a step, and under the lines the end of what the failed ones printed."""
    rows: list[list[Part]] = []
    leads: list[Part] = []
    for result in verdict.results:
        mark, style = MARKS[result.outcome]
        leads.append(Styled(f"  {canvas.screen.symbol(mark):<{1 if canvas.screen.symbols else 2}} ", style))
        took = seconds(result.seconds) if result.outcome in ("passed", "failed") else ""
        rows.append([result.step, Styled(took, "dim"), _words(result)])
    canvas.table(rows, lead=leads, gap=3, right=(1,))
    for result in verdict.results:
        if result.outcome == "failed":
            _failure(canvas, result, verbose=verbose)


def draw_notes(canvas: Canvas, notes: Sequence[str]) -> None:
    """What there is to say about a change besides its verdict."""
    if notes:
        canvas.gap()
    for note in notes:
        canvas.line(Styled("Note", "bold"), f": {note}")


def _words(result: StepResult) -> str:
    detail = result.detail or (result.command if result.outcome == "passed" else "")
    if not result.required and result.outcome != "passed":
        detail = f"{detail} (not required)".strip()
    if result.was and result.was != result.outcome:
        change = f"was {result.was}, is {result.outcome}"
        return f"{change}   {detail}" if detail else change
    if result.was == result.outcome == "failed":
        return f"failed before too   {detail}".rstrip()
    return detail


def _failure(canvas: Canvas, result: StepResult, *, verbose: bool) -> None:
    """What is wrong that was not wrong before, and the end of what the step printed."""
    lines = clean_block(without_colors(result.tail)).expandtabs(4).rstrip().splitlines()
    keep = _TAIL_LINES_VERBOSE if verbose else _TAIL_LINES
    canvas.gap()
    code = f", exit code {result.exit_code}" if result.exit_code is not None else ""
    canvas.line(Styled(result.step, "bold red"), Styled(f"   {result.command}{code}", "dim"))
    new = result.new or ()
    for problem in new if verbose else new[:_NEW_PROBLEMS]:
        canvas.line("  ", Styled("new", "bold"), f": {problem}")
    if len(new) > _NEW_PROBLEMS and not verbose:
        canvas.line(f"  … and {len(new) - _NEW_PROBLEMS} more that are new; -v lists all")
    if len(lines) > keep:
        more = "" if verbose else "; -v shows more"
        canvas.line(Styled(f"  … {count(len(lines) - keep, 'line')} before{more}", "dim"))
    for line in lines[-keep:]:
        canvas.line("  ", line)


def _new_findings(canvas: Canvas, findings: Sequence[Finding]) -> None:
    for finding in findings:
        canvas.gap()
        draw_finding(canvas, finding)
