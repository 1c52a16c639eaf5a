"""One run between its steps: what they work with, and what they have given so far."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from backwright.adapters import landing
from backwright.adapters.journal import RunJournal
from backwright.adapters.layered import LayeredTree
from backwright.adapters.state import existing_state
from backwright.agent.recording import Playing, Recorder
from backwright.agent.scenes import Finished, Name, Standing, attempts
from backwright.app.config import Config
from backwright.app.project import Project, open_backend, open_project
from backwright.app.proving import Prover, open_prover
from backwright.app.results import CheckedItem, Consent, Head, Progress
from backwright.app.trying import Tried
from backwright.core.change import ChangeSet
from backwright.core.events import Asked, Event, Evidence, Primitive, Scope
from backwright.core.request import Understood
from backwright.core.verdict import Verdict
from backwright.engine.behaviour import Changed
from backwright.engine.requesting import asks_for_fixes

T = TypeVar("T")


class Decided(msgspec.Struct, frozen=True):
    """What PREPARE made of one part of the request. `change` has no edit yet where an engine is to work it out."""

    change: ChangeSet
    understood: Understood | None = None
    settings: dict[str, str] = {}


class Tested(msgspec.Struct, frozen=True):
    """What VERIFY found out about an attempt: the verdict, what behaves otherwise, and the checklist."""

    tried: Tried
    behaviour: tuple[Changed, ...] = ()
    checklist: tuple[CheckedItem, ...] = ()


@dataclass
class Play:
    """A run that is on. Projects and provers are opened when a step first needs them, until `close`."""

    root: Path
    config: Config
    consent: Consent
    progress: Progress
    journal: RunJournal
    recorder: Recorder
    home: Path | None = None  # the user's tree, where `root` is a private copy of a commit of it
    state: Standing = field(default_factory=Standing)
    message: str = ""
    failures: list[str] = field(default_factory=list)
    _opened: ExitStack = field(default_factory=ExitStack)
    _project: Project | None = None
    _head: Head | None = None
    _prover: Prover | None = None

    @property
    def asked(self) -> Asked:
        return self.state.asked

    @property
    def number(self) -> int:
        """Which part of the request is on, from 1."""
        return len(self.state.landed) + 1

    def task(self, decided: Decided) -> str:
        """What the user wants of this part, in words, with what they answered since."""
        answers = "".join(f"\nAnswered: {key} = {value}" for key, value in self.asked.settings.items())
        return f"{decided.change.request or self.asked.task}{answers}"

    # -- what the steps work with ----------------------------------------------------------------------------------
    @property
    def project(self) -> Project:
        """The project as it is in the tree."""
        if self._project is None:
            any_stack = self.asked.review or asks_for_fixes(self.asked.tokens, self.asked.words)
            opens = open_backend if any_stack else open_project
            opened = opens(self.root / self.asked.project, self.config)
            self._project = self._opened.enter_context(opened)
            self._head = self._head or self._project.head
        return self._project

    @property
    def head(self) -> Head:
        """Where the repository stood when it was first looked at."""
        return self._head or self.project.head

    @property
    def prover(self) -> Prover:
        if self._prover is None:
            project, python = self.project, self.asked.python
            proving = open_prover(project, python=python, consent=self.consent, progress=self.progress, home=self.home)
            self._prover = self._opened.enter_context(proving)
        return self._prover

    def close(self) -> None:
        """Let go of what was opened: the tree is another one now, or the run is over."""
        self._project = self._prover = None
        self._opened.close()

    def planned_on(self) -> Project:
        """The project that this part is planned on: with the parts before it, also where they are not in the tree."""
        made = self.made_before()
        if not made:
            return self.project
        texts = {edit.path: edit.after for change in made for edit in change.edits}
        tree = LayeredTree(self.project.tree, texts)
        return replace(self.project, tree=tree, index=self.project.with_texts(texts))

    def made_before(self) -> tuple[ChangeSet, ...]:
        """The changes of the parts before this one that are not in the tree."""
        if not (self.asked.branch or self.asked.dry_run):
            return ()
        return self.changes_landed()

    def changes_landed(self) -> tuple[ChangeSet, ...]:
        """The changes of the parts before this one, wherever they are."""
        return tuple(self._kept(one, ChangeSet) for one in self.state.landed)

    # -- what they have given --------------------------------------------------------------------------------------
    def value(self, name: Name, kind: type[T]) -> T | None:
        """What the latest step of this name gave; None where there is none."""
        found = self.state.last(name)
        return self._kept(found, kind) if found is not None and found.sha256 else None

    def sure(self, name: Name, kind: type[T]) -> T:
        """As `value`, of a step that is done."""
        found = self.value(name, kind)
        assert found is not None, f"{name} is done before this"
        return found

    def changes(self) -> tuple[ChangeSet, ...]:
        """The changes of the attempts so far, the oldest first."""
        proposed = (attempt[0] for attempt in attempts(self.state))
        return tuple(self._kept(one, ChangeSet) for one in proposed if one.sha256)

    def tries(self) -> tuple[Tried, ...]:
        """What verification said of the attempts so far."""
        done = (one for one in self.state.done if one.step == "try")
        return tuple(self._kept(one, Tested).tried for one in done)

    def tested(self) -> tuple[Tested, ...]:
        """What VERIFY found out about each part: those that landed, and the latest attempt at this one."""
        latest = self.state.last("try")
        every = (*self.state.proven, *((latest,) if latest and latest.sha256 else ()))
        return tuple(self._kept(one, Tested) for one in every)

    def verdict(self) -> Verdict | None:
        """The latest verdict there is: on the change, or on the tree before it."""
        tested = self.value("try", Tested)
        return tested.tried.verdict if tested else self.value("baseline", Verdict)

    def change_id(self) -> str:
        """The id of the change of this part: that of the run, or one of its own."""
        if self.number == 1:
            return self.recorder.run
        return hashlib.sha256(f"{self.recorder.run} {self.number}".encode()).hexdigest()[:12]

    def landed(self) -> bool:
        """Whether the change of this part is in the tree already: its process ended before it could say so."""
        state = existing_state(self.root)
        return state is not None and any(record.id == self.change_id() for record in landing.landed(state))

    def _kept(self, one: Finished, kind: type[T]) -> T:
        return msgspec.json.decode(self.journal.kept(self.recorder.run, one.sha256), type=kind)

    # -- writing it down -------------------------------------------------------------------------------------------
    def write(self, event: Event) -> None:
        """Keep an event, and know what it says."""
        self.journal.append(event)
        self.state = self.state.after(event)
        self.progress.event(event)

    def finish(
        self,
        name: Name,
        primitive: Primitive,
        scope: Scope,
        *,
        value: object = None,
        paths: Sequence[str] = (),
        **facts: Any,
    ) -> None:
        """The step is done: the journal has what it gave, before it says so."""
        kept = self.journal.keep(self.recorder.run, msgspec.json.encode(value)) if value is not None else ""
        self.recorder.note(primitive, scope, evidence=Evidence(kept, tuple(paths)), finished=name, **facts)

    def fail(self, scene: Playing, detail: str, message: str = "", failures: Sequence[str] = ()) -> None:
        """The scene did not achieve what it is for."""
        scene.fail(detail)
        self.message = message or detail
        self.failures += failures
