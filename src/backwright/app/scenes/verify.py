"""VERIFY: the change made in a private copy and put to the proof, and why an attempt was not proven."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from backwright.agent.failing import failures_of
from backwright.agent.recording import Playing
from backwright.agent.scenes import Step
from backwright.app.scenes.play import Play
from backwright.app.scenes.prepare import note_verdict
from backwright.app.trying import Tried, try_change
from backwright.core.acting import Failure
from backwright.core.change import ChangeSet, Edit
from backwright.core.verdict import StepResult, Verdict
from backwright.engine.verifying import nothing_new


def try_it(play: Play, scene: Playing, step: Step) -> None:
    """Verify what the attempt proposes, on top of the parts before it."""
    change = play.sure("propose", ChangeSet)
    made = play.made_before()
    tried = try_change(play.prover, squashed((*made, change)) if made else change, play.sure("baseline", Verdict))
    note_verdict(play, "change", tried.verdict)
    failures = failures_of(tried.verdict, tried.new_findings)
    way = hashlib.sha256("\n".join(f.fingerprint for f in failures).encode()).hexdigest()[:12]
    proven = tried.proven and not failures
    facts: dict[str, Any] = {"proven": proven, "attempt": step.attempt, "new_findings": len(tried.new_findings)}
    play.finish("try", "VALIDATE", "PROCESS", value=tried, way=way, **facts)
    required = [r for r in tried.verdict.results if r.required]
    scene.detail = f"{sum(r.outcome == 'passed' for r in required)} of {len(required)}"
    if not proven:
        _explain(play, scene, tried, failures)


def _broken(verdict: Verdict) -> list[StepResult]:
    """The required steps that prove nothing: they could not run, or fail otherwise than before."""
    return [r for r in verdict.results if r.required and not nothing_new(Verdict((r,)))]


def squashed(changes: Sequence[ChangeSet]) -> ChangeSet:
    """Several changes, each on top of the one before, as one; it is called like the last of them."""
    edits: dict[str, Edit] = {}
    base: dict[str, str] = {}
    for change in changes:
        for edit in change.edits:
            first = edits.get(edit.path, edit)
            edits[edit.path] = msgspec.structs.replace(edit, before=first.before)
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
