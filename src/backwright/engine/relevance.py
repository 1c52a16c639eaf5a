"""Which files and symbols a request is about: by the words that it shares with their names, and by who imports whom."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import log, sqrt
from posixpath import dirname, splitext
from typing import NamedTuple, TypeVar

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Route, Table
from backwright.kit.index import FactIndex
from backwright.kit.naming import singular, words
from backwright.kit.testfiles import is_test_file

# Languages in which the files of a folder are one module.
_PACKAGES = frozenset({"go", "java", "kotlin", "csharp"})
T = TypeVar("T")
Key = tuple[str, str]  # path and qualified name

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
# Words of requests, not of backends.
_COMMON = frozenset({
    "a", "an", "the", "and", "or", "of", "to", "for", "in", "on", "at", "by", "with", "from", "into", "as", "is",
    "are", "be", "been", "was", "when", "if", "then", "than", "that", "this", "these", "those", "it", "its",
    "their", "his", "her", "our", "your", "my", "we", "you", "they", "can", "could", "should", "would", "will",
    "shall", "must", "may", "might", "do", "does", "did", "not", "no", "so", "such", "via", "per", "add", "added",
    "adding", "new", "create", "created", "make", "made", "let", "allow", "allows", "support", "supports",
    "implement", "implemented", "change", "changed", "update", "updated", "fix", "fixed", "use", "used", "using",
    "feat", "feature", "chore", "refactor", "improve", "improved", "able", "also", "more", "some", "any", "all",
    "each", "every", "other", "only", "now", "please", "want", "need", "needs", "which", "who", "what", "where",
    "how",
})  # fmt: skip
_ENTITY = 2.0  # how much more a word counts that is what an entity is called
_STEM = 4  # letters that a part of a word has at least, to say something
_PART = 0.4  # what it says
_SPREAD = 0.35  # of a file's weight that those around it get
_PATH, _SCOPE, _FIELD, _DOC = 1.5, 0.5, 0.6, 0.2  # what a word counts there, of what it counts in a symbol's name


class Relevance(NamedTuple):
    """Weights, the most relevant first; what has none is not in it."""

    files: Mapping[str, float]
    symbols: Mapping[Key, float]


def terms_of(text: str) -> frozenset[str]:
    """The words of a text that can name something, in the singular, parts of identifiers too."""
    found = set()
    for match in _TOKEN.finditer(text):
        for word in (*words(match.group()), match.group().lower()):
            if len(word) > 1 and word not in _COMMON:
                found.add(singular(word))
    return frozenset(found)


def relevance(index: FactIndex, archmap: ArchMap, request: str) -> Relevance:
    """What the request is about. Words that few files have in their names count more."""
    asked = terms_of(request)
    named = {path: _of_file(index, path) for path in index.files}
    spread = Counter(term for held in named.values() for term in set().union(*(h for _, h in held)))
    entities = {
        singular(words(table.entity)[-1].lower()) for _, table in index.tables() if len(words(table.entity)) == 1
    }
    rarity = {
        term: log(1 + len(named) / spread[term]) * share * (_ENTITY if term in entities else 1.0)
        for term, share in _near(asked, spread).items()
    }
    symbols: dict[Key, float] = {}
    direct: dict[str, float] = {}
    for path, held in named.items():
        own = 0.0
        rest = 0.0
        for name, terms in held:
            weight = sum(rarity[term] * share for term, share in terms.items() if term in rarity)
            if name and weight:
                symbols[path, name] = weight
            own, rest = (weight, rest + own) if weight > own else (own, rest + weight)
        if own:
            direct[path] = own + 0.1 * min(rest, 5 * own)
    packages = [path for path, file in index.files.items() if file.language in _PACKAGES and not is_test_file(path)]
    files = _spread(direct, archmap, packages)
    return Relevance(ranked(files), ranked(symbols))


def _near(asked: Iterable[str], known: Iterable[str]) -> dict[str, float]:
    """The words of a project that the words of a request mean: the same, or longer and shorter ones (`auth`, `oauth2`)."""
    found: dict[str, float] = {}
    for term in known:
        for word in asked:
            short, long = sorted((term, word), key=len)
            if term == word:
                found[term] = 1.0
            elif len(short) >= _STEM and short in long:
                found[term] = max(found.get(term, 0.0), _PART)
    return found


def _of_file(index: FactIndex, path: str) -> list[tuple[str, Mapping[str, float]]]:
    """What a file and each of its symbols are called: term to how much it counts there."""
    place = _whole(terms_of(splitext(path)[0].rpartition("/")[2]), _PATH)
    for term in terms_of(path.rpartition("/")[0]):
        place.setdefault(term, _SCOPE / 2)
    held: list[tuple[str, Mapping[str, float]]] = [("", place)]
    routes = {f.handler: f.path for f in index.facts(path) if isinstance(f, Route)}
    tables = {f.entity: f for f in index.facts(path) if isinstance(f, Table)}
    for symbol in index.symbols(path).values():
        terms: dict[str, float] = {}
        table = tables.get(symbol.qualname)
        columns = [c.name for c in table.columns] if table else []
        for text, share in (
            (symbol.doc[:400], _DOC),
            (symbol.scope, _SCOPE),
            (" ".join([*(f.name for f in symbol.fields), *columns]), _FIELD),
            (routes.get(symbol.qualname, ""), 1.0),
            (symbol.name, 1.0),
        ):
            called = terms_of(text)
            weighed = _whole(called, share) if text == symbol.name else dict.fromkeys(called, share)
            for term, weight in weighed.items():
                terms[term] = max(weight, terms.get(term, 0.0))
        held.append((symbol.qualname, terms))
    return held


def _whole(called: frozenset[str], share: float) -> dict[str, float]:
    """The words of one name: each counts less where there are others beside it."""
    return dict.fromkeys(called, share / sqrt(len(called))) if called else {}


def _spread(direct: Mapping[str, float], archmap: ArchMap, packages: Iterable[str]) -> dict[str, float]:
    """Each file with a share of what it imports and of what imports it; hubs, which everybody imports, pass on little.

    `packages` are files that see those beside them without importing them.
    """
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for path in packages:
        beside[dirname(path)].append(path)
    around: defaultdict[str, set[str]] = defaultdict(set)
    for edge in archmap.edges:
        around[edge.source].add(edge.target)
        around[edge.target].add(edge.source)
    for path in direct:
        for other in beside.get(dirname(path), ()):
            around[path].add(other)
            around[other].add(path)
    files = dict(direct)
    for path, near in around.items():
        given = sum(direct.get(other, 0.0) / sqrt(len(around[other])) for other in near) / sqrt(len(near))
        if given:
            files[path] = direct.get(path, 0.0) + _SPREAD * given
    return files


def ranked(weights: Mapping[T, float]) -> dict[T, float]:
    return dict(sorted(weights.items(), key=lambda item: (-item[1], str(item[0]))))


def used_by(index: FactIndex, weights: Mapping[str, float]) -> dict[Key, float]:
    """The project's symbols that files import, call or name as types, each with the weight of the files that do."""
    found: defaultdict[Key, float] = defaultdict(float)
    for path, weight in weights.items():
        names = {item.alias for item in index.imports(path)}
        names |= {call.expr.parts[0].dotted() for call in index.calls(path) if call.expr.kind == "call"}
        names |= set(_typed(index, path))
        keys = {
            (target.path, target.symbol.qualname) for name in names if name and (target := index.resolve(path, name))
        }
        if is_test_file(path):
            keys |= set(_fixtures(index, path))
        for key in keys:
            if key[0] != path:
                found[key] += weight
    return ranked(found)


