"""What manifests declare: packages with version and scope, other projects of the repository, scripts."""

from __future__ import annotations

import ast
import configparser
import json
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from posixpath import basename, dirname, join, normpath
from typing import Any, NamedTuple

from backwright.engine.projects import read_toml
from backwright.engine.stack_gradle import read_gradle, read_sbt
from backwright.engine.stack_xml import read_csproj, read_pom

_DEV_NAMES = re.compile(r"(?i)(^|[-_./])(dev|develop|development|tests?|testing|lint|linting|docs?|ci|local|typing|types?)([-_./]|$)")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#@]*)")
_GO_REQUIRE = re.compile(r"(?m)^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/[\w./~-]+|[\w.-]+\.\w{2,})\s+v(\d[\w.+-]*)(?!.*// indirect)[^\n]*$")
_GEM = re.compile(r"""^\s*gem\s*\(?\s*["']([\w.-]+)["'](?:\s*,\s*["']\D*(\d[\w.]*)["'])?(.*)$""")
_GEM_DEPENDENCY = re.compile(r"""add_(development_|runtime_)?dependency\s*\(?\s*["']([\w.-]+)["'](?:\s*,\s*["']\D*(\d[\w.]*))?""")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_MIX = re.compile(r"""\{\s*:(\w+)\s*,([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}""")


class Entry(NamedTuple):
    """A declared package. `scope`: main, dev or peer. `features` are the optional parts that were asked for."""

    name: str
    version: str = ""
    scope: str = "main"
    features: tuple[str, ...] = ()


class Manifest(NamedTuple):
    """What one manifest says. `name` is that of the package itself, `locals` are folders of other projects it uses.

    `marks` are words about the project: private, published, workspace, bin, application …; `members` are globs of
    folders that belong to this workspace.
    """

    name: str = ""
    entries: tuple[Entry, ...] = ()
    locals: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    version: str = ""  # of the language


def read_manifest(path: str, text: str) -> Manifest:
    """The manifest of this path; an empty one where it cannot be read."""
    name = basename(path)
    reader = next((read for glob, read in _READERS.items() if fnmatchcase(name, glob)), None)
    if reader is None and ("requirements" in path and name.endswith((".txt", ".in"))):
        reader = _requirements
    return reader(path, text) if reader else Manifest()


def _pyproject(path: str, text: str) -> Manifest:
    data = read_toml(text)
    project, tool = _table(data, "project"), _table(data, "tool")
    poetry = _table(tool, "poetry")
    entries = [*_specs(project.get("dependencies"), "main")]
    for group, specs in _table(project, "optional-dependencies").items():
        entries += _specs(specs, _scope(group))
    for group, specs in _table(data, "dependency-groups").items():
        entries += _specs(specs, "dev" if _scope(group) == "dev" else "main" if group in {"main", "prod"} else "dev")
    for name, spec in _table(poetry, "dependencies").items():
        entries.append(Entry(name, _plain(_version_of(spec))))
    groups = {name: _table(group, "dependencies") for name, group in _table(poetry, "group").items()}
    for group, table in {**groups, "dev": {**_table(poetry, "dev-dependencies"), **groups.get("dev", {})}}.items():
        entries += [Entry(name, _plain(_version_of(spec)), _scope(group)) for name, spec in table.items()]
    entries += _specs(_table(tool, "uv").get("dev-dependencies"), "dev")
    for specs in _table(tool, "pdm", "dev-dependencies").values():
        entries += _specs(specs, "dev")
    marks = {"published"} if "build-system" in data and (project.get("classifiers") or poetry.get("classifiers")) else set()
    if any("Framework ::" in str(c) or "Libraries" in str(c) for c in project.get("classifiers") or ()):
        marks.add("library")
    if _table(project, "scripts") or _table(poetry, "scripts"):
        marks.add("bin")
    members = tuple(map(str, _list(_table(tool, "uv", "workspace").get("members"))))
    python = project.get("requires-python") or _version_of(_table(poetry, "dependencies").get("python"))
    name = str(project.get("name") or poetry.get("name") or "")
    return Manifest(name, tuple(entries), (), members, frozenset(marks), _plain(str(python or "")))


