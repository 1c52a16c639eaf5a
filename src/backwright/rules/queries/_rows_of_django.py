"""Relations of Django models that are read for each row, as findings."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding, Fix
from backwright.kit.django.loaders import loaders, told_to_load
from backwright.kit.django.models import Model
from backwright.kit.django.n_plus_one import Lazy, lazy_reads
from backwright.kit.django.querysets import querysets
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
    fixes = _fixes(index, list(found.values()))
    return (_of_rows(index, group, voice, fixes.get(id(group))) for group in found.values())


def _is_here(lazy: Lazy) -> bool:
    """Whether the loop is in the function of the query."""
    return lazy.read.body.key == lazy.held.body.key and lazy.loop is not None


def _reader(lazy: Lazy) -> str:
    """Who reads the rows: a serializer or a page by its name, a loop by its variable and function."""
    return f"by {lazy.by} in {lazy.scope}" if lazy.scope and lazy.scope != lazy.held.body.scope else f"by {lazy.by}"


def _of_rows(index: FactIndex, group: list[Lazy], voice: Voice, fix: Fix | None) -> Finding:
    """It stands at the first read where the query is in the same function, else at the query."""
    lazy = group[0]
    query, read = lazy.held.query, lazy.read
    here = _is_here(lazy)
    path, loc = (read.body.path, read.expr.loc) if here else (query.path, query.loc)
    stated = {"__".join(one.read.path): one.read.statement for one in group if one.read.statement}
    deepest = _deepest(group)
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
        help=_advice(index, group, deepest),
        related=[
            *(hop.related() for one in group[:_SHOWN] for hop in (*one.passed, *one.read.way, one.read.hop)),
            query.related(),
            *([lazy.held.by.related()] if lazy.held.by is not None else []),
        ],
        fix=fix,
    )


def _deepest(group: list[Lazy]) -> list[str]:
    """What is read, without what is on the way to something else that is."""
    names = list(dict.fromkeys("__".join(one.read.path) for one in group))
    return [n for n in names if not any(other.startswith(f"{n}__") for other in names)]


def _fixes(index: FactIndex, groups: list[list[Lazy]]) -> dict[int, Fix]:
    """One fix for each query, with all that its readers lack; by the group. What each row asks anew has none."""
    of_query: dict[tuple[str, int], list[list[Lazy]]] = {}
    for group in groups:
        model = group[0].held.model.key
        needs_more = (one.read.asks or one.read.statement or one.read.counted for one in group)
        if not any(needs_more) and all(one.held.model.key == model for one in group):
            of_query.setdefault((group[0].held.query.path, group[0].held.query.loc.start), []).append(group)
    out: dict[int, Fix] = {}
    for each in of_query.values():
        lacking = [one for group in each for one in group]
        held = lacking[0].held
        if any(one.held.model.key != held.model.key for one in lacking):
            continue
        single, many = _apart(index, lacking, _deepest(lacking))
        patch = told_to_load(index, held, single, many)
        if patch is not None:
            out |= {id(group): Fix("Load it with the query", "review", patches=(patch,)) for group in each}
    return out


def _apart(index: FactIndex, group: list[Lazy], names: list[str]) -> tuple[list[str], list[str]]:
    """What each row has one of all the way, for a join; and the rest."""
    models = querysets(index).models
    many = {"__".join(one.read.path) for one in group if one.read.many}
    for name in names:
        current: Model | None = group[0].held.model
        for step in name.split("__"):
            relation = current.relations.get(step) if current is not None else None
            if relation is not None and (relation.many or not relation.joins):
                many.add(name)
            current = models.get(relation.target) if relation is not None else None
    return [n for n in names if n not in many], [n for n in names if n in many]


def _advice(index: FactIndex, group: list[Lazy], names: list[str]) -> str:
    """Where which loader is missing; a relation that is filtered for each row asks again, whatever was loaded."""
    query = group[0].held.query
    stated = {"__".join(one.read.path): one.read.statement for one in group if one.read.statement}
    asked = {"__".join(one.read.path) for one in group if one.read.asks}
    served = [name for name in names if name not in asked]
    said = (
        [f"add `{loaders(*_apart(index, group, served))}` to the query at {query.path}:{query.loc.line}"]
        if served
        else []
    )
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
