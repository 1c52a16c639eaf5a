"""Gradle's and sbt's build scripts, read without running them: what stands there in words."""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import Any

from backwright.engine.projects import read_toml

_CONFIGURATION = (
    r"(?P<how>[a-z]\w*(?:[iI]mplementation|[aA]pi|Only|Platform)|implementation|api|compile|testCompile|runtime"
    r"|kapt|ksp|classpath|annotationProcessor|developmentOnly)"
)
_COORDINATES = re.compile(
    rf"""(?m)^\s*{_CONFIGURATION}\s*\(?\s*(?:platform\s*\(\s*)?["'](?P<group>[\w.-]+):(?P<name>[\w.-]+)(?::(?P<version>[^"'@]+))?"""
)
_CONTINUED = re.compile(r"""(?m)^\s*["']([\w.-]+):([\w.-]+)(?::([^"'@]+))?["']""")
_NAMED = re.compile(
    rf"""(?m)^\s*{_CONFIGURATION}\s*\(?\s*group\s*[:=]\s*["'](?P<group>[\w.-]+)["']\s*,\s*name\s*[:=]\s*["'](?P<name>[\w.-]+)["']"""
)
_CATALOG = re.compile(rf"(?m)^\s*{_CONFIGURATION}\s*\(?\s*(?:platform\s*\(\s*)?(?P<catalog>[a-z]\w*)\.(?P<path>[\w.]+)")
_PLUGIN = re.compile(
    r"""\bid\s*\(?\s*["']([\w.-]+)["']\s*\)?(?:\s*version\s*\(?\s*["']([^"']+))?|\bapply\s+plugin:\s*["']([\w.-]+)["']|\bkotlin\(\s*"([\w.]+)"\s*\)(?:\s*version\s*"([^"]+))?"""
)
_ALIAS = re.compile(r"\balias\s*\(\s*(\w+)\.plugins\.([\w.]+)")
_PROJECT = re.compile(r"""\bproject\s*\(\s*(?:path\s*[:=]\s*)?["'](:[\w:.-]+)["']""")
_SBT = re.compile(r'"([\w.-]+)"\s*%{1,3}\s*"([\w.-]+)"\s*%\s*("[^"]+"|[\w.]+)(\s*%\s*("test"|Test|"it,test"))?')


def read_gradle(path: str, text: str) -> dict[str, Any]:
    """Dependencies as `group:artifact`, `?:artifact` from catalogues that cannot be seen, plugins by id."""
    bare = re.sub(r"(?m)^\s*//.*$", "", text)
    variables = dict(re.findall(r"""(?m)^\s*(?:val|def|ext\.)?\s*(\w+)\s*=\s*["'](\d[\w.-]*)["']""", bare))
    entries: list[tuple[str, str, str]] = []
    for found in [*_COORDINATES.finditer(bare), *_NAMED.finditer(bare)]:
        version = str(found.groupdict().get("version") or "")
        version = variables.get(version.strip("${}"), version)
        entries.append((f"{found['group']}:{found['name']}", version, _scope(found["how"])))
    entries += [(f"{f[1]}:{f[2]}", f[3] or "", "main") for f in _CONTINUED.finditer(bare)]
    for found in _CATALOG.finditer(bare):
        accessor = found["path"].removesuffix(".get")
        entries.append((f"{found['catalog']}@{accessor}", "", _scope(found["how"])))
    for found in _PLUGIN.finditer(bare):
        plugin = found[1] or found[3] or f"org.jetbrains.kotlin.{found[4]}"
        entries.append((plugin, found[2] or found[5] or "", "main"))
    entries += [(f"{catalog}@plugins.{alias}", "", "main") for catalog, alias in _ALIAS.findall(bare)]
    if re.search(r"\buseJUnitPlatform\b|\buseJUnitJupiter\b", bare):
        entries.append(("org.junit.jupiter:junit-jupiter", "", "dev"))
    marks = (
        {"application"}
        if re.search(
            r"""mainClass|\bapplication\b\s*[{\n]|["']application["']|springframework\.boot["']|io\.quarkus["']""", bare
        )
        else set()
    )
    java = re.search(
        r"languageVersion\D{0,60}?(\d+)|sourceCompatibility\D{0,30}?(\d+(?:\.\d+)?)|jvmToolchain\D{0,4}(\d+)|jvmTarget\D{0,12}(\d+)",
        bare,
    )
    return {
        "name": dirname(path).rpartition("/")[2],
        "entries": tuple(entries),
        "locals": tuple(dict.fromkeys(f"gradle:{name}" for name in _PROJECT.findall(bare))),
        "marks": frozenset(marks),
        "version": next((g for g in java.groups() if g), "") if java else "",
    }


def read_catalog(text: str) -> dict[str, tuple[str, str]]:
    """A version catalogue: accessor (`spring.web`, `plugins.boot`) to coordinates and version; bundles come apart."""
    data = read_toml(text)
    versions = {k: str(v) for k, v in data.get("versions", {}).items() if isinstance(v, str)}
    found: dict[str, tuple[str, str]] = {}
    for section, prefix in (("libraries", ""), ("plugins", "plugins.")):
        for alias, item in data.get(section, {}).items():
            name, version = _library(item, versions)
            found[prefix + _accessor(alias)] = (name, version)
    for alias, members in data.get("bundles", {}).items():
        names = [found[_accessor(m)][0] for m in members if isinstance(m, str) and _accessor(m) in found]
        found["bundles." + _accessor(alias)] = (" ".join(names), "")
    return found


def read_sbt(path: str, text: str) -> dict[str, Any]:
    """Dependencies of a build.sbt as `group:artifact`."""
    entries = tuple((f"{f[1]}:{f[2]}", f[3].strip('"'), "dev" if f[4] else "main") for f in _SBT.finditer(text))
    plugin = (("sbt-plugin", "", "main"),) if re.search(r"PlayScala|PlayJava", text) else ()
    return {"name": normpath(join(dirname(path), ".")), "entries": entries + plugin, "version": ""}


def _library(item: object, versions: dict[str, str]) -> tuple[str, str]:
    if isinstance(item, str):
        name, _, version = item.rpartition(":")
        return name, version
    if not isinstance(item, dict):
        return "", ""
    name = item.get("module") or item.get("id") or f"{item.get('group', '')}:{item.get('name', '')}"
    version = item.get("version", "")
    if isinstance(version, dict):
        version = versions.get(str(version.get("ref", "")), "")
    return str(name), str(version)


def _accessor(alias: str) -> str:
    return re.sub(r"[-_]", ".", alias)


def _scope(how: str) -> str:
    return "dev" if re.search(r"(?i)test|annotationProcessor|kapt|ksp|classpath", how) else "main"
