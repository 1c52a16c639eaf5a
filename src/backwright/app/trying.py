"""Tries a change in a private copy: written, formatted as the project formats, and put to the proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from backwright.adapters.pythonenv import Environment
from backwright.adapters.tidying import clean_files, exempt, tidy
from backwright.adapters.toolchain import Toolchain
from backwright.adapters.workcopy import WorkCopy, changed, read_text, refreshed, work_copy, write
from backwright.app.guardrails import guard
from backwright.app.project import Project
from backwright.app.proving import Prover
from backwright.core.change import ChangeSet
from backwright.core.errors import StalePlan
from backwright.core.findings import Finding
from backwright.core.verdict import Step, Verdict
from backwright.engine.checking import new_findings
from backwright.engine.verifying import nothing_new

_SHOWN = 5


@dataclass(frozen=True)
class Tried:
    """A change as it would land, with what verification says of it."""

    change: ChangeSet
    verdict: Verdict
    new_findings: tuple[Finding, ...]

    @property
    def proven(self) -> bool:
        """Whether it may land: every required step passed, or fails exactly as it did before."""
        return nothing_new(self.verdict)


def try_change(prover: Prover, change: ChangeSet, baseline: Verdict, *, as_it_is: bool = False) -> Tried:
    """The change made and verified in a copy, formatted unless it is to stay `as_it_is`; the tree itself is not touched.

    What the verification changes in tracked files is left behind, and noted. Raises `StalePlan`.
    """
    project = prover.project
    with work_copy(project.tree.root, project.tree.files()) as copy:
        tools = prover.lent(copy)
        copy, final = (write(copy, change.edits), change) if as_it_is else _made(prover, copy, change, tools)
        index = project.with_texts({edit.path: edit.after for edit in final.edits})
        fresh = new_findings(guard(project, index).findings, guard(project).findings)
        fresh, final = without_announced(fresh, final)
        verdict = prover.run(
            copy,
            baseline,
            new_paths=[edit.path for edit in final.edits if edit.before is None],
            new_tests=final.tests,
            guardrails=lambda: fresh,
            tools=tools,
        )
        stray = [difference.path for difference in changed(copy)]
    if stray:
        shown = ", ".join(stray[:_SHOWN])
        note = f"verification itself changed {len(stray)} tracked files, which is not landed: {shown}"
        final = msgspec.structs.replace(final, notes=(*final.notes, note))
    return Tried(final, verdict, fresh)


def without_announced(fresh: tuple[Finding, ...], change: ChangeSet) -> tuple[tuple[Finding, ...], ChangeSet]:
    """The findings that the plan did not announce; a note says what it left to be done."""
    announced = [f for f in fresh if f.rule in change.leaves and f.severity != "error"]
    if not announced:
        return fresh, change
    shown = "; ".join(f.message for f in announced[:_SHOWN]) + ("; …" if len(announced) > _SHOWN else "")
    note = f"left to be done, as planned: {', '.join(sorted({f.rule for f in announced}))}: {shown}"
    rest = tuple(f for f in fresh if f not in announced)
    return rest, msgspec.structs.replace(change, notes=(*change.notes, note))


def try_tests(prover: Prover, tests: ChangeSet, baseline: Verdict, steps: Sequence[Step]) -> Verdict:
    """These steps, which run tests, on a copy with nothing but the new tests of a change."""
    project = prover.project
    alone = replace(prover, contract=msgspec.structs.replace(prover.contract, steps=tuple(steps)))
    with work_copy(project.tree.root, project.tree.files()) as copy:
        copy = write(copy, tests.edits)
        return alone.run(copy, baseline, new_tests=tests.tests, label="tests first: ")


def refuse_stale(project: Project, change: ChangeSet) -> None:
    """Raises `StalePlan` naming the files that are not what the plan was made for."""
    stale = dict(stale_paths(project, change))
    if stale:
        shown = [f"{path} {how}" for path, how in list(stale.items())[:_SHOWN]]
        more = [f"and {len(stale) - _SHOWN} more"] if len(stale) > _SHOWN else []
        raise StalePlan(
            f"the tree is not what plan {change.id} was made for: {', '.join(shown + more)}",
            where=next(iter(stale)),
            hints=("plan again",),
        )


def stale_paths(project: Project, change: ChangeSet) -> Iterator[tuple[str, str]]:
    """The files of the plan's base that are different now, and how."""
    for path, was in sorted(change.base.items()):
        now = project.tree.read(path).sha256
        if now != was:
            yield path, "exists now" if not was else "is gone" if not now else "was changed"


def _made(
    prover: Prover, copy: WorkCopy, change: ChangeSet, environment: Environment | Toolchain
) -> tuple[WorkCopy, ChangeSet]:
    """The change in the copy after the project's formatter, and the change that this amounts to."""
    root, contract = prover.project.root, prover.contract
    run = prover.held(copy, environment)
    edited = [edit.path for edit in change.edits if edit.before is not None and edit.after is not None]
    created = [edit.path for edit in change.edits if edit.before is None]
    clean = clean_files(copy.root, root, contract, environment, run, edited)
    copy = write(copy, change.edits)
    tidy(copy.root, root, contract, environment, run, new=created, clean=clean)
    before = {edit.path: edit.before or "" for edit in change.edits if edit.after is not None}
    exempted = exempt(copy.root, root, contract, environment, run, before)
    if exempted:  # a comment can change how a line is laid out, and the layout where a rule is broken
        tidy(copy.root, root, contract, environment, run, new=created, clean=clean)
        exempt(copy.root, root, contract, environment, run, before)
    edits = tuple(
        msgspec.structs.replace(edit, after=read_text(copy, edit.path)) if edit.after is not None else edit
        for edit in change.edits
    )
    change = msgspec.structs.replace(change, edits=edits)
    if exempted:
        marked = ", ".join(f"{rule} {count}" for rule, count in sorted(exempted.items()))
        note = f"lines that break rules of taste of the project's linter are marked with noqa: {marked}"
        change = msgspec.structs.replace(change, notes=(*change.notes, note))
    return refreshed(copy), change
