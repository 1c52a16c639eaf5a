"""Python's manifests: pyproject.toml, requirements, Pipfile, setup.cfg and setup.py, read without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from backwright.engine.projects import read_toml
from backwright.engine.stack_entries import Entry, Manifest, list_of, plain_version, scope_of, table_of, version_of

_REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#@]*)")


def read_pyproject(path: str, text: str) -> Manifest:
    data = read_toml(text)
    project, tool = table_of(data, "project"), table_of(data, "tool")
    poetry = table_of(tool, "poetry")
    entries = [*_specs(project.get("dependencies"), "main")]
    for group, specs in table_of(project, "optional-dependencies").items():
        entries += _specs(specs, scope_of(group))
    for group, specs in table_of(data, "dependency-groups").items():
        entries += _specs(specs, "dev" if scope_of(group) == "dev" else "main" if group in {"main", "prod"} else "dev")
    for name, spec in table_of(poetry, "dependencies").items():
        entries.append(Entry(name, plain_version(version_of(spec))))
    groups = {name: table_of(group, "dependencies") for name, group in table_of(poetry, "group").items()}
    for group, table in {**groups, "dev": {**table_of(poetry, "dev-dependencies"), **groups.get("dev", {})}}.items():
        entries += [Entry(name, plain_version(version_of(spec)), scope_of(group)) for name, spec in table.items()]
    entries += _specs(table_of(tool, "uv").get("dev-dependencies"), "dev")
    for specs in table_of(tool, "pdm", "dev-dependencies").values():
        entries += _specs(specs, "dev")
    marks = (
        {"published"} if "build-system" in data and (project.get("classifiers") or poetry.get("classifiers")) else set()
    )
    if _for_others(project.get("classifiers") or ()):
        marks.add("library")
    if table_of(project, "scripts") or table_of(poetry, "scripts"):
        marks.add("bin")
    members = tuple(map(str, list_of(table_of(tool, "uv", "workspace").get("members"))))
    python = project.get("requires-python") or version_of(table_of(poetry, "dependencies").get("python"))
    name = str(project.get("name") or poetry.get("name") or "")
    return Manifest(name, tuple(entries), (), members, frozenset(marks), plain_version(str(python or "")))


def _specs(value: object, scope: str) -> Iterator[Entry]:
    for spec in list_of(value):
        if isinstance(spec, str) and (found := _REQUIREMENT.match(spec.strip())):
            yield Entry(found[1], plain_version(found[2] or ""), scope)


def read_requirements(path: str, text: str) -> Manifest:
    scope = scope_of(path)
    entries = []
    for line in text.splitlines():
        bare = line.partition(" #")[0].strip()
        egg = re.search(r"#egg=([\w.-]+)", line)
        if egg:
            entries.append(Entry(egg[1], "", scope))
        elif bare and bare[0] not in "#-" and "://" not in bare.partition("@")[0] and (f := _REQUIREMENT.match(bare)):
            entries.append(Entry(f[1], plain_version(f[2] or ""), scope))
    return Manifest(entries=tuple(entries))


def read_pipfile(path: str, text: str) -> Manifest:
    data = read_toml(text)
    tables = (("packages", "main"), ("dev-packages", "dev"))
    found = [
        Entry(n, plain_version(version_of(s)), scope) for key, scope in tables for n, s in table_of(data, key).items()
    ]
    return Manifest(entries=tuple(found), version=str(table_of(data, "requires").get("python_version", "")))


def read_setup_cfg(path: str, text: str) -> Manifest:
    import configparser

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
            entries += _specs(specs.split("\n"), scope_of(extra))
    marks = {"published", "library"} if parser.has_option("metadata", "classifiers") else set()
    marks |= {"bin"} if parser.has_section("options.entry_points") else set()
    version = parser["options"].get("python_requires", "") if parser.has_section("options") else ""
    return Manifest(
        parser.get("metadata", "name", fallback=""),
        tuple(entries),
        marks=frozenset(marks),
        version=plain_version(version),
    )


def read_setup_py(path: str, text: str) -> Manifest:
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
        for keyword in _keywords(call, lists):
            value = lists.get(keyword.value.id, keyword.value) if isinstance(keyword.value, ast.Name) else keyword.value
            strings = [n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            scope = {"install_requires": "main", "tests_require": "dev", "extras_require": "dev"}.get(keyword.arg or "")
            entries += _specs(strings, scope) if scope else ()
            marks |= {"bin"} if keyword.arg == "entry_points" else set()
            marks |= {"library"} if keyword.arg == "classifiers" and _for_others(strings) else set()
            name = strings[0] if keyword.arg == "name" and strings else name
    marks |= {"library"} if marks == {"published"} else set()
    return Manifest(name, tuple(entries), marks=frozenset(marks))


def _keywords(call: ast.Call, known: Mapping[str, ast.expr]) -> Iterator[ast.keyword]:
    """What a call is given by name, also as a dictionary that was made before."""
    for keyword in call.keywords:
        given = known.get(keyword.value.id) if keyword.arg is None and isinstance(keyword.value, ast.Name) else None
        if isinstance(given, ast.Dict):
            pairs = zip(given.keys, given.values, strict=True)
            yield from (ast.keyword(str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant))
        else:
            yield keyword


def _for_others(classifiers: Iterable[object]) -> bool:
    """Whether a package says of itself that others program with it."""
    return any("Framework ::" in str(c) or "Libraries" in str(c) for c in classifiers)
