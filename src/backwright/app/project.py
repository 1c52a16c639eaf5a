"""One project of a repository, opened: its files, its facts, its house style."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import msgspec

from backwright.adapters.cache import FactCache
from backwright.adapters.files import RepositoryTree, open_tree
from backwright.adapters.loading import Facts, load_facts
from backwright.adapters.parsing import Job, decode_facts, extract_all
from backwright.adapters.printed import stamp, stamp_of
from backwright.adapters.state import existing_state
from backwright.app.bootstrap import registry, with_frameworks
from backwright.app.config import Config
from backwright.app.project_texts import configuration, pages
from backwright.app.recovering import recover_at
from backwright.app.results import Head, Problem
from backwright.app.standing import head_of
from backwright.core.archmap import ArchMap, Component, Convention
from backwright.core.errors import NothingToDo
from backwright.core.stack import Stack
from backwright.engine.backends import (
    FRAMEWORKS,
    Backend,
    choose_backend,
    files_of,
    find_backends,
    matcher,
)
from backwright.engine.mapping import build_map, map_of_stack
from backwright.engine.placing import components, is_test
from backwright.engine.projects import find_projects, is_under, module_name
from backwright.kit.counts import Counts
from backwright.kit.house import House, Manner
from backwright.kit.index import FactIndex
from backwright.kit.shapes import PlannedStack

_SPOKEN = {"javascript": "typescript", "c#": "csharp"}  # languages of a stack that have another's reader


@dataclass(frozen=True)
class Project:
    """A project as it was read. `root` is its folder within the repository, `backends` are the roots of all there are.

    `facts_skipped` are source files without facts, with the reason. Unless `facts_settled`, another try may read more.
    """

    tree: RepositoryTree
    config: Config
    root: str
    backends: tuple[str, ...]
    index: FactIndex
    languages: tuple[str, ...] = ("python",)
    stack: Stack | None = None  # of a backend that is found by what its stack shows, not by what it imports
    source_roots: tuple[str, ...] = ()
    facts_skipped: tuple[tuple[str, str], ...] = ()
    facts_settled: bool = True

    @property
    def folder(self) -> Path:
        """The project's folder on this machine."""
        return self.tree.root / self.root

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """Every file with its roles; the configuration's word counts most."""
        overrides = [(matcher((pattern,)), role) for pattern, role in self.config.roles.items()]

        def placed(component: Component) -> Component:
            role = next((role for matches, role in reversed(overrides) if matches(component.path)), "")
            because = "the configuration says so"
            return msgspec.structs.replace(component, role=role, because=because, also=()) if role else component

        read = components(self.index, self.read)
        found = tuple(c for c in read if c.path in self.index.files or self.owns(c.path))
        return tuple(map(placed, found)) if overrides else found

    @cached_property
    def planner(self) -> PlannedStack | None:
        """The stack that changes of this project are planned for: what most of its files import; None where there is none."""

        def uses(stack: PlannedStack) -> int:
            found = (path for package in stack.packages for path, _ in self.index.imports_package(package))
            return len({path for path in found if not is_test(path)})

        best = max(registry().stacks, key=uses, default=None)
        return best if best is not None and uses(best) else None

    @cached_property
    def _housed(self) -> tuple[Manner, tuple[Convention, ...]]:
        assert self.planner is not None, "the house is read of projects that changes are planned for"
        return self.planner.house(self.index, self.components, lambda path: self.read(path) or "")

    @property
    def house(self) -> Manner:
        """How the project writes. Only where it has a `planner`."""
        return self._housed[0]

    @property
    def conventions(self) -> tuple[Convention, ...]:
        return self._housed[1] if self.planner is not None else ()

    @cached_property
    def archmap(self) -> ArchMap:
        """The whole map."""
        skipped = tuple(sorted({**dict(self.tree.skipped), **dict(self.facts_skipped)}.items()))
        if self.stack is not None:
            placed, files = self.components, len(self.tree.files())
            return map_of_stack(
                self.index, placed, self.stack, self.conventions, files=files, projects=self.backends, skipped=skipped
            )
        assert isinstance(self.house, House), "a backend that is found by its imports has the house of that framework"
        return build_map(
            self.index,
            self.components,
            self.house,
            self.conventions,
            frameworks=registry().frameworks,
            read=self.read,
            skipped=skipped,
            projects=self.backends,
        )

    @cached_property
    def head(self) -> Head:
        """Where the repository stands."""
        return head_of(self.tree)

    @cached_property
    def _texts(self) -> dict[str, str | None]:
        return {}

    def read(self, path: str) -> str | None:
        """A file's text without a byte order mark; None where there is none that can be read."""
        if path not in self._texts:
            self._texts[path] = self.tree.read(path).text
        return self._texts[path]

    @cached_property
    def source_digest(self) -> str:
        """Of all that planning goes by: the sources and the configuration of the project."""
        facts = [(path, facts.sha256) for path, facts in sorted(self.index.files.items())]
        return hashlib.sha256(repr((facts, sorted(self.index.texts.items()))).encode()).hexdigest()

    def changed_since_read(self) -> tuple[str, ...]:
        """The sources and the configuration whose status on disk is another than when they were listed."""
        stats = self.tree.stats()

        def same(path: str) -> bool:
            then, now = stats.get(path), stamp(f"{self.tree.root}/{path}")
            return now == (stamp_of(then) if then is not None else None)

        return tuple(path for path in sorted({*self.index.files, *self.index.texts}) if not same(path))

    def owns(self, path: str) -> bool:
        """Whether a source file of this path is part of the project, be it there now or not."""
        others = [root for root in self.backends if root != self.root and is_under(root, self.root)]
        if not is_under(path, self.root) or any(is_under(path, other) for other in others):
            return False
        return _wants(self.config)(path)

    def problems(self) -> tuple[Problem, ...]:
        """Source files that could not be read as they should."""
        broken = [f for f in self.index.files.values() if f.errors]
        return tuple(
            Problem(
                "BW-W001",
                f"{f.errors} {'part is' if f.errors == 1 else 'parts are'} not valid {f.language}; the rest was read",
                where=f.path,
            )
            for f in sorted(broken, key=lambda f: f.path)
        )

    def with_texts(self, texts: Mapping[str, str | None]) -> FactIndex:
        """The index of this project with other texts of some files; None takes a file out."""
        return with_frameworks(_replaced(self, texts))


