"""Runs the steps of a contract in a private copy of the tree: the `RunStep` of verification.

The project's own interpreter and tools, with what they import turned to the copy; scratch databases; caches and reports
outside the copy; a small environment without our secrets.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from backwright.adapters.migrations import Migrations
from backwright.adapters.plainfile import read_plain
from backwright.adapters.pythonenv import Environment, import_path
from backwright.adapters.sandbox.space import RunIn
from backwright.adapters.scratchdb import ScratchDatabases
from backwright.adapters.shell import Completed, Run, clean_environment
from backwright.adapters.stepfiles import StepFiles
from backwright.adapters.toolchain import Tools
from backwright.core.errors import BackwrightError, ToolMissing
from backwright.core.findings import Finding
from backwright.core.verdict import Contract, Step
from backwright.engine.contract_commands import without_runner
from backwright.engine.verifying import Ran
from backwright.engine.verifying_tests import read_report
from backwright.kit.redaction import redacted

REPORT_LIMIT = 64 * 1024 * 1024  # bytes of a JUnit report

_READS_TEXT_ONLY = {
    "ruff", "black", "isort", "flake8", "mypy", "pyright", "basedpyright", "ty", "pylint", "bandit", "compileall",
    "lint-imports", "squawk", "sqlfluff", "eslint", "prettier", "biome", "tsc", "gofmt", "golangci-lint",
}  # fmt: skip
_ADDED = {
    "mypy": ("--no-pretty", "--no-color-output", "--hide-error-context"),
    "ty check": ("--output-format", "concise"),
    "ruff check": ("--no-fix",),
}
_NEVER_SCANNED = (".git", ".venv", "venv", "node_modules", "__pycache__")


@dataclass(frozen=True)
class Bench:
    """Where and with what the steps run: `original` is the user's tree, `copy` the private one, `project` within both.

    `new_paths` are the files that the change adds, relative to the project. `guardrails` gives the findings that `copy` has and
    the state that it is compared with had not.
    """

    original: Path
    copy: Path
    scratch: Path
    environment: Tools
    databases: ScratchDatabases
    contract: Contract
    run: Run  # where commands see the copy
    run_in: RunIn  # where they see what is named
    project: str = ""
    new_paths: Sequence[str] = ()
    guardrails: Callable[[], Sequence[Finding]] | None = None
    caches: Path | None = None  # shared by the runs before and after the change; default: in `scratch`


class Workbench:
    """`verify(contract, Workbench(bench), …)`."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._root = bench.copy / bench.project
        self._count = 0
        self._environment: dict[str, str] | None = None
        self._files = StepFiles(bench.copy, self._root, bench.databases.env_files, private=self._is_private())

    def __call__(self, step: Step) -> Ran:
        """Runs the step; whatever keeps it from running is its `unavailable`, and no exception."""
        self._count += 1
        try:
            ran = self._run(step)
        except BackwrightError as error:
            ran = Ran(unavailable=error.message)
        return msgspec.structs.replace(
            ran,
            output=self._relative(ran.output),
            problems=tuple(self._relative(p) for p in ran.problems) if ran.problems else ran.problems,
            detail=self._relative(ran.detail),
            command=ran.command or (shlex.join(step.argv) if step.argv else step.builtin),
        )

    def _run(self, step: Step) -> Ran:
        if step.skip_if_missing and not self._which(step.skip_if_missing):
            return Ran(skipped=f"{step.skip_if_missing} is not installed")
        match step.builtin:
            case "guardrails":
                return self._guardrails()
            case "migrations":
                return self._migrations(step)
            case "raw_sql":
                return self._raw_sql(step)
            case "":
                return self._command(step)
        return Ran(unavailable=f"there is no built-in step `{step.builtin}`")

    def _command(self, step: Step) -> Ran:
        argv, note = self._argv(step)
        if argv is None:
            return Ran(unavailable=note)
        tool = argv[2] if argv[1:2] == ("-m",) else Path(argv[0]).name
        if tool in _READS_TEXT_ONLY:
            env = {**self._base(), **self._bench.databases.plan.placeholders, **step.env}
            return _ran(
                self._bench.run((*argv, *_added(tool, argv)), cwd=self._cwd(step), env=env, timeout=step.timeout), note
            )
        return self._with_database(step, argv)

    def _with_database(self, step: Step, argv: tuple[str, ...]) -> Ran:
        """Runs a step that may use the database: migrated, as most projects want it, or empty where that fails."""
        databases = self._bench.databases
        modes = [databases.works_with] if databases.works_with else ["migrated", "empty"]
        migrations = self._own_migrations()
        if migrations is None or databases.problem() or not databases.plan.dialect:
            modes = ["empty"]
        attempts: list[Ran] = []
        for mode in modes:
            attempts.append(self._attempt(step, argv, migrations if mode == "migrated" else None))
            if _suited(attempts[-1]):
                break
        best = min(attempts, key=_failures)
        if _failures(best) < float("inf"):
            databases.works_with = modes[attempts.index(best)]
        reason = databases.problem() if best.exit_code != 0 else ""
        seconds = sum(attempt.seconds for attempt in attempts)
        return msgspec.structs.replace(best, seconds=seconds, unavailable=best.unavailable or reason)

    def _attempt(self, step: Step, argv: tuple[str, ...], migrations: Migrations | None) -> Ran:
        database = self._bench.databases.fresh()
        env = {**self._base(), **database}
        report = self._bench.scratch / f"tests-{self._count}.xml"
        report.unlink(missing_ok=True)
        options = f"-o cache_dir={shlex.quote(str(self._caches() / 'pytest'))} -o junit_family=xunit1"
        options = f"{step.env.get('PYTEST_ADDOPTS', '')} {options} --junitxml={shlex.quote(str(report))}".strip()
        with self._files.around(database):
            if migrations:
                migrations.upgrade(env)
            done = self._bench.run(
                argv, cwd=self._cwd(step), env={**env, **step.env, "PYTEST_ADDOPTS": options}, timeout=step.timeout
            )
        if done.exit_code and self._files.learn(done.output):
            return self._attempt(step, argv, migrations)
        tests = redacted((read_plain(report, REPORT_LIMIT) or b"").decode("utf-8", "replace"))
        return msgspec.structs.replace(_ran(done, ""), tests=tests)

    def _migrations(self, step: Step) -> Ran:
        migrations = self._trips(step)
        versions = [p for p in self._bench.new_paths if "/versions/" in f"/{p}" and p.endswith(".py")]
        database = self._bench.databases.fresh()
        with self._files.around(database):
            ran = migrations.trip({**self._base(), **database, **step.env}, max(1, len(versions)))
        if ran.exit_code and self._files.learn(ran.output):
            return self._migrations(step)
        return msgspec.structs.replace(ran, command="alembic upgrade, downgrade, upgrade, check")

    def _guardrails(self) -> Ran:
        if self._bench.guardrails is None:
            return Ran(unavailable="no guardrails were given")
        findings = self._bench.guardrails()
        # Advice is about the style of a whole project: it is shown, and nobody has to follow it.
        grave = [f for f in findings if f.severity != "advice"]
        advice = f"{len(findings) - len(grave)} new advice" if len(findings) > len(grave) else ""
        problems = tuple(sorted(f"{f.span.path}: {f.rule} {f.message} {f.fingerprint}".rstrip() for f in grave))
        output = "\n".join(f"{f.span}: {f.rule} {f.message}" for f in grave)
        found = f"{len(grave)} new" if grave else "" if advice else "nothing new"
        detail = ", ".join(part for part in (found, advice) if part)
        return Ran(exit_code=1 if grave else 0, output=output, problems=problems, detail=detail)

    def _raw_sql(self, step: Step) -> Ran:
        grep = self._which("grep")
        if not grep:
            return Ran(unavailable="grep is not installed")
        skipped = [f"--exclude-dir={name}" for name in _NEVER_SCANNED]
        done = self._bench.run(
            (grep, "-rInE", *skipped, *step.argv, "."), cwd=self._cwd(step), env=self._base(), timeout=step.timeout
        )
        if done.exit_code not in (0, 1):
            return Ran(unavailable=f"grep: {done.tail(1)}", output=done.output)
        found = done.output.replace("./", "").splitlines() if done.exit_code == 0 else []
        problems = tuple(sorted(":".join((line.split(":", 2)[0], line.split(":", 2)[-1])) for line in found))
        return Ran(
            exit_code=1 if found else 0,
            seconds=done.seconds,
            output=done.output,
            command="grep for raw SQL",
            detail=f"{len(found)} lines with raw SQL" if found else "no raw SQL",
            problems=problems,
        )

    def _argv(self, step: Step) -> tuple[tuple[str, ...] | None, str]:
        """The command as it runs here, or None and why it cannot."""
        words = without_runner(step.argv)
        environment = self._bench.environment
        if "/" in words[0]:
            program = self._cwd(step) / words[0]
            return ((str(program), *words[1:]), "") if program.is_file() else (None, f"{words[0]} is not there")
        argv = environment.command(step.argv)
        if argv is None:
            name = words[1] if words[0] in ("npx", "bunx") and len(words) > 1 else words[0]
            return None, f"{name} is not installed"
        own = not isinstance(environment, Environment) or Path(argv[0]).parent == environment.bin_dir
        foreign = words[0] in _READS_TEXT_ONLY and not own
        note = f"the project's environment has no {words[0]}, another was used" if foreign else ""
        return argv, note

    def _base(self) -> dict[str, str]:
        """The environment of every step, without a database."""
        if self._environment is None:
            bench = self._bench
            path: tuple[str, ...] = ()
            if isinstance(bench.environment, Environment):
                path = import_path(bench.environment, bench.original, bench.copy, bench.run_in, bench.project)
            caches = self._caches()
            temporary = bench.scratch / "tmp"  # what tests leave among the temporary files goes with ours
            for folder in (caches, temporary):
                folder.mkdir(parents=True, exist_ok=True)
            self._environment = clean_environment(
                {
                    **bench.environment.variables(),
                    **({"PYTHONPATH": ":".join(path)} if path else {}),
                    "TMPDIR": str(temporary),
                    "RUFF_CACHE_DIR": str(caches / "ruff"),
                    "RUFF_OUTPUT_FORMAT": "concise",
                    "MYPY_CACHE_DIR": str(caches / "mypy"),
                    "COVERAGE_FILE": str(caches / "coverage"),
                }
            )
        return dict(self._environment)

    def _caches(self) -> Path:
        return self._bench.caches or self._bench.scratch / "caches"

    def _cwd(self, step: Step) -> Path:
        return self._root / step.cwd if step.cwd else self._root

    def _which(self, tool: str) -> str | None:
        variables: Mapping[str, str] = self._bench.environment.variables()
        return shutil.which(tool, path=variables.get("PATH"))

    def _trips(self, step: Step) -> Migrations:
        bench = self._bench
        if not isinstance(bench.environment, Environment):
            raise ToolMissing("the built-in step `migrations` runs Alembic, and this project has no Python environment")
        own = {
            entry.name for folder in (self._root, self._root / "src") if folder.is_dir() for entry in folder.iterdir()
        }
        return Migrations(
            step=step,
            environment=bench.environment,
            databases=bench.databases,
            cwd=self._cwd(step),
            scratch=bench.scratch / f"step-{self._count}",
            run=bench.run,
            tree=bench.copy if self._is_private() else None,
            own=frozenset(name.removesuffix(".py") for name in own),
        )

    def _is_private(self) -> bool:
        return self._bench.copy.resolve() != self._bench.original.resolve()

    def _own_migrations(self) -> Migrations | None:
        step = next((s for s in self._bench.contract.steps if s.builtin == "migrations"), None)
        return self._trips(step) if step else None

    def _relative(self, output: str) -> str:
        output = output.replace(str(self._bench.scratch), "SCRATCH")
        for place in dict.fromkeys((self._root, self._root.resolve(), self._bench.copy, self._bench.copy.resolve())):
            output = output.replace(f"{place}/", "").replace(str(place), ".")
        return output


