"""What a model or an agent would be shown for a request: the pack, made of the project's facts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from backwright.agent.packing import Source, compose
from backwright.app.config import Config
from backwright.app.lessons import lessons_for
from backwright.app.project import Project, open_backend
from backwright.app.request import understand
from backwright.core.acting import Failure, Pack, Part
from backwright.core.errors import UsageError
from backwright.core.findings import Finding
from backwright.core.request import Understood
from backwright.engine.handbook import pages
from backwright.engine.request_difficulty import with_difficulty
from backwright.report.results import ContextResult


def pack_of(
    project: Project,
    understood: Understood,
    *,
    task: str = "",
    findings: Sequence[Finding] = (),
    lessons: Sequence[Part] = (),
    budget: int = 0,
) -> Pack:
    """The pack for a request in a project that is open; see `agent.packing.compose`."""
    source = Source(project.index, project.archmap, project.read)
    return compose(understood, source, task=task, findings=findings, lessons=lessons, budget=budget)


class Brief(NamedTuple):
    """What an engine is given to read besides the task."""

    pack: Pack
    protocol: str


def brief(
    project: Project,
    understood: Understood | None,
    *,
    task: str,
    engine: str = "",
    findings: Sequence[Finding] = (),
    failures: Sequence[Failure] = (),
    differently: bool = False,
) -> Brief:
    """The pack for a task, with the lessons that fit it, and the execution protocol with what this engine has of its own."""
    known = understood or with_difficulty(Understood("unknown", words=task))
    lessons = lessons_for(project.tree.root, kind=known.kind, words=task, failures=failures)
    wanted = ("protocol", f"vendors/{engine}", *(("reasoning",) if differently else ()))
    told = [page.text for name in wanted if (page := pages().get(name)) is not None]
    return Brief(pack_of(project, known, task=task, findings=findings, lessons=lessons), "\n".join(told))


def show_context(
    path: Path,
    config: Config,
    *,
    tokens: Sequence[str] = (),
    file: str = "",
    words: str = "",
    options: Mapping[str, Any] | None = None,
    settings: Mapping[str, str] | None = None,
    budget: int = 0,
) -> ContextResult:
    """The pack for what was asked for, and nothing else happens. Raises as `open_backend` and `understand`."""
    started = time.monotonic()
    with open_backend(path, config) as project:
        try:
            understood, _ = understand(
                project.index, tokens=tokens, file=file, words=words, options=options or {}, settings=settings or {}
            )
        except UsageError:
            if not words:
                raise
            understood = with_difficulty(Understood("unknown", words=words))  # reading refuses nothing
        task = words or " ".join(tokens) or understood.words
        lessons = lessons_for(project.tree.root, kind=understood.kind, words=task)
        pack = pack_of(project, understood, task=task, lessons=lessons, budget=budget)
        return ContextResult(
            head=project.head,
            task=words or " ".join(tokens) or file,
            kind=understood.kind,
            difficulty=understood.difficulty,
            pack=pack,
            seconds=time.monotonic() - started,
        )
