"""What coding agents call after an edit and before they stop: only what is new, in words for the model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backwright.adapters.files import open_tree
from backwright.app.check import check_repository
from backwright.app.config import Config, find_root, load
from backwright.app.guardrails import error_rules
from backwright.app.live import LiveRepository
from backwright.app.results import Consent, Progress
from backwright.app.verify import verify_repository
from backwright.core.errors import NeedsPerson, NothingToDo, UsageError
from backwright.core.findings import Finding
from backwright.report.sanitize import clean

_NAMES = ("file_path", "filePath", "absolute_path", "path")
_PATCHED = re.compile(r"^\*\*\* (?:Add File|Update File|Move to): (.+)$", re.MULTILINE)
_SHOWN = 8


@dataclass(frozen=True)
class Said:
    """What the agent is told: `stop` keeps it from going on as if nothing was."""

    text: str = ""
    stop: bool = False


def after_edit(payload: Mapping[str, Any], here: Path, live: LiveRepository | None = None) -> Said:
    """The errors that the files just edited have and had not at the last commit, if there is one.

    With `live` the repository is in memory already. Raises `UsageError` for a configuration that is wrong, and as
    `check_repository`.
    """
    root = find_root(folder_of(payload, here))
    if root is None:
        return Said()
    files = [file for path in _edited(payload) if (file := _inside(root, folder_of(payload, here), path)) is not None]
    if not files:
        return Said()
    if live is not None and live.root == root:
        return _in_files(live, files)
    with LiveRepository(root) as read_now:
        return _in_files(read_now, files)


def before_stop(payload: Mapping[str, Any], here: Path, *, consent: Consent, progress: Progress) -> Said:
    """What keeps the work from being done: new errors of the guardrails, a verification that failed or could not run.

    An agent that was stopped once is let go. Raises as `verify_repository`.
    """
    root = find_root(folder_of(payload, here))
    if root is None or payload.get("stop_hook_active"):
        return Said()
    with open_tree(root) as tree:
        if tree.git is None or not tree.git.head() or not tree.git.is_dirty():
            return Said()
    found = _in_all(root)
    if found.stop:
        return found
    try:
        verdict = verify_repository(root, load(root), python="", consent=consent, progress=progress).verdict
    except NothingToDo:
        return Said()
    except NeedsPerson as error:
        return Said(
            f"Nothing was verified: {error.message}. Tell the person; `backwright verify` in a terminal asks them.",
            True,
        )
    bad = [r for r in verdict.results if r.required and r.outcome != "passed"]
    lines = [f"- {r.step}: {r.outcome}. {clean(r.detail)}" for r in bad]
    return Said("\n".join(["`backwright verify` does not pass:", *lines]), True) if bad else Said()


def read_payload(text: str) -> Mapping[str, Any]:
    """What the agent says about the event. Raises `UsageError` for what is no JSON object."""
    try:
        payload = json.loads(text)
    except ValueError as error:
        raise UsageError("an agent's event was expected on standard input, as JSON") from error
    if not isinstance(payload, dict):
        raise UsageError("an agent's event was expected on standard input, as a JSON object")
    return payload


def _in_all(root: Path) -> Said:
    try:
        found = check_repository(root, _only_errors(load(root)), since="HEAD")
    except NothingToDo:  # no source of a backend
        return Said()
    errors = [finding for finding in found.findings if finding.severity == "error"]
    if not errors:
        crashed = [problem for problem in found.problems if problem.exit_code]
        return Said("\n".join(f"Not checked: {problem.message}" for problem in crashed))
    return _said(errors)


def _in_files(live: LiveRepository, files: Sequence[Path]) -> Said:
    if not live.has_commit:
        return Said()
    config, errors = _only_errors(load(live.root)), []
    for file in files:
        with suppress(NothingToDo):  # no source of a backend
            found = live.new_findings(file.relative_to(live.root).as_posix(), config)
            errors += [finding for finding in found if finding.severity == "error"]
    return _said(errors) if errors else Said()


def _said(errors: Sequence[Finding]) -> Said:
    lines = [line for finding in errors[:_SHOWN] for line in _lines(finding)]
    more = [f"and {len(errors) - _SHOWN} more: backwright check --since HEAD"] if len(errors) > _SHOWN else []
    return Said("\n".join(["New errors of this repository's guardrails:", *lines, *more]), True)


def _only_errors(config: Config) -> Config:
    """With the rules whose findings are errors: what else there is to say waits for `check`."""
    errors = [rule.id for rule in error_rules(config)]
    return replace(config, select=tuple(errors)) if errors else config


def _lines(finding: Finding) -> Iterator[str]:
    yield f"- {finding.span.path}:{finding.span.line} {finding.rule} {finding.name}: {clean(finding.message)}"
    if finding.help:
        yield f"  {clean(finding.help)}"


def folder_of(payload: Mapping[str, Any], here: Path) -> Path:
    """Where the agent works, which need not be where we were started."""
    named = payload.get("cwd")
    folder = Path(named) if isinstance(named, str) and named else here
    return folder if folder.is_dir() else here


def _edited(payload: Mapping[str, Any]) -> Iterator[str]:
    """The files that a call of an editing tool names, in whichever way its vendor does."""
    given = payload.get("tool_input")
    if isinstance(given, str):
        yield from (match.strip() for match in _PATCHED.findall(given))
    if not isinstance(given, Mapping):
        return
    yield from (given[name] for name in _NAMES if isinstance(given.get(name), str))
    for text in given.values():
        if isinstance(text, str):
            yield from (match.strip() for match in _PATCHED.findall(text))


def _inside(root: Path, folder: Path, path: str) -> Path | None:
    if "\0" in path:
        return None
    try:
        place = (folder / path).resolve()
        return place if place.is_relative_to(root.resolve()) and place.is_file() else None
    except (OSError, RuntimeError):  # a name that no file can have, links that lead to each other
        return None
