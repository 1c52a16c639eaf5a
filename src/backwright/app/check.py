"""`check`: the guardrails over a project, all of it or only what is new."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.memory import LastCheck, remember
from backwright.app.answering import Answer
from backwright.app.config import Config
from backwright.app.standing import head_of
from backwright.core.errors import NothingToDo, UsageError
from backwright.report.results import CheckResult, Problem

if TYPE_CHECKING:
    from backwright.app.again import Again

LAST_CHECK = "check"


def check_repository(
    path: Path,
    config: Config,
    *,
    since: str | None = None,
    only: Sequence[Path] = (),
    again: Again | None = None,
) -> CheckResult:
    """The findings of the backend that `path` means; below a sub-folder only those that are in it.

    With `since`, only those that the state at that commit did not have; with `only`, those in these files and folders,
    of a check of the whole backend. Raises `UsageError` for unknown rules and commits, `NothingToDo` without a rule or a
    file to check, and as `open_project`. `again` is told where the findings stand until something changes.
    """
    started = time.monotonic()
    with open_tree(path) as tree:
        answer = Answer("check", CheckResult, tree, config)
        found = answer.find() if not since else None
        if found is None:
            found, settled = _checked(tree, path, config, since)
            if not since:
                answer.keep(found, settled=settled)
        found = msgspec.structs.replace(found, head=head_of(tree), seconds=time.monotonic() - started)
        remembered = None
        if not since and tree.project in ("", found.root):
            remembered = _remember(tree, found)
        if again is not None and answer.stands:
            again.see(tree, config, remembered)
        return _narrowed(tree, config, found, only) if only else found


def _checked(tree: RepositoryTree, path: Path, config: Config, since: str | None) -> tuple[CheckResult, bool]:
    """What is found in all backends that `path` means, and whether another check must come to the same."""
    from backwright.app.backends import read_backends
    from backwright.app.guardrails import check_project, chosen_rules

    rules = chosen_rules(config)
    each: list[CheckResult] = []
    left: list[NothingToDo] = []
    settled = True
    for project in read_backends(tree, path, config):
        try:
            each.append(check_project(project, rules, since))
        except NothingToDo as nothing:
            left.append(nothing)
        settled = settled and project.facts_settled
    if not each:
        raise left[0]
    found = each[0] if len(each) == 1 and not left else _together(each, left, tree.project)
    return found, settled and not any(problem.exit_code for problem in found.problems)


def _together(each: Sequence[CheckResult], left: Sequence[NothingToDo], folder: str) -> CheckResult:
    """What was found in several backends, as one. Those that could not be checked are told."""
    from backwright.engine.checking import by_place

    pages = {page.rule: page for found in each for page in found.pages}
    unchecked = (Problem("BW-W005", f"not checked: {e.message}", e.where, "; ".join(e.hints)) for e in left)
    return CheckResult(
        findings=tuple(by_place(finding for found in each for finding in found.findings)),
        head=each[0].head,
        rules=len(pages),
        files=sum(found.files for found in each),
        root=folder,
        since=each[0].since,
        problems=(*(p for found in each for p in found.problems), *unchecked),
        skipped=tuple(sorted({one for found in each for one in found.skipped})),
        silenced=sum(found.silenced for found in each),
        excerpts={path: lines for found in each for path, lines in found.excerpts.items()},
        pages=tuple(pages[id_] for id_ in sorted(pages)),
        backends=tuple(found.root for found in each),
    )


def _narrowed(tree: RepositoryTree, config: Config, found: CheckResult, only: Sequence[Path]) -> CheckResult:
    """What is in these files and folders. Raises `NothingToDo` where none of them is a source of the backend."""
    from backwright.app.project import sources_of
    from backwright.engine.projects import is_under

    asked = [_inside(tree.root, path) for path in only]

    def counts(path: str) -> bool:
        return any(is_under(path, folder) for folder in asked)

    files = [path for path in sources_of(tree, config, found.root) if counts(path)]
    if not files:
        names = ", ".join(asked[:3]) + (", …" if len(asked) > 3 else "")
        raise NothingToDo("there is nothing to check in what was named", where=names)
    findings = tuple(f for f in found.findings if counts(f.span.path))
    skipped = tuple((path, why) for path, why in found.skipped if counts(path))
    return msgspec.structs.replace(found, findings=findings, files=len(files), skipped=skipped)


def _inside(root: Path, path: Path) -> str:
    """The path relative to the root; a link that is named stays a link, the folders above it are real ones."""
    real = path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
    if not real.is_relative_to(root):
        raise UsageError("is not in this repository", where=str(path), hints=(f"the repository is {root.name}",))
    inside = real.relative_to(root).as_posix()
    return "" if inside == "." else inside


def _remember(tree: RepositoryTree, found: CheckResult) -> tuple[str, str, str]:
    """Keep the counts of a whole check; the name of the file, and what stands in it around the time."""
    counts = Counter(str(f.severity) for f in found.findings)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    last = LastCheck(dict(counts), found.head.commit, now)
    remember(tree.root, LAST_CHECK, last)
    before, _, after = msgspec.json.encode(last).decode().rpartition(now)
    return f"{LAST_CHECK}.json", before, after
