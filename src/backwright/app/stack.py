"""`stack`: what the projects of a repository are built with."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.state import open_state_if_possible
from backwright.app.again import Again
from backwright.app.answering import Answer
from backwright.app.config import Config
from backwright.app.standing import head_of
from backwright.core.errors import NothingToDo, UsageError
from backwright.core.stack import Stack
from backwright.engine.projects import is_under
from backwright.report.results import Problem, StackResult

MANIFESTS = ("stack/stack.yaml", ".agents/skills/oma-backend/stack/stack.yaml")
DIFFERS = "BW-W004"


def read_stack(path: Path, again: Again | None = None) -> StackResult:
    """The stacks of all projects of the repository that `path` lies in. `again` is told where they stand.

    Raises `NothingToDo` where there is no source file at all, `UsageError` for a wrong `stack/stack.yaml`.
    """
    started = time.monotonic()
    with open_tree(path) as tree:
        answer = Answer("stack", StackResult, tree, Config())
        found = answer.find()
        if found is None:
            stacks, problems = with_manifests(tree, all_stacks(tree))
            if not stacks:
                looked = ("looked for source files and manifests: none",)
                raise NothingToDo("no project found", where=str(path), hints=looked)
            found = StackResult(head_of(tree), tree.project, stacks, problems=problems)
            if any(stack.kind == "backend" for stack in stacks):
                open_state_if_possible(tree.root)
            answer.keep(found, settled=True)
        if again is not None and answer.stands:
            again.see(tree, Config())
        seconds = time.monotonic() - started
        return msgspec.structs.replace(found, head=head_of(tree), asked=tree.project, seconds=seconds)


def backend_stack(tree: RepositoryTree) -> tuple[Stack, tuple[str, ...]] | None:
    """The backend that the tree was opened for, with its stack, and the roots of all backends; None where there is none.

    Raises `UsageError` with several.
    """
    found = all_stacks(tree)
    roots = tuple(s.root for s in found if s.kind == "backend")
    return (chosen_stack(tree, found), roots) if roots else None


def all_stacks(tree: RepositoryTree) -> tuple[Stack, ...]:
    """The stacks of all projects, from the project's files alone."""
    from backwright.engine.stacking import find_stacks

    return find_stacks(tree.files(), lambda path: tree.read(path).text)


def chosen_stack(tree: RepositoryTree, found: tuple[Stack, ...]) -> Stack:
    """The backend that the tree was opened for. Raises `NothingToDo` without one, `UsageError` with several."""
    backends = [s for s in found if s.kind == "backend"]
    around = [s for s in backends if tree.project and is_under(tree.project, s.root)]
    below = [s for s in backends if is_under(s.root, tree.project)]
    if around or len(below) == 1:
        return max(around, key=lambda s: len(s.root)) if around else below[0]
    if not below:
        kinds = tuple(f"{s.root or 'the top folder'} is: {s.kind}" for s in found[:5])
        raise NothingToDo("no backend found", where=tree.project or str(tree.root), hints=kinds)
    commands = tuple(f"cd {s.root or '.'}" for s in below[:12])
    raise UsageError(
        f"there are {len(below)} backends here: go into one of them", where=tree.project or ".", hints=commands
    )


def with_manifests(tree: RepositoryTree, found: tuple[Stack, ...]) -> tuple[tuple[Stack, ...], tuple[Problem, ...]]:
    """The stacks with what only their `stack.yaml` tells, and where that and the project differ."""
    present = set(tree.files())
    problems: list[Problem] = []
    known = []
    for stack in found:
        path = next((p for place in MANIFESTS if (p := in_project(stack.root, place)) in present), "")
        if path and stack.kind in {"backend", "other", "worker"}:
            from backwright.engine.stack_manifest import completed, conflicts, read_told

            told = read_told(tree.read(path).text or "", path)
            for conflict in conflicts(stack, told):
                shown = f", shown by {conflict.evidence[0]}" if conflict.evidence else ""
                message = (
                    f"{conflict.field} is `{conflict.said}` here, and {', '.join(conflict.found)} in the project{shown}"
                )
                problems.append(
                    Problem(
                        DIFFERS,
                        message,
                        str(conflict.where),
                        "correct the manifest, or: backwright stack set -y",
                        exit_code=1,
                    )
                )
            stack = completed(stack, told)
        known.append(stack)
    return tuple(known), tuple(problems)


def in_project(root: str, place: str) -> str:
    """A path of the project at this root."""
    return f"{root}/{place}" if root else place
