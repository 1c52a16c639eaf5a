"""The smallest parts of a repository that stand alone: a folder, its manifests and the code of one ecosystem."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase, translate
from functools import cached_property
from posixpath import basename, dirname, join, normpath

from backwright.core.facts import Span
from backwright.engine.stack_declared import is_workspace_project, read_manifest
from backwright.engine.stack_entries import Entry, Manifest, line_of
from backwright.engine.stack_gradle import read_catalog
from backwright.engine.stack_knowledge import Ecosystem, Tool, ecosystems
from backwright.engine.stack_paths import Paths, above, is_example
from backwright.engine.stack_used import Key, Read, Usage, scan, seek

_SERVING = {"requirements", "deps", "dependencies"}
_BUILD_LOGIC = re.compile(r"(?:^|/)(?:buildSrc|build-logic|build-support|gradle/plugins|build-tools|buildLogic)(?:/|$)")
_FEW = 12  # files of a unit that are looked at in any case
_SOUGHT, _SOUGHT_HERE = 120, 80  # files of all units, and of one, that are searched for the start of a server
_SOLUTIONS = (".sln", ".slnx")


@dataclass
class Declared:
    """A package as a manifest declares it."""

    entry: Entry
    path: str


@dataclass
class Unit:
    """A folder with a manifest (or code alone), of one ecosystem."""

    root: str
    ecosystem: Ecosystem
    manifests: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    read: dict[str, Manifest] = field(default_factory=dict)
    locals: list[Unit] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)

    @property
    def names(self) -> set[str]:
        return {m.name for m in self.read.values() if m.name}

    @property
    def marks(self) -> frozenset[str]:
        return frozenset().union(*(m.marks for m in self.read.values())) if self.read else frozenset()

    @cached_property
    def declared(self) -> dict[Key, Declared]:
        """The tools that the manifests declare, main scope before others."""
        found: dict[Key, Declared] = {}
        ranks = {"main": 0, "dev": 1, "peer": 2, "catalog": 3}
        for path, manifest in self.read.items():
            for entry in manifest.entries:
                for tool in self.ecosystem.declared_tools(entry.name):
                    known = found.get((tool.kind, tool.id))
                    better = (ranks[entry.scope], not entry.version, self._place(tool, entry))
                    if known is None or better < (
                        ranks[known.entry.scope],
                        not known.entry.version,
                        self._place(tool, known.entry),
                    ):
                        found[tool.kind, tool.id] = Declared(entry, path)
        return found

    def _place(self, tool: Tool, entry: Entry) -> int:
        """Where a package stands among those that declare a tool: the tool has the version of the first."""
        name = self.ecosystem.normal(entry.name)
        names = (self.ecosystem.normal(package) for package in tool.packages)
        return next((number for number, known in enumerate(names) if fnmatchcase(name, known)), len(tool.packages))

    @cached_property
    def itself(self) -> tuple[Tool, ...]:
        """The tools that this is the source of: it bears the name of their package, or holds the code that others
        import, and does not depend on it."""
        found = [tool for name in self.names for tool in self.ecosystem.declared_tools(name)]
        if self.ecosystem.name == "jvm":  # here folders are called as what is in them is imported
            inner = {path.partition("src/main/")[2].partition("/")[2] for path in self.sources}
            packages = {folder.replace("/", ".") for path in inner for folder in above(dirname(path))}
            found += [tool for tool in self.ecosystem.tools if not packages.isdisjoint(tool.uses)]
        others = {
            key
            for key, declared in self.declared.items()
            if declared.entry.scope == "main" or declared.entry.name not in self.names
        }
        return tuple(tool for tool in found if (tool.kind, tool.id) not in others)

    @cached_property
    def features(self) -> dict[str, Declared]:
        """Optional parts of packages that were asked for, by name."""
        return {
            feature: Declared(entry, path)
            for path, manifest in self.read.items()
            for entry in manifest.entries
            if entry.scope == "main" or "catalog" in entry.scope
            for feature in entry.features
        }

    def uses(self, tool: Tool) -> bool:
        return self.usage.used(tool).production > 0


def find_units(paths: Paths, read: Read) -> list[Unit]:
    """All units of a repository, by place; their manifests are read, their code is not yet looked at."""
    units: dict[tuple[str, str], Unit] = {}
    inner: list[tuple[str, Ecosystem, str]] = []
    exact, patterns = _manifest_names()
    by_pattern = re.compile("|".join(translate(glob) for glob, _ in patterns))
    for folder, names in paths.names.items():
        if not paths.own(folder) or ".github" in folder:
            continue
        in_requirements = basename(folder) == "requirements"
        for name in names:
            ecosystem = exact.get(name)
            if ecosystem is None and by_pattern.match(name):
                ecosystem = next(e for glob, e in patterns if fnmatchcase(name, glob))
            if in_requirements and name.endswith((".txt", ".in")):
                ecosystem = exact["pyproject.toml"]
            if ecosystem is None:
                continue
            root = _root(folder, ecosystem, paths)
            if name == "setup.py" and (root != folder or "setup(" not in (read(f"{folder}/{name}".lstrip("/")) or "")):
                continue  # a module of a package that is called so
            path = f"{folder}/{name}" if folder else name
            if name == "project.json" and not is_workspace_project(read(path) or ""):
                continue
            if root != folder and basename(folder) not in _SERVING:
                inner.append((root, ecosystem, path))
                continue
            units.setdefault((root, ecosystem.name), Unit(root, ecosystem)).manifests.append(path)
    for root, ecosystem, path in inner:  # a manifest in a package makes no project where there is one around it
        home = next((f for f in above(root) if (f, ecosystem.name) in units), root)
        units.setdefault((home, ecosystem.name), Unit(home, ecosystem)).manifests.append(path)
    _assign_sources(units, paths)
    catalogs = _Catalogs(paths, read)
    for unit in units.values():
        for path in sorted(unit.manifests, key=lambda p: (p.count("/"), p)):
            unit.read[path] = catalogs.resolved(path, read_manifest(path, read(path) or ""))
    _drop_empty(units, paths)
    found = [units[key] for key in sorted(units)]
    _link(found)
    return found


def look(units: list[Unit], read: Read, budget: int) -> None:
    """Look at the code of all units: together no more than about `budget` files."""
    total = sum(len(unit.sources) for unit in units)
    for unit in units:
        share = budget if total <= budget else max(_FEW, budget * len(unit.sources) // total)
        if is_example(unit.root) or (total > budget and not _may_serve(unit)):
            share = min(share, _FEW)
        unit.usage = scan(unit.ecosystem, unit.root, unit.sources, read, share)
    left = _SOUGHT
    for unit in units:
        entry = unit.ecosystem.entry_text is None or unit.usage.entry is not None
        if unit.usage.complete or (unit.usage.starts(unit.ecosystem) and entry) or is_example(unit.root):
            continue
        tools = [tool for tool in unit.ecosystem.tools if tool.app is not None and _may_start(unit, tool)]
        if tools and left > 0:
            left -= seek(unit.ecosystem, unit.root, unit.sources, read, unit.usage, tools, min(left, _SOUGHT_HERE))


def _may_start(unit: Unit, tool: Tool) -> bool:
    """Whether this is a framework that a unit asks for or uses."""
    if tool.kind != "framework":
        return False
    declared = unit.declared.get((tool.kind, tool.id))
    return unit.uses(tool) or (declared is not None and declared.entry.scope == "main")


def _may_serve(unit: Unit) -> bool:
    """Whether a unit says that it has to do with servers, or says nothing."""
    said = not any(manifest.entries for manifest in unit.read.values()) or any(
        kind in {"framework", "api_framework", "orm"} for kind, _ in unit.declared
    )
    return said or unit.ecosystem.merges != "" or unit.ecosystem.name in {"go", "php"}


def leader(unit: Unit, units: Mapping[tuple[str, str], Unit], paths: Paths) -> str:
    """The root of the group that a unit is built with: its workspace, solution, umbrella or parent; its own for none."""
    match unit.ecosystem.merges:
        case "solution":
            return _solution(unit, paths)
        case "modules":
            return _modules(unit, units, paths)
        case "":
            return unit.root
    best = unit.root
    for folder in above(unit.root):
        other = units.get((folder, unit.ecosystem.name))
        if other is not None and "workspace" in other.marks and not _shows(unit, folder):
            best = folder
    return best


def _shows(unit: Unit, folder: str) -> bool:
    """Whether a unit is an example of what stands in this folder."""
    return is_example(unit.root[len(folder) :].lstrip("/")) and not is_example(folder)


def _solution(unit: Unit, paths: Paths) -> str:
    with_solution = [f for f in above(unit.root) if any(n.endswith(_SOLUTIONS) for n in paths.names.get(f, ()))]
    outer = [f for f in with_solution if f != unit.root]
    return outer[0] if outer else with_solution[0] if with_solution else unit.root


def _modules(unit: Unit, units: Mapping[tuple[str, str], Unit], paths: Paths) -> str:
    if built := _BUILD_LOGIC.search(unit.root):
        return unit.root[: built.start()].rstrip("/")
    best = unit.root
    settings = {"settings.gradle", "settings.gradle.kts"}
    for folder in above(unit.root):
        other = units.get((folder, unit.ecosystem.name))
        if other is not None and "workspace" in other.marks and _lists(other, unit):
            best = folder
        elif settings & set(paths.names.get(folder, ())):
            return folder
    return best


def _lists(parent: Unit, unit: Unit) -> bool:
    if parent is unit:
        return True
    inner = unit.root[len(parent.root) + 1 :] if parent.root else unit.root
    members = [m for manifest in parent.read.values() for m in manifest.members]
    return any(inner == m.strip("./") or inner.startswith(m.strip("./") + "/") for m in members)


def _manifest_names() -> tuple[dict[str, Ecosystem], list[tuple[str, Ecosystem]]]:
    exact: dict[str, Ecosystem] = {}
    patterns: list[tuple[str, Ecosystem]] = []
    for ecosystem in ecosystems():
        for name in ecosystem.manifests:
            if "/" in name:
                continue
            if "*" in name:
                patterns.append((name, ecosystem))
            else:
                exact[name] = ecosystem
    return exact, patterns


def _root(folder: str, ecosystem: Ecosystem, paths: Paths) -> str:
    """Where a project starts: never inside a package, nor in a folder that serves another."""
    if ecosystem.name != "python":
        return folder
    while basename(folder) in _SERVING:
        folder = dirname(folder)
    while folder and "__init__.py" in paths.names.get(folder, ()):
        folder = dirname(folder)
    return folder


def _assign_sources(units: dict[tuple[str, str], Unit], paths: Paths) -> None:
    by_suffix = {suffix: ecosystem for ecosystem in ecosystems() for suffix in ecosystem.suffixes}
    homes: dict[tuple[str, str], Unit | None] = {}
    projects = {root for root, _ in units if root}
    for folder, names in paths.names.items():
        if not paths.own(folder) or folder.startswith(".github"):
            continue
        for name in names:
            ecosystem = by_suffix.get(name[name.rfind(".") :])
            if ecosystem is None or name.endswith((".d.ts", ".min.js")):
                continue
            key = (folder, ecosystem.name)
            if key not in homes:
                homes[key] = _home(folder, ecosystem, units, projects)
            if (home := homes[key]) is not None:
                home.sources.append(f"{folder}/{name}" if folder else name)


def _home(
    folder: str, ecosystem: Ecosystem, units: dict[tuple[str, str], Unit], projects: Collection[str]
) -> Unit | None:
    """The unit that the code of a folder belongs to; None for what lies in another language's project: its material."""
    inside = False
    root = None
    for outer in above(folder):
        if (outer, ecosystem.name) in units:
            root = outer
            break
        inside = inside or outer in projects
    if root is None and inside:
        return None
    return units.setdefault((root or "", ecosystem.name), Unit(root or "", ecosystem))


