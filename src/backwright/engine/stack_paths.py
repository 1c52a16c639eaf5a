"""The files of a repository, to be asked for by pattern; and what a path says about the code in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from operator import itemgetter
from posixpath import dirname

from backwright.core.facts import Span
from backwright.engine.projects import left_out, vendor_folders

_TEST_FOLDER = re.compile(
    r"(?:^|/)(?:tests?|(?:integration|functional|acceptance|unit|http|smoke|load|ent|db)tests?|__tests__|__mocks__|specs?|testing|e2e|cypress|testutils?|test[-_]?helpers?|src/\w*[tT]est\w*"
    r"|\w*[-_](?:tests?|e2e)|(?:[\w.]+\.)?\w*(?<![a-z])Tests?|mocks?)/"
)
_TEST_NAME = re.compile(
    r"^(?:test_.*|tests?|.*_tests?|conftest|.*[._-](?:test|spec|e2e-spec|e2e)|.*_spec|.*(?<=[a-z0-9])(?:Tests?|IT|Spec|TestCase)|.*Tests)"
    r"\.(?:py|go|ts|tsx|js|jsx|mjs|cjs|mts|java|kt|scala|cs|rb|php|exs?|rs)$"
)
_MIGRATION = re.compile(r"(?:^|/)(?:migrations?|migrate|alembic|Migrations)/")
_ASIDE = re.compile(
    r"(?:^|/)(?:docs?|_?examples?|samples?|demos?|sandbox|benchmarks?|benches|bench|fixtures?|test[-_]?data|playgrounds?|scripts?|tools?"
    r"|tooling|hack|contrib|load[-_]?tests?|website|stubs?|seeds?|codemods?|generators?)/"
)
_EXAMPLE_ROOT = re.compile(
    r"(?:^|/)(?:_?examples?|samples?|demos?|docs?|docs?[-_](?:assets|site|website|content|src)|fixtures?|__fixtures__|tests?|spec|sandbox|install(?:er)?|(?:dev|development|mock|stub|fake)[-_](?:server|proxy|api|backend)|test[-_]?data|testdata|e2e|cypress|benchmarks?|bench|fuzz"
    r"|snippets?|documentation[-\w]*|playgrounds?|(?:\w+_)?template|health-?checks?|boilerplates?|codemods?|generators?|\.[^/]+|tools?|tooling|scripts?|vendor|node_modules"
    r"|[^/]*\{[{%][^/]*|[\w.-]+[-_.](?i:samples?|examples?|demos?|tests?|e2e|playground|fixtures|benchmarks?|mocks?))(?:/|$)"
)


_WILD = re.compile(r"[*?\[]")


class Paths:
    """All paths of a repository that are its own, indexed for patterns."""

    def __init__(self, files: Sequence[str]) -> None:
        vendor = vendor_folders(files)
        self.files = files
        self._within: dict[str, list[str]] = {}  # folders by a word in them
        self._sorted: dict[int, tuple[Iterable[str], list[tuple[str, int]]]] = {}  # lists of folders by identity
        self.names: dict[str, list[str]] = {}  # by folder
        self.met: dict[str, set[tuple[str, str]]] = {}  # the tools of an ecosystem that some file may speak for
        self._may_find: dict[str, bool] = {}
        self.shown: dict[tuple[str, int], Span | None] = {}  # what was found at a place that several projects ask for
        for path in files:
            folder, _, name = path.rpartition("/")
            self.names.setdefault(folder, []).append(name)
        vendored = frozenset(folder for folder in self.names if left_out(f"{folder}/x" if folder else "x", vendor))
        self._own = {folder: folder not in vendored for folder in self.names}
        self._by_folder_name: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}  # folders by a name in them
        for folder, names in self.names.items():
            if not self._own[folder]:
                continue
            self._by_folder_name.setdefault(folder[folder.rfind("/") + 1 :], []).append(folder)
            for name in names:
                self._by_name.setdefault(name, []).append(folder)

    @cached_property
    def _by_ending(self) -> dict[str, list[str]]:
        """Folders by the extensions of the names in them."""
        found: dict[str, list[str]] = {}
        for folder, names in self.names.items():
            if self._own[folder]:
                for ending in {name[name.rfind(".") :] if "." in name else "" for name in names}:
                    found.setdefault(ending, []).append(folder)
        return found

    @cached_property
    def _holding(self) -> frozenset[str]:
        """All folders that hold a file, at any depth."""
        found: set[str] = set()
        for folder in self.names:
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    @cached_property
    def _sorted_names(self) -> list[str]:
        return sorted(self._by_name)

    def may_find(self, glob: str) -> bool:
        """Whether some file may match, wherever one looks from: told by names alone, so that most need no look."""
        known = self._may_find.get(glob)
        if known is None:
            known = self._may_find[glob] = self._may(glob)
        return known

    def _may(self, glob: str) -> bool:
        folders, _, name = glob.rpartition("/")
        last = folders.rpartition("/")[2]
        if last and not _is_pattern(last) and last not in self._by_folder_name and name != "**":
            return False
        if not _is_pattern(name):
            return name in self._by_name
        start = _WILD.split(name, maxsplit=1)[0]
        if start:
            at = bisect_left(self._sorted_names, start)
            return at < len(self._sorted_names) and self._sorted_names[at].startswith(start)
        ending = name[name.rfind(".") :] if "." in name else ""
        return not ending or _is_pattern(ending) or ending in self._by_ending

    def own(self, folder: str) -> bool:
        """Whether what stands in this folder is the repository's, not other people's."""
        return self._own.get(folder, True)

    def find(self, root: str, glob: str) -> Iterator[str]:
        """The files below `root` that match: `*` within a name, `**` any folders."""
        folders, _, name = glob.rpartition("/")
        if name not in self._by_name and not _is_pattern(name):
            return
        for folder in self._folders(root, folders, name):
            names = self.names[folder]
            if not _is_pattern(name):
                if name in names:
                    yield f"{folder}/{name}" if folder else name
                continue
            for found in names:
                if name == "**" or fnmatchcase(found, name):
                    yield f"{folder}/{found}" if folder else found

    def first(self, root: str, globs: Iterable[str]) -> str:
        """The first file below `root` that matches one of these, ``""`` for none."""
        return next((path for glob in globs if self.may_find(glob) for path in self.find(root, glob)), "")

    def _folders(self, root: str, pattern: str, name: str) -> Iterator[str]:
        prefix = f"{root}/" if root else ""
        if not _is_pattern(pattern) and name == "**" and f"{prefix}{pattern}" not in self._holding:
            return
        if not _is_pattern(pattern) and name != "**":
            folder = f"{prefix}{pattern}".rstrip("/")
            if self._own.get(folder):
                yield folder
            return
        matches = _folder_pattern(f"{pattern}/**" if name == "**" else pattern)
        candidates = self._candidates(pattern, name)
        for folder in self._below(root, candidates) if root else candidates:
            inner = "" if folder == root else folder[len(prefix) :]
            if matches.fullmatch(inner) and not _TEST_FOLDER.search(f"{inner}/"):
                yield folder

    def _below(self, root: str, folders: Iterable[str]) -> Sequence[str]:
        """Those of the folders that are `root` or in it, in their order: most projects are small, and there may be many."""
        known = self._sorted.get(id(folders))
        if known is None:
            known = self._sorted[id(folders)] = (folders, sorted((f"{f}/", n) for n, f in enumerate(folders)))
        _, ordered = known
        start, end = bisect_left(ordered, (f"{root}/", -1)), bisect_left(ordered, (f"{root}0", -1))  # "0" follows "/"
        return [folder[:-1] for folder, _ in sorted(ordered[start:end], key=itemgetter(1))]

    def _candidates(self, pattern: str, name: str) -> Iterable[str]:
        """Folders that may match, by what is literal in the pattern."""
        last = pattern.rpartition("/")[2]
        if name == "**":
            if pattern not in self._within:
                self._within[pattern] = [f for f in self.names if _is_pattern(pattern) or pattern in f]
            return self._within[pattern]
        if not _is_pattern(name):
            return self._by_name.get(name, ())
        if not _is_pattern(last):
            return self._by_folder_name.get(last, ())
        ending = name[name.rfind(".") :] if "." in name else ""
        return self.names if _is_pattern(ending) or not ending else self._by_ending.get(ending, ())


@lru_cache(maxsize=512)
def _folder_pattern(pattern: str) -> re.Pattern[str]:
    """Of folders without a slash at the end; `**` stands for any number of them."""
    parts = pattern.split("/")
    found = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            found += "(?:.+)?" if last and number == 0 else "(?:/.+)?" if last else "(?:[^/]+/)*"
            continue
        found += "".join("[^/]*" if c == "*" else re.escape(c) for c in part)
        if not last and not (number == len(parts) - 2 and parts[-1] == "**"):
            found += "/"
    return re.compile(found)


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text or "[" in text


def is_test(path: str) -> bool:
    """Whether a file of any language is a test, or serves tests only."""
    folder, _, name = path.rpartition("/")
    return _is_test_name(name) or _place_of_folder(folder) == "test"


def _is_test_name(name: str) -> bool:
    word = name.lower()
    telling = "test" in word or "spec" in word or "e2e" in word or "IT." in name
    return telling and _TEST_NAME.match(name) is not None


def place_of(path: str) -> str:
    """What kind of code stands here: production, test, migration or aside (scripts, documentation, examples)."""
    folder, _, name = path.rpartition("/")
    if _is_test_name(name):
        return "test"
    return _place_of_folder(folder)


@lru_cache(maxsize=20_000)
def _place_of_folder(folder: str) -> str:
    path = f"{folder}/"
    outer, packaged, _ = path.partition("src/main/")  # below it folders are names of packages
    if packaged:
        path = outer
    if _TEST_FOLDER.search(path):
        return "test"
    if _MIGRATION.search(f"{folder}/"):
        return "migration"
    return "aside" if _ASIDE.search(path) else "production"


def is_example(root: str) -> bool:
    """Whether a project at this place is an example, a template or a test bed of another one."""
    return _EXAMPLE_ROOT.search(root) is not None


def is_template(root: str) -> bool:
    """Whether the name of a folder is to be filled in: what it holds is a project only when that has been done."""
    return "{{" in root or "{%" in root


def above(folder: str) -> Iterator[str]:
    """The folder and all that hold it, up to the top."""
    while folder:
        yield folder
        folder = dirname(folder)
    yield ""
