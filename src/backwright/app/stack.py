"""`stack`: what the projects of a repository are built with; `stack set` writes it down, `stack check` compares."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.stackfiles import write_files
from backwright.app.results import Problem, StackResult, StackSetResult
from backwright.app.standing import head_of
from backwright.core.errors import NothingToDo, UsageError
from backwright.core.stack import Stack
from backwright.core.verdict import Step
from backwright.engine.contract import CONTRACT_PATHS, discover_contract
from backwright.engine.contract_project import project_facts
from backwright.engine.projects import is_under
from backwright.engine.stack_declared import read_json
from backwright.engine.stack_manifest import completed, conflicts, manifest_text, read_told, verify_steps
from backwright.engine.stack_pages import api_template, ecosystem_of, snippets, snippets_page, tech_stack
from backwright.engine.stacking import find_stacks

FOLDER = "stack"
_DIFFERS = "BW-W004"


def read_stack(path: Path) -> StackResult:
    """The stacks of all projects of the repository that `path` lies in.

    Raises `NothingToDo` where there is no source file at all, `UsageError` for a wrong `stack/stack.yaml`.
    """
    started = time.monotonic()
    with open_tree(path) as tree:
        found, problems = _with_manifests(tree, _stacks(tree))
        if not found:
            raise NothingToDo(
                "no project found", where=str(path), hints=("looked for source files and manifests: none",)
            )
        return StackResult(head_of(tree), tree.project, found, time.monotonic() - started, problems)


def check_stack(path: Path) -> StackResult:
    """As `read_stack`, of the one backend that `path` means; its problems are what differs from `stack/`."""
    started = time.monotonic()
    with open_tree(path) as tree:
        stack = _chosen(tree, _stacks(tree))
        (known,), problems = _with_manifests(tree, (stack,))
        if not any(_own(stack.root, place) in set(tree.files()) for place in CONTRACT_PATHS):
            raise NothingToDo(
                "there is no stack/stack.yaml to compare with",
                where=stack.root or ".",
                hints=("write it: backwright stack set",),
            )
        problems += tuple(_stale(tree, stack))
        return StackResult(head_of(tree), tree.project, (known,), time.monotonic() - started, problems)


def set_stack(path: Path, *, overwrite: bool) -> StackSetResult:
    """Write `stack/` for the backend that `path` means; existing files are shown and kept unless `overwrite`.

    Raises `NothingToDo` without a backend, `UsageError` with several, `MachineError` where it cannot be written.
    """
    with open_tree(path) as tree:
        stack = _chosen(tree, _stacks(tree))
        texts = _texts(tree, stack)
        before = {name: _existing(tree, name) for name in texts}
        changed = {name: text for name, text in texts.items() if before[name] != text}
        kept = {name: (before[name] or "", text) for name, text in changed.items() if before[name] is not None}
        if overwrite or not kept:
            write_files(tree.root, changed)
            return StackSetResult(head_of(tree), stack, tuple(sorted(changed)), {}, changed)
        return StackSetResult(head_of(tree), stack, (), kept, changed)


def backend_stack(tree: RepositoryTree) -> tuple[Stack, tuple[str, ...]] | None:
    """The backend that the tree was opened for, with its stack, and the roots of all backends; None where there is none.

    Raises `UsageError` with several.
    """
    found = _stacks(tree)
    roots = tuple(s.root for s in found if s.kind == "backend")
    return (_chosen(tree, found), roots) if roots else None


def _stacks(tree: RepositoryTree) -> tuple[Stack, ...]:
    return find_stacks(tree.files(), lambda path: tree.read(path).text)


def _chosen(tree: RepositoryTree, found: tuple[Stack, ...]) -> Stack:
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


def _with_manifests(tree: RepositoryTree, found: tuple[Stack, ...]) -> tuple[tuple[Stack, ...], tuple[Problem, ...]]:
    present = set(tree.files())
    problems: list[Problem] = []
    known = []
    for stack in found:
        path = next((p for place in CONTRACT_PATHS if (p := _own(stack.root, place)) in present), "")
        if path and stack.kind in {"backend", "other", "worker"}:
            told = read_told(tree.read(path).text or "", path)
            for conflict in conflicts(stack, told):
                shown = f", shown by {conflict.evidence[0]}" if conflict.evidence else ""
                message = (
                    f"{conflict.field} is `{conflict.said}` here, and {', '.join(conflict.found)} in the project{shown}"
                )
                problems.append(
                    Problem(
                        _DIFFERS,
                        message,
                        str(conflict.where),
                        "correct the manifest, or: backwright stack set -y",
                        exit_code=1,
                    )
                )
            stack = completed(stack, told)
        known.append(stack)
    return tuple(known), tuple(problems)


def _texts(tree: RepositoryTree, stack: Stack) -> dict[str, str]:
    def read(path: str) -> str | None:
        return tree.read(path).text

    ecosystem = ecosystem_of(stack)
    files = [p for p in tree.files() if is_under(p, stack.root) and not is_under(p, _own(stack.root, FOLDER))]
    found = snippets(stack, files, read)
    name, template = api_template(found, ecosystem, read)
    schema = resources.files("backwright.engine").joinpath("stack.schema.json").read_text(encoding="utf-8")
    texts = {
        "stack.yaml": manifest_text(stack, _steps(tree, stack)),
        "stack.schema.json": schema,
        "tech-stack.md": tech_stack(stack),
        "snippets.md": snippets_page(found, ecosystem),
        **({name: template} if name else {}),
    }
    return {_own(stack.root, f"{FOLDER}/{name}"): text for name, text in texts.items()}


def _steps(tree: RepositoryTree, stack: Stack) -> tuple[Step, ...]:
    if "python" in stack.ids("language"):
        return discover_contract(project_facts(tree, stack.root)).steps
    scripts: Mapping[str, str] = {}
    manifest = _own(stack.root, "package.json")
    if manifest in tree.files():
        found = read_json(tree.read(manifest).text or "").get("scripts")
        scripts = {k: str(v) for k, v in found.items()} if isinstance(found, dict) else {}
    return verify_steps(stack, scripts)


def _stale(tree: RepositoryTree, stack: Stack) -> Iterator[Problem]:
    """Snippets whose file is no longer there, or no longer says so."""
    page = _own(stack.root, f"{FOLDER}/snippets.md")
    text = _existing(tree, page) or ""
    for found in text.split("\n## ")[1:]:
        place = next((line.strip("`") for line in found.splitlines() if line.startswith("`") and ":" in line), "")
        path = place.rpartition(":")[0]
        code = found.split("```", 2)[1].split("\n", 1)[1].rstrip("\n") if found.count("```") >= 2 else ""
        if path and (source := _existing(tree, path)) is None:
            yield Problem(
                _DIFFERS,
                f"the snippet's file {path} is not there any more",
                page,
                "backwright stack set -y",
                exit_code=1,
            )
        elif path and source is not None and code not in source:
            yield Problem(
                _DIFFERS, f"{path} no longer reads as the snippet", page, "backwright stack set -y", exit_code=1
            )


def _existing(tree: RepositoryTree, path: str) -> str | None:
    return tree.read(path).text if path in tree.files() else None


def _own(root: str, place: str) -> str:
    return f"{root}/{place}" if root else place
