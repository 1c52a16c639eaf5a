"""Formats changed files in a private copy with the project's own tools, as its verify contract names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from backwright.adapters.pythonenv import Environment
from backwright.adapters.shell import clean_environment, run
from backwright.core.verdict import Contract, Step
from backwright.engine.contract_commands import without_runner

_TIMEOUT = 60.0  # seconds
# What turns the call of a tool into one that only looks, and into one that mends.
_LOOK: dict[str, tuple[str, ...]] = {
    "ruff check": ("ruff", "check", "--no-fix"),
    "ruff format": ("ruff", "format", "--check"),
    "isort": ("isort", "--check-only"),
    "black": ("black", "--check"),
}
_MEND: dict[str, tuple[str, ...]] = {
    "ruff check": ("ruff", "check", "--fix"),
    "ruff format": ("ruff", "format"),
    "isort": ("isort",),
    "black": ("black",),
}
_KEPT_OPTIONS = ("--config", "--settings-path", "--settings-file", "--line-length", "--profile", "--select", "-l")


def tidy(
    copy: Path,
    project: str,
    contract: Contract,
    environment: Environment,
    *,
    new: Sequence[str],
    clean: Mapping[str, Sequence[str]],
) -> None:
    """Mend the files that are new, and those that were `clean` (as `clean_files` said) before they were edited.

    Paths are relative to the copy. A tool that fails leaves it to verification to say so.
    """
    for key, options, cwd in _tools(contract):
        paths = [*new, *clean.get(key, ())]
        _call(copy, project, environment, _MEND[key], options, cwd, [p for p in paths if p.endswith((".py", ".pyi"))])


def clean_files(
    copy: Path, project: str, contract: Contract, environment: Environment, paths: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """By tool, the files that it has nothing to say about: only those may it mend after an edit."""
    out: dict[str, tuple[str, ...]] = {}
    for key, options, cwd in _tools(contract):
        python = [p for p in paths if p.endswith((".py", ".pyi"))]
        out[key] = tuple(p for p in python if _call(copy, project, environment, _LOOK[key], options, cwd, [p]) == 0)
    return out


def _tools(contract: Contract) -> list[tuple[str, tuple[str, ...], str]]:
    """The formatters of the contract, in the order in which they agree: imports first, layout last."""
    found: dict[str, tuple[str, tuple[str, ...], str]] = {}
    for step in contract.steps:
        key = _key(step)
        if key:
            found.setdefault(key, (key, _options(step), step.cwd))
    return [found[key] for key in _MEND if key in found]


def _key(step: Step) -> str:
    words = without_runner(step.argv)
    tool = words[0].rpartition("/")[2] if words else ""
    if tool == "ruff":
        return f"ruff {words[1]}" if len(words) > 1 and words[1] in ("check", "format") else ""
    return tool if tool in _MEND else ""


def _options(step: Step) -> tuple[str, ...]:
    """The options of the project's call that decide what a file should look like."""
    words = list(without_runner(step.argv))
    out: list[str] = []
    for at, word in enumerate(words):
        name, equals, _ = word.partition("=")
        if name in _KEPT_OPTIONS:
            out += [word] if equals else words[at : at + 2]
    return tuple(out)


def _call(
    copy: Path,
    project: str,
    environment: Environment,
    call: tuple[str, ...],
    options: tuple[str, ...],
    cwd: str,
    paths: Sequence[str],
) -> int | None:
    start = environment.resolve(call[0])
    if not paths or start is None:
        return None
    folder = copy / project / cwd
    if not folder.is_dir():
        return None
    argv = (*start, *call[1:], *options, *(str(copy / path) for path in paths))
    env = clean_environment(
        {**environment.variables(), "RUFF_NO_CACHE": "true", "BLACK_CACHE_DIR": str(copy.parent / "black")}
    )
    return run(argv, cwd=folder, env=env, timeout=_TIMEOUT).exit_code
