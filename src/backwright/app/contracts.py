"""The verify contract of a project: from its manifest, else discovered, then as the configuration wants it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import msgspec

from backwright.adapters.files import RepositoryTree
from backwright.app.config import Config
from backwright.app.project import Project
from backwright.core.errors import UsageError
from backwright.core.stack import Stack
from backwright.core.verdict import Contract, Step
from backwright.engine.contract import (
    CONTRACT_PATHS,
    contract_digest,
    discover_contract,
    read_contract,
    with_builtins,
)
from backwright.engine.contract_project import ProjectFacts, project_facts
from backwright.engine.stack_declared import read_json
from backwright.engine.stack_manifest import verify_steps


def contract_of(project: Project, facts: ProjectFacts | None = None) -> Contract:
    """The steps that prove a change here. Raises `UsageError` for a wrong manifest or an unknown step."""
    discovered = discovered_contract(project.tree, project.root, project.stack, facts)
    contract = _declared(project, discovered) or discovered
    return _configured(contract, project.config)


def discovered_contract(
    tree: RepositoryTree, root: str, stack: Stack | None, facts: ProjectFacts | None = None
) -> Contract:
    """What the project's own configuration, scripts and tools amount to."""
    if stack is None or "python" in stack.ids("language"):
        return discover_contract(facts or project_facts(tree, root))
    steps = (
        *verify_steps(stack, _scripts(tree, root), tree.files()),
        Step(name="guardrails", builtin="guardrails", source="built in"),
    )
    return Contract(steps=steps, source="discovered", digest=contract_digest(steps))


def _scripts(tree: RepositoryTree, root: str) -> Mapping[str, str]:
    """The scripts of the project's package manifest, where its language has such."""
    manifest = f"{root}/package.json" if root else "package.json"
    if manifest not in tree.files():
        return {}
    found = read_json(tree.read(manifest).text or "").get("scripts")
    return {name: str(command) for name, command in found.items()} if isinstance(found, dict) else {}


def _declared(project: Project, discovered: Contract) -> Contract | None:
    prefix = f"{project.root}/" if project.root else ""
    for path in CONTRACT_PATHS:
        text = project.read(prefix + path) if prefix + path in project.index.paths else None
        contract = read_contract(text, prefix + path) if text is not None else None
        if contract is not None:
            return with_builtins(contract, discovered)
    return None


def _configured(contract: Contract, config: Config) -> Contract:
    if not config.commands and not config.steps:
        return contract
    steps: dict[str, Step] = {step.name: step for step in contract.steps}
    for name, argv in config.commands.items():
        known = steps.get(name, Step(name=name))
        origin = config.origin("verify.commands")
        steps[name] = msgspec.structs.replace(known, argv=tuple(argv), builtin="", required=True, source=origin)
    chosen = tuple(_chosen(steps, name, config) for name in config.steps) if config.steps else tuple(steps.values())
    return Contract(steps=chosen, source=contract.source, digest=contract_digest(chosen))


def _chosen(steps: Mapping[str, Step], name: str, config: Config) -> Step:
    if name in steps:
        return steps[name]
    close = get_close_matches(name, steps, 1)
    hints = (*((f"did you mean `{close[0]}`?",) if close else ()), f"this project has: {', '.join(steps)}")
    raise UsageError(
        f"`verify.steps` names `{name}`, which this project has not", where=config.origin("verify.steps"), hints=hints
    )
