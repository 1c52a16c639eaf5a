"""ACT: the change, from a blueprint that has decided it, or from an engine that works on a private copy."""

from __future__ import annotations

import hashlib
from difflib import SequenceMatcher
from typing import Any, cast

import msgspec

from backwright.adapters.landing_paths import check_edit
from backwright.adapters.workcopy import WorkCopy, work_copy, write
from backwright.agent.failing import failures_of
from backwright.agent.recording import Playing
from backwright.agent.scenes import ATTEMPTS, Step, is_differently
from backwright.app.context import brief
from backwright.app.engines import engine_named, verified_by, workplace
from backwright.app.guardrails import guard
from backwright.app.plan import keep
from backwright.app.scenes.play import Decided, Play
from backwright.app.scenes.prepare import ask
from backwright.core.acting import Assignment, Difficulty, Dropped, Engine, Limits, Proposal
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import UsageError
from backwright.core.events import Primitive, Scope
from backwright.core.verdict import Verdict

_STOPS = {"quota": "quota", "unreachable": "unreachable", "refused": "refused"}
_SAID = {
    "quota": "The provider's limit is reached.",
    "unreachable": "The engine cannot be reached.",
    "refused": "The engine refused the task.",
    "limit": "What the run may spend is spent.",
}


def propose(play: Play, scene: Playing, step: Step) -> None:
    """The change of one attempt."""
    decided = play.sure("decide", Decided)
    engine = str(play.state.facts("decide").get("engine", ""))
    if engine:
        _let_engine(play, scene, step, decided, engine)
        return
    change = decided.change
    if decided.understood is not None and not play.made_before() and not play.asked.review:
        change = keep(play.project, change, decided.understood, decided.settings, change.id)
    _finish(play, scene, step, change, plan=change.id, author=change.author)


def _let_engine(play: Play, scene: Playing, step: Step, decided: Decided, name: str) -> None:
    tree = play.prover.project.tree  # asks for consent to the proof first: without it nothing is worth spending on
    with work_copy(tree.root, tree.files()) as copy:
        proof = verified_by(play.prover, play.sure("baseline", Verdict))
        engine = engine_named(name)(workplace(play.project, copy, play.recorder.run, tests=proof))
        told_to = engine.describe()
        play.recorder.note("NOTIFY", "NETWORK", engine=name, talks_to=told_to)
        play.progress.started("act", told_to)
        proposal = engine.act(_assignment(play, step, decided, copy), _told(play))
        play.progress.finished("act", "passed", proposal.usage.seconds, proposal.ended)
    change, dropped = _sifted(play, decided, proposal, engine)
    for one in dropped:
        play.recorder.note("NOTIFY", "CODEBASE", dropped=one.path, why=one.why)
    stopped = _STOPS.get(proposal.ended, "")
    if not stopped and not change.edits:
        stopped = "questions" if proposal.questions else "limit" if proposal.ended == "limit" else ""
    facts: dict[str, Any] = {"ended": proposal.ended, "said": proposal.message, "usage": proposal.usage}
    facts["session"] = proposal.session
    if stopped:
        facts |= {"stopped": stopped, "retry_after": proposal.retry_after, "questions": proposal.questions}
        play.finish("propose", "CALL_TOOL", "NETWORK", changed=False, **facts)
        _stop(play, scene, proposal, stopped)
        return
    _finish(play, scene, step, change, author=change.author, dropped=len(dropped), **facts)


def _finish(play: Play, scene: Playing, step: Step, change: ChangeSet, **facts: Any) -> None:
    paths = [edit.path for edit in change.edits]
    digest = hashlib.sha256(msgspec.json.encode(change.edits)).hexdigest()[:12]
    way = {} if paths else {"way": "nothing was changed"}
    play.finish(
        "propose", "WRITE", "LOCAL_FS", value=change, paths=paths, attempt=step.attempt, changed=bool(paths),
        digest=digest, **way, **facts,
    )  # fmt: skip
    again = f", attempt {step.attempt} of {ATTEMPTS}" if step.attempt > 1 else ""
    if paths:
        scene.detail = f"{size(change)}{again}"
    else:
        play.fail(scene, f"nothing was changed{again}")


