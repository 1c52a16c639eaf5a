"""PREPARE: what is there, what was asked for, and whether a change of it can be proved here at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from backwright.agent.recording import Playing
from backwright.agent.scenes import Step
from backwright.app.engines import BLUEPRINT, chosen_by, engine_named
from backwright.app.plan import decide as decide_change
from backwright.app.project import Project
from backwright.app.request import no_recipe, refuse_others, understand
from backwright.app.scenes.play import Decided, Play
from backwright.core.change import ChangeSet, Question
from backwright.core.errors import UsageError
from backwright.core.events import Asked, Evidence
from backwright.core.request import Understood
from backwright.core.verdict import Contract, Verdict
from backwright.engine.increments import parts_of

MODEL = "model"  # the engine that `agent.model` is for


def read(play: Play, scene: Playing, step: Step) -> None:
    """Look at the tree. Raises `UsageError` where the result could not be told from what is there."""
    project, asked = play.project, play.asked
    git = project.tree.git
    if asked.branch and (git is None or not git.head()):
        raise UsageError("--branch needs a git repository with a commit", where=str(project.tree.root))
    free = asked.allow_dirty or asked.dry_run or play.number > 1  # the parts before this one are uncommitted
    if git is not None and not free and git.is_dirty():
        raise UsageError(
            "there are uncommitted changes, so the result could not be told from them",
            where=str(project.tree.root),
            hints=("commit or stash them", "or start anyway: --allow-dirty"),
        )
    files, commit = len(project.tree.files()), project.head.commit
    play.finish("read", "READ", "CODEBASE", files=files, commit=commit, tree=picture(project))


def picture(project: Project) -> str:
    """A digest of which files there are and when they were written: other than before where anybody touched one."""
    stats = project.tree.stats().items()
    known = [(path, found.st_size, found.st_mtime_ns) for path, found in sorted(stats)]
    return hashlib.sha256(repr(known).encode("utf-8", "surrogateescape")).hexdigest()


def decide(play: Play, scene: Playing, step: Step) -> None:
    """Understand the request, and decide the change where a blueprint does."""
    project, asked = play.planned_on(), play.asked
    parts = play.state.each or (parts_of(asked.words, _known(project)) if asked.words else ("",))
    words = parts[play.number - 1]
    settings = _settings(asked.settings, play.number, len(parts))
    understood, rest = understand(
        project.index, tokens=asked.tokens, file=asked.file, words=words, options=_options(asked), settings=settings
    )
    if understood.kind == "hand_off":
        play.recorder.note("NOTIFY", "CODEBASE", hand_off=_hand_off(understood))
    engine = _engine(play, understood)
    if engine:
        change = ChangeSet("", words or asked.task, (), engine, {}, request=words or asked.task)
    else:
        change = decide_change(project, understood, rest)
    change = msgspec.structs.replace(change, id=play.change_id())
    questions = [*change.questions, *_asked_later(play, project, parts)]
    if msgspec.json.decode(msgspec.json.encode(understood), type=Understood) == understood:
        decided = Decided(change, understood, rest)
    else:
        decided = Decided(change)  # a default that a file cannot hold: it is made again by nobody
    play.finish(
        "decide",
        "SELECT",
        "CODEBASE",
        value=decided,
        understood=understood.kind,
        difficulty="complex" if len(parts) > 1 else understood.difficulty,
        engine=engine,
        each=parts,
        assumed={a.key: a.value for a in change.assumptions},
        questions=questions,
        **({"stopped": "questions"} if questions else {}),
    )
    if questions:
        ask(play, scene, questions)


def baseline(play: Play, scene: Playing, step: Step) -> None:
    """Prove the tree as it is. Where a required step cannot run, nothing could be proved after minutes of work."""
    prover = play.prover
    verdict = prover.baseline()
    note_verdict(play, "baseline", verdict)
    missing = [r for r in verdict.results if r.required and r.outcome == "unavailable"]
    stopped = {"stopped": "unprovable"} if missing else {}
    held = {"sandbox": prover.sandbox.describe(), "grants": list(prover.contract.grants)}
    play.finish("baseline", "VALIDATE", "PROCESS", value=verdict, contract=prover.contract.digest, **held, **stopped)
    if missing:
        what = "What proves the change cannot run here."
        play.fail(scene, f"{missing[0].step} cannot run: {missing[0].detail}", what)
        play.failures += [f"{r.step}: {r.detail}" for r in missing]
    else:
        scene.detail = _prepared(play, prover.contract, verdict)


def ask(play: Play, scene: Playing, questions: Sequence[Question]) -> None:
    """A person has to answer."""
    play.fail(
        scene, f"{len(questions)} open: a person has to answer", "Something is left open that must not be guessed."
    )
    for question in questions:
        options = " | ".join(question.options) or "…"
        play.failures.append(f"{question.text}   --set {question.key}={options}")


def note_verdict(play: Play, of: str, verdict: Verdict) -> None:
    """Each step of the contract as an event of its own."""
    for result in verdict.results:
        evidence = Evidence(exit_code=result.exit_code, command=result.command)
        play.recorder.note("VALIDATE", "PROCESS", evidence=evidence, of=of, **msgspec.to_builtins(result))


def _engine(play: Play, understood: Understood) -> str:
    """Who works the change out, `""` for a blueprint. Raises `NeedsPerson` where nobody does, `UsageError` for nobody known."""
    chosen, model = play.asked.engine, play.config.model
    if chosen and chosen != BLUEPRINT:
        engine_named(chosen)
        _refuse_without_model(play, chosen)
        if understood.kind == "hand_off":
            refuse_others(understood, model=model)
        return chosen
    if understood.kind == "unknown" and model and not chosen:
        _refuse_without_model(play, MODEL)
        try:
            engine_named(MODEL)
        except UsageError as missing:
            raise no_recipe(model) from missing
        return MODEL
    refuse_others(understood, model=model)
    return ""


def _refuse_without_model(play: Play, engine: str) -> None:
    """What would be refused when the engine is opened, before minutes of proof are spent on it."""
    if not chosen_by(play.config).model and engine == MODEL:
        hints = ("for example --config agent.model=anthropic:NAME, openai:NAME, ollama:NAME",)
        raise UsageError("no model is set for the engine `model`", where="agent.model", hints=hints)


def _options(asked: Asked) -> dict[str, Any]:
    """As they were given: the journal knows no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in asked.options.items()}


