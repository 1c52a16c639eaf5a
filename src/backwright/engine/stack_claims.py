"""What a project is built with: every tool that is known, weighed by what shows it. Used beats declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from backwright.core.facts import Span
from backwright.core.stack import Detected
from backwright.engine.manifests import short
from backwright.engine.stack_knowledge import Expression, Tool, places
from backwright.engine.stack_paths import Paths, above, is_example, is_test
from backwright.engine.stack_units import Declared, Unit
from backwright.engine.stack_used import Key, Read

KINDS = {  # as the data calls them, as a stack does
    "framework": "framework",
    "api_framework": "api",
    "orm": "orm",
    "query_layer": "queries",
    "driver": "queries",
    "migration": "migrations",
    "validation": "validation",
    "auth": "auth",
    "settings": "settings",
    "test": "tests",
    "linter": "linter",
    "formatter": "formatter",
    "types": "types",
    "queue": "queue",
    "cache": "cache",
    "mail": "mail",
}
_TOOLING = frozenset({"test", "linter", "formatter", "types"})
_EVERYWHERE = frozenset({"linter", "formatter", "types", "test"})  # may be set up for the whole repository
_SPELLED_OUT = frozenset({"python", "node", "go", "rust"})  # here each file names what it uses
_COMMENT = re.compile(r"[ \t]*(?:#|//)")
SURE, _BELIEVED = 0.5, 0.3
_NO_NAMES = frozenset(
    {"com", "org", "io", "net", "github", "dev", "core", "client", "server", "js", "go", "php"}
)  # of no tool in particular


@dataclass
class Claim:
    """A tool with what speaks for it."""

    tool: Tool
    score: float = 0.0
    uses: int = 0
    version: str = ""
    evidence: list[Span] = field(default_factory=list)
    app: bool = False

    def raise_to(self, score: float, span: Span | None) -> None:
        self.score = max(self.score, score)
        if span is not None and span not in self.evidence:
            self.evidence.append(span)


@dataclass
class Subject:
    """A project to be judged: its own units first, then those of the repository that they use."""

    root: str
    own: Sequence[Unit]
    used: Sequence[Unit]
    paths: Paths
    read: Read
    tests: Sequence[Unit] = ()  # projects that test it
    group: str | None = None  # the folder that it is built from, where that is not its own
    shared: bool = False  # other projects of the repository are made with it
    around: Sequence[Unit] = ()  # of the folders that hold it, the nearest first

    @property
    def main(self) -> Unit:
        return self.own[0]


def claims(subject: Subject) -> dict[Key, Claim]:
    """All claims about a project, doubtful ones too."""
    found: dict[Key, Claim] = {}
    itself = {id(tool) for unit in subject.own for tool in unit.itself}
    for number, unit in enumerate((*subject.own, *subject.used)):
        aside = (
            number > 0 and (is_example(unit.root) or is_test(f"{unit.root}/x")) and not is_example(subject.main.root)
        )
        for tool in _met(unit, subject):
            if id(tool) in itself:  # a package is not made with itself
                continue
            if aside and tool.kind not in _TOOLING:  # nor with what its samples and tests are
                continue
            if number >= len(subject.own) and (
                tool.kind in _TOOLING or tool.kind in {"framework", "cli", "docs", "frontend"}
            ):
                _lend(found.get((tool.kind, tool.id)), unit, subject)
                continue
            claim = _weigh(tool, unit, subject)
            if claim is None:
                continue
            key = (tool.kind, tool.id)
            known = found.get(key)
            if known is None or claim.score > known.score:
                claim.uses += known.uses if known else 0
                claim.app = claim.app or (known.app if known else False)
                found[key] = claim
            else:
                known.uses += claim.uses
                known.app = known.app or claim.app
    for unit in subject.tests:
        for tool in unit.ecosystem.tools:
            if tool.kind == "test" and (tool.kind, tool.id) not in found and (claim := _weigh(tool, unit, subject)):
                found[tool.kind, tool.id] = claim
    _around(found, subject)
    _commands(found, subject)
    return found


def _lend(claim: Claim | None, unit: Unit, subject: Subject) -> None:
    """What a program starts may be made in a library of its own: of the framework that it asks for itself."""
    if claim is None or claim.tool.kind != "framework" or unit.usage.entry is not None:
        return
    key = (claim.tool.kind, claim.tool.id)
    used = unit.usage.tools.get(key)
    if used is not None and "app" in used.spans and key in subject.main.declared:
        claim.app = True


def _around(found: dict[Key, Claim], subject: Subject) -> None:
    """Linters and the like that a manifest further up declares for all that it holds, where the project has none of its own."""
    for kind in ("linter", "formatter", "types"):
        if any(key[0] == kind and claim.score >= SURE for key, claim in found.items()):
            continue
        for unit in subject.around:
            tools = [tool for tool in unit.ecosystem.tools if tool.kind == kind and (kind, tool.id) in unit.declared]
            for tool in tools:
                if claim := _weigh(tool, unit, subject):
                    found[kind, tool.id] = claim
            if tools:
                break


def _met(unit: Unit, subject: Subject) -> Iterator[Tool]:
    """The tools that something may speak for, in the order in which they are known."""
    keys = unit.usage.tools.keys() | unit.declared.keys()
    shown = subject.paths.met.get(unit.ecosystem.name)
    if shown is None:
        shown = subject.paths.met[unit.ecosystem.name] = {
            (tool.kind, tool.id)
            for tool in unit.ecosystem.tools
            if any(map(subject.paths.may_find, tool.files))
            or any(glob == "compose" or subject.paths.may_find(glob) for glob, _ in tool.texts if "*" not in glob)
        }
    features = unit.features.keys()
    for tool in unit.ecosystem.tools:
        key = (tool.kind, tool.id)
        if key in keys or key in shown or (tool.features and not tool.features.isdisjoint(features)):
            yield tool


def settle(found: dict[Key, Claim], subject: Subject) -> list[Claim]:
    """The claims that stand, best first within a kind: without what others are built on, with what they bring."""
    standing = {key: claim for key, claim in found.items() if claim.score >= SURE}
    for key, claim in list(standing.items()):
        if any((kind, wanted) not in standing for kind, wanted in claim.tool.needs.items()):
            del standing[key]
    for claim in standing.values():  # what comes with another tool is used as that is
        claim.uses = max(claim.uses, *(standing[need].uses for need in claim.tool.needs.items()), 0)
    for claim in list(standing.values()):
        for other in claim.tool.over:
            below = standing.get((claim.tool.kind, other))
            if below is not None and (claim.uses or below.uses < 1 or claim.tool.kind in _TOOLING):
                standing.pop((claim.tool.kind, other), None)
    if any(kind in {"orm", "query_layer"} for kind, _ in standing):  # what those work with is no choice of its own
        standing = {key: claim for key, claim in standing.items() if key[0] != "driver"}
    for claim in [c for c in standing.values() if c.tool.kind == "framework"]:
        standing.pop(("api_framework", claim.tool.id), None)
    for key, claim in list(standing.items()):
        others = (c for c in standing.values() if c is not claim and c.tool.kind == claim.tool.kind and not c.tool.weak)
        strong = any(other.score >= min(claim.score, 0.9) for other in others)
        if claim.tool.weak and strong and claim.tool.kind != "database":
            del standing[key]
    return sorted(standing.values(), key=lambda c: (-round(c.score, 1), -c.uses, c.tool.weak))


def brought(standing: Sequence[Claim], ecosystem_tool: Callable[[str, str], Tool | None]) -> Iterator[Claim]:
    """What the frameworks that stand come with, for kinds that nothing else was chosen for."""
    taken = {claim.tool.kind for claim in standing}
    chosen = {(claim.tool.kind, claim.tool.id) for claim in standing}
    for claim in standing:
        for kind, wanted in claim.tool.brings.items():
            tool = ecosystem_tool(kind, wanted)
            chosen |= {(kind, wanted)} if kind not in taken else set()
            if tool is not None and kind not in taken and all(need in chosen for need in tool.needs.items()):
                taken.add(kind)
                yield Claim(tool, 0.8, 0, "", list(claim.evidence))


def doubtful(found: dict[Key, Claim]) -> list[Claim]:
    """What is declared and was not seen to be used."""
    return [c for c in found.values() if _BELIEVED <= c.score < SURE and c.tool.kind in KINDS]


def as_detected(claim: Claim) -> Detected:
    tool = claim.tool
    return Detected(
        KINDS[tool.kind], tool.name, short(claim.version), round(claim.score, 2), tuple(claim.evidence[:4]), tool.id
    )


def _weigh(tool: Tool, unit: Unit, subject: Subject) -> Claim | None:
    key = (tool.kind, tool.id)
    used = unit.usage.tools.get(key)
    declared = unit.declared.get(key)
    if declared is None:
        declared = next((unit.features[f] for f in tool.features if f in unit.features), None)
    path = _shown_by_file(tool, unit, subject) if tool.files or tool.texts else None
    if used is None and declared is None and path is None:
        return None
    claim = Claim(tool, version=declared.entry.version if declared and _has_version_of(declared, tool) else "")
    if declared is not None:
        claim.raise_to(_declared_score(tool, unit, declared), _line_of(declared, subject))
    if used is not None:
        claim.uses = used.production
        claim.app = "app" in used.spans
        _add_used(claim, tool, unit, declared, dict(used.spans))
    if path is not None:
        claim.raise_to(0.95, path)
    if tool.only_files and path is None:
        claim.score = min(claim.score, _BELIEVED)
    return claim


def _has_version_of(declared: Declared, tool: Tool) -> bool:
    """Whether a package has the version of the tool that it declares: one of another name counts for itself."""
    first = "".join(tool.packages[:1]) if tool.kind not in {"queue", "cache"} else ""  # there the client of a service
    return not _words(declared.entry.name).isdisjoint(_words(f"{tool.id} {tool.name} {first}"))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", name.lower())) - _NO_NAMES


def _add_used(claim: Claim, tool: Tool, unit: Unit, declared: Declared | None, spans: dict[str, Span]) -> None:
    if "text" in spans:
        claim.raise_to(0.9, spans["text"])
    if "production" in spans:
        strict = unit.ecosystem.name == "rust" and bool(unit.manifests)  # a path may begin with a module of its own
        shared = not unit.usage.used(tool).alone  # what a plainer tool is known by, too, shows only that one
        sure = 1.0 if declared is not None or not tool.packages else _BELIEVED if strict or shared else 0.8
        claim.raise_to(sure, spans["production"])
    places = {"test": ("test",), "migration": ("migration", "aside")}.get(tool.kind, ())
    for place in ("test", "migration", "aside"):
        if place in spans:
            claim.raise_to(1.0 if place in places else _BELIEVED, spans[place] if place in places else None)
    if tool.kind == "test" and "production" in spans:
        claim.raise_to(0.9, None)


def _declared_score(tool: Tool, unit: Unit, declared: Declared) -> float:
    scope = declared.entry.scope
    if tool.kind in _TOOLING:
        return 0.9 if scope != "catalog" else 0.2
    if scope in {"peer", "catalog"}:
        return 0.2
    if scope == "dev":
        if tool.kind in {"frontend", "docs", "mobile", "desktop"}:
            return 0.6
        return 0.9 if tool.kind == "migration" and not tool.verified else _BELIEVED
    if not tool.verified or tool.kind == "database":
        return 0.9
    if tool.kind in {"frontend", "docs", "mobile", "desktop"}:
        return 0.6
    if unit.ecosystem.name not in _SPELLED_OUT:
        return 0.7
    return 0.4 if unit.usage.complete else 0.6


def _shown_by_file(tool: Tool, unit: Unit, subject: Subject) -> Span | None:
    roots = [unit.root]
    if tool.kind in _EVERYWHERE:
        roots += [f for f in above(unit.root) if f != unit.root]
    for root in roots:
        inner = root in {unit.root, subject.root}  # what lies beside the project says nothing of it
        key = (f"{root}/" if inner else root, id(tool))
        if key not in subject.paths.shown:
            subject.paths.shown[key] = _shown_below(root, tool, subject, deeper=inner)
        if found := subject.paths.shown[key]:
            return found
    return None


def _shown_below(root: str, tool: Tool, subject: Subject, *, deeper: bool) -> Span | None:
    if tool.files and not tool.texts_only and (path := subject.paths.first(root, tool.files)):
        return Span(path, 1)
    for glob, pattern in tool.texts:
        if "*" in glob:
            continue
        globs = ("*compose*.y*ml",) if glob == "compose" else (glob, f"*/{glob}") if "." in glob and deeper else (glob,)
        for path in (p for g in globs for p in subject.paths.find(root, g)):
            if span := _said(path, pattern, subject):
                return span
    return None


def _said(path: str, pattern: Expression, subject: Subject) -> Span | None:
    """Where a text says something, outside of comments."""
    key = (path, id(pattern))
    if key not in subject.paths.shown:
        text = subject.read(path) or ""
        places = (found.start() for found in pattern.finditer(text))
        at = next((at for at in places if not _COMMENT.match(text, text.rfind("\n", 0, at) + 1, at)), None)
        subject.paths.shown[key] = Span(path, text.count("\n", 0, at) + 1) if at is not None else None
    return subject.paths.shown[key]


def _line_of(declared: Declared, subject: Subject) -> Span:
    text = (subject.read(declared.path) or "").lower()
    name = declared.entry.name.rpartition(":")[2].lower()
    at = _whole(text, name)
    if at < 0:
        spelled = "[-_.]".join(map(re.escape, re.split(r"[-_.]", name)))
        found = re.search(rf"(?<![\w.-]){spelled}(?![\w-])", text)
        at = found.start() if found else 0
    return Span(declared.path, text.count("\n", 0, at) + 1)


def _whole(text: str, name: str) -> int:
    """Where a name stands by itself, -1 for nowhere."""
    at = text.find(name) if name else -1
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() or before in {"_", ".", "-"}) and not (after.isalnum() or after in {"_", "-"}):
            return at
        at = text.find(name, at + 1)
    return -1


def _commands(found: dict[Key, Claim], subject: Subject) -> None:
    """Linters and the like that only a CI job or a script names."""
    tools = [t for ecosystem in dict.fromkeys(u.ecosystem for u in subject.own) for t in ecosystem.tools if t.commands]
    missing = [t for t in tools if found.get((t.kind, t.id), Claim(t)).score < SURE]
    if not missing:
        return
    for path in _command_files(subject):
        for tool in missing:
            if tool.commands is not None and (span := _said(path, tool.commands, subject)):
                found.setdefault((tool.kind, tool.id), Claim(tool)).raise_to(0.75, span)


def _command_files(subject: Subject) -> Iterator[str]:
    for root in dict.fromkeys((subject.root, "")):
        for glob in places("commands"):
            yield from subject.paths.find(root, glob)
    for path in subject.paths.find("", ".github/workflows/*.y*ml"):
        if "" in {subject.root, subject.group} or subject.root in (subject.read(path) or ""):
            yield path


def package_managers(subject: Subject) -> list[Detected]:
    """By lock file, then by what the manifests say, then by what there is a manifest for; several where locks differ."""
    unit = subject.main
    for folder in above(subject.root):
        names = subject.paths.names.get(folder, ())
        locked = {manager: lock for lock, manager in reversed(unit.ecosystem.locks.items()) if lock in names}
        said = _manager_said(subject, folder)
        if len(locked) > 1 and said is not None and said.id in locked:
            return [said]
        if locked:
            order = list(dict.fromkeys(unit.ecosystem.locks[lock] for lock in unit.ecosystem.locks if lock in names))
            return [
                Detected("package_manager", m, "", 1.0, (Span(f"{folder}/{locked[m]}".lstrip("/"), 1),), m)
                for m in order
            ]
        if said is not None:
            return [said]
    if unit.ecosystem.manager and unit.manifests:
        manager = unit.ecosystem.manager
        return [Detected("package_manager", manager, "", 0.8, (Span(sorted(unit.manifests)[0], 1),), manager)]
    return []


def _manager_said(subject: Subject, folder: str) -> Detected | None:
    """The package manager that a manifest in this folder names."""
    for manager, (name, pattern) in subject.main.ecosystem.manager_texts.items():
        path = f"{folder}/{name}".lstrip("/")
        if name in subject.paths.names.get(folder, ()):
            text = subject.read(path) or ""
            if found := re.search(pattern, text, re.MULTILINE):
                line = text.count("\n", 0, found.start()) + 1
                return Detected("package_manager", manager, "", 0.9, (Span(path, line),), manager)
    return None
