"""The facts of a tree: from the cache where a file has not changed, else extracted."""

from __future__ import annotations

import gc
import hashlib
import os
import stat
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from backwright.adapters import parsing as parsing_module
from backwright.adapters.cache import Entry, FactCache, Known, Status, Stored
from backwright.adapters.files import RepositoryTree, has_settled
from backwright.adapters.parsing import Job, Parsed, decode_facts, encode_skipped, extract_all
from backwright.core import facts as facts_module
from backwright.core.errors import MachineError
from backwright.core.facts import FileFacts
from backwright.engine import projects as projects_module
from backwright.engine.projects import (
    find_projects,
    is_under,
    left_out,
    module_name,
    source_roots,
    vendor_folders,
)
from backwright.kit import syntax as syntax_module
from backwright.kit.shapes import Language

_BATCH_BYTES = 64 * 1024 * 1024  # of source held in memory at a time
_DOTTED = "python"  # whose modules are named by the place of their file
_ROOTS = "source roots"
_ROOTS_BASIS = "source roots came from"


class Facts(Mapping[str, FileFacts]):
    """The facts of each source file of a tree, by path; decoded when first asked for.

    Decoding costs some 3 microseconds a line, so ask for what you need: `under` one project. Where it is not `settled`, a
    file was given up on that another try may read.
    """

    def __init__(
        self,
        bodies: Mapping[str, bytes],
        skipped: Mapping[str, str],
        roots: Sequence[str],
        imports: Mapping[str, str] | None = None,
        *,
        settled: bool = True,
    ) -> None:
        self.settled = settled
        self._bodies = bodies
        self._skipped = skipped
        self._imports = imports or {}
        self._decoded: dict[str, FileFacts] = {}
        self._roots = frozenset(roots)

    @property
    def source_roots(self) -> tuple[str, ...]:
        """The folders that dotted names start from, for `engine.projects.module_name`."""
        return tuple(sorted(self._roots))

    def imports(self, path: str) -> tuple[str, ...]:
        """The absolute modules that a file imports; nothing is decoded for it."""
        return tuple(_absolute(self._imports.get(path, "")))

    def all_imports(self, path: str) -> tuple[str, ...]:
        """These, and as paths from the file's folder (`./models/user`) those that it names from there."""
        return tuple(self._imports.get(path, "").splitlines())

    @property
    def skipped(self) -> tuple[tuple[str, str], ...]:
        """Path and reason of source files that have no facts."""
        return tuple(sorted(self._skipped.items()))

    def under(
        self,
        folder: str,
        suffixes: tuple[str, ...] = ("",),
        wanted: Callable[[str], bool] = lambda _: True,
    ) -> dict[str, FileFacts]:
        """The facts of all files in one folder, `""` for all there are, that end in one of `suffixes` and are `wanted`."""
        with _collector_paused():
            return {
                path: self[path]
                for path in self._bodies
                if is_under(path, folder) and path.endswith(suffixes) and wanted(path)
            }

    def __getitem__(self, path: str) -> FileFacts:
        if path not in self._decoded:
            try:
                facts = decode_facts(self._bodies[path])
            except (zlib.error, msgspec.DecodeError) as error:
                hint = "remove the folder .backwright/cache; it is made again"
                raise MachineError("the cache of facts is damaged", where=path, hints=(hint,)) from error
            if facts.language == _DOTTED:
                facts = msgspec.structs.replace(facts, module=module_name(path, self._roots))
            self._decoded[path] = facts
        return self._decoded[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bodies)

    def __len__(self) -> int:
        return len(self._bodies)


def load_facts(tree: RepositoryTree, languages: Sequence[Language], cache: FactCache | None = None) -> Facts:
    """The facts of every source file that a language reads; skipped files are in it with their reason.

    What is read anew goes into the cache. A cache that the repository itself tracks is not believed.
    """
    if cache is None or tree.ships(".backwright/cache"):
        cache = FactCache(None)
    wanted = _wanted(tree.files(), languages)
    present = {language.name: language for language in wanted.values()}
    load = _Load(tree, cache, wanted, {name: _maker(language) for name, language in present.items()})
    load.take_unchanged()
    load.read_changed()
    roots = load.settle_roots(languages)
    load.save()
    return Facts(load.bodies, load.skipped, roots, load.imports, settled=load.settled)


