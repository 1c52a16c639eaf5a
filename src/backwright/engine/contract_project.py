"""What a project's configuration files say: tables of tools, declared dependencies, commands in its scripts."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from backwright.core.errors import UsageError
from backwright.core.ports import Tree
from backwright.engine.contract_commands import Invocation, invocations

_NAMES = {
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "pytest.ini",
    ".pytest.ini",
    "mypy.ini",
    ".mypy.ini",
    "ruff.toml",
    ".ruff.toml",
    ".flake8",
    ".isort.cfg",
    "pyrightconfig.json",
    "ty.toml",
    ".pylintrc",
    "pylintrc",
    ".bandit",
    "bandit.yaml",
    "bandit.yml",
    ".importlinter",
    ".squawk.toml",
    ".sqlfluff",
    "alembic.ini",
    "Pipfile",
    "Makefile",
    "makefile",
    "justfile",
    "Justfile",
    ".pre-commit-config.yaml",
}
_PATTERN = re.compile(r"(requirements[^/]*\.txt|requirements/[^/]+\.txt|(scripts/|bin/|)[^/]+\.sh)")
_ABOVE = {"pyproject.toml", "ruff.toml", ".ruff.toml", ".pre-commit-config.yaml", "setup.cfg", "mypy.ini", "Makefile"}
_SIZE_LIMIT = 1024 * 1024
_TASK_TABLES = (("poe", "tasks"), ("taskipy", "tasks"), ("pdm", "scripts"), ("rye", "scripts"))

Table = dict[str, Any]


@dataclass(frozen=True)
class ProjectFacts:
    """One project: `root` within the repository, its paths, the texts of its configuration files (all relative to it).

    `above` has the configuration files of the folders above, by their paths from the repository's root.
    """

    files: Mapping[str, str]
    paths: tuple[str, ...]
    above: Mapping[str, str] = field(default_factory=dict)
    root: str = ""

    @cached_property
    def pyproject(self) -> Table:
        return read_toml(self.files.get("pyproject.toml", ""))

    @cached_property
    def folders(self) -> frozenset[str]:
        """All folders that hold a file of the project."""
        return frozenset(str(parent) for path in self.paths for parent in PurePosixPath(path).parents)

    @cached_property
    def dependencies(self) -> frozenset[str]:
        """Names of all declared dependencies, development ones included, normalised as PyPI does."""
        return frozenset(_dependencies(self.files, self.pyproject))

    @cached_property
    def invocations(self) -> tuple[Invocation, ...]:
        """The commands in tasks, scripts, Makefile and tox, in the order in which they are believed."""
        found = [*_task_commands(self.pyproject)]
        for path in sorted(self.files):
            if path.endswith(".sh"):
                found += _script_commands(path, self.files[path])
        for path in ("Makefile", "makefile", "justfile", "Justfile"):
            found += _makefile_commands(path, self.files.get(path, ""))
        found += _tox_commands(self.files.get("tox.ini", ""), "tox.ini")
        return tuple(found)

    @cached_property
    def hooks(self) -> tuple[str, ...]:
        """The pre-commit hooks of the project and of the repository around it: id, and entry where it has one."""
        texts = [
            text
            for path, text in (*self.files.items(), *self.above.items())
            if path.endswith(".pre-commit-config.yaml")
        ]
        return tuple(hook for text in texts for hook in _hooks(text))

    def tool(self, *names: str) -> Table | None:
        """The table `[tool.<name>…]` of pyproject.toml; None where there is none."""
        table: Any = self.pyproject.get("tool", {})
        for name in names:
            if not isinstance(table, dict) or name not in table:
                return None
            table = table[name]
        return table if isinstance(table, dict) else {}

    def has(self, *paths: str) -> str:
        """The first of these files that the project has, or `""`."""
        return next((path for path in paths if path in self.files), "")

    def ini_section(self, path: str, section: str) -> Table | None:
        """A section of an INI file; None where there is none."""
        return read_ini(self.files.get(path, "")).get(section)


def project_facts(tree: Tree, root: str = "") -> ProjectFacts:
    """Reads what discovery needs of the project at `root`, through the tree's limits."""
    prefix = f"{root}/" if root else ""
    paths = tuple(path.removeprefix(prefix) for path in tree.files() if path.startswith(prefix))
    wanted = [path for path in paths if is_relevant(path)]
    parents = [str(parent) for parent in PurePosixPath(root).parents] if root else []
    above = [name if parent == "." else f"{parent}/{name}" for parent in parents for name in sorted(_ABOVE)]
    existing = set(tree.files())
    return ProjectFacts(
        files=_texts(tree, prefix, wanted),
        paths=paths,
        above=_texts(tree, "", [path for path in above if path in existing]),
        root=root,
    )


