"""`run`: a task in five scenes. It ends verified and landed, or with the tree as it was; killed, it goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import msgspec

from backwright.adapters.files import open_tree
from backwright.adapters.journal import RunJournal
from backwright.adapters.plans import new_id
from backwright.agent.recording import Playing, Recorder
from backwright.agent.replay import replay, scenes_of
from backwright.agent.scenes import Ending, Name, Step, following, standing
from backwright.app.config import Config
from backwright.app.plan import taken_ids
from backwright.app.proving import clock
from backwright.app.recovering import recover_at
from backwright.app.results import Consent, Progress, RunResult, SceneResult
from backwright.app.scenes import acquire, act, finalize, prepare, verify
from backwright.app.scenes.play import Decided, Play, Tested
from backwright.app.several import behaviour_of, checklist_of, spent
from backwright.core.change import ChangeSet
from backwright.core.errors import BackwrightError, NeedsPerson, UsageError
from backwright.core.events import Asked
from backwright.core.verdict import Red

_STEPS: dict[Name, Callable[[Play, Playing, Step], None]] = {
    "read": prepare.read,
    "decide": prepare.decide,
    "baseline": prepare.baseline,
    "survey": acquire.survey,
    "propose": act.propose,
    "red": verify.red,
    "try": verify.try_it,
    "land": finalize.land,
}


def run_task(
    path: Path,
    config: Config,
    *,
    tokens: Sequence[str] = (),
    file: str = "",
    words: str = "",
    options: Mapping[str, Any] | None = None,
    settings: Mapping[str, str] | None = None,
    dry_run: bool = False,
    branch: bool = False,
    allow_dirty: bool = False,
    python: str = "",
    engine: str = "",
    tdd: bool = False,
    consent: Consent,
    progress: Progress,
) -> RunResult:
    """Plan, prove and land what was asked for with exactly one of `tokens`, `file` and `words`.

    With `dry_run` nothing lands, with `branch` it becomes a commit on `backwright/<run>`. Raises what `plan_request`,
    `open_prover`, engines and landing raise, the run being written down as ended; the tree is as it was then.
    """
    if dry_run and branch:
        raise UsageError("--dry-run and --branch exclude each other", where="run")
    root, project = place_of(path)
    asked = Asked(
        tokens=tuple(tokens), file=file, words=words, options=dict(options or {}), settings=dict(settings or {}),
        dry_run=dry_run, branch=branch, allow_dirty=allow_dirty, python=python, engine=engine, tdd=tdd, project=project,
    )  # fmt: skip
    with RunJournal.open(root) as journal:
        run = new_id(taken_ids(root) | set(journal.runs()))
        with journal.hold(run):
            play, recorder = _open(root, config, journal, run, consent, progress)
            recorder.begin(asked)
            journal.forget_old()
            return told(play, lambda: through(play))


def resume_run(
    path: Path, config: Config, run: str, *, settings: Mapping[str, str], consent: Consent, progress: Progress
) -> RunResult:
    """Go on with a run at its next unfinished step; `settings` answer what it stopped at. What is finished stays so.

    Where the tree is not what the run had read, it begins again on what is there now. Raises `UsageError` for a run that
    nobody knows, that is done or that another process is at work on, and as `run_task`.
    """
    root, _ = place_of(path)
    with RunJournal.open(root) as journal:
        events = journal.events(run)
        if not events:
            known = ", ".join(journal.runs()[:5])
            raise UsageError(f"there is no run {run}", hints=(f"the latest are: {known}",) if known else ())
        with journal.hold(run, wait=False):
            events = journal.events(run)
            state = standing(events)
            if state.asked.review:
                raise UsageError(
                    f"run {run} is a review", hints=(f"make it again: backwright run --review {state.asked.review}",)
                )
            if state.ended == "done":
                raise UsageError(f"run {run} is done", hints=(f"what it did: backwright explain {run}",))
            play, recorder = _open(root, config, journal, run, consent, progress)
            recorder.events.extend(events)
            play.state = state
            recorder.resume(settings)
            return told(play, lambda: through(play, resumed=True))


def place_of(path: Path) -> tuple[Path, str]:
    """The top of the tree, with nothing half landed in it, and the folder that is meant, relative to it."""
    recover_at(path)
    with open_tree(path) as tree:
        return tree.root, tree.project


def _open(
    root: Path, config: Config, journal: RunJournal, run: str, consent: Consent, progress: Progress
) -> tuple[Play, Recorder]:
    recorder = Recorder(run, lambda event: play.write(event))
    play = Play(root, config, consent, progress, journal, recorder)
    return play, recorder


def told(play: Play, through: Callable[[], Ending]) -> RunResult:
    """Play the run; however it ends, the journal says so."""
    seconds = clock()
    recorder = play.recorder
    go_on = f"go on with: backwright run --resume {recorder.run}"
    with ExitStack() as stack:
        stack.callback(play.close)
        try:
            ending = _ending(play, through)
            result = _result(play, ending, seconds())
        except KeyboardInterrupt:
            where = "what was landed before it is landed" if play.landed() else "the tree is as it was"
            recorder.end("cancelled", f"interrupted; {where}; {go_on}")
            raise
        except NeedsPerson as error:
            recorder.end("blocked", error.message, code=error.code)
            raise
        except BaseException as error:
            code = getattr(error, "code", type(error).__name__)
            recorder.end("failed", str(error) or type(error).__name__, code=code)
            raise
        more = {
            "outcome": result.outcome,
            "reason": result.reason,
            "landed": result.landed_id,
            "missing": result.missing,
        }
        recorder.end(ending.status, result.message, **more)
    return msgspec.structs.replace(result, run=replay(recorder.run, recorder.events))


def _ending(play: Play, through: Callable[[], Ending]) -> Ending:
    """How it ends. A refusal of a later part is no refusal of those that are there: it is told with what is missing."""
    try:
        return through()
    except BackwrightError as error:
        if not play.state.landed:
            raise
        play.message = error.message
        play.failures += [": ".join(filter(None, (error.where, error.message))), *error.hints]
        return Ending("partial", "refused")


def through(play: Play, *, resumed: bool = False) -> Ending:
    """Step by step until nothing is left to be done."""
    if resumed:
        _look_again(play)
    following_ = following(play.state)
    while isinstance(following_, Step):
        with play.recorder.scene(following_.scene) as scene:
            while isinstance(following_, Step) and following_.scene == scene.name:
                number = play.number
                _STEPS[following_.name](play, scene, following_)
                following_ = following(play.state)
                if play.number != number:
                    break  # the next part begins with scenes of its own
    return following_


def _look_again(play: Play) -> None:
    """Where the tree is not what was read, the steps that were built on that are no longer true."""
    read = play.state.last("read")
    step = following(play.state)
    is_there = step.name == "land" and play.landed() if isinstance(step, Step) else step.status == "done"
    if read is not None and not is_there and prepare.picture(play.project) != read.facts.get("tree"):
        play.recorder.note("READ", "CODEBASE", again="the tree has changed since, so this part begins again")


def _result(play: Play, ending: Ending, seconds: float) -> RunResult:
    events = play.recorder.events
    run = replay(play.recorder.run, events)
    state = play.state
    lands = [*state.landed, *(one for one in state.done if one.step == "land" and not one.facts.get("stopped"))]
    tested = play.tested()
    tried = tested[-1].tried if play.value("try", Tested) else None
    decided = play.value("decide", Decided)
    proposed = play.value("propose", ChangeSet)
    change = play.value("land", ChangeSet) or (tried.change if tried else proposed or (decided and decided.change))
    if change and ending.status == "done" and state.landed:
        change = verify.squashed((*play.changes_landed(), change))
    facts = lands[-1].facts if lands else {}
    missing = state.each[len(lands) :] if lands and ending.status == "partial" else ()
    return RunResult(
        run=run,
        head=play.head,
        scenes=tuple(SceneResult(p.scene, p.ok, p.seconds, p.detail) for p in scenes_of(run)),
        outcome=_outcome(play, ending),
        reason=ending.reason,
        change=change or None,
        verdict=play.verdict(),
        landed_id=str(facts.get("landed", "")),
        branch=str(facts.get("branch", "")),
        base=play.head.branch,
        message=_message(play, ending),
        failures=tuple(play.failures),
        missing=missing,
        behaviour=behaviour_of([one.behaviour for one in tested]),
        checklist=checklist_of([one.checklist for one in tested]),
        reds=play.value("red", tuple[Red, ...]) or (),
        usage=spent(event.body for event in events),
        review=play.asked.review,
        new_findings=tried.new_findings if tried else (),
        seconds=seconds,
    )


def _outcome(play: Play, ending: Ending) -> Literal["done", "dry_run", "partial", "failed", "blocked", "conflict"]:
    if ending.status == "done":
        return "dry_run" if play.asked.dry_run else "done"
    return "conflict" if ending.reason == "conflict" and ending.status != "partial" else ending.status


def _message(play: Play, ending: Ending) -> str:
    """One sentence about the result; of several parts, about all of them."""
    landed = play.state.landed
    if ending.status == "done" and landed:
        return f"All {len(play.state.each)} parts are done."
    if play.asked.review:
        return "It holds: nothing that passed before fails." if ending.status == "done" else play.message
    if ending.reason == "stuck":
        return "Three attempts went wrong in the same way."
    return play.message