@dataclass
class _Load:
    """One loading, step by step."""

    tree: RepositoryTree
    cache: FactCache
    wanted: dict[str, Language]
    makers: dict[str, str]
    bodies: dict[str, bytes] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    settled: bool = True
    _known: dict[str, Known] = field(default_factory=dict)
    _changed: list[str] = field(default_factory=list)
    _entries: list[Entry] = field(default_factory=list)
    _notes: dict[str, str] = field(default_factory=dict)

    def take_unchanged(self) -> None:
        """Take from the cache what has the same status as when it was read."""
        self._known = self.cache.files()
        stats = self.tree.stats()
        for path, language in self.wanted.items():
            known = self._known.get(path)
            if known and known.maker == self.makers[language.name] and _is_unchanged(stats[path], known.status):
                self._take(path, known.facts)
            else:
                self._changed.append(path)

    def read_changed(self) -> None:
        """Read the others, and extract those whose content the cache has not seen."""
        jobs: list[Job] = []
        size = 0
        for path in self._changed:
            job = self._read(path)
            if job is not None:
                jobs.append(job)
                size += len(job.source)
                if size > _BATCH_BYTES:
                    self._extract(jobs)
                    jobs, size = [], 0
        self._extract(jobs)
        order = {path: number for number, path in enumerate(self.wanted)}
        self.bodies = (
            dict(sorted(self.bodies.items(), key=lambda item: order[item[0]])) if self._changed else self.bodies
        )

    def settle_roots(self, languages: Sequence[Language]) -> tuple[str, ...]:
        """Where dotted names start: as noted last time if nothing that decides it has changed."""
        files = self.tree.files()
        vendor = vendor_folders(files)
        manifests = {}
        for path in files:
            if path.endswith("pyproject.toml") and not left_out(path, vendor):
                manifests[path] = self.tree.read(path).text or ""
        basis = hashlib.sha256(repr((sorted(manifests.items()), _stamp(projects_module.__file__))).encode()).hexdigest()
        same_files = self._known.keys() == self.imports.keys()
        same_imports = all(
            self._known[p].facts.imports == self.imports.get(p) for p in self._changed if p in self._known
        )
        if same_files and same_imports and self.cache.note(_ROOTS_BASIS) == basis:
            return tuple(self.cache.note(_ROOTS).split("\n"))
        own = [path for path, language in self.wanted.items() if language.name == _DOTTED]
        imports = {path: names for path in own if (names := _absolute(self.imports.get(path, "")))}
        roots = source_roots(own, find_projects(files, languages), manifests, imports)
        self._notes = {_ROOTS: "\n".join(roots), _ROOTS_BASIS: basis}
        return roots

    def save(self) -> None:
        removed = self._known.keys() - self.imports.keys()
        if self._entries or removed or self._notes:
            self.cache.save(self._entries, removed, self._notes)

    def _read(self, path: str) -> Job | None:
        """The job of extracting a file; None if there is nothing left to do about it."""
        language = self.wanted[path]
        maker = self.makers[language.name]
        seen = time.time_ns()
        file = self.tree.read(path)
        if not file.sha256:
            self.skipped[path] = file.skipped
            self.bodies[path] = encode_skipped(path, language.name, "", "", file.skipped).facts
            return None
        status = _status(self.tree.stats()[path], seen)
        found = self.cache.find(path, file.sha256, maker)
        if found is None and file.text is not None:
            self._entries.append(Entry(path, status, file.sha256, maker, None))
            return Job(language, path, "", file.sha256, file.text.encode("utf-8"))
        facts = found or _stored(encode_skipped(path, language.name, file.sha256, "", file.skipped))
        self._entries.append(Entry(path, status, file.sha256, maker, None if found else facts))
        self._take(path, facts)
        return None

    def _extract(self, jobs: Sequence[Job]) -> None:
        done: dict[str, Stored | None] = {}
        for number, parsed in extract_all(jobs):
            path = jobs[number].path
            self._take(path, _stored(parsed))
            done[path] = _stored(parsed) if parsed.settled else None
        unsettled = {path for path, facts in done.items() if facts is None}
        self.settled = self.settled and not unsettled
        self._entries = [
            entry._replace(facts=done.get(entry.path, entry.facts))
            for entry in self._entries
            if entry.path not in unsettled
        ]

    def _take(self, path: str, facts: Stored) -> None:
        self.bodies[path] = facts.body
        self.imports[path] = facts.imports
        if facts.skipped:
            self.skipped[path] = facts.skipped


def _wanted(files: Sequence[str], languages: Sequence[Language]) -> dict[str, Language]:
    by_suffix = {suffix: language for language in languages for suffix in language.suffixes}
    vendor = vendor_folders(files)
    wanted = {}
    for path in files:
        language = by_suffix.get(path[path.rfind(".") :])
        if language is not None and not left_out(path, vendor):
            wanted[path] = language
    return wanted


def _absolute(imports: str) -> list[str]:
    return [name for name in imports.splitlines() if not name.startswith(".")]


def _stored(parsed: Parsed) -> Stored:
    return Stored("\n".join(parsed.imports), parsed.skipped, parsed.facts)


def _status(now: os.stat_result, seen: int) -> Status:
    return Status(now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino, seen)


def _is_unchanged(now: os.stat_result, then: Status) -> bool:
    """Whether a file must have the content it had then. A link's own status says nothing about its target."""
    return (
        now.st_mtime_ns == then.mtime
        and now.st_size == then.size
        and now.st_ctime_ns == then.ctime
        and now.st_ino == then.inode
        and has_settled(max(then.mtime, then.ctime), then.seen)
        and not stat.S_ISLNK(now.st_mode)
    )


def _maker(language: Language) -> str:
    """What identifies the code that makes the facts: its version, and the state of its source files."""
    folder = Path(getattr(sys.modules[language.extract.__module__], "__file__", None) or __file__).parent
    folders = (folder, Path(syntax_module.__file__).parent)
    sources = [path for one in folders for path in sorted(one.iterdir()) if path.suffix in {".py", ".scm"}]
    stamps = [_stamp(str(path)) for path in sources]
    around = [_stamp(module.__file__ or "") for module in (facts_module, parsing_module)]
    identity = (language.name, language.version, stamps, around)
    return hashlib.sha256(repr(identity).encode()).hexdigest()[:16]


def _stamp(path: str) -> tuple[str, int, int]:
    status = Path(path).stat()
    return path, status.st_size, status.st_mtime_ns


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Facts hold no cycles: looking for some among a million new objects takes as long as making them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
