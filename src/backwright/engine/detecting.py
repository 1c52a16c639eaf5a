"""What a project is built with, each claim with its evidence. What production code uses outweighs what is declared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import basename

import msgspec

from backwright.core.facts import Span, StringLiteral
from backwright.core.stack import Detected, Stack
from backwright.engine.contract_discovery import discovered_steps
from backwright.engine.contract_project import ProjectFacts
from backwright.engine.manifests import LOCKS, Manifests, line_of
from backwright.engine.placing import is_test
from backwright.engine.stacking import ORDER, find_stacks
from backwright.kit.house import House
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Framework

# kind, name, import name, distribution
_PACKAGES = (
    ("auth", "PyJWT", "jwt", "pyjwt"),
    ("auth", "python-jose", "jose", "python-jose"),
    ("auth", "FastAPI Users", "fastapi_users", "fastapi-users"),
    ("auth", "Authlib", "authlib", "authlib"),
    ("auth", "passlib", "passlib", "passlib"),
    ("auth", "pwdlib", "pwdlib", "pwdlib"),
    ("auth", "bcrypt", "bcrypt", "bcrypt"),
    ("auth", "argon2-cffi", "argon2", "argon2-cffi"),
    ("settings", "pydantic-settings", "pydantic_settings", "pydantic-settings"),
    ("settings", "Dynaconf", "dynaconf", "dynaconf"),
    ("settings", "python-decouple", "decouple", "python-decouple"),
    ("settings", "environs", "environs", "environs"),
)
_DRIVERS = (
    ("PostgreSQL", "asyncpg"), ("PostgreSQL", "psycopg"), ("PostgreSQL", "psycopg2"),
    ("PostgreSQL", "psycopg2-binary"), ("MySQL", "aiomysql"), ("MySQL", "asyncmy"),
    ("MySQL", "pymysql"), ("MySQL", "mysqlclient"), ("SQLite", "aiosqlite"),
)  # fmt: skip
_URL = re.compile(r"\b(postgres|postgresql|mysql|mariadb|sqlite)(?:\+\w+)?://")
_NAMED = {
    "postgres": "PostgreSQL",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MySQL",
    "sqlite": "SQLite",
}
_TOOLS = {"format": "formatter", "lint": "linter", "types": "types"}
_USED, _DECLARED, _UNUSED = 1.0, 0.9, 0.5
KINDS = (
    "language", "framework", "orm", "access", "database", "migrations", "validation", "auth", "settings", "tests",
    "package_manager", "linter", "formatter", "types",
)  # fmt: skip


@dataclass(frozen=True)
class _Project:
    """What the detectors look at."""

    index: FactIndex
    house: House
    manifests: Manifests
    frameworks: Sequence[Framework]


def detect(index: FactIndex, house: House, frameworks: Sequence[Framework], read: Callable[[str], str | None]) -> Stack:
    """The stack of the project that `index` holds; `read` gives the text of a file that is not in the index."""
    project = _Project(index, house, Manifests(index.root, index.texts, index.paths, read), frameworks)
    found = [
        *_language(project, read),
        *_packages(project),
        *_access(project),
        *_database(project),
        *_package_manager(project),
        *_tools(project),
    ]
    for framework in frameworks:
        found += framework.detect(index) if framework.detect else ()
    parts = tuple(sorted(found, key=lambda d: (KINDS.index(d.kind), -d.confidence)))
    return _joined(Stack(index.root, parts), _seen(index, read))


def _seen(index: FactIndex, read: Callable[[str], str | None]) -> Stack | None:
    """The project as `find_stacks` sees it, without its facts."""
    texts = index.texts
    found = find_stacks(index.paths, lambda path: texts[path] if path in texts else read(path))
    return next((stack for stack in found if stack.root == index.root and stack.kind == "backend"), None)


def _joined(stack: Stack, seen: Stack | None) -> Stack:
    """What facts tell, with ids, and with the kinds that only manifests and imports tell."""
    if seen is None:
        return stack
    ids = {(part.kind, part.name.lower()): part.id for part in seen.parts}
    kinds = {part.kind for part in stack.parts}
    named = [
        msgspec.structs.replace(part, id=ids.get((part.kind, part.name.lower()), part.name.lower().replace(" ", "-")))
        for part in stack.parts
    ]
    more = [part for part in seen.parts if part.kind not in kinds]
    parts = sorted((*named, *more), key=lambda part: ORDER.index(part.kind))
    return Stack(stack.root, tuple(parts), "backend", seen.because, seen.unused, seen.files)


def _language(project: _Project, read: Callable[[str], str | None]) -> Iterator[Detected]:
    declared = project.manifests.python()
    pinned = f"{project.index.root}/.python-version".lstrip("/")
    version = (read(pinned) or "").strip() if pinned in project.index.paths else ""
    if version:
        yield Detected("language", "Python", version, 1.0, (Span(pinned, 1), *((declared.span,) if declared else ())))
    elif declared:
        yield Detected("language", "Python", declared.version, 1.0, (declared.span,))
    elif project.index.files:
        yield Detected("language", "Python", "", 1.0, (Span(next(iter(project.index.files)), 1),))


def _packages(project: _Project) -> Iterator[Detected]:
    known = [(f.kind, f.name, module, name) for f in project.frameworks for module, name in f.packages.items()]
    for kind, name, module, distribution in (*known, *_PACKAGES):
        uses = [(path, item) for path, item in project.index.imports_package(module)]
        production = [(path, item) for path, item in uses if not is_test(path)]
        declared = project.manifests.find(distribution)
        first = next(iter(production if kind != "tests" else uses), None)
        if first is None and declared is None:
            continue
        evidence = [declared.span] if declared else []
        if first is not None:
            evidence.append(Span(first[0], first[1].loc.line))
        sure = _UNUSED if first is None else _USED if declared else _DECLARED
        if kind == "migrations" and first is None and project.house.migration is not None:
            sure = _USED
        if kind == "tests" and declared and first is None:
            sure = _DECLARED
        if kind == "orm" and not any(t.orm == name.lower() for _, t in project.index.tables()):
            sure -= 0.2  # another one declares the tables
        yield Detected(kind, name, declared.version if declared else "", sure, tuple(evidence))


def _access(project: _Project) -> Iterator[Detected]:
    session = project.house.session
    if session.because is not None:
        yield Detected("access", "async" if session.is_async else "sync", "", 1.0, (session.because,))


def _database(project: _Project) -> Iterator[Detected]:
    weights: Counter[str] = Counter()
    evidence: dict[str, list[Span]] = {}
    versions: dict[str, str] = {}

    def saw(name: str, weight: int, span: Span) -> None:
        weights[name] += weight
        evidence.setdefault(name, []).append(span)

    for path, text in sorted(project.index.texts.items()):
        for found in _URL.finditer(text):
            saw(_NAMED[found[1]], 3, Span(path, text.count("\n", 0, found.start()) + 1))
        if "compose" in basename(path) and (
            image := re.search(r"image:\s*\S*?(postgres|mysql|mariadb)\w*(?::(\d+))?", text)
        ):
            saw(_NAMED[image[1]], 3, Span(path, text.count("\n", 0, image.start()) + 1))
            versions[_NAMED[image[1]]] = image[2] or ""
    for name, distribution in _DRIVERS:
        declared = project.manifests.find(distribution)
        if declared:
            saw(name, 3 if name != "SQLite" else 1, declared.span)
    for path in project.index.files:
        if not is_test(path):
            for fact in project.index.facts(path):
                if isinstance(fact, StringLiteral) and (url := _URL.match(fact.value)):
                    saw(_NAMED[url[1]], 1, Span(path, fact.loc.line))
    total = sum(weights.values())
    for name, weight in weights.most_common():
        yield Detected(
            "database", name, versions.get(name, ""), round(0.5 + weight / total / 2, 2), tuple(evidence[name][:3])
        )


def _package_manager(project: _Project) -> Iterator[Detected]:
    if project.manifests.locks:
        path = project.manifests.locks[0]
        yield Detected("package_manager", LOCKS[basename(path)], "", 1.0, (Span(path, 1),))
        return
    for path, text in sorted(project.index.texts.items(), key=lambda i: (i[0].count("/"), i[0])):
        name = basename(path)
        tables = {"Poetry": "[tool.poetry]", "PDM": "[tool.pdm", "Hatch": "[tool.hatch.envs", "uv": "[tool.uv"}
        if name == "pyproject.toml":
            for manager, table in tables.items():
                if table in text:
                    yield Detected("package_manager", manager, "", _DECLARED, (Span(path, line_of(text, table)),))
                    return
        if name == "Pipfile":
            yield Detected("package_manager", "Pipenv", "", _DECLARED, (Span(path, 1),))
            return
    manifest = project.manifests.find("fastapi")
    if manifest:
        yield Detected("package_manager", "pip", "", _DECLARED, (manifest.span,))


def _tools(project: _Project) -> Iterator[Detected]:
    root = project.index.root
    prefix = f"{root}/" if root else ""
    own = {p.removeprefix(prefix): t for p, t in project.index.texts.items() if p.startswith(prefix)}
    above = {p: t for p, t in project.index.texts.items() if not p.startswith(prefix)}
    paths = tuple(p.removeprefix(prefix) for p in project.index.paths if p.startswith(prefix))
    for step in discovered_steps(ProjectFacts(files=own, paths=paths, above=above, root=root)):
        tool = step.argv[0] if step.argv else ""
        kind = _TOOLS.get(step.name) or {"flake8": "linter", "pylint": "linter", "isort": "formatter"}.get(tool, "")
        if not kind or not tool:
            continue
        path, _, table = step.source.partition(" ")
        path = path.partition(":")[0]
        place = prefix + path if path in own else path if path in above else ""
        declared = project.manifests.find(tool)
        text = project.index.texts.get(place, "")
        needle = table.strip("[]") if table else tool
        evidence = (Span(place, line_of(text, needle)),) if place else (declared.span,) if declared else ()
        yield Detected(kind, tool, declared.version if declared else "", 1.0 if step.required else 0.7, evidence)
