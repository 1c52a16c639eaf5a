"""What manifests declare: packages with version and scope, other projects of the repository, scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from posixpath import basename, dirname, join, normpath
from typing import Any

from backwright.engine.projects import read_toml
from backwright.engine.stack_entries import Entry, Manifest, list_of, plain_version, table_of, version_of
from backwright.engine.stack_gradle import read_gradle, read_sbt
from backwright.engine.stack_python import (
    read_pipfile,
    read_pyproject,
    read_requirements,
    read_setup_cfg,
    read_setup_py,
)

_GO_REQUIRE = re.compile(
    r"(?m)^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/[\w./~-]+|[\w.-]+\.\w{2,})\s+v(\d[\w.+-]*)(?!.*// indirect)[^\n]*$"
)
_GEM = re.compile(r"""^\s*gem\s*\(?\s*["']([\w.-]+)["'](?:\s*,\s*["']\D*(\d[\w.]*)["'])?(.*)$""")
_GEM_DEPENDENCY = re.compile(
    r"""add_(development_|runtime_)?dependency\s*\(?\s*["']([\w.-]+)["'](?:\s*,\s*["']\D*(\d[\w.]*))?"""
)
_RUNS = re.compile(  # a script that starts a program, rather than a compiler that watches
    r"\b(?:nodemon|ts-node(?:-dev)?|vite-node|wrangler|pm2"
    r"|(?:node|bun|deno|tsx|nest|next|nuxt|fastify|medusa|strapi|keystone|sails|ace|encore|func)"
    r" (?:run |start|dev|watch|serve|--watch|lift|[^&|]*\S\.[cm]?[jt]s\b))"
)
_TRIES = re.compile(r"\b(?:examples?|demos?|playgrounds?|sandbox|fixtures?|tests?)\b")
_MIX = re.compile(r"""\{\s*:(\w+)\s*,([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}""")


def read_manifest(path: str, text: str) -> Manifest:
    """The manifest of this path; an empty one where it cannot be read."""
    name = basename(path)
    reader = next((read for glob, read in _READERS.items() if fnmatchcase(name, glob)), None)
    if reader is None and ("requirements" in path and name.endswith((".txt", ".in"))):
        reader = read_requirements
    return reader(path, text) if reader else Manifest()


def _package_json(path: str, text: str) -> Manifest:
    data = read_json(text)
    scopes = {
        "dependencies": "main",
        "optionalDependencies": "main",
        "devDependencies": "dev",
        "peerDependencies": "peer",
    }
    entries = [
        Entry(name, plain_version(str(version)), scope)
        for key, scope in scopes.items()
        for name, version in table_of(data, key).items()
    ]
    spaces = data.get("workspaces")
    members = list_of(spaces.get("packages") if isinstance(spaces, dict) else spaces)
    marks = {"private"} if data.get("private") is True else set()
    marks |= {"bin"} if data.get("bin") else set()
    if data.get("exports") or data.get("module") or data.get("types") or data.get("files") or data.get("publishConfig"):
        marks.add("published")
    scripts = table_of(data, "scripts")
    marks |= {"start"} if "start" in scripts and not _TRIES.search(str(scripts["start"])) else set()
    marks |= {"runs"} if "start" in scripts or _RUNS.search(" ".join(map(str, scripts.values()))) else set()
    engine = table_of(data, "engines").get("node", "")
    return Manifest(
        str(data.get("name", "")),
        tuple(entries),
        (),
        tuple(map(str, members)),
        frozenset(marks),
        plain_version(str(engine)),
    )


def is_workspace_project(text: str) -> bool:
    """Whether a `project.json` is one of a workspace of several that share their packages, as Nx has them."""
    return re.search(r'"(?:projectType|sourceRoot|targets)"\s*:', text) is not None


def _project_json(path: str, text: str) -> Manifest:
    data = read_json(text)
    kind = str(data.get("projectType", ""))
    return Manifest(str(data.get("name", "")), marks=frozenset({kind} & {"application", "library"}))


def _deno_json(path: str, text: str) -> Manifest:
    data = read_json(re.sub(r"(?m)^\s*//.*$", "", text))
    found = (
        re.match(r"(?:npm|jsr):(@?[\w./-]+?)(?:@\D*([\d.]+).*)?$", str(v)) for v in table_of(data, "imports").values()
    )
    return Manifest(entries=tuple(Entry(f[1], plain_version(f[2] or "")) for f in found if f))


def _go_mod(path: str, text: str) -> Manifest:
    module = re.search(r"(?m)^module\s+(\S+)", text)
    version = re.search(r"(?m)^go\s+(\d+\.\d+)", text)
    lines = [line for line in text.splitlines() if "=>" not in line]
    entries = tuple(Entry(f[1], plain_version(f[2])) for f in _GO_REQUIRE.finditer("\n".join(lines)))
    folders = tuple(normpath(join(dirname(path), f)) for f in re.findall(r"=>\s*(\.\.?/\S+)", text))
    return Manifest(module[1] if module else "", entries, folders, version=version[1] if version else "")


def _cargo(path: str, text: str) -> Manifest:
    data = read_toml(text)
    entries: list[Entry] = []
    folders: list[str] = []
    targets = [t for t in table_of(data, "target").values() if isinstance(t, dict)]
    for table in (data, *targets):
        for key, scope in (("dependencies", "main"), ("dev-dependencies", "dev"), ("build-dependencies", "dev")):
            for name, spec in table_of(table, key).items():
                options = spec if isinstance(spec, dict) else {}
                package = str(options.get("package", name))
                features = tuple(map(str, list_of(options.get("features"))))
                asked = "peer" if scope == "main" and options.get("optional") is True else scope
                entries.append(Entry(package, plain_version(version_of(spec)), asked, features))
                if isinstance(options.get("path"), str):
                    folders.append(normpath(join(dirname(path), options["path"])))
    workspace = table_of(data, "workspace")
    for name, spec in table_of(workspace, "dependencies").items():
        options = spec if isinstance(spec, dict) else {}
        entries.append(
            Entry(name, plain_version(version_of(spec)), "catalog", tuple(map(str, list_of(options.get("features")))))
        )
    marks = {"workspace"} if workspace else set()
    marks |= {"package"} if "package" in data else set()
    marks |= {"bin"} if "bin" in data else set()
    marks |= {"published"} if table_of(data, "package").get("categories") or "lib" in data else set()
    members = tuple(map(str, list_of(workspace.get("members"))))
    version = str(
        table_of(data, "package").get("rust-version", "") or table_of(workspace, "package").get("rust-version", "")
    )
    return Manifest(
        str(table_of(data, "package").get("name", "")),
        tuple(entries),
        tuple(folders),
        members,
        frozenset(marks),
        plain_version(version),
    )


def _gemfile(path: str, text: str) -> Manifest:
    entries: list[Entry] = []
    folders: list[str] = []
    blocks: list[str] = ["dev"] if re.search(r"(?m)^gemspec\b", text) else []  # what a gem needs, its gemspec says
    for line in text.splitlines():
        bare = line.strip()
        if re.match(
            r"(group|platforms?|source|if|unless|install_if|path|git)\b.*(\bdo\b|\bif\b|\bunless\b)?", bare
        ) and (bare.endswith("do") or re.match(r"(if|unless)\b", bare) or re.search(r"\bdo\s*\|", bare)):
            blocks.append("dev" if re.match(r"group\b", bare) and _all_dev(bare) else "")
        elif bare == "end" and blocks:
            blocks.pop()
        elif found := _GEM.match(line):
            group = re.search(r"groups?(?::|\s*=>)\s*(\[[^\]]*\]|:\w+)", found[3])
            dev = "dev" in blocks or bool(group and _all_dev(group[1]))
            entries.append(Entry(found[1], plain_version(found[2] or ""), "dev" if dev else "main"))
            if place := re.search(r"""\bpath(?::|\s*=>)\s*["']([^"']+)""", found[3]):
                folders.append(normpath(join(dirname(path), place[1])))
    version = re.search(r"""(?m)^ruby\s+["']\D*(\d+\.\d+)""", text)
    return Manifest(entries=tuple(entries), locals=tuple(folders), version=version[1] if version else "")


def _all_dev(words: str) -> bool:
    names = re.findall(r":(\w+)|[\"'](\w+)[\"']", words)
    groups = {a or b for a, b in names} - {"optional"}
    return bool(groups) and groups <= {
        "development",
        "test",
        "lint",
        "linting",
        "ci",
        "doc",
        "docs",
        "benchmark",
        "tools",
    }


def _gemspec(path: str, text: str) -> Manifest:
    entries = tuple(
        Entry(f[2], plain_version(f[3] or ""), "dev" if f[1] == "development_" else "main")
        for line in text.splitlines()
        if not line.strip().startswith("#") and (f := _GEM_DEPENDENCY.search(line))
    )
    marks = {"published", *(("bin",) if re.search(r"\.executables\s*(?:<<|=)\s*(?:\[\s*)?[\"'%]", text) else ())}
    return Manifest(basename(path).removesuffix(".gemspec"), entries, marks=frozenset(marks))


def _composer(path: str, text: str) -> Manifest:
    data = read_json(text)
    scopes = {"require": "main", "require-dev": "dev"}
    entries = [
        Entry(name, plain_version(str(version)), scope)
        for key, scope in scopes.items()
        for name, version in table_of(data, key).items()
        if name != "php"
    ]
    kind = str(data.get("type", ""))
    marks = {"private"} if kind == "project" else {"published"} if kind else set()
    if not kind and data.get("name"):  # without a type it is a library to Composer, but many programs leave it out
        marks.add("published" if table_of(data, "extra", "laravel") or not data.get("scripts") else "named")
    marks |= {"bin"} if data.get("bin") else set()
    php = plain_version(str(table_of(data, "require").get("php", "")))
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
        entries.append(Entry(name, plain_version(version[1] if version else ""), "dev" if dev else "main"))
        if place := re.search(r"path:\s*\"([^\"]+)\"", rest):
            folders.append(normpath(join(dirname(path), place[1])))
    app = re.search(r"\bapp:\s*:(\w+)", text)
    marks = {"workspace"} if re.search(r"\bapps_path:", text) else set()
    in_umbrella = re.search(r"\b(?:build_path|lockfile):\s*\"\.\./", text)
    if not in_umbrella and re.search(r"\bpackage:\s|defp? package\b", text):
        marks.add("published")
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


def _read_pom(path: str, text: str) -> dict[str, Any]:
    from backwright.engine.stack_xml import read_pom  # an XML reader takes its time, and most have nothing for it

    return read_pom(path, text)


def _read_csproj(path: str, text: str) -> dict[str, Any]:
    from backwright.engine.stack_xml import read_csproj

    return read_csproj(path, text)


def _from(read: Callable[[str, str], dict[str, Any]]) -> Callable[[str, str], Manifest]:
    def reader(path: str, text: str) -> Manifest:
        found = read(path, text)
        entries = tuple(Entry(name, plain_version(version), scope) for name, version, scope in found.pop("entries"))
        return Manifest(entries=entries, **found)

    return reader


_READERS: Mapping[str, Callable[[str, str], Manifest]] = {
    "pyproject.toml": read_pyproject,
    "Pipfile": read_pipfile,
    "setup.cfg": read_setup_cfg,
    "setup.py": read_setup_py,
    "requirements*": read_requirements,
    "package.json": _package_json,
    "project.json": _project_json,
    "deno.json*": _deno_json,
    "go.mod": _go_mod,
    "Cargo.toml": _cargo,
    "pom.xml": _from(_read_pom),
    "build.gradle*": _from(read_gradle),
    "build.sbt": _from(read_sbt),
    "*.csproj": _from(_read_csproj),
    "Gemfile": _gemfile,
    "gems.rb": _gemfile,
    "*.gemspec": _gemspec,
    "composer.json": _composer,
    "mix.exs": _mix,
}
