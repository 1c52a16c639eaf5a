"""Context packs: what a model or an agent is shown for a request, composed from facts within a budget of tokens.

Symbols, not files: those that the request is about in full, one line each of those around them. What there was no place for
is named. `knowledge/context.md` tells the reader how to go on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from posixpath import basename, dirname, split

from backwright.agent.outlines import Shown
from backwright.core.acting import Pack, Part
from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.core.request import Understood
from backwright.engine.neighbours import neighbours
from backwright.engine.relevance import Key, Relevance, callers, relevance, used_by
from backwright.engine.tokens import tokens_of
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file

SHARE = 0.2  # of the files that a change is expected to touch, with what they import
_MEASURED, _TOUCHED = 9, 5
LEAST, MOST = 2_750, {"simple": 4_000, "medium": 10_000, "complex": 16_000}  # tokens
FILES = {"simple": 8, "medium": 14, "complex": 22}  # that are outlined
_FULL = 0.2  # of the budget goes to symbols in full
_HOUSE = 0.08
_OUTLINED = 0.35
_LONGEST = 0.5  # of the room for symbols in full, for one
_ALL = 1_000
# How many symbols of a file are shown with their signatures, and how many others are named: what is tried, down to the least.
_COUNTS = (
    (_ALL, 0),
    (40, _ALL),
    (24, _ALL),
    (14, _ALL),
    (8, _ALL),
    (5, _ALL),
    (3, _ALL),
    (1, _ALL),
    (5, 30),
    (2, 20),
    (0, 20),
)
_ABOUT, _CALLERS = 30, 12  # symbols whose callers are looked for, and how many of those are shown
_AROUND = 30  # tokens of the part itself


@dataclass(frozen=True)
class Source:
    """What packs are made of: the facts and map of a project, and how its files are read."""

    index: FactIndex
    archmap: ArchMap
    read: Callable[[str], str | None]


def compose(
    understood: Understood,
    source: Source,
    *,
    task: str = "",
    findings: Sequence[Finding] = (),
    lessons: Sequence[Part] = (),
    budget: int = 0,
) -> Pack:
    """The pack for a request; `task` are its words, or more of them. A budget of 0 is chosen by difficulty and place."""
    return _Composer(understood, source, task or understood.words, findings, lessons, budget).pack()


class _Composer:
    def __init__(
        self,
        understood: Understood,
        source: Source,
        task: str,
        findings: Sequence[Finding],
        lessons: Sequence[Part],
        budget: int,
    ) -> None:
        self.understood = understood
        self.source = source
        self.task = task
        self.findings = findings
        self.lessons = lessons
        self.shown = Shown(source.index, source.read)
        self.relevance: Relevance = relevance(source.index, source.archmap, " ".join((task, *_names(understood))))
        self.files = self._likely()
        self.budget = budget or self._chosen()
        self.left = self.budget
        self.parts: list[Part] = []
        self.left_out: list[str] = []
        self.told: set[Key] = set()

    def pack(self) -> Pack:
        for part in (self._task(), *self.lessons, self._house()):
            self._add(part)
        self._symbols()
        self._outlines()
        self._around()
        for part in self._found():
            self._add(part)
        return Pack(tuple(self.parts), self.budget, tuple(self.left_out))

    def _chosen(self) -> int:
        """A share of what the change is expected to touch: a few files of the middling size here, each with what it imports."""
        sizes = sorted(self._closure(path) for path in self.files[:_MEASURED])
        expected = _TOUCHED * sizes[len(sizes) // 2] if sizes else 0
        return max(LEAST, min(int(expected * SHARE), MOST[self.understood.difficulty]))

    def _closure(self, path: str) -> int:
        near = {path, *(e.target for e in self.source.archmap.edges if e.source == path)}
        return sum(tokens_of(self.shown.text(one)) for one in near)

    def _likely(self) -> tuple[str, ...]:
        """The files that the change is likely to touch, sources before tests."""
        count = FILES[self.understood.difficulty]
        ranked = [path for path in self.relevance.files if path in self.source.index.files]
        code = list(islice((path for path in ranked if not is_test_file(path)), count))
        tests = list(islice((path for path in ranked if is_test_file(path)), max(1, count // 4)))
        return (*code, *tests)

    def _add(self, part: Part | None) -> bool:
        if part is None or not part.text.strip():
            return False
        if part.tokens > self.left:
            self.left_out.append(f"{part.title} ({part.tokens} tokens)")
            return False
        self.parts.append(part)
        self.left -= part.tokens
        return True

    # -- what is always there --------------------------------------------------------------------------------------
    def _task(self) -> Part:
        lines = [self.task.strip()]
        if self.understood.kind not in ("unknown", ""):
            lines.append(f"Understood as: {self.understood.kind}.")
        lines += [f"Assumed: {a.key} is {a.value}, {a.because}" for a in self.understood.assumptions]
        return part_of("task", "request", "\n".join(lines), "what is asked for")

    def _house(self) -> Part | None:
        archmap = self.source.archmap
        stack = ", ".join(f"{p.name} {p.version}".strip() for p in archmap.stack.parts)
        lines = [f"Stack: {stack}"] if stack else []
        for habit in sorted(archmap.conventions, key=lambda habit: -habit.support):
            place = f"  {habit.exemplar}" if habit.exemplar else ""
            lines.append(f"{habit.detail or f'{habit.topic}: {habit.value}'}{place}")
        while len(lines) > 1 and tokens_of("\n".join(lines)) > self.budget * _HOUSE:
            lines.pop()
        return part_of("house", "house style", "\n".join(lines), "how this repository writes") if lines else None

    # -- symbols ---------------------------------------------------------------------------------------------------
    def _symbols(self) -> None:
        """The symbols that the request is about, in full."""
        room = int(self.budget * _FULL)
        for path, name in self.relevance.symbols:
            symbol = self.source.index.symbols(path).get(name)
            if path not in self.files or symbol is None or symbol.kind == "variable" or is_test_file(path):
                continue
            if any((path, name.rpartition(".")[0]) == told for told in self.told):
                continue
            title, text = self.shown.symbol(path, name)
            part = part_of("symbol", title, text, "the request is about it")
            if part.tokens > room * _LONGEST or part.tokens > self.left:
                continue
            self._add(part)
            self.told.add((path, name))
            room -= part.tokens
            if room < self.budget * 0.03:
                return

    def _outlines(self) -> None:
        """A line for each relevant symbol of the files that are likely to change, and the names of the others."""
        room = int(self.budget * _OUTLINED)
        for place, path in enumerate(self.files):
            share = 2 * room // (len(self.files) - place + 1)
            ranked = [name for p, name in self.relevance.symbols if p == path]
            names = [n for n in dict.fromkeys((*ranked, *self.shown.outlined(path))) if n in self._outlined(path)]
            part = self._listed(
                "outline", path, [n for n in names if (path, n) not in self.told], share, "likely to change"
            )
            if part is not None and self._add(part):
                room -= part.tokens

    def _outlined(self, path: str) -> frozenset[str]:
        return frozenset(self.shown.outlined(path))

    def _around(self) -> None:
        """The symbols of the project that the likely files use, the most used first, and those that use theirs.

        As many as there is place for are named; where place is left, the first of them are shown with their signatures.
        """
        chosen: dict[str, list[str]] = {}
        folders: set[str] = set()
        room = self.left - _AROUND
        for path, names in self._near():
            known = chosen.get(path, [])
            more = [*known, *(name for name in names if name not in known)]
            cost = tokens_of(self._named(path, more)) - (tokens_of(self._named(path, known)) if known else 0)
            cost += 0 if dirname(path) in folders else tokens_of(f"\n{dirname(path)}/")
            if cost > room:
                break
            room -= cost
            folders.add(dirname(path))
            chosen[path] = more
        lines: list[str] = []
        for folder, paths in groupby(sorted(chosen, key=split), dirname):
            lines.append(f"{folder or '.'}/")
            for path in paths:
                signed = self.shown.outline(path, chosen[path]).splitlines()
                whole = "\n".join(("", f"  {basename(path)}:", *(f"    {line}" for line in signed)))
                named = self._named(path, chosen[path])
                cost = tokens_of(whole) - tokens_of(named)
                lines.append((whole if cost <= room else named)[1:])
                room -= cost if cost <= room else 0
        self._add(part_of("around", "used by what is likely to change, or using it", "\n".join(lines), "by folder"))

    def _named(self, path: str, names: Collection[str]) -> str:
        return f"\n  {basename(path)}: {self.shown.names(path, names)}"

    def _near(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Symbols that are shown together, the nearest first: used ones with their members, then what is near by other ways."""
        index = self.source.index
        about = {n.rpartition(".")[2] for p, n in islice(self.relevance.symbols, _ABOUT) if p in self.files}
        used = used_by(index, {path: self.relevance.files[path] for path in self.files})
        calling = [key for key, _ in callers(index, about).most_common(_CALLERS)]
        for path, name in dict.fromkeys((*islice(used, _ABOUT), *calling, *used)):
            names = tuple(n for n in (name, *self._members(path, name)) if (path, n) not in self.told)
            if names and name in index.symbols(path):
                yield path, names
        for path, name in neighbours(index, self.relevance):
            if (path, name) not in self.told and name in self._outlined(path):
                yield path, (name,)

    def _members(self, path: str, name: str) -> Iterator[str]:
        return (member for member in self.shown.outlined(path) if member.rpartition(".")[0] == name)

    def _listed(self, kind: str, path: str, names: Sequence[str], room: int, why: str) -> Part:
        """Symbols of a file in at most `room` tokens, if that can be: as many signatures as fit beside the names of others."""
        part = part_of(kind, path, "", why)
        for count, named in _COUNTS:
            if count > len(names) and count != _ALL:
                continue
            rest = names[count:][:named]
            lines = [self.shown.outline(path, set(names[:count]))] if count else []
            if rest:
                lines.append(f"also: {self.shown.names(path, rest)}")
            if unnamed := len(names[count:]) - len(rest):
                lines.append(f"and {unnamed} more")
            part = part_of(kind, path, "\n".join(lines), why)
            if part.tokens <= room:
                break
        self.told.update((path, name) for name in names[: count + named])
        return part

    def _found(self) -> Iterator[Part]:
        said = [f"{f.span}: {f.rule} {f.message}" for f in self.findings if f.span.path in self.files]
        if said:
            yield part_of("finding", "findings", "\n".join(said[:20]), "known before the change, not to be repeated")


def part_of(kind: str, title: str, text: str, why: str) -> Part:
    """A part with its cost."""
    return Part(kind, title, text, tokens_of(f"## {kind}: {title}\n```\n{text}\n```\n"), why)


def _names(understood: Understood) -> Iterable[str]:
    """What the request names, as it was understood."""
    if understood.feature:
        yield understood.feature.resource
        yield from (field.ref for field in understood.feature.fields if field.ref)
    if understood.field:
        yield from (understood.field.resource, understood.field.name)
    if understood.endpoint:
        yield understood.endpoint.resource


def render(pack: Pack) -> str:
    """The pack as one text for a model: a heading and a fence for each part."""
    blocks = []
    for part in pack.parts:
        fence = "```" if "```" not in part.text else "~~~~"
        blocks.append(f"## {part.kind}: {part.title}\n{fence}\n{part.text}\n{fence}")
    if pack.left_out:
        blocks.append(f"## not shown, look it up when needed\n{', '.join(pack.left_out)}")
    return "\n\n".join(blocks) + "\n"