def _suited(ran: Ran) -> bool:
    """Whether the database was as the tests want it: one that is not fails most of them, not one in ten."""
    report = read_report(ran.tests) if ran.tests else None
    return ran.exit_code == 0 or (report is not None and report.ran > 0 and len(report.failed) * 10 <= report.ran)


def _failures(ran: Ran) -> float:
    """How bad a run of tests is: 0 passed, then by failing tests, worst where there is no report."""
    if ran.exit_code == 0:
        return 0
    report = read_report(ran.tests) if ran.tests else None
    return len(report.failed) or 1 if report and report.ran else float("inf")


def _added(tool: str, argv: Sequence[str]) -> tuple[str, ...]:
    """Arguments that make a tool's complaints comparable and keep it from changing files, unless its own say more."""
    words = _ADDED.get(tool) or (_ADDED.get(f"{tool} check", ()) if "check" in argv else ())
    return () if any(word.partition("=")[0] in ("--fix", "--output-format") for word in argv) else words


def _ran(done: Completed, note: str) -> Ran:
    if done.exit_code is None:
        return Ran(unavailable=done.output, seconds=done.seconds)
    return Ran(
        exit_code=done.exit_code,
        seconds=done.seconds,
        output=done.output,
        timed_out=done.timed_out,
        complete=not done.truncated,
        detail=f"stopped: {done.stopped}" if done.stopped else note,
    )
