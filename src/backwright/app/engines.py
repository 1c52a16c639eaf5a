"""Finds what does ACT by its name: the packages in `adapters.engines`, and what others installed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from importlib.metadata import entry_points
from typing import Protocol

from backwright.adapters import engines
from backwright.adapters.engines.workplace import Chosen, Ground, Senses, Workplace
from backwright.adapters.state import STATE_NAME
from backwright.adapters.workcopy import WorkCopy
from backwright.app.config import Config
from backwright.app.guardrails import guard
from backwright.app.permitting import permissions_of_agents
from backwright.app.project import Project
from backwright.app.proving import Prover
from backwright.app.trying import try_change
from backwright.core.acting import Engine
from backwright.core.change import ChangeSet
from backwright.core.errors import BackwrightError, NeedsPerson, UsageError
from backwright.core.findings import Finding
from backwright.core.verdict import Verdict
from backwright.engine.checking import new_findings
from backwright.engine.placing import is_test
from backwright.kit.index import FactIndex
from backwright.kit.redaction import redacted

_without_secrets = partial(redacted, random=True)
BLUEPRINT = "blueprint"  # decides without a model, in PREPARE: no engine has to be opened for it
GROUP = "backwright.engines"
_PROBLEMS = 20  # of one step that are told to an engine
_TAIL = 30  # lines of its output, likewise


class Opens(Protocol):
    """Makes an engine for one attempt; nothing is started or asked by that, and nothing heavy imported."""

    def __call__(self, place: Workplace) -> Engine: ...


def known_engines() -> Mapping[str, Opens]:
    """All engines but the blueprints, by name.

    A package in `adapters.engines` has `ENGINES`, a mapping of names to `Opens`; so has what an entry point of the group
    `backwright.engines` names. Raises `BackwrightError` for a name that two want.
    """
    found: dict[str, Opens] = {}
    ours = (f"{engines.__name__}.{module.name}" for module in pkgutil.iter_modules(engines.__path__) if module.ispkg)
    each = [getattr(importlib.import_module(name), "ENGINES", {}) for name in ours]
    each += [entry.load() for entry in entry_points(group=GROUP)]
    for offered in each:
        for name, opens in offered.items():
            if name in found or name == BLUEPRINT:
                raise BackwrightError(f"two engines are called `{name}`", hints=("uninstall one of them",))
            found[name] = opens
    return found


def engine_named(name: str) -> Opens:
    """How to open the engine of this name. Raises `UsageError` naming those there are."""
    known = known_engines()
    if name in known:
        return known[name]
    names = (BLUEPRINT, *sorted(known))
    close = get_close_matches(name, names, 1)
    hint = f"did you mean `{close[0]}`?" if close else f"there is: {', '.join(names)}"
    raise UsageError(f"no engine is called `{name}`", where="--engine", hints=(hint,))


def workplace(
    project: Project,
    copy: WorkCopy,
    run: str,
    *,
    redact: Callable[[str], str] = _without_secrets,
    tests: Callable[[ChangeSet], str] | None = None,
) -> Workplace:
    """What an engine is opened with, for a private copy of this project. Prompts and replies stay in the state of the repository.

    Raises `NeedsPerson` where only a file of the repository names the model.
    """
    tree = project.tree
    git = tree.git
    return Workplace(
        ground=Ground(copy, tree.root, git.ignored if git is not None else lambda paths: set()),
        senses=Senses(
            index=project.with_texts,
            findings=lambda index: _new_in(project, index),
            exemplars=lambda role: _exemplars(project, role),
            tests=tests,
        ),
        chosen=chosen_by(project.config),
        kept=tree.root / STATE_NAME / "runs" / run,
        redact=redact,
        permissions=permissions_of_agents(project.config.permissions),
    )


def verified_by(prover: Prover, baseline: Verdict) -> Callable[[ChangeSet], str]:
    """What the repository's own verification says of a change, in words: it is tried in a private copy of its own."""

    def said(change: ChangeSet) -> str:
        rows = []
        for result in try_change(prover, change, baseline).verdict.results:
            rows.append(f"{result.step}: {result.outcome}{f', {result.detail}' if result.detail else ''}")
            if result.outcome != "passed":
                rows += [f"  {problem}" for problem in (result.new or ())[:_PROBLEMS]]
                rows += [f"  | {line}" for line in result.tail.splitlines()[-_TAIL:]]
        return "\n".join(rows)

    return said


def chosen_by(config: Config) -> Chosen:
    """The model that the user has chosen; a repository may suggest one. Raises `NeedsPerson` where only it does."""
    if config.model and config.is_suggested("agent.model"):
        raise NeedsPerson(
            f"the repository suggests the model {config.model}, and only you can choose whom its code is sent to",
            where=config.origin("agent.model"),
            hints=(
                f"--config agent.model={config.model}",
                "or say it once and for all in ~/.config/backwright/config.toml",
            ),
        )
    return Chosen(config.model, config.base_url)


def _new_in(project: Project, index: FactIndex) -> Sequence[Finding]:
    found = new_findings(guard(project, index).findings, guard(project).findings)
    return [finding for finding in found if finding.severity != "advice"]


def _exemplars(project: Project, role: str) -> list[str]:
    """Files of a role, those that a convention of the house holds up first, then the larger ones."""
    wanted = role.rstrip("s")
    shown = [c.exemplar.path for c in project.conventions if c.exemplar is not None]
    placed = [
        c.path for c in project.components if wanted in (c.role, *c.also) or (wanted == "test" and is_test(c.path))
    ]
    facts = project.index.files
    size = {path: facts[path].lines if path in facts else 0 for path in placed}
    return sorted(placed, key=lambda path: (path not in shown, -size[path], path))
