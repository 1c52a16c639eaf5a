"""What is known of languages and their packages: the data in `knowledge/stacks`, read once and only where it is needed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

_FOLDER = "stacks"
_SEPARATORS = re.compile(r"[./:\\]+")
_HIDING = 8  # a wildcard of fewer letters says nothing


class Expression:
    """A regular expression that is compiled when it is first needed: most of what is known is never met.

    Where `words` are given, it is looked for only in a text that holds one of them.
    """

    __slots__ = ("_compiled", "_words", "text")

    def __init__(self, text: str, words: Iterable[str] = ()) -> None:
        self.text = text
        self._words = tuple(words)
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """The first place in a text."""
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All places in a text."""
        if self._words and not any(word in text for word in self._words):
            return iter(())
        if self._compiled is None:
            self._compiled = re.compile(self.text, re.MULTILINE)
        return self._compiled.finditer(text)


@dataclass(frozen=True, eq=False)
class Tool:
    """A package or program and what it is for; the keys are explained in `knowledge/stacks/README.md`."""

    id: str
    kind: str
    name: str
    packages: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    texts: tuple[tuple[str, Expression], ...] = ()
    commands: Expression | None = None
    app: Expression | None = None
    over: frozenset[str] = frozenset()
    brings: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    database: str = ""
    style: str = ""
    core: str = ""  # what its users mostly write
    weak: bool = False
    only_files: bool = False
    full_stack: bool = False
    run: str = ""  # the program that runs it
    verified: bool = True  # that it is used can be seen in the code
    texts_only: bool = False


class Ecosystem:
    """A family of languages that share manifests and packages."""

    def __init__(self, name: str, data: Mapping[str, Any]) -> None:
        self.name = name
        self._declared: dict[str, tuple[Tool, ...]] = {}  # by package, as many projects ask for the same
        self.title: str = data["title"]
        self.suffixes: dict[str, str] = data["suffixes"]
        self.manifests: tuple[str, ...] = tuple(data["manifests"])
        self.locks: dict[str, str] = data.get("locks", {})
        self.manager: str = data.get("manager", "")
        self.manager_texts: dict[str, list[str]] = data.get("manager_text", {})
        self.imports = tuple(map(Expression, data["imports"]))  # what a file imports: the first group that is there
        self.version_files: dict[str, str] = data.get("version_files", {})
        self.runtimes: dict[str, dict[str, str]] = data.get("runtime", {})
        self.compilers: dict[str, list[str]] = data.get("compiler", {})
        self.entries: tuple[str, ...] = tuple(data.get("entry", ()))
        self.entry_text = Expression(data["entry_text"], data.get("entry_words", ())) if "entry_text" in data else None
        self.entry_name = Expression(data["entry_name"]) if "entry_name" in data else None
        self.test_text = Expression(data["test_text"]) if "test_text" in data else None
        self.test_tool: str = data.get("test_tool", "")
        self.merges: str = data.get("merge", "")
        self.verify: dict[str, list[list[str]]] = data.get("verify", {})
        self.scripts: dict[str, list[str]] = data.get("scripts", {})
        self.dependencies: dict[str, Any] = data.get("dependencies", {})
        self.variables: dict[str, Any] = data.get("variables", {})
        self.raw_sql: dict[str, Any] = data.get("raw_sql", {})
        self.snippets: dict[str, list[str]] = data.get("snippets", {})
        self.template: dict[str, str] = data.get("template", {})

    @cached_property
    def tools(self) -> tuple[Tool, ...]:
        data = _read(f"{self.name}.tools.toml")
        return tuple(_tool(key, kind, item, self.name) for kind, items in data.items() for key, item in items.items())

    @cached_property
    def tool(self) -> dict[tuple[str, str], Tool]:
        """By kind and id."""
        return {(tool.kind, tool.id): tool for tool in self.tools}

    @cached_property
    def by_use(self) -> dict[str, list[Tool]]:
        """By what code imports."""
        found: dict[str, list[Tool]] = {}
        for tool in self.tools:
            for use in tool.uses:
                found.setdefault(use, []).append(tool)
        return found

    @cached_property
    def _by_package(self) -> tuple[dict[str, list[Tool]], list[tuple[str, Tool]]]:
        exact: dict[str, list[Tool]] = {}
        patterns: list[tuple[str, Tool]] = []
        for tool in self.tools:
            for package in tool.packages:
                name = self.normal(package)
                if "*" in name:
                    patterns.append((name, tool))
                else:
                    exact.setdefault(name, []).append(tool)
        return exact, patterns

    @cached_property
    def _by_group(self) -> dict[str, list[tuple[str, str]]]:
        """Tools by the group of their packages, where packages have one: code of the group shows that they are there."""
        found: dict[str, list[tuple[str, str]]] = {}
        for tool in self.tools:
            for group in {package.partition(":")[0] for package in tool.packages if ":" in package and tool.over}:
                found.setdefault(group, []).append((tool.kind, tool.id))
        return found

    def shown_by(self, module: str) -> Iterator[tuple[str, str]]:
        """The tools from whose group this import comes, as kind and id."""
        groups = self._by_group
        if groups:
            for separator in _SEPARATORS.finditer(module):
                yield from groups.get(module[: separator.start()], ())

    def declared_tools(self, package: str) -> tuple[Tool, ...]:
        """The tools that a package of this name declares."""
        known = self._declared.get(package)
        if known is None:
            known = self._declared[package] = tuple(self._declare(package))
        return known

    def _declare(self, package: str) -> Iterator[Tool]:
        exact, patterns = self._by_package
        name = self.normal(package)
        yield from exact.get(name, ())
        if name.startswith("?:"):  # of a catalogue that is not in the repository: the group is unknown
            artifact = name[1:]
            yield from (tool for known, tools in exact.items() if known.endswith(artifact) for tool in tools)
        for pattern, tool in patterns:
            if fnmatchcase(name, pattern) or (name.startswith("?:") and _ends_alike(name, pattern)):
                yield tool

    def normal(self, package: str) -> str:
        """A package's name as all its spellings have it."""
        match self.name:
            case "python":
                return re.sub(r"[-_.]+", "-", package).lower()
            case "rust":
                return package.replace("_", "-")
            case "go" | "elixir" | "ruby":
                return package
            case _:
                return package.lower()

    def used_tools(self, module: str) -> Iterator[Tool]:
        """The tools whose code begins with what is imported here."""
        known = self.by_use
        if module in known:
            yield from known[module]
        for separator in _SEPARATORS.finditer(module):
            start = module[: separator.start()]
            if start in known:
                yield from known[start]


