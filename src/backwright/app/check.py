"""`check`: the guardrails over a project, all of it or only what is new."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from backwright.adapters.memory import LastCheck, remember
from backwright.app.bootstrap import registry
from backwright.app.config import Config
from backwright.app.guardrails import chosen_rules, crashes, guard
from backwright.app.project import Project, open_project
from backwright.app.results import CheckResult, RulePage
from backwright.core.errors import NothingToDo, UsageError
from backwright.core.findings import Finding
from backwright.engine.checking import Checked, new_findings
from backwright.engine.explaining import explain
from backwright.engine.projects import is_under
from backwright.report.excerpt import lines_needed

LAST_CHECK = "check"


def check_repository(path: Path, config: Config, *, since: str | None = None) -> CheckResult:
    """The findings of the backend that `path` means; below a sub-folder only those that are in it.

    With `since`, only those that the state at that commit did not have. Raises `UsageError` for unknown rules and
    commits, `NothingToDo` without a rule or a file to check, and as `open_project`.
    """
    started = time.monotonic()
    rules = chosen_rules(config)
    if not rules:
        raise NothingToDo("no rule is left to check", where=config.origin("rules.ignore"))
    with open_project(path, config) as project:
        if not project.index.files:
            raise NothingToDo("there are no files to check", where=config.origin("include"))
        guarded = guard(project)
        found = findings_since(project, since, guarded) if since else guarded.findings
        asked = project.tree.project
        if is_under(asked, project.root):
            found = tuple(f for f in found if is_under(f.span.path, asked))
        if not since and asked in ("", project.root):
            _remember(project, found)
        return CheckResult(
            findings=found,
            head=project.head,
            rules=len(guarded.rules),
            files=guarded.files,
            root=project.root,
            since=since or "",
            problems=(*project.problems(), *crashes(guarded)),
            skipped=project.facts_skipped,
            silenced=len(guarded.silenced),
            excerpts=excerpts(project, found),
            pages=tuple(page_of(rule.id) for rule in rules),
            seconds=time.monotonic() - started,
        )


def findings_since(project: Project, ref: str, now: Checked) -> tuple[Finding, ...]:
    """What the tree has and its state at `ref` had not. Raises `UsageError` for an unknown ref or without git."""
    git = project.tree.git
    if git is None:
        raise UsageError(f"there is no commit `{ref}`: this is not a git repository", where=str(project.tree.root))
    before = guard(project, project.with_texts(git.changed_since(ref)))
    return new_findings(now.findings, before.findings)


def excerpts(project: Project, found: Sequence[Finding]) -> Mapping[str, Mapping[int, str]]:
    """The lines that a report of these findings quotes."""
    out: dict[str, dict[int, str]] = {}
    for path, numbers in lines_needed(found).items():
        lines = (project.read(path) or "").splitlines()
        out[path] = {n: lines[n - 1] for n in sorted(numbers) if n <= len(lines)}
    return out


def page_of(subject: str) -> RulePage:
    """A rule with its page, by id or name. Raises `UsageError` for a rule nobody knows."""
    found = explain(subject, registry().rules, registry().page)
    return RulePage(found.id, found.name, found.severity, found.title, found.markdown)


def _remember(project: Project, found: Sequence[Finding]) -> None:
    counts = Counter(str(f.severity) for f in found)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    remember(project.tree.root, LAST_CHECK, LastCheck(dict(counts), project.head.commit, now))
