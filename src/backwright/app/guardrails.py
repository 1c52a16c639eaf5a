"""The rules that count here, and what they find in one state of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import cast

from backwright.app.bootstrap import registry
from backwright.app.config import Config
from backwright.app.project import Project
from backwright.app.results import Problem
from backwright.core.archmap import ArchMap
from backwright.core.errors import UsageError
from backwright.core.findings import Severity
from backwright.core.stack import Stack
from backwright.engine.checking import Checked, check
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule

_MACHINE = 3  # exit code of what is our fault


def chosen_rules(config: Config) -> tuple[Rule, ...]:
    """The rules that the configuration selects. Raises `UsageError` for an id, prefix or name that no rule has."""
    selected = _named(config, config.select, "rules.select")
    ignored = _named(config, config.ignore, "rules.ignore")
    _named(config, tuple(config.severity), "rules.severity")
    languages = {language.name for language in registry().languages}
    return tuple(
        r for r in registry().rules if r.id in selected and r.id not in ignored and languages & set(r.languages)
    )


def guard(project: Project, index: FactIndex | None = None) -> Checked:
    """What the chosen rules find in the project, or in another state of it."""
    state = project if index is None else replace(project, index=index)
    archmap = ArchMap(root=project.root, stack=Stack(project.root), components=state.components)
    severity = cast("Mapping[str, Severity]", project.config.severity)  # the configuration allows no other words
    return check(chosen_rules(project.config), state.index, archmap, severity=severity)


def crashes(checked: Checked) -> tuple[Problem, ...]:
    """Rules that failed, which is a bug of ours and no pass."""
    return tuple(
        Problem("BW-E999", crash.message, hint=f"please report it: {crash.note}", exit_code=_MACHINE)
        for crash in checked.crashes
    )


def _named(config: Config, names: Sequence[str], key: str) -> set[str]:
    out: set[str] = set()
    for name in names:
        prefix = name.startswith("BW")
        hits = {r.id for r in registry().rules if name in ("ALL", r.name) or (prefix and r.id.startswith(name))}
        if not hits:
            raise _unknown(name, config.origin(key), key)
        out |= hits
    return out


def _unknown(name: str, where: str, key: str) -> UsageError:
    rules = {r.id: r.name for r in registry().rules}
    close = get_close_matches(name, [*rules, *rules.values()], 1, 0.5)
    meant = next(((i, n) for i, n in rules.items() if close and close[0] in (i, n)), None)
    hints = (f"did you mean {meant[0]} ({meant[1]})?",) if meant else ()
    message = f"`{key}` names {name}, which does not exist"
    return UsageError(message, where=where, hints=(*hints, "all rules: backwright explain rules"))
