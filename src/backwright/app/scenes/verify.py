"""VERIFY: the change made in a private copy and put to the proof, and why an attempt was not proven."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from backwright.agent.checklist import answers, touched_by
from backwright.agent.failing import failures_of
from backwright.agent.recording import Playing
from backwright.agent.red import is_right, only_tests, reds_of
from backwright.agent.scenes import Step
from backwright.app.guardrails import chosen_rules
from backwright.app.results import CheckedItem
from backwright.app.scenes.play import Play, Tested
from backwright.app.scenes.prepare import note_verdict
from backwright.app.trying import Tried, try_change, try_tests
from backwright.core.acting import Failure
from backwright.core.archmap import ArchMap
from backwright.core.change import ChangeSet, Edit
from backwright.core.stack import Stack
from backwright.core.verdict import Red, StepResult, Verdict
from backwright.engine.behaviour import Changed, changed_behaviour
from backwright.engine.verifying import nothing_new


def try_it(play: Play, scene: Playing, step: Step) -> None:
    """Verify what the attempt proposes, on top of the parts before it."""
    change = play.sure("propose", ChangeSet)
    made = play.made_before()
    whole = squashed((*made, change)) if made else change
    tried = try_change(play.prover, whole, play.sure("baseline", Verdict), as_it_is=bool(play.asked.review))
    note_verdict(play, "change", tried.verdict)
    failures = failures_of(tried.verdict, tried.new_findings)
    way = hashlib.sha256("\n".join(f.fingerprint for f in failures).encode()).hexdigest()[:12]
    proven = tried.proven and not failures
    facts: dict[str, Any] = {"proven": proven, "attempt": step.attempt, "new_findings": len(tried.new_findings)}
    tested = Tested(tried, *_shown(play, tried))
    play.finish("try", "VALIDATE", "PROCESS", value=tested, way=way, **facts)
    required = [r for r in tried.verdict.results if r.required]
    scene.detail = f"{sum(r.outcome == 'passed' for r in required)} of {len(required)}"
    if not proven:
        _explain(play, scene, tried, failures)


def _broken(verdict: Verdict) -> list[StepResult]:
    """The required steps that prove nothing: they could not run, or fail otherwise than before."""
    return [r for r in verdict.results if r.required and not nothing_new(Verdict((r,)))]


def red(play: Play, scene: Playing, step: Step) -> None:
    """The new tests without the rest of the change: they have to fail for want of it."""
    change = play.sure("propose", ChangeSet)
    steps = tuple(s for s in play.prover.contract.steps if s.name in ("test", "tests") and not s.builtin)
    reds: tuple[Red, ...] = ()
    if change.tests and steps:
        made = play.made_before()
        tests = msgspec.structs.replace(change, edits=only_tests(change))
        verdict = try_tests(
            play.prover, squashed((*made, tests)) if made else tests, play.sure("baseline", Verdict), steps
        )
        note_verdict(play, "tests first", verdict)
        reds = tuple(one for result in verdict.results for one in reds_of(result, change))
    right = is_right(reds)
    way = "tests first: " + ", ".join(sorted(f"{one.test} {one.reason}" for one in reds))
    play.finish("red", "VALIDATE", "PROCESS", value=reds, right=right, way=way, paths=change.tests)
    if right:
        scene.detail = f"{len(reds)} new tests fail without the change"
        return
    wrong = [one for one in reds if one.reason == "other"]
    why = "no contract step runs tests" if not steps else "it has no new test" if not change.tests else ""
    why = why or (f"{wrong[0].test}: {wrong[0].evidence}" if wrong else "its new tests do not fail without it")
    play.fail(scene, f"tests first: {why}", "The new tests do not show that they can fail for want of the change.")
    play.failures += [f"{one.test}: {one.evidence}" for one in wrong[:10]]


def _shown(play: Play, tried: Tried) -> tuple[tuple[Changed, ...], tuple[CheckedItem, ...]]:
    """What behaves otherwise with the change, and the checklist answered for it."""
    project = play.project
    index = project.with_texts({edit.path: edit.after for edit in tried.change.edits})
    state = replace(project, index=index)
    archmap = ArchMap(root=project.root, stack=Stack(project.root), components=state.components)
    paths = [edit.path for edit in tried.change.edits]
    migrations = [c.path for c in state.components if c.path in paths and "migration" in (c.role, *c.also)]
    touched = touched_by(index, archmap, paths)
    found = answers(tried.verdict, tried.new_findings, touched, chosen_rules(play.config))
    items = tuple(CheckedItem(a.item.key, a.item.text, a.item.section, a.said, a.evidence) for a in found)
    return changed_behaviour(project.index, index, migrations), items


def squashed(changes: Sequence[ChangeSet]) -> ChangeSet:
    """Several changes, each on top of the one before, as one; it is called like the last of them."""
    edits: dict[str, Edit] = {}
    base: dict[str, str] = {}
    for change in changes:
        for edit in change.edits:
            first = edits.get(edit.path, edit)
            said = "; ".join(dict.fromkeys(filter(None, (first.summary, edit.summary))))
            edits[edit.path] = msgspec.structs.replace(edit, before=first.before, summary=said)
        base = {**change.base, **base}  # what the first of them was made for
    kept = tuple(edit for edit in edits.values() if edit.before != edit.after)
    tests = tuple(path for change in changes for path in change.tests)
    return msgspec.structs.replace(changes[-1], edits=kept, base=base, tests=tests)


def _explain(play: Play, scene: Playing, tried: Tried, failures: Sequence[Failure]) -> None:
    bad = _broken(tried.verdict)
    scene.fail("; ".join(f"{r.step}: {r.detail}" for r in bad[:2]) or failures[0].evidence.partition("\n")[0])
    play.message = f"Keep looking at it with: backwright explain {play.recorder.run}"
    play.failures.clear()  # of the attempts before
    for result in bad:
        play.failures += [f"{result.step}: {problem}" for problem in (result.new or (result.detail,))[:10]]