def _stop(play: Play, scene: Playing, proposal: Proposal, stopped: str) -> None:
    if stopped == "questions":
        ask(play, scene, proposal.questions)
        return
    said = f": {proposal.message}" if proposal.message else ""
    wait = f"; it says to wait {proposal.retry_after:.0f} s" if proposal.retry_after else ""
    play.fail(scene, f"{proposal.ended}{said}{wait}", _SAID[stopped])


def _assignment(play: Play, step: Step, decided: Decided, copy: WorkCopy) -> Assignment:
    """What the engine is to do. Its copy starts with what the attempt before made, unless another way is ordered."""
    limits = play.config.limits
    differently = step.attempt > 1 and is_differently(play.state)
    before = play.changes()
    if before and not differently:
        write(copy, before[-1].edits)
    facts = play.state.facts("decide")
    task = play.task(decided)
    failures = tuple(failure for tried in play.tries() for failure in failures_of(tried.verdict, tried.new_findings))
    given = brief(
        play.project,
        decided.understood,
        task=task,
        engine=str(facts.get("engine", "")),
        findings=guard(play.project).findings,
        failures=failures,
        differently=differently,
    )
    return Assignment(
        run=play.recorder.run,
        task=task,
        pack=given.pack,
        protocol=given.protocol,
        kind=str(facts.get("understood", "unknown")),
        difficulty=cast("Difficulty", facts.get("difficulty", "simple")),
        workspace=copy.root,
        attempt=step.attempt,
        failures=failures,
        differently=differently,
        limits=Limits(seconds=limits.seconds, requests=limits.steps, dollars=limits.dollars),
    )


def _told(play: Play) -> Any:
    """Writes down what the engine does while it does it."""

    def told(what: str, details: dict[str, object]) -> None:
        kinds: dict[str, tuple[Primitive, Scope]] = {
            "request": ("CALL_TOOL", "NETWORK"),
            "edit": ("WRITE", "LOCAL_FS"),
            "tool": ("CALL_TOOL", "LOCAL_FS"),
        }
        primitive, scope = kinds.get(what, ("NOTIFY", "LOCAL_FS"))
        play.recorder.note(primitive, scope, engine_event=what, details=details)

    return told


def _sifted(play: Play, decided: Decided, proposal: Proposal, engine: Engine) -> tuple[ChangeSet, tuple[Dropped, ...]]:
    """The change as one of this run, without what may not be written, whatever the engine let through."""
    dropped = list(proposal.dropped)
    edits: list[Edit] = []
    base: dict[str, str] = {}
    for edit in proposal.change.edits if proposal.change else ():
        try:
            check_edit(edit, task=play.task(decided))
        except UsageError as refused:
            dropped.append(Dropped(edit.path, refused.message))
            continue
        if edit.before != edit.after:
            edits.append(edit)
            base[edit.path] = hashlib.sha256(edit.before.encode()).hexdigest() if edit.before is not None else ""
    left = tuple(f"{one.path} was changed too, which is not taken: {one.why}" for one in dropped)
    proposed = proposal.change or decided.change
    paths = {edit.path for edit in edits}
    change = msgspec.structs.replace(
        proposed,
        id=play.change_id(),
        title=decided.change.title,
        edits=tuple(edits),
        author=proposed.author or engine.name,
        base=base,
        request=decided.change.request,
        tests=tuple(path for path in proposed.tests if path in paths),
        notes=(*proposed.notes, *left),
    )
    return change, tuple(dropped)


def size(change: ChangeSet) -> str:
    """`7 files, +412 −3`."""
    plus = minus = 0
    for edit in change.edits:
        before, after = (edit.before or "").splitlines(), (edit.after or "").splitlines()
        matches = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
        common = sum(block.size for block in matches)
        plus += len(after) - common
        minus += len(before) - common
    return f"{len(change.edits)} files, +{plus} −{minus}"
