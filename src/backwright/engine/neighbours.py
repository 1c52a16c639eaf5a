"""What symbols have to do with each other: who names whom, and what is near to those that a request is about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import sqrt

from backwright.core.facts import Assign, Call, Expr, Raise, Return, Symbol
from backwright.engine.relevance import DOTTED, Key, Relevance, ranked
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file

_MEANT = 80  # symbols that the others are near to
_TEST = 0.3  # what one of a test counts among them
_STEPS = 8
_FILES = 1_500
_KEPT = 1_500  # symbols that weight goes on from
_BACK = 0.3  # of the weight begins anew at each step
_MEMBER = 0.5  # what lying in a class counts, of what naming it counts
_VAGUE = 30  # a name that so many symbols have says nothing


def neighbours(index: FactIndex, about: Relevance) -> dict[Key, float]:
    """The symbols near to those of `about`, the nearest first: by who names whom, over several steps, hubs passing on little.

    Looked for in the files that `about` gives most weight to; in large projects not in all of them.
    """
    files = dict.fromkeys(path for path in (*about.files, *index.files) if path in index.files)
    links = _links(index, tuple(islice(files, _FILES)))
    weighed = {
        key: weight**2 * (_TEST if is_test_file(key[0]) else 1.0)
        for key, weight in about.symbols.items()
        if key in links
    }
    meant = dict(sorted(weighed.items(), key=lambda item: (-item[1], item[0]))[:_MEANT])
    whole = sum(meant.values())
    degree = {key: sum(near.values()) for key, near in links.items()}
    begun = {key: weight / whole for key, weight in meant.items()}
    now = begun
    for _ in range(_STEPS):
        after: defaultdict[Key, float] = defaultdict(float, {key: _BACK * weight for key, weight in begun.items()})
        for key, weight in now.items():
            for other, strength in links[key].items():
                after[other] += (1 - _BACK) * weight * strength / sqrt(degree[key] * max(degree[other], 1.0))
        now = dict(sorted(after.items(), key=lambda item: (-item[1], item[0]))[:_KEPT])
    return ranked(now)


def _links(index: FactIndex, files: Sequence[str]) -> Mapping[Key, Mapping[Key, float]]:
    """Each symbol of these files with those that it names or that name it, and how surely."""
    around: defaultdict[Key, defaultdict[Key, float]] = defaultdict(lambda: defaultdict(float))

    def link(one: Key, other: Key, strength: float) -> None:
        if one != other and strength:
            around[one][other] += strength
            around[other][one] += strength

    named = _places(index, files)
    for path in files:
        inner = index.symbols(path)
        for scope, names in _named(index, path).items():
            for name in names:
                targets = _targets(index, path, name, named)
                for target in targets:
                    link((path, scope), target, 1 / len(targets))
        for name, symbol in inner.items():
            if symbol.scope in inner and inner[symbol.scope].kind == "class":
                link((path, name), (path, symbol.scope), _MEMBER)
    return around


def _places(index: FactIndex, files: Sequence[str]) -> Mapping[str, list[Key]]:
    """Members by name: what an attribute of something unknown may lead to."""
    found: defaultdict[str, list[Key]] = defaultdict(list)
    for path in files:
        for name, symbol in index.symbols(path).items():
            if symbol.scope and symbol.kind != "variable":
                found[symbol.name].append((path, name))
    return found


def _targets(index: FactIndex, path: str, name: str, named: Mapping[str, list[Key]]) -> list[Key]:
    """Where a dotted name leads: to what it is resolved to, else to the members of its last word."""
    known = index.resolve(path, name)
    if known is not None:
        return [(known.path, known.symbol.qualname)]
    members = named.get(name.rpartition(".")[2], []) if "." in name else []
    return members if len(members) <= _VAGUE else []


def _named(index: FactIndex, path: str) -> Mapping[str, Counter[str]]:
    """What each symbol of a file names, whatever lies within it included."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    inner = index.symbols(path)
    for fact in index.facts(path):
        match fact:
            case Symbol():
                owner = fact.qualname if fact.kind != "variable" or not fact.scope else fact.scope
                names = {word for text in _types(fact) for word in DOTTED.findall(text)}
                names |= {name for expr in (*fact.decorators, fact.value) if expr for name in _words(expr)}
            case Call() | Raise() | Return() | Assign():
                owner = fact.scope
                exprs = [fact.expr] if isinstance(fact, Call) else [fact.value]
                names = {name for expr in exprs if expr for name in _words(expr)}
            case _:
                continue
        owner = _outlined(inner, owner)
        if owner:
            found[owner].update(dict.fromkeys(names, 1))
    return found


def _outlined(inner: Mapping[str, Symbol], name: str) -> str:
    """The symbol that a function within a function belongs to."""
    while name and (symbol := inner.get(name)) is not None:
        outer = inner.get(symbol.scope)
        if outer is None or outer.kind == "class":
            return name
        name = symbol.scope
    return ""


def _types(symbol: Symbol) -> Iterator[str]:
    yield from (symbol.returns, symbol.annotation, *symbol.bases)
    yield from (param.annotation for param in symbol.params)
    yield from (param.default for param in symbol.params)
    yield from (field.annotation for field in symbol.fields)


def _words(expr: Expr) -> Iterator[str]:
    """The dotted names in an expression."""
    dotted = expr.dotted() if expr.kind in ("name", "attribute") else ""
    if dotted:
        yield dotted
        return
    if expr.kind == "attribute":
        yield f"?.{expr.text}"
    for part in expr.parts:
        yield from _words(part)
