"""What code uses: a cheap look at a sample of a project's files, for imports and for what starts a server."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from operator import itemgetter
from posixpath import basename

from backwright.core.facts import Span
from backwright.engine.stack_knowledge import Ecosystem, Expression, Tool
from backwright.engine.stack_paths import place_of
from backwright.engine.stack_services import services

Key = tuple[str, str]  # kind and id of a tool
Read = Callable[[str], str | None]

# fmt: off
_TELLING = frozenset({  # words in names of files that say what a project is built with
    "api", "app", "application", "application_controller", "application_record", "bootstrap", "container",
    "controller", "controllers", "database", "db", "dependencies", "deps", "endpoint", "entities", "entity", "form",
    "forms", "handler", "handlers", "index", "job", "jobs", "jwt", "kernel", "mailer", "main", "model", "models",
    "module", "persistence", "prisma", "program", "repo", "route", "router", "routes", "schema", "schemas",
    "security", "serializer", "serializers", "server", "session", "settings", "startup", "store", "task", "tasks",
    "validation", "validator", "validators", "views", "web", "worker",
})
# fmt: on
_TELLING_STARTS = ("config", "auth", "repo", "user")
_STARTING = re.compile(r"(?i)app|base|server|main|www|web|api|boot|init|start|run|endpoint|rout|serve|http")
_WORDS = re.compile(r"[._/-]")
_SETTINGS = re.compile(
    r"(?i)(settings|config|database|^db\b|datasource|data-source|application|session|connection|^main\b|knexfile|^program"
    r"|^startup|^dev\b|^base\b|^prod|^runtime|dependencyinjection|^common\b|apphost|^env\b)"
)
_COMMENT = re.compile(r"[ \t]*(?:#(?!\[|include)|//)")
_TESTS_INSIDE = re.compile(r"#\[cfg\(test\)\]\s*mod ")
_MAX_TEXT = 48_000
_ENOUGH = 3
_MAX_SETTINGS = 24_000
_A_FOLDER, _A_FOLDER_SEEN = 8, 24  # files of one folder that may be looked at, and that are considered


@dataclass
class Used:
    """Where a tool is used: how often by production code, and the first place of each kind."""

    production: int = 0
    alone: bool = False  # by something that no plainer tool of its kind is known by
    spans: dict[str, Span] = field(default_factory=dict)  # by place: production, test, migration, aside, app, text


@dataclass
class Usage:
    """What was seen in a project's code. `complete` says that all of it was looked at."""

    tools: dict[Key, Used] = field(default_factory=dict)
    services: dict[str, list[Span]] = field(default_factory=dict)
    entry: Span | None = None
    tests: Span | None = None
    languages: Counter[str] = field(default_factory=Counter)
    complete: bool = True
    production: int = 0  # files of production code that there are
    looked: int = 0  # and those that were looked at
    seen: frozenset[str] = frozenset()  # these, and others that were

    def starts(self, ecosystem: Ecosystem) -> bool:
        """Whether something was seen that makes or starts a server with a framework."""
        started = (key for key, used in self.tools.items() if key[0] == "framework" and "app" in used.spans)
        return any(not ecosystem.tool[key].weak for key in started)

    def used(self, tool: Tool) -> Used:
        return self.tools.get((tool.kind, tool.id)) or Used()


def scan(ecosystem: Ecosystem, root: str, sources: Sequence[str], read: Read, budget: int) -> Usage:
    """Look at no more than `budget` of these files."""
    usage = Usage()
    inner = len(root) + 1 if root else 0
    places = {path: place_of(path[inner:]) for path in sources}
    for path, place in places.items():
        if place == "production":
            usage.production += 1
        if place != "test":
            usage.languages[ecosystem.suffixes[path[path.rfind(".") :]]] += 1 if place == "production" else 0
    if not any(usage.languages.values()):
        usage.languages = Counter(ecosystem.suffixes[path[path.rfind(".") :]] for path in sources)
    chosen = _chosen(sources, places, budget, inner)
    usage.complete = len(chosen) == len(sources)
    usage.seen = frozenset(chosen)
    usage.looked = sum(places[path] == "production" for path in chosen)
    modules: dict[str, tuple[Tool, ...]] = {}
    texts = {path: read(path) for path in sorted(chosen)}  # folder by folder, which costs least
    for path in chosen:
        text = texts[path]
        if text is not None:
            _Look(ecosystem, usage, path, places[path], text, modules).take()
    return usage


