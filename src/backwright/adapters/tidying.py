"""Formats changed files in a private copy with the project's own tools, as its verify contract names them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from backwright.adapters.plainfile import read_plain
from backwright.adapters.shell import Completed, Run, clean_environment
from backwright.adapters.toolchain import Tools
from backwright.core.verdict import Contract, Step
from backwright.engine.contract_commands import without_runner

_TIMEOUT = 60.0  # seconds
_MANIFEST = 1 << 20  # bytes of one that is read
# What turns the call of a tool into one that only looks, and into one that mends.
_LOOK: dict[str, tuple[str, ...]] = {
    "ruff check": ("ruff", "check", "--force-exclude", "--no-fix"),
    "ruff format": ("ruff", "format", "--force-exclude", "--check"),
    "isort": ("isort", "--check-only"),
    "black": ("black", "--check"),
    "prettier": ("npx", "prettier", "--check", "--ignore-unknown"),
    "cargo fmt": ("rustfmt", "--check"),
}
_MEND: dict[str, tuple[str, ...]] = {
    "ruff check": ("ruff", "check", "--force-exclude", "--fix"),
    "ruff format": ("ruff", "format", "--force-exclude"),
    "isort": ("isort",),
    "black": ("black",),
    "prettier": ("npx", "prettier", "--write", "--ignore-unknown"),
    "cargo fmt": ("rustfmt",),
}
_SCRIPTS = ("npm", "npx", "pnpm", "yarn", "bun")  # what runs the scripts of a manifest, in which the tool is named
_PYTHON, _NODE = (".py", ".pyi"), (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".tsx", ".jsx")
# Rules about taste, which code for a framework breaks with reason: how many parameters, numbers of HTTP, `Any` in tests,
# what a fixture is asked for and not read, imports that are needed when the code runs. Nothing that could be a fault.
_TASTE = re.compile(
    r"(PLR09\d\d|PLR2004|ANN401|EM10\d|TRY003|TRY30[01]|FBT00\d|ARG00\d|B008|A00\d|C901|TC00\d|TCH00\d|INP001|FAST00\d|"
    r"PT\d{3}|N8\d\d|RET50\d|SIM\d{3}|PERF40\d|D\d{3}|S101|S10[567]|S311|ERA001|RUF012|FURB\d{3}|PLW2901|DOC\d{3}|CPY001)"
)
_KEPT_OPTIONS = ("--config", "--settings-path", "--settings-file", "--line-length", "--profile", "--select", "-l")


def tidy(
    copy: Path,
    project: str,
    contract: Contract,
    environment: Tools,
    run: Run,
    *,
    new: Sequence[str],
    clean: Mapping[str, Sequence[str]],
) -> None:
    """Mend the files that are new, and those that were `clean` (as `clean_files` said) before they were edited.

    Paths are relative to the copy. A tool that fails leaves it to verification to say so.
    """
    for key, options, cwd in _tools(contract):
        paths = [*new, *clean.get(key, ())]
        _call(
            copy, project, environment, run, _MEND[key], options, cwd, [p for p in paths if p.endswith(_suffixes(key))]
        )


def exempt(
    copy: Path, project: str, contract: Contract, environment: Tools, run: Run, changed: Mapping[str, str]
) -> dict[str, int]:
    """Mark what new lines cannot have to the taste of the project's ruff with `# noqa`; returns how many lines by rule.

    `changed` gives the text before by path, `""` for a new file. Only rules of taste are marked, faults never.
    """
    counts: dict[str, int] = {}
    for key, options, cwd in _tools(contract):
        if key != "ruff check":
            continue
        call = ("ruff", "check", "--force-exclude", "--no-fix", "--output-format=json")
        done = _call(copy, project, environment, run, call, options, cwd, [p for p in changed if p.endswith(".py")])
        for path, rows in _marks(done.output if done is not None else "", copy).items():
            # Lines as ruff counts them, ends of lines as they are: neither read_text nor splitlines would do.
            known = {line.rstrip("\r\n") for line in changed.get(path, "").split("\n")}
            lines = (copy / path).read_bytes().decode().split("\n")
            for row, rules in rows.items():
                bare = lines[row - 1].rstrip("\r")
                if bare in known or "noqa" in bare:
                    continue
                lines[row - 1] = f"{bare}  # noqa: {', '.join(sorted(rules))}{lines[row - 1][len(bare) :]}"
                counts.update({rule: counts.get(rule, 0) + 1 for rule in rules})
            (copy / path).write_bytes("\n".join(lines).encode())
    return counts


def _marks(output: str, copy: Path) -> dict[str, dict[int, set[str]]]:
    """Path to line to rules, of what ruff reports as JSON."""
    found: dict[str, dict[int, set[str]]] = {}
    start, end = output.find("["), output.rfind("]")
    try:
        reported = msgspec.json.decode(output[start : end + 1]) if start >= 0 else []
    except msgspec.DecodeError:
        return {}
    for item in reported:
        path, row, rule = Path(item["filename"]).resolve(), item.get("noqa_row"), item.get("code") or ""
        if row and _TASTE.fullmatch(rule) and path.is_relative_to(copy.resolve()):
            found.setdefault(str(path.relative_to(copy.resolve())), {}).setdefault(row, set()).add(rule)
    return found


def clean_files(
    copy: Path, project: str, contract: Contract, environment: Tools, run: Run, paths: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """By tool, the files that it has nothing to say about: only those may it mend after an edit."""
    out: dict[str, tuple[str, ...]] = {}
    for key, options, cwd in _tools(contract):
        out[key] = tuple(
            p
            for p in paths
            if p.endswith(_suffixes(key))
            if (done := _call(copy, project, environment, run, _LOOK[key], options, cwd, [p])) and done.exit_code == 0
        )
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
    if tool == "cargo":
        return "cargo fmt" if len(words) > 1 and words[1] == "fmt" else ""
    if tool in _SCRIPTS:  # only the project's own prettier is ever called: see `Toolchain.command`
        return "prettier" if step.name in {"format", "lint"} else ""
    return tool if tool in _MEND else ""


def _suffixes(key: str) -> tuple[str, ...]:
    """The files that a tool is for."""
    return {"prettier": _NODE, "cargo fmt": (".rs",)}.get(key, _PYTHON)


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
    environment: Tools,
    run: Run,
    call: tuple[str, ...],
    options: tuple[str, ...],
    cwd: str,
    paths: Sequence[str],
) -> Completed | None:
    start = environment.command(call)
    if not paths or start is None:
        return None
    folder = copy / project / cwd
    if not folder.is_dir():
        return None
    if call[0] == "rustfmt":
        options = (*options, "--edition", _edition(folder))
    argv = (*start, *options, *(str(copy / path) for path in paths))
    no_caches = {"RUFF_NO_CACHE": "true", "BLACK_CACHE_DIR": os.devnull}  # nothing can be kept there
    env = clean_environment({**environment.variables(), **no_caches})
    return run(argv, cwd=folder, env=env, timeout=_TIMEOUT)


def _edition(folder: Path) -> str:
    """The edition of Rust that a project is written in, which cargo reads and rustfmt has to be told."""
    for place in (folder, *list(folder.parents)[:3]):
        text = (read_plain(place / "Cargo.toml", _MANIFEST) or b"").decode("utf-8", "replace")
        found = re.search(r'^\s*edition\s*=\s*"(\d+)"', text, re.MULTILINE)
        if found is not None:
            return found[1]
    return "2021"