@cache
def ecosystems() -> tuple[Ecosystem, ...]:
    """All ecosystems that are known, by name."""
    folder = files("backwright.knowledge") / _FOLDER
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml") and not f.name.endswith(".tools.toml"))
    return tuple(Ecosystem(name.removesuffix(".toml"), _read(name)) for name in names)


@cache
def places(name: str) -> tuple[str, ...]:
    """The globs of `knowledge/places.toml` under this name."""
    text = (files("backwright.knowledge") / "places.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)[name])


@cache
def language_titles() -> dict[str, str]:
    """How people write a language's name."""
    return {"typescript": "TypeScript", "javascript": "JavaScript", "csharp": "C#", "php": "PHP"}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("backwright.knowledge") / _FOLDER / name).read_text(encoding="utf-8"))


def _tool(key: str, kind: str, item: Mapping[str, Any], ecosystem: str) -> Tool:
    packages = tuple(item.get("pkg", (key,)))
    commands = item.get("cmd", ())
    return Tool(
        id=item.get("id", key),
        kind=kind,
        name=item.get("name", key),
        packages=packages,
        uses=tuple(item["use"]) if "use" in item else tuple(_module(p, ecosystem) for p in packages if "*" not in p),
        files=tuple(item.get("files", ())),
        texts=tuple((glob, Expression(text, words)) for glob, text, *words in item.get("text", ())),
        commands=_command(commands),
        app=Expression(item["app"]) if "app" in item else None,
        over=frozenset(item.get("over", ())),
        brings=item.get("brings", {}),
        needs=item.get("needs", {}),
        features=frozenset(item.get("features", ())),
        database=item.get("db", ""),
        style=item.get("style", ""),
        core=item.get("core", ""),
        weak=item.get("weak", False),
        only_files=item.get("only_files", False),
        full_stack=item.get("full_stack", False),
        run=item.get("run", ""),
        texts_only=item.get("only_text", False),
        verified=item.get("verify", True) and item.get("use", True) != [],
    )


def _command(words: Iterable[str]) -> Expression | None:
    """One of these as a program that is called, or as the action of a CI job."""
    if not words:
        return None
    any_of = "|".join(map(re.escape, words))
    return Expression(rf"(?<![\w./-])(?:{any_of})(?![\w-])|(?<=/)(?:{any_of})-action\b", words)


def _module(package: str, ecosystem: str) -> str:
    """What code that uses this package most probably imports."""
    if ecosystem in {"python", "rust"}:
        return re.sub(r"[-.]+", "_", package).lower()
    return package


def _ends_alike(name: str, pattern: str) -> bool:
    artifact = pattern.partition(":")[2]
    return len(artifact.strip("*")) >= _HIDING and fnmatchcase(name[2:], artifact)