def seek(
    ecosystem: Ecosystem,
    root: str,
    sources: Sequence[str],
    read: Read,
    usage: Usage,
    tools: Sequence[Tool],
    budget: int,
) -> int:
    """Look for what starts a server with one of these tools in the files that were not looked at, the likeliest first.

    Returns how many files were read, no more than `budget`.
    """
    inner = len(root) + 1 if root else 0
    rest = [p for p in sources if p not in usage.seen and place_of(p[inner:]) == "production"]
    rest.sort(key=lambda path: (_STARTING.search(basename(path)) is None, path.count("/"), path))
    for number, path in enumerate(rest[:budget], 1):
        text = read(path)
        outside = _TESTS_INSIDE.split(text or "", maxsplit=1)[0]
        wanted = [tool.app for tool in tools if tool.app is not None] if not usage.starts(ecosystem) else []
        if usage.entry is None and ecosystem.entry_text is not None:
            wanted.append(ecosystem.entry_text)
        if any(expression.search(outside) for expression in wanted):
            usage.looked += 1
            _Look(ecosystem, usage, path, "production", text or "", {}).take()
            if usage.starts(ecosystem) and (ecosystem.entry_text is None or usage.entry is not None):
                return number
    return min(len(rest), budget)


def _chosen(sources: Sequence[str], places: dict[str, str], budget: int, inner: int) -> list[str]:
    """The files that tell most: all if there are few, else those with telling names, then some of every folder."""
    if len(sources) <= budget:
        return list(sources)
    by_place: dict[str, dict[str, list[str]]] = {}
    for path in sources:
        by_place.setdefault(places[path], {}).setdefault(path[: path.rfind("/") + 1], []).append(path)
    shares = {"production": 0.82, "test": 0.08, "migration": 0.04, "aside": 0.06}
    chosen: list[str] = []
    for place, folders in by_place.items():
        left = max(4, int(budget * shares[place]))
        ranked = [_telling_first(folder[inner:], paths) for folder, paths in folders.items()]
        for number in range(_A_FOLDER):
            turn = sorted(found[number] for found in ranked if len(found) > number)[:left]
            chosen += [path for _, _, path in turn]
            left -= len(turn)
            if left <= 0:
                break
    return chosen


def _telling_first(folder: str, paths: list[str]) -> list[tuple[bool, int, str]]:
    """The files of a folder in the order in which they are worth a look, each with what it is worth among all."""
    near = _tells(folder)
    named = [(not _tells(path[path.rfind("/") + 1 :]), path) for path in paths[:_A_FOLDER_SEEN]]
    named.sort(key=itemgetter(0))
    return [(not near and dull, path.count("/"), path) for dull, path in named[:_A_FOLDER]]


def _tells(path: str) -> bool:
    """Whether a word of a path speaks of what servers are made of."""
    words = _WORDS.split(path.lower())
    return not _TELLING.isdisjoint(words) or any(word.startswith(_TELLING_STARTS) for word in words)


