"""Formats new Python with ruff: imports sorted, unused ones removed, layout as the target project wants it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from backwright.adapters.privatedir import PrivateDir
from backwright.core.errors import BackwrightError, MachineError, ToolMissing, Unsupported

_TIMEOUT = 30.0  # seconds; ruff takes milliseconds
_SUFFIXES = (".py", ".pyi")
_FAULTS = "E9,F811,F821,F822,F823"  # code that does not parse, names defined twice or not at all
_KEEP = ("--per-file-ignores", "*__init__.py:F401")
_BROKEN = re.compile(r"Failed to parse (?P<place>.+?:\d+):\d+: (?P<why>.*)")


class RuffFormatter:
    """Satisfies `core.ports.Formatter` with the ruff that is installed with Backwright."""

    def format(
        self, files: Mapping[str, str], *, line_length: int, first_party: Sequence[str], target: str
    ) -> dict[str, str]:
        """The files, formatted; those that are not Python come back as they are.

        `target` is ruff's name of the oldest Python that must run the code, such as ``py311``. Unused imports of an
        `__init__.py` stay, since they may be what it is for. Raises `Unsupported` naming the file that is not valid
        Python, `ToolMissing` without ruff.
        """
        return self._run_on(files, line_length, first_party, target, select="I,F401", layout=True)

    def sort_imports(
        self, files: Mapping[str, str], *, line_length: int, first_party: Sequence[str], target: str
    ) -> dict[str, str]:
        """The files with nothing but their imports sorted and joined. Raises as `format` does."""
        return self._run_on(files, line_length, first_party, target, select="I", layout=False)

    def layout(self, files: Mapping[str, str], *, line_length: int, target: str) -> dict[str, str]:
        """The files with nothing but their layout changed: what is on several lines by a last comma stays so."""
        options = ("--isolated", "--no-cache", "--line-length", str(line_length), "--target-version", target)
        return _run_in_place(files, lambda program: [program, "format", *options, "."])

    def without_unused_imports(self, files: Mapping[str, str], *, target: str) -> dict[str, str]:
        """The files with nothing but their unused imports taken away."""
        options = ("--isolated", "--no-cache", "--target-version", target, "--select", "F401")
        return _run_in_place(files, lambda program: [program, "check", "--fix", "--exit-zero", *options, *_KEEP, "."])

    def faults(self, files: Mapping[str, str], *, target: str) -> dict[str, tuple[str, ...]]:
        """What ruff proves wrong about the names in each file; files without a fault are left out."""
        python = {path: text for path, text in files.items() if path.endswith(_SUFFIXES)}
        if not python:
            return {}
        with _laid_out(python) as bench:
            options = ("--isolated", "--no-cache", "--exit-zero", "--target-version", target, "--output-format", "json")
            output = bench.run([_program(), "check", "--select", _FAULTS, *options, "."])
            found: dict[str, list[str]] = {}
            for fault in json.loads(output):
                path = bench.paths[Path(fault["filename"]).name]
                found.setdefault(path, []).append(f"{fault['message'][:1].lower()}{fault['message'][1:]}")
        return {path: tuple(messages) for path, messages in found.items()}

    def _run_on(
        self,
        files: Mapping[str, str],
        line_length: int,
        first_party: Sequence[str],
        target: str,
        *,
        select: str,
        layout: bool,
    ) -> dict[str, str]:
        python = {path: text for path, text in files.items() if path.endswith(_SUFFIXES)}
        if not python:
            return dict(files)
        program = _program()
        common = ("--isolated", "--no-cache", "--line-length", str(line_length), "--target-version", target)
        # Without `src`, ruff would take every folder it sees for our own code, `alembic/` for example.
        known = ("--config", "src=[]", "--config", f"lint.isort.known-first-party={json.dumps(list(first_party))}")
        # Templates cannot know what fits on a line: commas at the end of a sequence must not decide it.
        lint = (*known, "--config", "lint.isort.split-on-trailing-comma=false")
        flow = ("--config", "format.skip-magic-trailing-comma=true")
        with _laid_out(python) as bench:
            bench.run([program, "check", "--fix", "--exit-zero", "--select", select, *common, *lint, *_KEEP, "."])
            if layout:
                bench.run([program, "format", *common, *flow, "."])
            return {**files, **bench.texts()}


def _run_in_place(files: Mapping[str, str], command: Callable[[str], list[str]]) -> dict[str, str]:
    """The files after one command that changes them where they lie."""
    python = {path: text for path, text in files.items() if path.endswith(_SUFFIXES)}
    if not python:
        return dict(files)
    with _laid_out(python) as bench:
        bench.run(command(_program()))
        return {**files, **bench.texts()}


def _program() -> str:
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped]

        return str(find_ruff_bin())
    except (ImportError, FileNotFoundError) as error:
        raise ToolMissing("ruff is not installed", hints=("install Backwright again: ruff comes with it",)) from error


@dataclass(frozen=True)
class _Bench:
    """Files side by side in one folder: folders like the project's would take longer to make and remove than ruff runs."""

    folder: Path
    paths: Mapping[str, str]  # a file's name in the folder to its path

    def run(self, command: list[str]) -> bytes:
        """What the command printed. Raises as `RuffFormatter.format`."""
        return _run(command, self.folder, self.paths)

    def texts(self) -> dict[str, str]:
        return {path: (self.folder / name).read_bytes().decode("utf-8") for name, path in self.paths.items()}


@contextmanager
def _laid_out(files: Mapping[str, str]) -> Iterator[_Bench]:
    names = {}
    with PrivateDir("format") as folder:
        for number, (path, text) in enumerate(files.items()):
            pure = PurePosixPath(path)
            if pure.is_absolute() or ".." in pure.parts:
                raise BackwrightError("a new file must lie inside the repository", where=path)
            name = f"{number}_{'__init__' if pure.stem == '__init__' else 'module'}{pure.suffix}"
            names[name] = path
            (folder / name).write_bytes(text.encode("utf-8"))
        yield _Bench(folder, names)


def _run(command: list[str], folder: Path, paths: Mapping[str, str]) -> bytes:
    """What the command printed."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "NO_COLOR": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MachineError(f"ruff did not end within {_TIMEOUT:.0f} s") from error
    except OSError as error:
        raise MachineError(f"ruff cannot be run: {error.strerror}", where=command[0]) from error
    if done.returncode != 0:
        output = done.stderr.decode("utf-8", "replace").strip()
        broken = _BROKEN.search(output)
        if broken:
            why = f"this project's way of writing cannot be imitated: the result is not valid Python ({broken['why']})"
            name, _, line = broken["place"].rpartition(":")
            raise Unsupported(why, where=f"{paths.get(Path(name).name, name)}:{line}")
        raise BackwrightError(f"ruff refused to format the new code: {output.splitlines()[0] if output else '?'}")
    return done.stdout