@contextmanager
def open_project(path: Path, config: Config) -> Iterator[Project]:
    """The backend that `path` means.

    Raises `UsageError` for a path that does not exist or a repository with several backends, `NothingToDo` where there
    is no backend.
    """
    recover_at(path)
    with open_tree(path) as tree:
        yield read_project(tree, path, config)


def read_project(tree: RepositoryTree, path: Path, config: Config) -> Project:
    """As `open_project`, for a tree that is open already."""
    facts = read_facts(tree)
    try:
        return project_of(tree, path, config, facts)
    except NothingToDo:
        found = project_by_stack(tree, config, facts)
        if found is None or found.planner is None:
            raise
        return found


@contextmanager
def open_backend(path: Path, config: Config) -> Iterator[Project]:
    """As `open_project`, for any backend."""
    recover_at(path)
    with open_tree(path) as tree:
        yield read_backend(tree, path, config)


def read_backend(tree: RepositoryTree, path: Path, config: Config) -> Project:
    """The backend that `path` means: one that changes are planned for, else one that its stack shows.

    Raises as `open_project`.
    """
    facts = read_facts(tree)
    try:
        return project_of(tree, path, config, facts)
    except NothingToDo:
        found = project_by_stack(tree, config, facts)
        if found is None:
            raise
        return found


def project_by_stack(tree: RepositoryTree, config: Config, facts: Facts) -> Project | None:
    """The backend that the tree was opened for, as its stack shows it; None where there is none.

    Raises `UsageError` with several.
    """
    from backwright.app.stack import backend_stack

    found = backend_stack(tree)
    return project_of_stack(tree, config, facts, *found) if found is not None else None


def read_facts(tree: RepositoryTree) -> Facts:
    """The facts of every source file of a tree."""
    with _cache(tree) as cache:
        return load_facts(tree, registry().languages, cache)


def project_of(tree: RepositoryTree, path: Path, config: Config, facts: Facts) -> Project:
    """The project among these facts that `path` means. Raises as `open_project`."""
    languages = registry().languages
    if not facts:
        raise NothingToDo(
            "no backend found",
            where=str(path),
            hints=(f"looked for source files ({', '.join(s for lang in languages for s in lang.suffixes)}): none",),
        )
    backends = planned_backends(tree, facts)
    return project_at(tree, config, facts, choose_backend(backends, tree.project, str(path)), backends)


def planned_backends(tree: RepositoryTree, facts: Facts) -> tuple[Backend, ...]:
    """The backends of a tree that changes are planned for."""
    roots = [project.root for project in find_projects(tree.files(), registry().languages)]
    return find_backends(roots, {p: facts.imports(p) for p in facts})


def project_at(
    tree: RepositoryTree, config: Config, facts: Facts, backend: Backend, backends: Sequence[Backend]
) -> Project:
    """One of the backends of a tree that changes are planned for."""
    return Project(
        tree=tree,
        config=config,
        root=backend.root,
        backends=tuple(dict.fromkeys(b.root for b in backends)),
        index=_index(tree, config, facts, backend, backends),
        languages=(backend.language,),
        source_roots=facts.source_roots,
        facts_skipped=tuple((p, why) for p, why in facts.skipped if is_under(p, backend.root)),
        facts_settled=facts.settled,
    )


