"""`plan`: a change worked out and shown; writes no code."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from backwright.adapters.landing import landed
from backwright.adapters.plans import SavedPlan, load_plan, new_id, save_plan, saved_ids
from backwright.adapters.state import existing_state
from backwright.app.bootstrap import formatter, registry
from backwright.app.config import Config
from backwright.app.fix_requests import FIXES, decide_fixes
from backwright.app.project import Project, open_backend, open_project
from backwright.app.request import asking, no_recipe, refuse_others, settable, understand
from backwright.app.results import BlueprintInfo, BlueprintList, PlanResult, Problem
from backwright.core.change import ChangeSet, Edit
from backwright.core.errors import BackwrightError, StalePlan, Unsupported
from backwright.core.request import Understood
from backwright.engine.planning import differing
from backwright.engine.requesting import asks_for_fixes

_SHOWN = 3  # of the files that could not be read whole


def plan_request(
    path: Path,
    config: Config,
    *,
    save: bool = True,
    tokens: Sequence[str] = (),
    file: str = "",
    words: str = "",
    options: Mapping[str, Any] | None = None,
    settings: Mapping[str, str] | None = None,
) -> PlanResult:
    """The change that was asked for with exactly one of `tokens`, `file` and `words`.

    With open questions nothing is saved. Raises `UsageError`, `NeedsPerson` (a hand-off, no recipe, what must not be
    guessed), `Unsupported`, and as `app.project.open_project`; `MachineError` where the plan cannot be saved.
    """
    started = time.monotonic()
    opens = open_backend if asks_for_fixes(tokens, words) else open_project
    with opens(path, config) as project:
        understood, rest = understand(
            project.index, tokens=tokens, file=file, words=words, options=options or {}, settings=settings or {}
        )
        refuse_others(understood, model=config.model)
        change = decide(project, understood, rest)
        saved = bool(save and change.edits and not change.questions)
        if saved:
            change = keep(project, change, understood, rest)
        return PlanResult(change, project.head, saved, time.monotonic() - started)


def decide(project: Project, understood: Understood, settings: Mapping[str, str]) -> ChangeSet:
    """The change for an understood request; only its questions where one of them must be answered first."""
    if not understood.decided or any(question.level == "high" for question in understood.questions):
        return asking(understood)
    if understood.fix is not None:
        return decide_fixes(project, understood.fix, settings, understood.words)
    blueprint = next((b for b in registry().blueprints if b.accepts(understood)), None)
    if blueprint is None:
        raise no_recipe(project.config.model)
    stack = project.planner
    assert stack is not None, "a project that is opened for a change has one"
    if blueprint.name not in stack.blueprints:
        raise Unsupported(
            f"changes of the kind `{blueprint.name}` are not planned for {stack.name} yet",
            hints=(f"what is planned there: {', '.join(stack.blueprints)}",),
        )
    change = stack.plan(
        understood,
        project.house,
        project.index,
        blueprint=blueprint,
        components=project.components,
        read=project.read,
        formatter=formatter(),
        settings=settings,
    )
    return as_on_disk(project, _told(change, settable(understood)))


def _told(change: ChangeSet, keys: Sequence[str]) -> ChangeSet:
    """With what no `--set` changes marked as that."""
    said = (msgspec.structs.replace(a, fixed=a.key not in keys) for a in change.assumptions)
    return msgspec.structs.replace(change, assumptions=tuple(said))


def keep(
    project: Project,
    change: ChangeSet,
    understood: Understood,
    settings: Mapping[str, str],
    change_id: str = "",
) -> ChangeSet:
    """Save the plan under an id of its own. Raises `MachineError` where the repository cannot be written to."""
    root = project.tree.root
    digest = hashlib.sha256("\0".join(f"{e.path}\0{e.after}" for e in change.edits).encode()).hexdigest()
    taken = {name for name in saved_ids(root) if load_plan(root, name).change.edits != change.edits}
    change = msgspec.structs.replace(change, id=change_id or new_id(taken, digest))
    save_plan(root, SavedPlan(project.root, change, project.source_digest, understood, dict(settings)))
    return change


def refuse_outdated(project: Project, plan: SavedPlan) -> None:
    """Raises `StalePlan` when sources changed since, and the same request would give another change now."""
    if plan.source == project.source_digest:
        return
    what = f"the sources changed since plan {plan.change.id} was made"
    hints = ("plan again",)
    if plan.request is None:
        raise StalePlan(what, hints=hints)
    try:
        again = decide(project, plan.request, plan.settings)
    except BackwrightError as refused:
        raise StalePlan(f"{what}: {refused.message}", where=refused.where, hints=hints) from refused
    unlike = differing(plan.change.edits, again.edits)
    if unlike:
        shown = f"{unlike[0]} and {len(unlike) - 1} more files" if len(unlike) > 1 else unlike[0]
        raise StalePlan(f"{what}: {shown} would be different now", where=unlike[0], hints=hints)


def as_on_disk(project: Project, change: ChangeSet) -> ChangeSet:
    """The change with the texts as they stand in the files: byte order marks, line ends. Raises `Unsupported`."""
    crlf = _ends_lines_with_crlf(project, change.edits)
    edits = tuple(_as_on_disk(project, edit, crlf=crlf) for edit in change.edits)
    base = {e.path: hashlib.sha256(e.before.encode()).hexdigest() if e.before is not None else "" for e in edits}
    notes = (
        *change.notes,
        *(f"{p.where}: {p.message}; what is missed there may be missing here" for p in _broken(project)),
    )
    return msgspec.structs.replace(change, edits=edits, base={**change.base, **base}, notes=notes)


def taken_ids(root: Path) -> set[str]:
    """All ids that a plan or a landed change has."""
    state = existing_state(root)
    return {*saved_ids(root), *(record.id for record in landed(state))} if state else set(saved_ids(root))


def list_blueprints() -> BlueprintList:
    """What can be planned."""
    made = (BlueprintInfo(b.name, b.title, b.usage) for b in registry().blueprints)
    return BlueprintList((*made, FIXES))


def _broken(project: Project) -> tuple[Problem, ...]:
    return project.problems()[:_SHOWN]


def _ends_lines_with_crlf(project: Project, edits: Sequence[Edit]) -> bool:
    """Whether the files that the new ones imitate do."""
    texts = [project.read(edit.like) or "" for edit in edits if edit.like]
    return any(texts) and all("\r\n" in text for text in texts if text)


def _as_on_disk(project: Project, edit: Edit, *, crlf: bool) -> Edit:
    if edit.before is None:
        after = re.sub("\r?\n", "\r\n", edit.after or "") if crlf else edit.after
        return msgspec.structs.replace(edit, after=after)
    facts = project.index.files.get(edit.path)
    if facts is not None and facts.errors:
        raise Unsupported(
            f"this file is not valid {facts.language.capitalize()}, and would have to be changed",
            where=edit.path,
            hints=("mend it first",),
        )
    encoding = project.tree.read(edit.path).encoding
    if encoding == "utf-8":
        return edit
    if encoding == "utf-8-sig" and edit.after is not None:
        return msgspec.structs.replace(edit, before=f"\ufeff{edit.before}", after=f"\ufeff{edit.after}")
    raise Unsupported(
        "this file is not UTF-8, and would have to be changed", where=edit.path, hints=("convert it first",)
    )