def _known(project: Project) -> tuple[str, ...]:
    return tuple(table.entity for _, table in project.index.tables())


def _settings(given: dict[str, str], number: int, parts: int) -> dict[str, str]:
    """The answers for one part: of several parts, `2.key` is the second one's `key`, and a bare key the first one's."""
    if parts == 1:
        return given
    mine = {key.partition(".")[2]: value for key, value in given.items() if key.startswith(f"{number}.")}
    return {**({k: v for k, v in given.items() if "." not in k} if number == 1 else {}), **mine}


def _asked_later(play: Play, project: Project, parts: Sequence[str]) -> list[Question]:
    """What the later parts leave open, as far as the words tell: better asked before the first one lands."""
    found: list[Question] = []
    for number, words in enumerate(parts[play.number :], play.number + 1):
        settings = _settings(play.asked.settings, number, len(parts))
        understood, _ = understand(
            project.index, tokens=(), file="", words=words, options={}, settings=settings, known=_named(parts)
        )
        found += [
            msgspec.structs.replace(q, key=f"{number}.{q.key}") for q in understood.questions if q.level == "high"
        ]
    return found


def _named(parts: Sequence[str]) -> tuple[str, ...]:
    """The entities that the parts themselves add."""
    from backwright.engine.requesting import parse_words

    features = (parse_words(words).feature for words in parts)
    return tuple(feature.resource for feature in features if feature is not None)


def _prepared(play: Play, contract: Contract, verdict: Verdict) -> str:
    git = play.project.tree.git
    tree = "not under git" if git is None else "tree as it is" if play.asked.allow_dirty else "tree clean"
    broken = [r.step for r in verdict.results if r.required and r.outcome == "failed"]
    state = f"{', '.join(broken)} fails before we start" if broken else "passes before we start"
    part = f"part {play.number} of {len(play.state.each)}: " if len(play.state.each) > 1 else ""
    return f"{part}{tree}, contract of {len(contract.steps)} steps {state}"


def _hand_off(understood: Understood) -> dict[str, Any]:
    """What somebody else needs to know to take the task over."""
    why = [question.text for question in understood.questions]
    return {"to": understood.hand_off, "task": understood.words, "because": why}
