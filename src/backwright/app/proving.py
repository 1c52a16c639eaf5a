"""Proves states of a project in private copies: one environment, one set of scratch databases, one contract."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from backwright.adapters.baselines import baseline_key, keep_baseline, known_baseline
from backwright.adapters.holding import Held, why_unreachable
from backwright.adapters.privatedir import PrivateDir
from backwright.adapters.pythonenv import Environment, find_environment
from backwright.adapters.sandbox import Sandbox, open_sandbox
from backwright.adapters.scratchdb import ScratchDatabases
from backwright.adapters.shell import Run
from backwright.adapters.stepfiles import ignored_env_names
from backwright.adapters.toolchain import Toolchain, find_toolchain
from backwright.adapters.workbench import Bench, Workbench
from backwright.adapters.workcopy import WorkCopy, work_copy
from backwright.app.contracts import contract_of
from backwright.app.permitting import permissions_of
from backwright.app.project import Project
from backwright.app.results import Consent, Progress
from backwright.core.errors import ToolMissing, UsageError
from backwright.core.findings import Finding
from backwright.core.verdict import Contract, Step, StepResult, Verdict
from backwright.engine.backends import FRAMEWORKS
from backwright.engine.contract_database import plan_database
from backwright.engine.contract_project import project_facts
from backwright.engine.contract_settings import project_settings
from backwright.engine.stack_pages import ecosystem_of
from backwright.engine.verifying import Ran, verify


@dataclass(frozen=True)
class Prover:
    """Runs the contract of one project on copies of it."""

    project: Project
    contract: Contract
    environment: Environment | Toolchain
    sandbox: Sandbox
    databases: ScratchDatabases
    scratch: Path
    progress: Progress
    home: Path | None = None  # the tree whose tools and installed packages serve, where it is another one

    def baseline(self, on_known: Callable[[Verdict], None] | None = None) -> Verdict:
        """The verdict on the tree as it is, from memory where the same tree was verified before."""
        root = self.project.tree.root
        with work_copy(root, self.project.tree.files()) as copy:
            state = f"{self.environment.state()} {self.sandbox.describe()}"
            key = baseline_key(copy, self.contract, state, self.project.root)
            known = known_baseline(root, key)
            if known is not None:
                if on_known:
                    on_known(known)
                return known
            verdict = self.run(copy, label="before: ")
        keep_baseline(root, key, verdict)
        return verdict

    def held(self, copy: WorkCopy, tools: Environment | Toolchain) -> Run:
        """How the project's commands are run in a copy."""
        lent = tools.lent if isinstance(tools, Toolchain) and self.sandbox.keeps else ()
        return Held(self.sandbox, tools, self.databases, self.scratch, copy.root, lent)

    def lent(self, copy: WorkCopy) -> Environment | Toolchain:
        """The project's tools in a copy, with what package managers have installed."""
        if not isinstance(self.environment, Toolchain):
            return self.environment
        root, caches = self.home or self.project.tree.root, self.scratch / "caches"
        return self.environment.lent_to(root, copy.root, caches, link=self.sandbox.keeps)

    def run(
        self,
        copy: WorkCopy,
        baseline: Verdict | None = None,
        *,
        new_paths: Sequence[str] = (),
        new_tests: Sequence[str] = (),
        guardrails: Callable[[], Sequence[Finding]] | None = None,
        label: str = "",
        tools: Environment | Toolchain | None = None,
    ) -> Verdict:
        """The verdict on a copy. `new_paths` and `new_tests` are relative to the repository.

        `tools` are those that were lent to the copy already; without them it is lent them now. `guardrails` gives what they
        find in the copy that is new; without it the copy is the tree itself, where nothing is.
        """
        prefix = f"{self.project.root}/" if self.project.root else ""
        tools = tools or self.lent(copy)
        bench = Bench(
            original=self.home or self.project.tree.root,
            copy=copy.root,
            scratch=self.scratch / (label.strip(": ") or "after"),
            environment=tools,
            databases=self.databases,
            contract=self.contract,
            run=self.held(copy, tools),
            run_in=self.sandbox.run_in,
            project=self.project.root,
            new_paths=[path.removeprefix(prefix) for path in new_paths],
            guardrails=guardrails or (lambda: ()),
            caches=self.scratch / "caches",
        )
        bench.scratch.mkdir(parents=True, exist_ok=True)
        workbench = Workbench(bench)

        def run_step(step: Step) -> Ran:
            self.progress.started(f"{label}{step.name}")
            return workbench(step)

        def ended(result: StepResult) -> None:
            self.progress.finished(f"{label}{result.step}", result.outcome, result.seconds, result.detail)

        tests = [path.removeprefix(prefix) for path in new_tests]
        verdict = verify(self.contract, run_step, baseline, new_tests=tests, on_result=ended)
        return msgspec.structs.replace(verdict, sandbox=self.sandbox.describe())