def is_relevant(path: str) -> bool:
    """Does discovery read the text of this file (relative to the project)?"""
    name = PurePosixPath(path).name
    if name in ("alembic.ini", "pyproject.toml"):
        return path.count("/") <= 2
    return path in _NAMES or bool(_PATTERN.fullmatch(path))


def _texts(tree: Tree, prefix: str, paths: list[str]) -> dict[str, str]:
    files = ((path, tree.read(prefix + path)) for path in paths)
    return {path: file.text for path, file in files if file.text is not None and file.size <= _SIZE_LIMIT}


def read_toml(text: str) -> Table:
    """The TOML document, empty where it is broken or built to take forever (its parser is quadratic in dotted keys)."""
    if len(text) > _SIZE_LIMIT or any(
        line.count(".") > 1000 and not line.lstrip().startswith("#") for line in text.splitlines()
    ):
        return {}
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def read_ini(text: str) -> dict[str, Table]:
    """The sections of an INI file, empty where it is broken."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}


def normalised(name: str) -> str:
    """A distribution's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _dependencies(files: Mapping[str, str], pyproject: Table) -> Iterator[str]:
    project = _table(pyproject.get("project"))
    tool = _table(pyproject.get("tool"))
    poetry = _table(tool.get("poetry"))
    lists = [
        project.get("dependencies"),
        *_table(project.get("optional-dependencies")).values(),
        *_table(pyproject.get("dependency-groups")).values(),
        _table(tool.get("uv")).get("dev-dependencies"),
        *_table(_table(tool.get("pdm")).get("dev-dependencies")).values(),
    ]
    for entry in lists:
        for item in entry if isinstance(entry, list) else ():
            if isinstance(item, str):
                yield from _names(item)
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    tables += [_table(group).get("dependencies") for group in _table(poetry.get("group")).values()]
    pipfile = read_toml(files.get("Pipfile", ""))
    tables += [pipfile.get("packages"), pipfile.get("dev-packages")]
    for table in tables:
        for name in _table(table):
            yield normalised(name)
    for path, text in files.items():
        if path.endswith(".txt"):
            for line in text.splitlines():
                yield from _names(line)
    options = read_ini(files.get("setup.cfg", ""))
    extras = options.get("options.extras_require", {})
    for block in (options.get("options", {}).get("install_requires"), *extras.values()):
        for line in str(block or "").splitlines():
            yield from _names(line)


def _table(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def _names(requirement: str) -> Iterator[str]:
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    if match:
        yield normalised(match.group(1))


def _task_commands(pyproject: Table) -> Iterator[Invocation]:
    tool = _table(pyproject.get("tool"))
    tables = [(f"tool.{a}.{b}", _table(_table(tool.get(a)).get(b))) for a, b in _TASK_TABLES]
    hatch = _table(_table(tool.get("hatch")).get("envs"))
    tables += [(f"tool.hatch.envs.{name}.scripts", _table(_table(env).get("scripts"))) for name, env in hatch.items()]
    for source, tasks in tables:
        for name, task in tasks.items():
            value = _table(task).get("cmd", task)
            lines = value if isinstance(value, list) else [value]
            for line in lines:
                if isinstance(line, str):
                    yield from invocations(line, f"pyproject.toml [{source}]", name)


def _script_commands(path: str, text: str) -> Iterator[Invocation]:
    for number, line in enumerate(text.replace("\\\n", "  ").splitlines(), 1):
        yield from invocations(line, f"{path}:{number}", PurePosixPath(path).stem)


def _makefile_commands(path: str, text: str) -> Iterator[Invocation]:
    target = ""
    for number, line in enumerate(text.replace("\\\n", "  ").splitlines(), 1):
        head = re.match(r"([A-Za-z0-9_.-]+)[^:=]*:(?!=)", line)
        if head and not line[0].isspace():
            target = head.group(1)
        elif line[:1].isspace():
            yield from invocations(line, f"{path}:{number}", target)


def _tox_commands(text: str, path: str) -> Iterator[Invocation]:
    for section, values in read_ini(text).items():
        if section.startswith("testenv"):
            for line in str(values.get("commands") or "").splitlines():
                yield from invocations(line, f"{path} [{section}]", section.rpartition(":")[2])


def _hooks(text: str) -> Iterator[str]:
    from backwright.engine import contract_yaml  # late: not every project has hooks, and YAML is slow to import

    try:
        root = contract_yaml.load(text, ".pre-commit-config.yaml").value
    except UsageError:
        return
    repos = root.get("repos") if isinstance(root, dict) else None
    for repo in repos.value if repos and isinstance(repos.value, list) else ():
        hooks = repo.value.get("hooks") if isinstance(repo.value, dict) else None
        for hook in hooks.value if hooks and isinstance(hooks.value, list) else ():
            if isinstance(hook.value, dict):
                words = [hook.value[key].value for key in ("id", "entry") if key in hook.value]
                yield " ".join(str(word) for word in words)