def _specs(value: object, scope: str) -> Iterator[Entry]:
    for spec in _list(value):
        if isinstance(spec, str) and (found := _REQUIREMENT.match(spec.strip())):
            yield Entry(found[1], _plain(found[2] or ""), scope)


def _requirements(path: str, text: str) -> Manifest:
    scope = _scope(path)
    entries = []
    for line in text.splitlines():
        bare = line.partition(" #")[0].strip()
        egg = re.search(r"#egg=([\w.-]+)", line)
        if egg:
            entries.append(Entry(egg[1], "", scope))
        elif bare and bare[0] not in "#-" and "://" not in bare.partition("@")[0] and (f := _REQUIREMENT.match(bare)):
            entries.append(Entry(f[1], _plain(f[2] or ""), scope))
    return Manifest(entries=tuple(entries))


def _pipfile(path: str, text: str) -> Manifest:
    data = read_toml(text)
    tables = (("packages", "main"), ("dev-packages", "dev"))
    found = [Entry(n, _plain(_version_of(s)), scope) for key, scope in tables for n, s in _table(data, key).items()]
    return Manifest(entries=tuple(found), version=str(_table(data, "requires").get("python_version", "")))


def _setup_cfg(path: str, text: str) -> Manifest:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return Manifest()
    entries: list[Entry] = []
    if parser.has_section("options"):
        entries += _specs(parser["options"].get("install_requires", "").split("\n"), "main")
        entries += _specs(parser["options"].get("tests_require", "").split("\n"), "dev")
    if parser.has_section("options.extras_require"):
        for extra, specs in parser["options.extras_require"].items():
            entries += _specs(specs.split("\n"), _scope(extra))
    marks = {"published", "library"} if parser.has_option("metadata", "classifiers") else set()
    marks |= {"bin"} if parser.has_section("options.entry_points") else set()
    version = parser["options"].get("python_requires", "") if parser.has_section("options") else ""
    return Manifest(parser.get("metadata", "name", fallback=""), tuple(entries), marks=frozenset(marks), version=_plain(version))