def _drop_empty(units: dict[tuple[str, str], Unit], paths: Paths) -> None:
    """Units without code or without a word: a workspace's own manifest, tools of documentation."""
    for key, unit in list(units.items()):
        unit.sources.sort()
        groups = unit.ecosystem.merges and unit.manifests
        if not unit.sources and not groups and not any(m.entries for m in unit.read.values()):
            del units[key]


class _Catalogs:
    """Gradle's version catalogues, and Cargo's workspace dependencies: what a manifest only names is said there."""

    def __init__(self, paths: Paths, read: Read) -> None:
        self._paths, self._read = paths, read
        self._known: dict[str, dict[str, tuple[str, str]]] = {}

    def resolved(self, path: str, manifest: Manifest) -> Manifest:
        if not any("@" in entry.name[1:] and "/" not in entry.name for entry in manifest.entries):
            return manifest
        entries: list[Entry] = []
        for entry in manifest.entries:
            catalog, _, accessor = entry.name.partition("@")
            if not accessor or "/" in entry.name or not catalog:
                entries.append(entry)
                continue
            known = self._catalog(catalog, dirname(path))
            if accessor in known:
                names, version = known[accessor]
                entries += [entry._replace(name=name, version=version) for name in names.split()]
            else:
                entries.append(entry._replace(name=f"?:{accessor.replace('.', '-')}"))
        return manifest._replace(entries=tuple(entries))

    def _catalog(self, name: str, folder: str) -> dict[str, tuple[str, str]]:
        for place in above(folder):
            path = join(place, "gradle", f"{name}.versions.toml")
            if basename(path) in self._paths.names.get(dirname(path), ()):
                if path not in self._known:
                    self._known[path] = read_catalog(self._read(path) or "")
                return self._known[path]
        return {}


