"""The verify contract: which steps prove a change in this project.

`read_contract` reads it from `stack/stack.yaml`; `discover_contract` works it out where there is no such file.

```yaml
language: python              # the manifest's other fields: framework, orm, validation, migration, test, …
verify:                       # steps run in this order
  format: ruff format --check # a command, split as a shell splits words, but no shell runs it
  lint: [ruff, check, app]    # or the argv itself
  types:                      # or with options
    run: mypy app             # `command` and `cmd` mean the same
    required: false           # default true: without it the verdict is not green
    timeout: 300              # seconds, default 600
    cwd: backend              # a folder within the project
    env: {MYPYPATH: stubs}
  tests:
    cmd: pytest
    pass_signal: passed       # text that the output must hold besides exit code 0
    skip_if_missing: docker   # without this program the step is skipped, and the verdict does not need it
  migrations: builtin         # up, down, up on a scratch database, and no drift
  guardrails: builtin         # `backwright check`: nothing new
  raw_sql:                    # no line of the source may match
    patterns: ["execute\\(f[\"']"]
    include_glob: "*.py"
    exclude_dirs: [tests]
```

`verify:` may also be a list of commands and of such mappings with a `name`. `detect` is accepted and not used.
"""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

from backwright.core.errors import UsageError
from backwright.core.verdict import Contract, Step
from backwright.engine import contract_yaml
from backwright.engine.contract_commands import ShellSyntaxError, split_command, without_launcher
from backwright.engine.contract_discovery import discovered_steps
from backwright.engine.contract_project import ProjectFacts
from backwright.engine.contract_schema import validate
from backwright.engine.contract_yaml import Marked

CONTRACT_PATHS = ("stack/stack.yaml", ".agents/skills/oma-backend/stack/stack.yaml")
BUILTINS = ("migrations", "guardrails")

_RUN_KEYS = ("run", "command", "cmd")
_STEP_OF_TOOL = {
    "black": "format",
    "flake8": "lint",
    "pylint": "lint",
    "mypy": "types",
    "pyright": "types",
    "ty": "types",
    "pytest": "tests",
    "py.test": "tests",
    "alembic": "migrations",
}


def read_contract(text: str, path: str) -> Contract | None:
    """The contract that the manifest `text` at `path` declares; None where it has no `verify:`.

    Raises `UsageError` at `path:line` for YAML that is not allowed, unknown keys, wrong types and shell syntax.
    """
    node = contract_yaml.load(text, path)
    wrong = validate(node, _schema())
    if wrong:
        first, rest = wrong[0], wrong[1:4]
        also = tuple(f"also line {w.line}: {w.message}" for w in rest)
        raise UsageError(
            first.message, where=f"{path}:{first.line}", hints=((first.hint,) if first.hint else ()) + also
        )
    manifest = node.value
    assert isinstance(manifest, dict)
    if "verify" not in manifest:
        return None
    steps = _Reader(path).steps(manifest["verify"])
    if not steps:
        raise UsageError("`verify` names no step", where=f"{path}:{node.keys['verify']}")
    return _contract(steps, path)


def discover_contract(project: ProjectFacts) -> Contract:
    """The contract that the project's own configuration amounts to; it may have no steps at all."""
    return _contract(discovered_steps(project), "discovered")


def with_builtins(contract: Contract, discovered: Contract) -> Contract:
    """`contract` with the built-in steps that `discovered` has and it does not name.

    A manifest written for commands only cannot say that migrations go up and down; a change that makes one needs it.
    """
    names = {step.name for step in contract.steps} | {step.builtin for step in contract.steps}
    missing = tuple(s for s in discovered.steps if s.builtin and s.builtin not in names and s.name not in names)
    return _contract((*contract.steps, *missing), contract.source) if missing else contract


def contract_digest(steps: tuple[Step, ...]) -> str:
    """sha256 of what would run: name, argv, folder, environment. Consent is keyed on it, so any change asks again."""
    commands = [[s.name, s.builtin, list(s.argv), s.cwd, sorted(s.env.items()), s.required, s.timeout] for s in steps]
    return hashlib.sha256(json.dumps(commands, ensure_ascii=True).encode()).hexdigest()


def _contract(steps: tuple[Step, ...], source: str) -> Contract:
    return Contract(steps=steps, source=source, digest=contract_digest(steps))


