"""What `check` says to people: in full, one line a finding, or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from backwright.core.findings import Finding, Severity
from backwright.report.excerpt import draw
from backwright.report.results import CheckResult, Problem
from backwright.report.terminal import Canvas, Part, Screen, Styled, count, seconds

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")
_STYLE = {"error": "bold red", "warning": "bold yellow", "advice": "bold cyan"}
_SHOWN_NOTES = 12
_SHOWN_SKIPPED = 5


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """By severity, then by place."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.span.path, f.span.line, f.span.col, f.rule))


def by_place(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (f.span.path, f.span.line, f.span.col, f.rule))


def render_full(result: CheckResult, screen: Screen, *, verbose: bool = False) -> str:
    """Every finding with its excerpt, its help and the chain that led to it, then the summary."""
    canvas = Canvas(screen)
    for finding in by_place(result.findings):
        draw_finding(canvas, finding, result)
        canvas.gap()
    _ending(canvas, result, verbose=verbose)
    return canvas.text()


def render_concise(result: CheckResult, screen: Screen, *, verbose: bool = False) -> str:
    """`path:line:column: RULE severity: message`, then the summary."""
    canvas = Canvas(screen)
    for finding in by_place(result.findings):
        span = finding.span
        canvas.line(
            Styled(f"{span.path}:{span.line}:{span.col}", "bold"), ": ",
            Styled(finding.rule, _STYLE[finding.severity]), f" {finding.severity}: {finding.message}",
        )  # fmt: skip
    _ending(canvas, result, verbose=verbose)
    return canvas.text()


def render_statistics(result: CheckResult, screen: Screen, *, verbose: bool = False) -> str:
    """How often each rule was broken, the most frequent first."""
    canvas = Canvas(screen)
    counts = Counter((f.rule, f.severity, f.name) for f in result.findings)
    rows: list[list[Part]] = [
        [str(number), Styled(rule, _STYLE[severity]), severity, name]
        for (rule, severity, name), number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    canvas.table(rows, indent=0, gap=2, right=(0,))
    canvas.gap()
    _ending(canvas, result, verbose=verbose)
    return canvas.text()


def draw_finding(canvas: Canvas, finding: Finding, result: CheckResult | None = None) -> None:
    """One finding as `check` shows it; without a result there is no excerpt."""
    style = _STYLE[finding.severity]
    word = "" if finding.severity == "error" else f"{finding.severity}: "
    mendable = " [*]" if finding.fix is not None and finding.fix.safety == "safe" else ""
    canvas.line(Styled(finding.rule, style), f"{mendable} {word}", Styled(finding.message, "bold"))
    lines = result.excerpts.get(finding.span.path, {}) if result else {}
    draw(canvas, finding.span, lines, style)
    if finding.help:
        canvas.line(Styled("help", "bold cyan"), f": {finding.help}")
    for step in finding.related[:_SHOWN_NOTES]:
        canvas.line(Styled("note", "bold"), f": {step.span.path}:{step.span.line}: {step.message}")
    if len(finding.related) > _SHOWN_NOTES:
        canvas.line(Styled("note", "bold"), f": {len(finding.related) - _SHOWN_NOTES} more; `--format json` lists all")


def summary_line(result: CheckResult) -> str:
    """`Found 2 errors, both new since main. 58 rules, 214 files, 0.6 s.`"""
    counts = Counter(f.severity for f in result.findings)
    named = [count(counts[s], s, "advice" if s == "advice" else "") for s in SEVERITIES if counts[s]]
    since = f" since {result.since}" if result.since else ""
    if not named:
        found = f"Nothing new{since}" if since else "Nothing found"
    elif since:
        all_of_them = {1: "", 2: "both "}.get(len(result.findings), "all ")
        found = f"Found {_and(named)}, {all_of_them}new{since}"
    else:
        found = f"Found {_and(named)}"
    if result.problems:
        found += f"; {count(len(result.problems), 'problem')} above"
    several = f"{count(len(result.backends), 'backend')}, " if result.backends else ""
    return f"{found}. {count(result.rules, 'rule')}, {several}{count(result.files, 'file')}, {seconds(result.seconds)}."


def draw_problems(canvas: Canvas, problems: Iterable[Problem]) -> None:
    """What could not be done, with what to do about it."""
    for problem in problems:
        where = f"{problem.where}: " if problem.where else ""
        canvas.line(Styled("problem", "bold yellow"), f": {where}{problem.message}")
        for hint in problem.hint.splitlines():
            canvas.line("  ", hint)


def _ending(canvas: Canvas, result: CheckResult, *, verbose: bool) -> None:
    if result.problems:
        canvas.gap()
        draw_problems(canvas, result.problems)
    if result.skipped:
        shown = result.skipped if verbose else result.skipped[:_SHOWN_SKIPPED]
        canvas.gap()
        canvas.line(f"Left out {count(len(result.skipped), 'file')}:")
        canvas.table([[path, Styled(why, "dim")] for path, why in shown])
        if len(shown) < len(result.skipped):
            canvas.line(f"  … and {len(result.skipped) - len(shown)} more; -v lists all")
    if result.skipped or result.problems:
        canvas.gap()
    silenced = f" {result.silenced} silenced with a reason." if result.silenced else ""
    canvas.line(Styled(summary_line(result), "" if result.findings else "green"), silenced)


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
