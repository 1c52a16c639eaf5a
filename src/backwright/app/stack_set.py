"""`stack set` writes down what a backend is built with; `stack check` says where that and the project differ."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.stackfiles import write_files
from backwright.app.stack import DIFFERS, MANIFESTS, all_stacks, chosen_stack, in_project, with_manifests
from backwright.app.standing import head_of
from backwright.core.errors import NothingToDo
from backwright.core.stack import Stack
from backwright.core.verdict import Step
from backwright.engine.contract import discover_contract
from backwright.engine.contract_project import project_facts
from backwright.engine.projects import is_under
from backwright.engine.stack_declared import read_json
from backwright.engine.stack_manifest import manifest_text, verify_steps
from backwright.engine.stack_pages import api_template, ecosystem_of, snippets, snippets_page, tech_stack
from backwright.report.results import Problem, StackResult, StackSetResult

FOLDER = "stack"


def check_stack(path: Path) -> StackResult:
    """As `read_stack`, of the one backend that `path` means; its problems are what differs from `stack/`."""
    started = time.monotonic()
    with open_tree(path) as tree:
        stack = chosen_stack(tree, all_stacks(tree))
        (known,), problems = with_manifests(tree, (stack,))
        if not any(in_project(stack.root, place) in set(tree.files()) for place in MANIFESTS):
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
        stack = chosen_stack(tree, all_stacks(tree))
        texts = _texts(tree, stack)
        before = {name: _existing(tree, name) for name in texts}
        changed = {name: text for name, text in texts.items() if before[name] != text}
        kept = {name: (before[name] or "", text) for name, text in changed.items() if before[name] is not None}
        if overwrite or not kept:
            write_files(tree.root, changed)
            return StackSetResult(head_of(tree), stack, tuple(sorted(changed)), {}, changed)
        return StackSetResult(head_of(tree), stack, (), kept, changed)


def _texts(tree: RepositoryTree, stack: Stack) -> dict[str, str]:
    def read(path: str) -> str | None:
        return tree.read(path).text

    ecosystem = ecosystem_of(stack)
    files = [p for p in tree.files() if is_under(p, stack.root) and not is_under(p, in_project(stack.root, FOLDER))]
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
    return {in_project(stack.root, f"{FOLDER}/{name}"): text for name, text in texts.items()}


def _steps(tree: RepositoryTree, stack: Stack) -> tuple[Step, ...]:
    if "python" in stack.ids("language"):
        return discover_contract(project_facts(tree, stack.root)).steps
    scripts: Mapping[str, str] = {}
    manifest = in_project(stack.root, "package.json")
    if manifest in tree.files():
        found = read_json(tree.read(manifest).text or "").get("scripts")
        scripts = {k: str(v) for k, v in found.items()} if isinstance(found, dict) else {}
    return verify_steps(stack, scripts)


def _stale(tree: RepositoryTree, stack: Stack) -> Iterator[Problem]:
    """Snippets whose file is no longer there, or no longer says so."""
    page = in_project(stack.root, f"{FOLDER}/snippets.md")
    text = _existing(tree, page) or ""
    for found in text.split("\n## ")[1:]:
        place = next((line.strip("`") for line in found.splitlines() if line.startswith("`") and ":" in line), "")
        path = place.rpartition(":")[0]
        code = found.split("```", 2)[1].split("\n", 1)[1].rstrip("\n") if found.count("```") >= 2 else ""
        if path and (source := _existing(tree, path)) is None:
            yield Problem(
                DIFFERS,
                f"the snippet's file {path} is not there any more",
                page,
                "backwright stack set -y",
                exit_code=1,
            )
        elif path and source is not None and code not in source:
            yield Problem(
                DIFFERS, f"{path} no longer reads as the snippet", page, "backwright stack set -y", exit_code=1
            )


def _existing(tree: RepositoryTree, path: str) -> str | None:
    return tree.read(path).text if path in tree.files() else None
