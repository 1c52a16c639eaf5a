"""What `plan` says to people."""

from __future__ import annotations

import difflib
import shlex
from collections import Counter
from collections.abc import Iterable

from backwright.core.change import Assumption, ChangeSet, Edit, Question
from backwright.report.results import BlueprintList, PlanResult
from backwright.report.terminal import Canvas, Part, Screen, Styled

_MARK = {"add": ("+", "green"), "change": ("~", "yellow"), "remove": ("-", "red")}
_DIFF_STYLE = {"+": "green", "-": "red", "@": "cyan"}


def kind_of(edit: Edit) -> str:
    """`add`, `change` or `remove`."""
    if edit.before is None:
        return "add"
    return "remove" if edit.after is None else "change"


def counts_of(change: ChangeSet) -> dict[str, int]:
    """How many files it adds, changes and removes."""
    counts = Counter(kind_of(edit) for edit in change.edits)
    return {kind: counts[kind] for kind in _MARK}


def render_plan(result: PlanResult, screen: Screen, *, verbose: bool = False) -> str:
    """The files with what happens to each, the assumptions, the questions; with `verbose` the whole diff."""
    canvas = Canvas(screen)
    change = result.change
    canvas.line(Styled(f"Plan {change.id}" if change.id else "Plan", "bold"), f"   {change.title}")
    canvas.gap()
    if change.edits:
        _files(canvas, change)
        canvas.gap()
        counts = counts_of(change)
        canvas.line(f"{counts['add']} to add, {counts['change']} to change, {counts['remove']} to remove.")
    elif not change.questions:
        canvas.line("Nothing to change.")
    for assumption in change.assumptions:
        _assumption(canvas, assumption)
    for note in change.notes:
        canvas.line(Styled("Note", "bold"), f": {note}")
    if change.questions:
        canvas.gap()
        draw_questions(canvas, change.questions)
    if verbose:
        draw_diff(canvas, change.edits)
    canvas.gap()
    if result.saved:
        canvas.line("Saved. To make exactly this change:   ", Styled(f"backwright apply {change.id}", "bold"))
    elif change.edits:
        canvas.line("Not saved.")
    return canvas.text()


def render_blueprints(result: BlueprintList, screen: Screen, *, verbose: bool = False) -> str:
    """The kinds of change that can be planned."""
    canvas = Canvas(screen)
    for blueprint in result.blueprints:
        canvas.line(Styled(blueprint.name, "bold"), f"   {blueprint.title}")
        if blueprint.usage:
            canvas.line(f"    {blueprint.usage}")
    return canvas.text()


def draw_questions(canvas: Canvas, questions: tuple[Question, ...]) -> None:
    """What only a person can say, with how to say it."""
    for question in questions:
        canvas.line(Styled("Question", "bold yellow"), f": {question.text}")
        options = [f"--set {question.key}={option}" for option in question.options]
        for option in options or [f"--set {question.key}=…"]:
            canvas.line(f"  {option}")


def _files(canvas: Canvas, change: ChangeSet) -> None:
    rows: list[list[Part]] = []
    marks: list[Part] = []
    for edit in change.edits:
        mark, style = _MARK[kind_of(edit)]
        marks.append(Styled(f"  {mark} ", style))
        rows.append([edit.path, edit.summary, Styled(f"like {edit.like}" if edit.like else edit.because, "dim")])
    canvas.table(rows, lead=marks)


def _assumption(canvas: Canvas, assumption: Assumption) -> None:
    because = f", {assumption.because}" if assumption.because else ""
    canvas.line(
        Styled("Assumed", "bold"), f": {assumption.key} is {assumption.value}{because}.", _otherwise(assumption)
    )


def _otherwise(assumption: Assumption) -> str:
    if assumption.fixed:
        return ""
    other = next((a for a in assumption.alternatives if a != assumption.value), "")
    return f" Otherwise: --set {shlex.quote(f'{assumption.key}={other}') if other else f'{assumption.key}=…'}"


def draw_diff(canvas: Canvas, edits: Iterable[Edit]) -> None:
    """Every edit as a unified diff."""
    for edit in edits:
        before = (edit.before or "").splitlines()
        after = (edit.after or "").splitlines()
        old = "/dev/null" if edit.before is None else f"a/{edit.path}"
        new = "/dev/null" if edit.after is None else f"b/{edit.path}"
        canvas.gap()
        for line in difflib.unified_diff(before, after, old, new, lineterm=""):
            style = "bold" if line.startswith(("---", "+++")) else _DIFF_STYLE.get(line[:1], "")
            canvas.line(Styled(line.replace("\t", "    "), style))