class _Look:
    """One file as it is looked at."""

    def __init__(
        self, ecosystem: Ecosystem, usage: Usage, path: str, place: str, text: str, modules: dict[str, tuple[Tool, ...]]
    ) -> None:
        self.ecosystem, self.usage, self.path, self.place = ecosystem, usage, path, place
        self.text, self.whole = text[:_MAX_TEXT], text
        self.modules = modules

    def take(self) -> None:
        met: set[Key] = set()
        for module, start in imports(self.ecosystem, self.text):
            known = self.modules.get(module)
            if known is None:
                known = self.modules[module] = tuple(dict.fromkeys(self.ecosystem.used_tools(module)))
            if known and _COMMENT.match(self.text, self.text.rfind("\n", 0, start) + 1, start + 1):
                continue
            for tool in known:
                if (tool.kind, tool.id) not in met:
                    met.add((tool.kind, tool.id))
                    self._meet(tool, start)
                if tool.over.isdisjoint(other.id for other in known if other.kind == tool.kind):
                    self.usage.tools[tool.kind, tool.id].alone = True
            for key in self.ecosystem.shown_by(module):
                self.usage.tools.setdefault(key, Used()).alone = True
        self._texts(met)
        entry = self.ecosystem.entry_text if self.place == "production" and self.usage.entry is None else None
        if entry is not None and (found := entry.search(self.text)) and self._starts(found):
            self.usage.entry = self._span(found.start())
        if (
            self.usage.tests is None
            and self.ecosystem.test_text
            and (found := self.ecosystem.test_text.search(self.text))
        ):
            self.usage.tests = self._span(found.start())
        if self.place != "test" and _SETTINGS.search(basename(self.path)):
            note_services(self.usage.services, self.path, self.text)

    def _starts(self, found: re.Match[str]) -> bool:
        """Whether a program's entry is one: tools have a `main` for trying them, too."""
        named = self.ecosystem.entry_name
        return named is None or not found.lastgroup or named.search(basename(self.path)) is not None

    def _meet(self, tool: Tool, start: int) -> None:
        used = self.usage.tools.setdefault((tool.kind, tool.id), Used())
        if self.place not in used.spans:
            used.spans[self.place] = self._span(start)
        if self.place == "production":
            used.production += 1
        if tool.app and self.place == "production" and "app" not in used.spans and (f := tool.app.search(self.whole)):
            used.spans["app"] = self._span(f.start())

    def _texts(self, met: set[Key]) -> None:
        if self.place not in {"production", "migration"}:
            return
        for tool, pattern in _source_texts(self.ecosystem).get(self.path[self.path.rfind(".") :], ()):
            known = self.usage.tools.get((tool.kind, tool.id))
            counts = tool.kind == "framework" and (tool.kind, tool.id) not in met  # where imports go without saying
            if (counts or known is None or "text" not in known.spans) and (f := pattern.search(self.text)):
                self.usage.tools.setdefault((tool.kind, tool.id), Used()).spans["text"] = self._span(f.start())
                if counts:
                    self._meet(tool, f.start())
                    self.usage.tools[tool.kind, tool.id].alone = True

    def _span(self, offset: int) -> Span:
        return Span(self.path, self.whole.count("\n", 0, offset) + 1)


@cache
def _source_texts(ecosystem: Ecosystem) -> dict[str, list[tuple[Tool, Expression]]]:
    """What sources of each extension may hold that proves a tool."""
    found: dict[str, list[tuple[Tool, Expression]]] = {}
    for tool in ecosystem.tools:
        for glob, pattern in tool.texts:
            if glob[:1] == "*" and glob[1:] in ecosystem.suffixes:
                found.setdefault(glob[1:], []).append((tool, pattern))
    return found


def imports(ecosystem: Ecosystem, text: str) -> Iterator[tuple[str, int]]:
    """What a file imports, as written, with the place."""
    for found in chain.from_iterable(expression.finditer(text) for expression in ecosystem.imports):
        written = next((group for group in found.groups() if group), "")
        if ecosystem.name != "python":
            yield written, found.start()
            continue
        if found[1]:
            yield written, found.start()
            names = text[
                found.end() : text.find("\n", found.end())
                if "(" not in text[found.end() : found.end() + 3]
                else text.find(")", found.end())
            ]
            for name in re.findall(r"\b([A-Za-z_]\w*)\b(?!\s+as\b\s*$)", names)[:20]:
                yield f"{written}.{name}", found.start()
        else:
            for name in written.split(","):
                yield name.split(" as ")[0].strip(), found.start()


def note_services(found: dict[str, list[Span]], path: str, text: str) -> None:
    """Databases, brokers and caches that a text names by address, image or adapter."""
    text = text[:_MAX_SETTINGS]
    for service, start in services().named(text, images="compose" in basename(path)):
        line_start = text.rfind("\n", 0, start) + 1
        if text[line_start:start].lstrip().startswith(("#", "//", "*", "--")):
            continue
        places = found.setdefault(service, [])
        if len(places) < _ENOUGH:
            places.append(Span(path, text.count("\n", 0, start) + 1))