@contextmanager
def open_prover(
    project: Project, *, python: str, consent: Consent, progress: Progress, home: Path | None = None
) -> Iterator[Prover]:
    """Everything that verification needs, gone at the end. `home` is the tree whose tools serve, if it is another one.

    Raises `NeedsPerson` when the commands may not run, `ToolMissing` without an environment or a sandbox, `UsageError` for a
    wrong manifest.
    """
    facts = project_facts(project.tree, project.root)
    contract = contract_of(project, facts)
    permissions = permissions_of(project.config.permissions)
    contract = msgspec.structs.replace(contract, grants=permissions.grants())
    consent(contract)
    sandbox = open_sandbox(permissions)
    tools = _tools(project, python, sandbox, home or project.tree.root)
    asynchronous = project.house.is_async if project.stack is None else False
    secret = ignored_env_names(project.tree.root, project.root, project.tree.files())
    plan = plan_database(
        project_settings(project.tree, project.index, facts, asynchronous=asynchronous, ignored_names=secret)
    )
    with (
        PrivateDir("scratch") as scratch,
        ScratchDatabases(plan, scratch / "databases", unreachable=why_unreachable(sandbox)) as databases,
    ):
        yield Prover(project, contract, tools, sandbox, databases, scratch, progress, home)


def _tools(project: Project, python: str, sandbox: Sandbox, home: Path) -> Environment | Toolchain:
    """What the commands of the project run with. Raises `ToolMissing` where that is not there."""
    stack = project.stack
    given = Path(python) if python else None
    if stack is None:
        return _python(project, home, sandbox, given, FRAMEWORKS[0])
    if "python" in stack.ids("language"):
        needs = next((name for name in stack.ids("framework") if name.isidentifier()), "")
        return _python(project, home, sandbox, given, needs)
    if given:
        raise UsageError("--python is for projects in Python", where=str(given))
    ecosystem = ecosystem_of(stack)
    manager = next(iter(stack.ids("package_manager")), "")
    names = ecosystem.manifests if ecosystem else ()
    places = sorted({str(PurePosixPath(p).parent) for p in project.tree.files() if PurePosixPath(p).name in names})
    dependencies = ecosystem.dependencies if ecosystem else {}
    variables = ecosystem.variables if ecosystem else {}
    return find_toolchain(
        home,
        project.root,
        ["" if place == "." else place for place in places],
        folders=dependencies.get("folders", ()),
        programs=dependencies.get("programs", ()),
        variables=variables.get("set", {}),
        passed=variables.get("pass", ()),
        install=dependencies.get("install", {}).get(manager, ""),
        homes=variables.get("homes", {}),
        generated=dependencies.get("generated", ()),
    )


def _python(project: Project, home: Path, sandbox: Sandbox, given: Path | None, needs: str) -> Environment:
    """The environment of the project. Raises `ToolMissing` for one that the repository brings.

    Commands are shown what an environment says that it imports from: a repository could name any folder.
    """
    git = project.tree.git
    found = find_environment(home / project.root, home, sandbox.run_in, python=given, needs=needs)
    inside = found.prefix.relative_to(home).as_posix() if found.prefix.is_relative_to(home) else ""
    if inside and git is not None and git.tracks(f"{inside}/pyvenv.cfg"):
        raise ToolMissing(
            "the Python environment is part of the repository, and so nothing to trust",
            where=inside,
            hints=("make one of your own outside of it, and name it: --python PATH",),
        )
    return found


def clock() -> Callable[[], float]:
    """Seconds since now."""
    started = time.monotonic()
    return lambda: time.monotonic() - started