def _setup_py(path: str, text: str) -> Manifest:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Manifest()
    lists = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    entries: list[Entry] = []
    marks: set[str] = set()
    name = ""
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) == "setup"):
            continue
        marks |= {"published"}
        for keyword in call.keywords:
            value = lists.get(keyword.value.id, keyword.value) if isinstance(keyword.value, ast.Name) else keyword.value
            strings = [n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            scope = {"install_requires": "main", "tests_require": "dev", "extras_require": "dev"}.get(keyword.arg or "")
            entries += _specs(strings, scope) if scope else ()
            marks |= {"bin"} if keyword.arg == "entry_points" else set()
            marks |= {"library"} if keyword.arg == "classifiers" else set()
            name = strings[0] if keyword.arg == "name" and strings else name
    return Manifest(name, tuple(entries), marks=frozenset(marks))


def _package_json(path: str, text: str) -> Manifest:
    data = read_json(text)
    scopes = {"dependencies": "main", "optionalDependencies": "main", "devDependencies": "dev", "peerDependencies": "peer"}
    entries = [
        Entry(name, _plain(str(version)), scope)
        for key, scope in scopes.items()
        for name, version in _table(data, key).items()
    ]
    spaces = data.get("workspaces")
    members = _list(spaces.get("packages") if isinstance(spaces, dict) else spaces)
    marks = {"private"} if data.get("private") is True else set()
    marks |= {"bin"} if data.get("bin") else set()
    if data.get("exports") or data.get("module") or data.get("types") or data.get("files") or data.get("publishConfig"):
        marks.add("published")
    scripts = _table(data, "scripts")
    marks |= {"start"} if "start" in scripts else set()
    engine = _table(data, "engines").get("node", "")
    return Manifest(
        str(data.get("name", "")), tuple(entries), (), tuple(map(str, members)), frozenset(marks), _plain(str(engine))
    )


def _deno_json(path: str, text: str) -> Manifest:
    data = read_json(re.sub(r"(?m)^\s*//.*$", "", text))
    found = (re.match(r"(?:npm|jsr):(@?[\w./-]+?)(?:@\D*([\d.]+).*)?$", str(v)) for v in _table(data, "imports").values())
    return Manifest(entries=tuple(Entry(f[1], _plain(f[2] or "")) for f in found if f))


def _go_mod(path: str, text: str) -> Manifest:
    module = re.search(r"(?m)^module\s+(\S+)", text)
    version = re.search(r"(?m)^go\s+(\d+\.\d+)", text)
    lines = [line for line in text.splitlines() if "=>" not in line]
    entries = tuple(Entry(f[1], _plain(f[2])) for f in _GO_REQUIRE.finditer("\n".join(lines)))
    folders = tuple(normpath(join(dirname(path), f)) for f in re.findall(r"=>\s*(\.\.?/\S+)", text))
    return Manifest(module[1] if module else "", entries, folders, version=version[1] if version else "")


def _cargo(path: str, text: str) -> Manifest:
    data = read_toml(text)
    entries: list[Entry] = []
    folders: list[str] = []
    targets = [t for t in _table(data, "target").values() if isinstance(t, dict)]
    for table in (data, *targets):
        for key, scope in (("dependencies", "main"), ("dev-dependencies", "dev"), ("build-dependencies", "dev")):
            for name, spec in _table(table, key).items():
                options = spec if isinstance(spec, dict) else {}
                package = str(options.get("package", name))
                features = tuple(map(str, _list(options.get("features"))))
                entries.append(Entry(package, _plain(_version_of(spec)), scope, features))
                if isinstance(options.get("path"), str):
                    folders.append(normpath(join(dirname(path), options["path"])))
    workspace = _table(data, "workspace")
    for name, spec in _table(workspace, "dependencies").items():
        options = spec if isinstance(spec, dict) else {}
        entries.append(Entry(name, _plain(_version_of(spec)), "catalog", tuple(map(str, _list(options.get("features"))))))
    marks = {"workspace"} if workspace else set()
    marks |= {"package"} if "package" in data else set()
    marks |= {"bin"} if "bin" in data else set()
    marks |= {"published"} if _table(data, "package").get("categories") or "lib" in data else set()
    members = tuple(map(str, _list(workspace.get("members"))))
    version = str(_table(data, "package").get("rust-version", "") or _table(workspace, "package").get("rust-version", ""))
    return Manifest(
        str(_table(data, "package").get("name", "")), tuple(entries), tuple(folders), members, frozenset(marks), _plain(version)
    )


def _gemfile(path: str, text: str) -> Manifest:
    entries: list[Entry] = []
    blocks: list[str] = []
    for line in text.splitlines():
        bare = line.strip()
        if re.match(r"(group|platforms?|source|if|unless|install_if|path|git)\b.*(\bdo\b|\bif\b|\bunless\b)?", bare) and (
            bare.endswith("do") or re.match(r"(if|unless)\b", bare) or re.search(r"\bdo\s*\|", bare)
        ):
            blocks.append("dev" if re.match(r"group\b", bare) and _all_dev(bare) else "")
        elif bare == "end" and blocks:
            blocks.pop()
        elif found := _GEM.match(line):
            group = re.search(r"groups?(?::|\s*=>)\s*(\[[^\]]*\]|:\w+)", found[3])
            dev = "dev" in blocks or bool(group and _all_dev(group[1]))
            entries.append(Entry(found[1], _plain(found[2] or ""), "dev" if dev else "main"))
    version = re.search(r"""(?m)^ruby\s+["']\D*(\d+\.\d+)""", text)
    return Manifest(entries=tuple(entries), version=version[1] if version else "")


def _all_dev(words: str) -> bool:
    names = re.findall(r":(\w+)|[\"'](\w+)[\"']", words)
    groups = {a or b for a, b in names} - {"optional"}
    return bool(groups) and groups <= {"development", "test", "lint", "linting", "ci", "doc", "docs", "benchmark", "tools"}


def _gemspec(path: str, text: str) -> Manifest:
    entries = tuple(
        Entry(f[2], _plain(f[3] or ""), "dev" if f[1] == "development_" else "main")
        for line in text.splitlines()
        if not line.strip().startswith("#") and (f := _GEM_DEPENDENCY.search(line))
    )
    marks = {"published", *(("bin",) if re.search(r"\.executables", text) else ())}
    return Manifest(basename(path).removesuffix(".gemspec"), entries, marks=frozenset(marks))


def _composer(path: str, text: str) -> Manifest:
    data = read_json(text)
    scopes = {"require": "main", "require-dev": "dev"}
    entries = [
        Entry(name, _plain(str(version)), scope)
        for key, scope in scopes.items()
        for name, version in _table(data, key).items()
        if name != "php"
    ]
    kind = data.get("type")
    marks = {"published"} if kind == "library" or (kind is None and data.get("name") and not data.get("scripts")) else set()
    marks |= {"bin"} if data.get("bin") else set()
    php = _plain(str(_table(data, "require").get("php", "")))
    return Manifest(str(data.get("name", "")), tuple(entries), marks=frozenset(marks), version=php)


def _mix(path: str, text: str) -> Manifest:
    entries = []
    bare = re.sub(r"(?m)#.*$", "", text)
    start = bare.find("deps do")
    folders = []
    for found in _MIX.finditer(bare, max(start, 0)):
        name, rest = found[1], found[2]
        if name in {"ok", "error", "app"}:
            continue
        version = re.search(r"\"\D*(\d[\w.]*)", rest)
        only = re.search(r"only:\s*(\[[^\]]*\]|:\w+)", rest)
        dev = only is not None and "prod" not in only[1]
        entries.append(Entry(name, _plain(version[1] if version else ""), "dev" if dev else "main"))
        if place := re.search(r"path:\s*\"([^\"]+)\"", rest):
            folders.append(normpath(join(dirname(path), place[1])))
    app = re.search(r"\bapp:\s*:(\w+)", text)
    marks = {"workspace"} if re.search(r"\bapps_path:", text) else set()
    marks |= {"published"} if re.search(r"\bpackage:\s|defp? package\b", text) else set()
    marks |= {"bin"} if re.search(r"\bescript:", text) else set()
    members = ("apps/*",) if "workspace" in marks else ()
    version = re.search(r"elixir:\s*\"\D*(\d+\.\d+)", text)
    name = app[1] if app else ""
    return Manifest(name, tuple(entries), tuple(folders), members, frozenset(marks), version[1] if version else "")


def read_json(text: str) -> dict[str, Any]:
    """The object, empty where it is none."""
    try:
        data = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _from(read: Callable[[str, str], dict[str, Any]]) -> Callable[[str, str], Manifest]:
    def reader(path: str, text: str) -> Manifest:
        found = read(path, text)
        entries = tuple(Entry(name, _plain(version), scope) for name, version, scope in found.pop("entries"))
        return Manifest(entries=entries, **found)

    return reader


_READERS: Mapping[str, Callable[[str, str], Manifest]] = {
    "pyproject.toml": _pyproject,
    "Pipfile": _pipfile,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "requirements*": _requirements,
    "package.json": _package_json,
    "deno.json*": _deno_json,
    "go.mod": _go_mod,
    "Cargo.toml": _cargo,
    "pom.xml": _from(read_pom),
    "build.gradle*": _from(read_gradle),
    "build.sbt": _from(read_sbt),
    "*.csproj": _from(read_csproj),
    "Gemfile": _gemfile,
    "gems.rb": _gemfile,
    "*.gemspec": _gemspec,
    "composer.json": _composer,
    "mix.exs": _mix,
}


def _scope(name: str) -> str:
    return "dev" if _DEV_NAMES.search(name) else "main"


def _table(data: object, *keys: str) -> dict[str, Any]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _version_of(spec: object) -> str:
    if isinstance(spec, dict):
        return str(spec.get("version", ""))
    return spec if isinstance(spec, str) else ""


def _plain(version: str) -> str:
    """`3.1.4` of `^3.1.4`, `""` where nothing is said."""
    found = re.search(r"(?:(?<=[\s=~^>,])|^)v?(\d+(?:\.\d+)*)", re.sub(r"<=?\s*[\d.]+", "", version)) or _NUMBER.search(version)
    return found.group().lstrip("v") if found else ""