def _link(units: list[Unit]) -> None:
    """Which units use which others of the same repository."""
    by_name = {(u.ecosystem.name, name): u for u in units for name in u.names}
    by_root = {(u.ecosystem.name, u.root): u for u in units}
    for unit in units:
        found: dict[int, Unit] = {}
        for path, manifest in unit.read.items():
            for entry in manifest.entries:
                name = entry.name.rpartition(":")[2] if unit.ecosystem.name == "jvm" else entry.name
                other = by_name.get((unit.ecosystem.name, name))
                if other is not None and other is not unit and entry.scope in {"main", "peer"}:
                    found[id(other)] = other
            if basename(path) == "project.json":  # its packages are those of the workspace around it
                around = (by_root.get((unit.ecosystem.name, folder)) for folder in above(dirname(unit.root)))
                found |= {id(other): other for other in around if other is not None and other is not unit}
            for place in manifest.locals:
                other = by_root.get((unit.ecosystem.name, _local(place, path, by_root)))
                if other is not None and other is not unit:
                    found[id(other)] = other
        unit.locals = list(found.values())


def _local(place: str, path: str, roots: Mapping[tuple[str, str], Unit]) -> str:
    if not place.startswith("gradle:"):
        return "" if place == "." else place
    inner = place.removeprefix("gradle:").strip(":").replace(":", "/")
    return next((f for top in above(dirname(path)) if ("jvm", f := normpath(join(top, inner))) in roots), "?")


def version_of(unit: Unit, paths: Paths, read: Read) -> tuple[str, Span | None]:
    """The version of the language, and where it is said."""
    for path, manifest in unit.read.items():
        if manifest.version:
            return manifest.version, Span(path, line_of(read(path) or "", manifest.version))
    for folder in above(unit.root):
        for glob, pattern in unit.ecosystem.version_files.items():
            for name in paths.names.get(folder, ()):
                if fnmatchcase(name, glob) and (
                    found := re.search(pattern, text := read(f"{folder}/{name}".lstrip("/")) or "", re.MULTILINE)
                ):
                    return found[1], Span(f"{folder}/{name}".lstrip("/"), text.count("\n", 0, found.start(1)) + 1)
    return "", None
