"""`check`: the guardrails over a project, all of it or only what is new."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.memory import LastCheck, remember
from backwright.app.answering import Answer
from backwright.app.config import Config
from backwright.app.standing import head_of
from backwright.report.results import CheckResult

LAST_CHECK = "check"


def check_repository(path: Path, config: Config, *, since: str | None = None) -> CheckResult:
    """The findings of the backend that `path` means; below a sub-folder only those that are in it.

    With `since`, only those that the state at that commit did not have. Raises `UsageError` for unknown rules and
    commits, `NothingToDo` without a rule or a file to check, and as `open_project`.
    """
    started = time.monotonic()
    with open_tree(path) as tree:
        answer = Answer("check", CheckResult, tree, config)
        found = answer.find() if not since else None
        if found is None:
            from backwright.app.guardrails import check_project, chosen_rules
            from backwright.app.project import read_project

            rules = chosen_rules(config)
            project = read_project(tree, path, config)
            found = check_project(project, rules, since)
            crashed = any(problem.exit_code for problem in found.problems)
            if not since:
                answer.keep(found, settled=project.facts_settled and not crashed)
        found = msgspec.structs.replace(found, head=head_of(tree), seconds=time.monotonic() - started)
        if not since and tree.project in ("", found.root):
            _remember(tree, found)
        return found


def _remember(tree: RepositoryTree, found: CheckResult) -> None:
    counts = Counter(str(f.severity) for f in found.findings)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    remember(tree.root, LAST_CHECK, LastCheck(dict(counts), found.head.commit, now))
