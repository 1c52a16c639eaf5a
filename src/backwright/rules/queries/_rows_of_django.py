"""Relations of Django models that are read for each row, as findings."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding, Fix
from backwright.kit.django.loaders import loaders, told_to_load
from backwright.kit.django.n_plus_one import Lazy, lazy_reads
from backwright.kit.findings import Voice
from backwright.kit.handlers import roles
from backwright.kit.index import FactIndex

_SHOWN = 3  # relations that a message names


def rows_of_django(index: FactIndex, archmap: ArchMap, voice: Voice) -> Iterator[Finding]:
    """One finding for each query and reader. What other functions read of its rows is told at the query."""
    role = roles(archmap)
    found: dict[tuple[str, int, str], list[Lazy]] = {}
    for lazy in lazy_reads(index):
        query = lazy.held.query
        if not {role.get(query.path), role.get(lazy.read.body.path)} & {"test", "migration"}:
            what = lazy.read.path[0] if _is_here(lazy) else _reader(lazy)
            found.setdefault((query.path, query.loc.start, what), []).append(lazy)
    return (_of_rows(index, group, voice) for group in found.values())


def _is_here(lazy: Lazy) -> bool:
    """Whether the loop is in the function of the query."""
    return lazy.read.body.key == lazy.held.body.key and lazy.loop is not None


def _reader(lazy: Lazy) -> str:
    """Who reads the rows: a serializer or a page by its name, a loop by its variable and function."""
    return f"by {lazy.by} in {lazy.scope}" if lazy.scope and lazy.scope != lazy.held.body.scope else f"by {lazy.by}"


def _of_rows(index: FactIndex, group: list[Lazy], voice: Voice) -> Finding:
    """It stands at the first read where the query is in the same function, else at the query."""
    lazy = group[0]
    query, read = lazy.held.query, lazy.read
    here = _is_here(lazy)
    path, loc = (read.body.path, read.expr.loc) if here else (query.path, query.loc)
    stated = {"__".join(one.read.path): one.read.statement for one in group if one.read.statement}
    names = list(dict.fromkeys("__".join(one.read.path) for one in group))
    deepest = [n for n in names if not any(other.startswith(f"{n}__") for other in names)]
    model = lazy.held.model.name
    shown = [f"`{stated.get(n) or model + '.' + n.replace('__', '.')}`" for n in deepest[:_SHOWN]]
    more = f" and {len(deepest) - _SHOWN} more" if len(deepest) > _SHOWN else ""
    are, them = ("is", "it") if len(deepest) == 1 else ("are", "them")
    return voice.finding(
        path,
        loc,
        f"{', '.join(shown)}{more} {are} loaded for each row by `{lazy.by}`: its query does not bring {them} along",
        scope=read.body.scope if here else lazy.held.body.scope,
        text=f"{model}.{read.path[0]} by {lazy.by}" if here else f"{model}.* {_reader(lazy)}",
        help=_advice(group, deepest),
        related=[
            *(hop.related() for one in group[:_SHOWN] for hop in (*one.passed, *one.read.way, one.read.hop)),
            query.related(),
            *([lazy.held.by.related()] if lazy.held.by is not None else []),
        ],
        fix=_fix(index, group, deepest),
    )


def _fix(index: FactIndex, group: list[Lazy], names: list[str]) -> Fix | None:
    """The loaders in the query, where they are all that is missing."""
    if any(one.read.asks or one.read.statement for one in group) or any(one.held != group[0].held for one in group):
        return None
    many = {"__".join(one.read.path) for one in group if one.read.many}
    patch = told_to_load(index, group[0].held, [n for n in names if n not in many], [n for n in names if n in many])
    return Fix("Load it with the query", "review", patches=(patch,)) if patch is not None else None


def _advice(group: list[Lazy], names: list[str]) -> str:
    """Where which loader is missing; a relation that is filtered for each row asks again, whatever was loaded."""
    query = group[0].held.query
    stated = {"__".join(one.read.path): one.read.statement for one in group if one.read.statement}
    asked = {"__".join(one.read.path) for one in group if one.read.asks}
    served = [name for name in names if name not in asked]
    said = [f"add `{_loaders(group, served)}` to the query at {query.path}:{query.loc.line}"] if served else []
    again = [f"`{name.replace('__', '.')}`" for name in names if name in asked and name not in stated]
    if again:
        said.append(
            f"{', '.join(again)}: filtered for each row; filter once in a `Prefetch(…, to_attr=…)` or an annotation "
            f"of the query at {query.path}:{query.loc.line}"
        )
    if any(name in stated for name in names):
        said.append(
            f"ask once for all rows: an annotation or a `Prefetch` of the query at {query.path}:{query.loc.line}"
        )
    return "; ".join(said)


def _loaders(group: list[Lazy], names: list[str]) -> str:
    """`.select_related(…)` for what each row has one of, `.prefetch_related(…)` for the rest."""
    many = {"__".join(one.read.path) for one in group if one.read.many}
    return loaders([n for n in names if n not in many], [n for n in names if n in many])
