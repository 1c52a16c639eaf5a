"""`stack set` writes down what a backend is built with; `stack check` says where that and the project differ."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from pathlib import Path

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.app.settling import settle
from backwright.app.stack import DIFFERS, MANIFESTS, all_stacks, chosen_stack, in_project, with_manifests
from backwright.app.standing import head_of
from backwright.core.change import Edit, Question
from backwright.core.errors import NeedsPerson, NothingToDo, UsageError
from backwright.core.stack import Stack
from backwright.core.verdict import Step
from backwright.engine.contract import discover_contract
from backwright.engine.contract_project import project_facts
from backwright.engine.projects import is_under
from backwright.engine.stack_declared import read_json
from backwright.engine.stack_fields import FIELDS, questions
from backwright.engine.stack_manifest import Told, agrees, completed, manifest_text, settled, verify_steps
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


Ask = Callable[[Question], str]


def set_stack(
    path: Path, *, overwrite: bool, answers: Mapping[str, str] | None = None, ask: Ask | None = None
) -> StackSetResult:
    """Write `stack/` for the backend that `path` means; existing files are shown and kept unless `overwrite`.

    `answers` are fields of the manifest, for what the project leaves open; `ask` asks for the rest.

    All of them are written or none; `apply --undo` takes them back. Raises `NothingToDo` without a backend, `UsageError`
    with several, `StalePlan` when somebody saves meanwhile, `MachineError` where it cannot be written.
    """
    with open_tree(path) as tree:
        stack = _decided(tree, chosen_stack(tree, all_stacks(tree)), answers or {}, ask)
        texts = _texts(tree, stack)
        before = {name: _existing(tree, name) for name in texts}
        changed = {name: text for name, text in texts.items() if before[name] != text}
        kept = {name: (old, text) for name, text in changed.items() if (old := before[name]) is not None}
        if kept and not overwrite:
            return StackSetResult(head_of(tree), stack, (), kept, changed)
        landed = _land(tree, {name: before[name] for name in changed}, changed)
        return StackSetResult(head_of(tree), stack, tuple(sorted(changed)), {}, changed, landed)


def _decided(tree: RepositoryTree, stack: Stack, answers: Mapping[str, str], ask: Ask | None) -> Stack:
    """The stack with its open choices made: by the answers, by the manifest that is there, by a person.

    Raises `UsageError` for an answer that the project contradicts, `NeedsPerson` where nobody may be asked.
    """
    for field, said in answers.items():
        if field not in FIELDS:
            raise UsageError(f"`{field}` is no field of stack.yaml", hints=(f"one of: {', '.join(FIELDS)}",))
        if decided := settled(stack, field, said):
            stack = decided
        elif not agrees(stack, field, said):
            shown = ", ".join(stack.ids(FIELDS[field][0]))
            raise UsageError(
                f"{field} is {shown} in this project, not {said}", hints=("backwright stack -v shows the evidence",)
            )
        else:
            stack = completed(stack, Told({field: (said, 0)}, f"--set {field}"))
    ((stack,), _) = with_manifests(tree, (stack,))
    for question in questions(stack):
        if ask is None:
            raise NeedsPerson(
                question.text,
                where=stack.root or ".",
                hints=tuple(f"--set {question.key}={o}" for o in question.options),
            )
        stack = settled(stack, question.key, ask(question)) or stack
    return stack


def _land(tree: RepositoryTree, before: Mapping[str, str | None], after: Mapping[str, str]) -> str:
    """Write all of these, or nothing; returns the id that undoes it, `""` where there is nothing to write."""
    if not after:
        return ""
    edits = [Edit(path, before[path], text, because="stack set") for path, text in sorted(after.items())]
    return settle(
        tree, edits, prefix="stack-", title="write down what this backend is built with", author="stack set"
    ).id


def _texts(tree: RepositoryTree, stack: Stack) -> dict[str, str]:
    def read(path: str) -> str | None:
        return tree.read(path).text

    ecosystem = ecosystem_of(stack)
    files = [p for p in tree.files() if is_under(p, stack.root) and not is_under(p, in_project(stack.root, FOLDER))]
    found = snippets(stack, files, read)
    language = next(iter(stack.ids("language")), "")
    name, template = api_template(found, ecosystem, language, read)
    schema = resources.files("backwright.engine").joinpath("stack.schema.json").read_text(encoding="utf-8")
    texts = {
        "stack.yaml": manifest_text(stack, _steps(tree, stack)),
        "stack.schema.json": schema,
        "tech-stack.md": tech_stack(stack),
        "snippets.md": snippets_page(found, language),
        **({name: template} if name else {}),
    }
    return {in_project(stack.root, f"{FOLDER}/{name}"): text for name, text in texts.items()}


def _steps(tree: RepositoryTree, stack: Stack) -> tuple[Step, ...]:
    if "python" in stack.ids("language"):
        discovered = {step.name: step for step in discover_contract(project_facts(tree, stack.root)).steps}
        known = {step.name: step for step in verify_steps(stack, {})}  # what comes with a framework, and no tool shows
        if "pytest" in stack.ids("tests"):
            known.pop("tests", None)
        return tuple(
            {
                **discovered,
                **{name: step for name, step in known.items() if name == "tests" or name not in discovered},
            }.values()
        )
    scripts: Mapping[str, str] = {}
    manifest = in_project(stack.root, "package.json")
    if manifest in tree.files():
        found = read_json(tree.read(manifest).text or "").get("scripts")
        scripts = {k: str(v) for k, v in found.items()} if isinstance(found, dict) else {}
    return verify_steps(stack, scripts, tree.files())


def _stale(tree: RepositoryTree, stack: Stack) -> Iterator[Problem]:
    """Snippets whose file is no longer there, or no longer says so."""
    page = in_project(stack.root, f"{FOLDER}/snippets.md")
    text = tree.read(page).text or ""
    for found in text.split("\n## ")[1:]:
        place = next((line[1:].partition("`")[0] for line in found.splitlines() if re.match(r"`[^`]+:\d+`", line)), "")
        path = place.rpartition(":")[0]
        code = found.split("```", 2)[1].split("\n", 1)[1].rstrip("\n") if found.count("```") >= 2 else ""
        if path and (source := tree.read(path).text) is None:
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
    """The text that is there, also where git ignores it; None for no file. Raises `UsageError` for what is no plain text."""
    file = tree.read(path)
    if file.skipped == "does not exist":
        return None
    if file.text is None or file.sha256 != hashlib.sha256(file.text.encode()).hexdigest():
        raise UsageError(
            f"this is not plain UTF-8 text{f': {file.skipped}' if file.skipped else ''}",
            where=path,
            hints=("move it away first",),
        )
    return file.text