def index_of_stack(
    tree: RepositoryTree, config: Config, facts: Facts, stack: Stack, others: Sequence[str]
) -> FactIndex:
    """The sources of a project in the languages of its stack; `others` are the roots of projects that are not part of it."""
    spoken = spoken_by(stack)
    suffixes = tuple(s for language in registry().languages if language.name in spoken for s in language.suffixes)
    inner = [root for root in others if root != stack.root and is_under(root, stack.root)]
    wanted = _wants(config)
    decoded = facts.under(stack.root, suffixes or ("",), wanted)
    files = {path: file for path, file in decoded.items() if not any(is_under(path, root) for root in inner)}
    texts, templates = configuration(tree, stack.root), pages(tree, stack.root)
    return with_frameworks(FactIndex(files, root=stack.root, texts=texts, paths=tree.files(), templates=templates))


def spoken_by(stack: Stack) -> tuple[str, ...]:
    """The languages of a stack that sources can be read of, by name."""
    named = {part.name.lower() for part in stack.parts if part.kind == "language"}
    spoken = {_SPOKEN.get(name, name) for name in named} | ({"java", "kotlin"} if named & {"java", "kotlin"} else set())
    return tuple(language.name for language in registry().languages if language.name in spoken)


def project_of_stack(tree: RepositoryTree, config: Config, facts: Facts, stack: Stack, roots: Sequence[str]) -> Project:
    """The backend with this stack, in whatever languages it is written; `roots` are those of all backends."""
    return Project(
        tree=tree,
        config=config,
        root=stack.root,
        backends=tuple(roots),
        index=index_of_stack(tree, config, facts, stack, roots),
        languages=spoken_by(stack),
        stack=stack,
        source_roots=facts.source_roots,
        facts_skipped=tuple((p, why) for p, why in facts.skipped if is_under(p, stack.root)),
        facts_settled=facts.settled,
    )


def _cache(tree: RepositoryTree) -> FactCache:
    """The cache of the tree. Where it would be new it is only made for what may be a backend: others stay untouched."""
    if existing_state(tree.root) is None and not _may_be_backend(tree):
        return FactCache(None)
    return FactCache.open(tree.root)


def _may_be_backend(tree: RepositoryTree) -> bool:
    """Whether a source names the framework that is read in depth, or the stacks of the tree show a backend."""
    suffixes = tuple(s for language in registry().languages for s in language.suffixes)
    needles = re.compile("|".join(map(re.escape, FRAMEWORKS)))
    if any(needles.search(tree.read(path).text or "") for path in tree.files() if path.endswith(suffixes)):
        return True
    from backwright.app.stack import all_stacks

    return any(stack.kind == "backend" for stack in all_stacks(tree))


def _index(
    tree: RepositoryTree, config: Config, facts: Facts, backend: Backend, backends: Sequence[Backend]
) -> FactIndex:
    spoken = [language for language in registry().languages if language.name == backend.language]
    suffixes = tuple(suffix for language in spoken for suffix in language.suffixes)
    decoded = facts.under(backend.root, suffixes, _wants(config))
    files = {path: decoded[path] for path in files_of(backend, backends, decoded)}
    texts, templates = configuration(tree, backend.root), pages(tree, backend.root)
    index = FactIndex(files, root=backend.root, texts=texts, paths=tree.files(), templates=templates)
    return with_frameworks(index)


def sources_of(tree: RepositoryTree, config: Config, root: str) -> Iterator[str]:
    """The files below `root` that a language of ours reads and the configuration wants."""
    suffixes = tuple(suffix for language in registry().languages for suffix in language.suffixes)
    wanted = _wants(config)
    return (p for p in tree.files() if p.endswith(suffixes) and is_under(p, root) and wanted(p))


def _wants(config: Config) -> Callable[[str], bool]:
    """Whether the configuration wants a path."""
    inside, outside = matcher(config.include), matcher(config.exclude)
    return lambda path: (not config.include or inside(path)) and not outside(path)


def _replaced(project: Project, texts: Mapping[str, str | None]) -> FactIndex:
    index = project.index
    spoken = [language for language in registry().languages if language.name in project.languages]
    suffixes = {suffix: language for language in spoken for suffix in language.suffixes}
    jobs = []
    roots = frozenset(project.source_roots)
    for path, text in texts.items():
        language = suffixes.get(PurePosixPath(path).suffix)
        if text is not None and language is not None and project.owns(path):
            jobs.append(Job(language, path, module_name(path, roots), "", text.encode()))
    files = {path: facts for path, facts in index.files.items() if path not in texts}
    for number, parsed in extract_all(jobs):
        files[jobs[number].path] = decode_facts(parsed.facts)
    kept = {path: text for path, text in {**index.texts, **_only(texts, index.texts)}.items() if text is not None}
    absent = {path for path, text in texts.items() if text is None}
    paths = sorted({*index.paths, *texts} - absent)
    listed = dict(sorted(files.items()))
    counts = Counts(index.counts.whole)
    return FactIndex(listed, root=index.root, texts=kept, paths=paths, templates=index.templates, counts=counts)


def _only(texts: Mapping[str, str | None], known: Mapping[str, str]) -> dict[str, str | None]:
    return {path: text for path, text in texts.items() if path in known}