def _typed(index: FactIndex, path: str) -> Iterator[str]:
    """The names in what a file says of types: annotations, bases, and the types whose methods stand in other files."""
    for symbol in index.symbols(path).values():
        said = [symbol.returns, symbol.annotation, symbol.scope, *symbol.bases]
        said += [param.annotation for param in symbol.params] + [field.annotation for field in symbol.fields]
        for text in said:
            yield from DOTTED.findall(text)


def callers(index: FactIndex, names: Iterable[str]) -> Counter[Key]:
    """The symbols outside of tests in which something of these names is called or handed over, with how often."""
    wanted = frozenset(names)
    found: Counter[Key] = Counter()
    for path in index.files:
        if not is_test_file(path):
            found.update((path, c.scope) for c in index.calls(path) if c.scope and wanted & set(_named_in(c.expr)))
    return found


def _named_in(expr: Expr) -> Iterator[str]:
    """What a call names: itself and its arguments, not what those are made of."""
    for part in expr.parts:
        if part.kind in ("name", "attribute"):
            yield part.text


def _fixtures(index: FactIndex, path: str) -> Iterator[Key]:
    """What pytest gives the tests of a file by the names of their parameters, from the `conftest.py` above it."""
    asked = {p.name for s in index.symbols(path).values() for p in s.params}
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        above = f"{folder}/conftest.py".lstrip("/")
        if above in index.files:
            given = asked & set(index.symbols(above))
            yield from ((above, name) for name in given)
            asked -= given