def _schema() -> dict[str, Any]:
    text = resources.files("backwright.engine").joinpath("stack.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


class _Reader:
    """Turns a valid `verify:` value into steps; what the schema cannot say is refused here, with the line."""

    def __init__(self, path: str) -> None:
        self._path = path

    def steps(self, verify: Marked) -> tuple[Step, ...]:
        if isinstance(verify.value, list):
            steps = [self._item(item) for item in verify.value]
            seen: dict[str, Step] = {}
            for item, step in zip(verify.value, steps, strict=True):
                if step.name in seen:
                    raise self._error(item.line, f"two steps are named `{step.name}`", "give one of them a `name:`")
                seen[step.name] = step
            return tuple(steps)
        assert isinstance(verify.value, dict)
        return tuple(self._step(name, node) for name, node in verify.value.items() if name != "detect")

    def _item(self, node: Marked) -> Step:
        if isinstance(node.value, dict):
            return self._step(str(node.value["name"].value), node)
        step = self._step("step", node)
        name = _name_of(step.argv)
        return Step(name=name, argv=step.argv, source=step.source)

    def _step(self, name: str, node: Marked) -> Step:
        source = f"{self._path}:{node.line}"
        if name == "raw_sql":
            return Step(name=name, builtin=name, argv=_grep_arguments(node), source=source)
        options = node.value if isinstance(node.value, dict) else {}
        run = node if not options else self._run_of(name, node, options)
        if run is None:
            return self._with_options(Step(name=name, builtin=str(options["builtin"].value), source=source), options)
        if run.value == "builtin":
            if name not in BUILTINS:
                known = ", ".join(f"`{b}`" for b in BUILTINS)
                raise self._error(run.line, f"`{name}` is not a built-in step", f"built-in are {known} and `raw_sql`")
            return self._with_options(Step(name=name, builtin=name, source=source), options)
        return self._with_options(Step(name=name, argv=self._argv(run), source=source), options)

    def _run_of(self, name: str, node: Marked, options: dict[str, Marked]) -> Marked | None:
        given = [key for key in (*_RUN_KEYS, "builtin") if key in options]
        if len(given) > 1:
            line = node.keys[given[1]]
            raise self._error(line, f"`{name}` has `{given[0]}` and `{given[1]}`; one of them says what to run")
        if not given:
            raise self._error(node.line, f"`{name}` does not say what to run", "add `run: …`")
        return None if given[0] == "builtin" else options[given[0]]

    def _argv(self, node: Marked) -> tuple[str, ...]:
        if isinstance(node.value, list):
            words = tuple(str(word.value) for word in node.value)
            if not words[0]:
                raise self._error(node.line, "the program's name is empty")
            return words
        try:
            return split_command(str(node.value))
        except ShellSyntaxError as error:
            message = f"`{node.value}` needs a shell because of {error.what}; commands run without one"
            raise self._error(node.line, message, error.hint) from error

    def _with_options(self, step: Step, options: dict[str, Marked]) -> Step:
        plain: dict[str, Any] = {key: node.value for key, node in options.items()}
        cwd = str(plain.get("cwd", ""))
        if cwd and (PurePosixPath(cwd).is_absolute() or ".." in PurePosixPath(cwd).parts or "\\" in cwd):
            raise self._error(options["cwd"].line, f"`cwd` is `{cwd}`; it must be a folder within the project")
        env = {key: _env_text(node.value) for key, node in plain.get("env", {}).items()}
        return Step(
            name=step.name,
            argv=step.argv,
            builtin=step.builtin,
            required=bool(plain.get("required", True)),
            timeout=float(plain.get("timeout", 600.0)),
            cwd="" if cwd == "." else cwd.rstrip("/"),
            env=env,
            source=step.source,
            pass_signal=str(plain.get("pass_signal", "")),
            skip_if_missing=str(plain.get("skip_if_missing", "")),
        )

    def _error(self, line: int, message: str, *hints: str) -> UsageError:
        return UsageError(message, where=f"{self._path}:{line}", hints=hints)


def _env_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name_of(argv: tuple[str, ...]) -> str:
    """The step's name that a command speaks for: `ruff format --check` is format, `mypy app` is types."""
    words = without_launcher(argv)
    tool = PurePosixPath(words[0]).name
    if tool == "ruff":
        return "format" if "format" in words[1:2] else "lint"
    if tool in ("make", "just") and len(words) > 1:
        return words[1]
    return _STEP_OF_TOOL.get(tool, tool)


def _grep_arguments(node: Marked) -> tuple[str, ...]:
    """The raw-SQL scan as arguments of `grep -E`, the form in which the manifest's patterns are written."""
    assert isinstance(node.value, dict)
    plain = {key: value.value for key, value in node.value.items()}
    folders = plain.get("exclude_dirs", [])
    patterns = plain["patterns"]
    assert isinstance(folders, list)
    assert isinstance(patterns, list)
    return (
        *((f"--include={plain['include_glob']}",) if "include_glob" in plain else ()),
        *(f"--exclude-dir={folder.value}" for folder in folders),
        *(word for pattern in patterns for word in ("-e", str(pattern.value))),
    )
