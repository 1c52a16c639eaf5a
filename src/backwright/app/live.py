"""A repository that stays in memory: editors and agents ask about one file of it again and again, saved or not."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.loading import Facts
from backwright.adapters.printed import Stamp, stamp, stamp_of
from backwright.app.backends import Backends
from backwright.app.config import Config, load
from backwright.app.counting import known_counts
from backwright.app.guardrails import guard
from backwright.app.project import Project, read_facts, sources_of
from backwright.core.errors import MachineError, NothingToDo
from backwright.core.findings import Finding
from backwright.engine.checking import Checked, new_findings
from backwright.engine.nearby import Imports, users
from backwright.engine.reaching import reached
from backwright.kit.index import FactIndex

_SMALL = 100  # files; checked as a whole
_AHEAD = 150  # files of a large repository that the code of one may lead to; what a text imports anew counts once it is saved
_BEHIND = 20  # files that may lead to it
_REMEMBERED = 24  # neighbourhoods of files that are kept


@dataclass
class _Part:
    """The backend that a file belongs to, or what of it is near the file, and what is known of it."""

    project: Project
    before: tuple[Finding, ...] | None = None  # what the last commit has
    texts: Mapping[str, str | None] | None = None  # other than those that were read, when it was last looked at
    index: FactIndex | None = None  # with them
    checked: Checked | None = None
    is_whole: bool = True  # else only what is near

    def tells(self, finding: Finding) -> bool:
        """Whether a finding may be told: what is said once of a project is said of all of it, not of what is near a file."""
        return self.is_whole or not finding.covers


@dataclass
class _Reading:
    """What was read of the repository at one moment, and what has been worked out of it."""

    tree: RepositoryTree
    facts: Facts
    backends: Backends
    imports: Imports
    sources: frozenset[str]  # that the configuration wants
    stamps: Mapping[str, Stamp]
    git: tuple[object, ...]
    counts: Mapping[str, Mapping[str, int]]
    parts: OrderedDict[frozenset[str], list[_Part]] = field(default_factory=OrderedDict)


class LiveRepository:
    """One repository, read when first asked and again when its files change. Not for several threads at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._config: Config | None = None
        self._unsaved: dict[str, str] = {}
        self._reading: _Reading | None = None
        self._held = ExitStack()

    def __enter__(self) -> LiveRepository:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def hold(self, path: str, text: str | None) -> None:
        """From now on a file reads so, whatever is saved; None ends that."""
        if text is None:
            self._unsaved.pop(path, None)
        else:
            self._unsaved[path] = text

    def read(self, path: str) -> str | None:
        """A file's text as it is held or saved; None where there is none that can be read."""
        held = self._unsaved.get(path)
        return held if held is not None else self._now(()).tree.read(path).text

    @property
    def has_commit(self) -> bool:
        """Whether there is a commit that something can be new since."""
        git = self._now(()).tree.git
        return git is not None and bool(git.head())

    def findings(self, path: str, config: Config | None = None) -> tuple[Finding, ...]:
        """What the guardrails say of one file. Raises as `load` and `check_repository`, `NothingToDo` for what is no source."""
        checked = self._checked(path, config)
        return tuple(f for found, part in checked for f in found.findings if part.tells(f) and f.span.path == path)

    def new_findings(self, path: str, config: Config | None = None) -> tuple[Finding, ...]:
        """What the guardrails say of one file and did not say at the last commit. Raises as `findings`."""
        out: list[Finding] = []
        for checked, part in self._checked(path, config):
            if part.before is None:
                part.before = self._at_commit(part.project)
            new = new_findings(checked.findings, part.before)
            out += (f for f in new if part.tells(f) and f.span.path == path)
        return tuple(out)

    def states(self, path: str) -> Iterator[tuple[Project, FactIndex]]:
        """The backends that a file is part of, each as it is with what is held. Raises as `findings`."""
        config = self._settings(None)
        for part in self._parts(self._now((path,)), path, config):
            yield part.project, self._as_held(part)

    def refresh(self) -> None:
        """Look at all files, and read what changed; for when nobody waits."""
        if self._reading is not None:
            with open_tree(self.root) as tree:
                changed = _stamps(tree) != self._reading.stamps
                counts = known_counts(tree)
            if changed:
                self._reread()
            elif counts != self._reading.counts:
                self._reading.counts = counts
                self._reading.parts.clear()

    def _checked(self, path: str, config: Config | None) -> Iterator[tuple[Checked, _Part]]:
        config = self._settings(config)
        for part in self._parts(self._now((path,)), path, config):
            index = self._as_held(part)
            if part.checked is None:
                part.checked = guard(part.project, index)
            if part.checked.crashes:
                raise MachineError(part.checked.crashes[0].message, where=path)
            yield part.checked, part

    def _settings(self, config: Config | None) -> Config:
        """The configuration; what was read goes by it, so another one is a new beginning."""
        config = config or load(self.root)
        if config != self._config and self._reading is not None:
            self._reading.parts.clear()
            self._reading.sources = frozenset(sources_of(self._reading.tree, config, ""))
        self._config = config
        return config

    def _now(self, wanted: tuple[str, ...]) -> _Reading:
        """What was read, where git stands as it did then and the files that matter are known; else read again."""
        reading = self._reading
        if reading is None or _git(reading.tree) != reading.git or any(p not in reading.stamps for p in wanted):
            return self._reread()
        return reading

    def _reread(self) -> _Reading:
        self._held.close()
        tree = self._held.enter_context(open_tree(self.root))
        facts = read_facts(tree)
        imports = Imports({path: facts.all_imports(path) for path in facts})
        sources = frozenset(sources_of(tree, self._config, "")) if self._config is not None else frozenset()
        found, counts = Backends.find(tree, facts), known_counts(tree)
        self._reading = _Reading(tree, facts, found, imports, sources, _stamps(tree), _git(tree), counts)
        return self._reading

    def _parts(self, reading: _Reading, path: str, config: Config) -> list[_Part]:
        if path not in reading.sources:
            raise NothingToDo("is no source of a backend", where=path)
        small = len(reading.facts) <= _SMALL
        near = frozenset(reading.facts) if small else _near(path, reading)
        if near not in reading.parts:
            narrow = replace(config, include=tuple(sorted(near)))
            projects = reading.backends.read(self.root, narrow)
            parts = [_Part(p, is_whole=small) for p in projects if path in p.index.files]
            if not small:
                for part in parts:
                    part.project.index.counts.whole = reading.counts.get(part.project.root)
            reading.parts[near] = parts
            while len(reading.parts) > _REMEMBERED:
                reading.parts.popitem(last=False)
        reading.parts.move_to_end(near)
        return reading.parts[near]

    def _as_held(self, part: _Part) -> FactIndex:
        """The part as it is now: with what is held, and with what was saved since it was read."""
        assert self._reading is not None
        project, stamps = part.project, self._reading.stamps
        saved = (p for p in project.index.files if stamp(f"{self.root}/{p}") != stamps.get(p))
        texts = {path: self._reading.tree.read(path).text for path in saved}
        texts |= {path: text for path, text in self._unsaved.items() if path in project.index.files}
        if part.index is None or texts != part.texts:
            part.texts, part.checked = texts, None
            part.index = project.with_texts(texts) if texts else project.index
        return part.index

    def _at_commit(self, project: Project) -> tuple[Finding, ...]:
        git = project.tree.git
        if git is None or not self.has_commit:
            return ()
        return guard(project, project.with_texts(git.changed_since("HEAD"))).findings


def _near(path: str, reading: _Reading) -> frozenset[str]:
    """What the code of a file leads to, and some of what leads to it."""
    ahead = reached(path, reading.facts, reading.imports, _AHEAD)
    return frozenset((*ahead, *users(path, reading.imports, _BEHIND)))


def _stamps(tree: RepositoryTree) -> Mapping[str, Stamp]:
    return {path: stamp_of(status) for path, status in tree.stats().items()}


def _git(tree: RepositoryTree) -> tuple[object, ...]:
    """Where git stands."""
    deciding = tree.git.deciding_files() if tree.git is not None else ()
    return tuple(stamp(str(path)) for path in deciding)
