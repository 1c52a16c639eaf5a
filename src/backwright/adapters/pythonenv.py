"""Finds the Python environment a project runs in, and makes it import a private copy of the project's tree.

Looked for, in this order: the interpreter that was given; `.venv`, `venv`, `env` in the project and the folders above
it up to the repository's root; the environment that the project's manager (Poetry, Pipenv, Hatch) keeps elsewhere; the
active environment, if it is not ours; the first `python` on PATH. The first that has the project's framework is taken.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from backwright.adapters.plainfile import read_plain
from backwright.adapters.sandbox.places import covering, places_of_program, places_on, why_secret
from backwright.adapters.sandbox.space import RunIn, Space
from backwright.adapters.shell import Run, clean_environment
from backwright.adapters.shell import run as run_ours
from backwright.core.errors import MachineError, ToolMissing
from backwright.engine.contract_commands import without_runner

GUEST = Path(__file__).parent / "guest"

_FOLDERS = (".venv", "venv", "env", ".env", ".ve")
_MANAGERS = (  # kind, what shows that the project uses it, how it tells its environment
    ("poetry", ("poetry.lock",), ("poetry", "env", "info", "--path")),
    ("pipenv", ("Pipfile",), ("pipenv", "--venv")),
    ("hatch", ("hatch.toml",), ("hatch", "env", "find")),
)
_FROM_PATH = {"ruff", "black", "isort", "flake8", "ty"}  # do not import the project: any installation will do
_AS_MODULE = {"pytest", "coverage", "alembic"}  # `python -m` puts the working folder first on the path
_OTHERS = {"pytest", "coverage", "alembic", "mypy", "pyright", "basedpyright", "pylint", "bandit", "tox", "nox"}
_ANYBODYS = ("tests", "test", "docs", "scripts", "alembic", "migrations", "examples")
_INSTALLED = ("site-packages", "dist-packages")
_PROBE_TIMEOUT = 30.0
_PTH_LIMIT = 65536  # bytes


@dataclass(frozen=True)
class Environment:
    """The interpreter a project runs in. `why` says how it was found, `path` is what it imports from by itself."""

    python: Path
    bin_dir: Path
    kind: str  # given | venv | uv | poetry | pipenv | hatch | active | path
    why: str
    prefix: Path
    version: tuple[int, ...] = ()
    path: tuple[str, ...] = ()
    editable: Mapping[str, str] | None = None

    def command(self, words: Sequence[str]) -> tuple[str, ...] | None:
        """How a command (`uv run` and its like before it are left out) is started here; None where it is missing."""
        words = without_runner(tuple(words))
        interpreter = words[0].startswith("python") and "/" not in words[0]
        start = (str(self.python),) if interpreter else self.resolve(words[0])
        return (*start, *words[1:]) if start is not None else None

    def places(self) -> tuple[Path, ...]:
        """What must be there to be read: the interpreter, what it imports from, the tools that go with it."""
        installed = [Path(place) for place in self.path] + [Path(p) for p in (self.editable or {}).values()]
        found = [*_places(self.python), self.prefix, *places_on(self.variables()["PATH"])]
        return tuple(covering([*found, *(place for place in installed if place.exists() and not why_secret(place))]))

    def writes(self) -> tuple[Path, ...]:
        """Nothing outside the tree."""
        return ()

    def state(self) -> str:
        """What results depend on besides the tree and the commands: the interpreter, and when something was installed."""
        return repr((str(self.python), [(place, _changed(Path(place))) for place in self.path]))

    def resolve(self, tool: str) -> tuple[str, ...] | None:
        """How `tool` is started here; None where it is missing.

        Tools that import the project come from this environment only. Ruff is the last resort's exception: the one
        that Backwright brings along is used where the project's own is nowhere, since it reads text alone.
        """
        if tool in ("python", "python3"):
            return (str(self.python),)
        module = {"py.test": "pytest"}.get(tool, tool)
        if module in _AS_MODULE and self.has_module(module):
            return (str(self.python), "-m", module)
        script = self.bin_dir / tool
        if "/" not in tool and _starts(script):
            return (str(script),)
        if self.has_module(module.replace("-", "_")) and (module in _OTHERS or module in _FROM_PATH):
            return (str(self.python), "-m", module.replace("-", "_"))
        if module in _OTHERS:
            return None
        found = shutil.which(tool, path=clean_environment({}).get("PATH"))
        if found:
            return (found,)
        own = Path(sys.prefix) / "bin" / "ruff"
        return (str(own),) if tool == "ruff" and own.is_file() else None

    def has_module(self, name: str) -> bool:
        """Is this package or module installed here (not: part of the project)?"""
        return any(Path(p, name, "__init__.py").is_file() or Path(p, f"{name}.py").is_file() for p in self.path)

    def variables(self) -> dict[str, str]:
        """What makes scripts, and `uv run` or `poetry run` within them, use this environment and install nothing."""
        path = clean_environment({}).get("PATH", os.defpath)
        values = {"PATH": f"{self.bin_dir}{os.pathsep}{path}", "UV_NO_SYNC": "1"}
        if (self.prefix / "pyvenv.cfg").is_file():
            values |= {"VIRTUAL_ENV": str(self.prefix), "UV_PROJECT_ENVIRONMENT": str(self.prefix)}
        return values


def find_environment(
    project: Path,
    root: Path,
    run_in: RunIn,
    *,
    python: Path | None = None,
    needs: str = "",
    environ: Mapping[str, str] | None = None,
) -> Environment:
    """The environment of the project at `project` in the repository at `root`; `needs` is a module it must have.

    Raises `ToolMissing` where there is none, with what was tried and how to make one.
    """
    if python is not None:
        found = _probe(python.absolute(), "given", "it was given", root, run_in)
        if found is None:
            raise ToolMissing(f"{python} is not a Python interpreter that works", where=str(python))
        return found
    tried = []
    for interpreter, kind, why in _candidates(project, root, os.environ if environ is None else environ):
        found = _probe(interpreter, kind, why, root, run_in)
        if found is None:
            tried.append(f"{interpreter} does not work")
        elif needs and not found.has_module(needs):
            tried.append(f"{interpreter} ({why}) does not have {needs}")
        else:
            return found
    wanted = f" with {needs}" if needs else ""
    raise ToolMissing(
        f"no Python environment{wanted} was found for this project",
        where=project.name,
        hints=(_advice(project), "or name one: --python PATH", *tried[:4]),
    )


def import_path(
    environment: Environment, original: Path, copy: Path, run_in: RunIn, project: str = ""
) -> tuple[str, ...]:
    """The PYTHONPATH with which `environment` imports the tree at `copy` in place of the one at `original`.

    Every place within `original` that an editable install leads to is mapped to its place in `copy`; `src` and, where
    the project is also installed as a copy of its own or from another checkout, the project's folder come first. Raises
    `MachineError` where a package would still be imported from elsewhere: proving that would prove nothing.
    """
    original, copy = original.resolve(), copy.resolve()
    if original == copy:
        return ()
    places = [Path(p) for p in environment.path]
    for name, target in (environment.editable or {}).items():
        top, place = name.partition(".")[0], Path(target)
        if place.stem == top:
            places.append(place.parent)
    entries = [copy / p.resolve().relative_to(original) for p in places if _leads_back(p, original, copy, environment)]
    base = copy / project
    source = base / "src"
    if source.is_dir() and not (source / "__init__.py").exists() and source not in entries:
        entries.append(source)
    own = _own(_packages(base))
    if base not in entries and (_installed_as_copy(environment, own) or _from_elsewhere(environment, own, original)):
        entries.append(base)
    path = tuple(dict.fromkeys(str(entry) for entry in entries))
    run = run_in(Space(readable=(GUEST, original, copy, *environment.places())))
    names = [*_packages(base), *_packages(source), *(environment.editable or {})]
    _refuse_original(environment, path, names, original, copy, run)
    return path


def _leads_back(place: Path, original: Path, copy: Path, environment: Environment) -> bool:
    resolved = place.resolve()
    inside = resolved.is_relative_to(original) and not resolved.is_relative_to(copy)
    return inside and not resolved.is_relative_to(environment.prefix.resolve())


def _packages(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if (entry / "__init__.py").is_file())[:200]


def _own(names: list[str]) -> list[str]:
    """Those that name the project, not what many projects have."""
    return [name for name in names if name not in _ANYBODYS]


def _installed_as_copy(environment: Environment, own: list[str]) -> bool:
    """Does the environment hold the project itself, not editable, so that its stale files would be imported?"""
    installed = [Path(p) for p in environment.path if Path(p).name in _INSTALLED]
    return any((place / name / "__init__.py").is_file() for place in installed for name in own)


def _from_elsewhere(environment: Environment, own: list[str], original: Path) -> bool:
    """Does an editable install lead to another checkout of the project, as with one environment for several work trees?"""
    places = [Path(p) for p in environment.path if Path(p).name not in _INSTALLED]
    foreign = [place for place in places if not place.resolve().is_relative_to(original)]
    mapped = {
        n.partition(".")[0] for n, p in (environment.editable or {}).items() if not Path(p).is_relative_to(original)
    }
    named = set(own) - sys.stdlib_module_names
    return bool(named & mapped) or any((place / name / "__init__.py").is_file() for place in foreign for name in named)


def _refuse_original(
    environment: Environment, path: tuple[str, ...], names: list[str], original: Path, copy: Path, run: Run
) -> None:
    answer = _ask(environment.python, names, {"PYTHONPATH": os.pathsep.join(path)}, run) if names else None
    for name, origin in (answer or {}).get("origins", {}).items():
        if origin and Path(origin).is_absolute() and _leads_back(Path(origin), original, copy, environment):
            raise MachineError(
                f"`{name}` would be imported from the tree itself, not from the private copy",
                where=str(environment.python),
                hints=("install the project with `pip install -e .`, or not at all, in this environment",),
            )


def _candidates(project: Path, root: Path, environ: Mapping[str, str]) -> Iterator[tuple[Path, str, str]]:
    folders = [project, *(p for p in project.parents if p == root or p.is_relative_to(root))]
    if environ.get("UV_PROJECT_ENVIRONMENT"):
        prefix = Path(environ["UV_PROJECT_ENVIRONMENT"])
        yield project / prefix / "bin" / "python", "uv", "UV_PROJECT_ENVIRONMENT names it"
    for folder in folders:
        for name in _FOLDERS:
            if (folder / name / "pyvenv.cfg").is_file():
                kind = "uv" if (folder / "uv.lock").is_file() else "venv"
                yield folder / name / "bin" / "python", kind, f"{_shown(folder / name, root)} is there"
    for kind, markers, argv in _MANAGERS:
        place = next((f for f in folders for marker in markers if (f / marker).is_file()), None)
        tool = shutil.which(argv[0], path=environ.get("PATH"))
        if place and tool:
            done = run_ours((tool, *argv[1:]), cwd=place, env=clean_environment({}, environ), timeout=_PROBE_TIMEOUT)
            if done.exit_code == 0 and done.output.strip():
                yield Path(done.output.strip().splitlines()[-1]) / "bin" / "python", kind, f"{' '.join(argv)} names it"
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        prefix_text = environ.get(variable, "")
        if prefix_text and Path(prefix_text).resolve() != Path(sys.prefix).resolve():
            yield Path(prefix_text) / "bin" / "python", "active", f"{variable} names it"
    for name in ("python", "python3"):
        on_path = shutil.which(name, path=clean_environment({}, environ).get("PATH"))
        if on_path:
            yield Path(on_path), "path", f"it is the {name} on PATH"


def _probe(python: Path, kind: str, why: str, root: Path, run_in: RunIn) -> Environment | None:
    # The tree itself is there to be read: what is installed from it is found by where it is.
    answer = _ask(python, [], {}, run_in(Space(readable=(GUEST, root, *_places(python)))))
    if answer is None:
        return None
    prefix = Path(answer["prefix"])
    return Environment(
        python=python,
        bin_dir=prefix / "bin" if kind == "path" and (prefix / "bin").is_dir() else python.parent,
        kind=kind,
        why=why,
        prefix=prefix,
        version=tuple(answer["version"]),
        path=tuple(answer["path"]),
        editable=answer["editable"],
    )


def _ask(python: Path, names: list[str], extra: Mapping[str, str], run: Run) -> dict[str, Any] | None:
    """What the interpreter says of itself; None where it does not run."""
    argv = (str(python), str(GUEST / "python_probe.py"), *names)
    done = run(argv, cwd=GUEST, env=clean_environment(extra), timeout=_PROBE_TIMEOUT)
    if done.exit_code != 0 or not done.output.strip():
        return None
    try:
        answer: dict[str, Any] = msgspec.json.decode(done.output.strip().splitlines()[-1])
    except msgspec.DecodeError:
        return None
    return answer


def _places(python: Path) -> Iterator[Path]:
    """The folders of an interpreter, and those outside of it that packages in it are installed from."""
    for place in places_of_program(python):
        yield place
        for listed in place.glob("lib*/python*/site-packages/*.pth"):
            for line in (read_plain(listed, _PTH_LIMIT) or b"").decode("utf-8", "replace").splitlines():
                if line.startswith("/") and (path := Path(line.strip())).exists() and not why_secret(path):
                    yield path


def _changed(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return 0


def _starts(script: Path) -> bool:
    """Is this an executable whose interpreter, if its first line names one, is still there?"""
    if not (script.is_file() and os.access(script, os.X_OK)):
        return False
    with script.open("rb") as stream:
        first = stream.readline(512)
    words = first[2:].split() if first.startswith(b"#!") else []
    return not words or Path(os.fsdecode(words[0])).exists()


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def _advice(project: Path) -> str:
    if (project / "uv.lock").is_file():
        return "make it: uv sync"
    if (project / "poetry.lock").is_file():
        return "make it: poetry install"
    if (project / "requirements.txt").is_file():
        return "make it: python -m venv .venv && .venv/bin/pip install -r requirements.txt"
    return "make it: python -m venv .venv && .venv/bin/pip install -e ."
