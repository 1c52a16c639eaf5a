"""`run`: a task in five scenes. It ends verified and landed, or with the tree as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from backwright.adapters.branching import commit_on_branch
from backwright.adapters.journal import RunJournal
from backwright.adapters.plans import new_id
from backwright.agent.recording import Playing, Recorder
from backwright.agent.replay import replay
from backwright.app.apply import land
from backwright.app.config import Config
from backwright.app.guardrails import guard
from backwright.app.plan import decide, keep, taken_ids
from backwright.app.project import Project, open_project
from backwright.app.proving import Prover, clock, open_prover
from backwright.app.recovering import recovered_root
from backwright.app.request import refuse_others, understand
from backwright.app.results import Consent, Progress, RunResult, SceneResult
from backwright.app.trying import Tried, stale_paths, try_change
from backwright.core.change import ChangeSet
from backwright.core.errors import NeedsPerson, StalePlan, UsageError
from backwright.core.events import Event
from backwright.core.request import Understood
from backwright.core.verdict import Verdict

Outcome = Literal["done", "dry_run", "failed", "blocked", "conflict"]
_STATUS = {"done": "done", "dry_run": "done", "failed": "failed", "blocked": "blocked", "conflict": "failed"}


@dataclass(frozen=True)
class Task:
    """What was asked for, and how it is to end."""

    config: Config
    tokens: Sequence[str]
    file: str
    words: str
    options: Mapping[str, Any]
    settings: Mapping[str, str]
    dry_run: bool
    branch: bool
    allow_dirty: bool
    python: str
    consent: Consent
    progress: Progress


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
    consent: Consent,
    progress: Progress,
) -> RunResult:
    """Plan, prove and land what was asked for with exactly one of `tokens`, `file` and `words`.

    With `dry_run` nothing lands, with `branch` it becomes a commit on `backwright/<run>`. Raises what `plan_request`,
    `open_prover` and landing raise, the run being written down as ended; the tree is as it was then.
    """
    if dry_run and branch:
        raise UsageError("--dry-run and --branch exclude each other", where="run")
    given = (options or {}, settings or {})
    task = Task(config, tokens, file, words, *given, dry_run, branch, allow_dirty, python, consent, progress)
    root = recovered_root(path)
    with RunJournal.open(root) as journal:
        run = new_id(taken_ids(root) | set(journal.runs()))

        def write(event: Event) -> None:
            journal.append(event)
            progress.event(event)

        recorder = Recorder(run, words or " ".join(tokens) or file, write)
        with journal.hold(run):
            recorder.begin()
            return _told(recorder, lambda: _play(task, path, recorder))


def _told(recorder: Recorder, play: Callable[[], RunResult]) -> RunResult:
    """Play the run; however it ends, the journal says so."""
    try:
        result = play()
    except KeyboardInterrupt:
        recorder.end("cancelled", "interrupted; the tree is as it was")
        raise
    except NeedsPerson as error:
        recorder.end("blocked", error.message, code=error.code)
        raise
    except BaseException as error:
        recorder.end("failed", str(error) or type(error).__name__, code=getattr(error, "code", type(error).__name__))
        raise
    recorder.end(_STATUS[result.outcome], result.message, outcome=result.outcome, landed=result.landed_id)
    return msgspec.structs.replace(result, run=replay(recorder.run, recorder.events))


def _play(task: Task, path: Path, recorder: Recorder) -> RunResult:
    seconds = clock()
    with ExitStack() as stack:
        project = stack.enter_context(open_project(path, task.config))
        play = _Play(task, project, recorder, stack)
        outcome = play.through()
        return RunResult(
            run=replay(recorder.run, recorder.events),
            head=project.head,
            scenes=tuple(SceneResult(p.scene, p.ok, p.seconds, p.detail) for p in recorder.played),
            outcome=outcome,
            change=play.change,
            verdict=play.verdict,
            landed_id=play.landed,
            branch=play.branch,
            base=project.head.branch,
            message=play.message,
            failures=tuple(play.failures),
            new_findings=play.tried.new_findings if play.tried else (),
            seconds=seconds(),
        )


@dataclass
class _Play:
    """One run between its scenes."""

    task: Task
    project: Project
    recorder: Recorder
    stack: ExitStack
    request: tuple[Understood, Mapping[str, str]] = (Understood("unknown"), {})  # and its settings
    change: ChangeSet | None = None
    baseline: Verdict | None = None
    tried: Tried | None = None
    landed: str = ""
    branch: str = ""
    message: str = ""
    failures: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict | None:
        return self.tried.verdict if self.tried else self.baseline

    def through(self) -> Outcome:
        with self.recorder.scene("PREPARE") as scene:
            self._refuse_dirty()
            change = self._decide()
            self.change = change
            if change.questions:
                return self._ask(scene, change)
            prover = self._prover()
            self.baseline = prover.baseline()
            self._note_verdict("baseline", self.baseline)
            if not self._can_be_proved(scene, self.baseline):
                return "failed"
            scene.detail = self._prepared(prover)
        with self.recorder.scene("ACQUIRE") as scene:
            scene.detail = self._acquire()
        with self.recorder.scene("ACT") as scene:
            change = keep(self.project, change, *self.request, self.recorder.run)
            self.change = change
            paths = [edit.path for edit in change.edits]
            self.recorder.note("WRITE", "LOCAL_FS", plan=change.id, author=change.author, paths=paths)
            scene.detail = _size(change)
        with self.recorder.scene("VERIFY") as scene:
            tried = try_change(prover, change, self.baseline)
            self.tried, self.change = tried, tried.change
            self._note_verdict("change", tried.verdict)
            required = [r for r in tried.verdict.results if r.required]
            passed = sum(r.outcome == "passed" for r in required)
            scene.detail = f"{passed} of {len(required)}"
            if not tried.proven:
                self._explain_failure(scene, tried.verdict)
                return "failed"
        with self.recorder.scene("FINALIZE") as scene:
            return self._finalize(scene, tried)

    # -- PREPARE ---------------------------------------------------------------------------------------------------
    def _refuse_dirty(self) -> None:
        git = self.project.tree.git
        if self.task.branch and (git is None or not git.head()):
            raise UsageError("--branch needs a git repository with a commit", where=str(self.project.tree.root))
        if git is not None and not self.task.allow_dirty and not self.task.dry_run and git.is_dirty():
            raise UsageError(
                "there are uncommitted changes, so the result could not be told from them",
                where=str(self.project.tree.root),
                hints=("commit or stash them", "or start anyway: --allow-dirty"),
            )
        self.recorder.note("READ", "CODEBASE", files=len(self.project.tree.files()), commit=self.project.head.commit)

    def _decide(self) -> ChangeSet:
        task = self.task
        understood, rest = understand(
            self.project.index,
            tokens=task.tokens,
            file=task.file,
            words=task.words,
            options=task.options,
            settings=task.settings,
        )
        self.request = (understood, rest)
        if understood.kind == "hand_off":
            self.recorder.note("NOTIFY", "CODEBASE", hand_off=_hand_off(understood))
        refuse_others(understood, model=task.config.model)
        change = decide(self.project, understood, rest)
        assumed = {a.key: a.value for a in change.assumptions}
        asked = [msgspec.to_builtins(q) for q in change.questions]
        self.recorder.note("SELECT", "CODEBASE", understood=understood.kind, assumed=assumed, questions=asked)
        return change

    def _ask(self, scene: Playing, change: ChangeSet) -> Outcome:
        scene.fail(f"{len(change.questions)} open: a person has to answer")
        self.message = "Something is left open that must not be guessed."
        for question in change.questions:
            options = " | ".join(question.options) or "…"
            self.failures.append(f"{question.text}   --set {question.key}={options}")
        return "blocked"

    def _prover(self) -> Prover:
        task = self.task
        prover = open_prover(self.project, python=task.python, consent=task.consent, progress=task.progress)
        return self.stack.enter_context(prover)

    def _can_be_proved(self, scene: Playing, baseline: Verdict) -> bool:
        """Whether every required step can run at all: without, nothing could be proved after minutes of work."""
        missing = [r for r in baseline.results if r.required and r.outcome == "unavailable"]
        if missing:
            scene.fail(f"{missing[0].step} cannot run: {missing[0].detail}")
            self.message = "What proves the change cannot run here."
            self.failures += [f"{r.step}: {r.detail}" for r in missing]
        return not missing

    def _prepared(self, prover: Prover) -> str:
        git = self.project.tree.git
        tree = "not under git" if git is None else "tree as it is" if self.task.allow_dirty else "tree clean"
        assert self.baseline is not None
        broken = [r.step for r in self.baseline.results if r.required and r.outcome == "failed"]
        steps = len(prover.contract.steps)
        state = f"{', '.join(broken)} fails before we start" if broken else "passes before we start"
        return f"{tree}, contract of {steps} steps {state}"

    # -- ACQUIRE ---------------------------------------------------------------------------------------------------
    def _acquire(self) -> str:
        project = self.project
        known = guard(project).findings
        entities = len(list(project.index.tables()))
        like = project.house.exemplar or "the built-in template"
        self.recorder.note(
            "READ", "CODEBASE", facts=len(project.index.files), entities=entities, like=like, findings=len(known)
        )
        found = f", {len(known)} old finding{'s' if len(known) > 1 else ''}" if known else ""
        return f"{len(project.index.files)} files, {entities} entities, like {like}{found}"

    # -- VERIFY ----------------------------------------------------------------------------------------------------
    def _note_verdict(self, of: str, verdict: Verdict) -> None:
        for result in verdict.results:
            self.recorder.note("VALIDATE", "PROCESS", of=of, **msgspec.to_builtins(result))

    def _explain_failure(self, scene: Playing, verdict: Verdict) -> None:
        bad = [r for r in verdict.results if r.required and r.outcome != "passed" and r.new != ()]
        scene.fail("; ".join(f"{r.step}: {r.detail}" for r in bad[:2]) or scene.detail)
        self.message = f"Keep looking at it with: backwright explain {self.recorder.run}"
        for result in bad:
            self.failures += [f"{result.step}: {problem}" for problem in (result.new or (result.detail,))[:10]]

    # -- FINALIZE --------------------------------------------------------------------------------------------------
    def _finalize(self, scene: Playing, tried: Tried) -> Outcome:
        self.message = f"{tried.change.title[:1].upper()}{tried.change.title[1:]}."
        if self.task.dry_run:
            scene.detail = "nothing written, as asked"
            return "dry_run"
        try:
            if self.task.branch:
                name = f"backwright/{self.recorder.run}"
                commit = commit_on_branch(self.project.tree.root, name, tried.change)
                self.recorder.note("WRITE", "CODEBASE", branch=name, commit=commit)
                self.branch = name
                scene.detail = f"branch {name}, 1 commit"
            else:
                self.change = land(self.project, tried)
                self.landed = self.change.id
                self.recorder.note("WRITE", "CODEBASE", landed=self.landed, paths=[e.path for e in tried.change.edits])
                scene.detail = f"landed; undo with: backwright apply --undo {self.landed}"
        except StalePlan as conflict:
            scene.fail(conflict.message)
            self.failures += [f"{p} {how}" for p, how in stale_paths(self.project, tried.change)] or [conflict.where]
            self.message = conflict.message
            return "conflict"
        return "done"


def _size(change: ChangeSet) -> str:
    """`7 files, +412 −3`."""
    plus = minus = 0
    for edit in change.edits:
        before, after = (edit.before or "").splitlines(), (edit.after or "").splitlines()
        common = _common(before, after)
        plus += len(after) - common
        minus += len(before) - common
    return f"{len(change.edits)} files, +{plus} −{minus}"


def _common(before: list[str], after: list[str]) -> int:
    from difflib import SequenceMatcher

    return sum(block.size for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks())


def _hand_off(understood: Understood) -> dict[str, Any]:
    """What somebody else needs to know to take the task over."""
    why = [question.text for question in understood.questions]
    return {"to": understood.hand_off, "task": understood.words, "because": why}
