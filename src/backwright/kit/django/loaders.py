"""Where a query of Django is told to bring relations along: `.select_related(…)`, `.prefetch_related(…)` in its own text."""

from __future__ import annotations

from collections.abc import Sequence

from backwright.core.facts import Expr
from backwright.core.findings import Patch
from backwright.kit.bodies import bodies, walk
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.django.held import Held
from backwright.kit.django.querysets import querysets
from backwright.kit.index import FactIndex
from backwright.kit.patches import inserted

# Methods that every queryset has: where one of them is called, relations can be asked for before it.
_STANDARD = frozenset(
    {"all", "filter", "exclude", "order_by", "distinct", "annotate", "alias", "using", "reverse", "get", "aget", "first",
     "afirst", "last", "alast", "earliest", "latest", "iterator", "aiterator", "select_related", "prefetch_related",
     "select_for_update", "exists", "count"}
)  # fmt: skip
# Rows of a part of their columns, or of several queries: what is asked for in addition does not fit.
_PARTIAL = frozenset(
    {
        "only",
        "defer",
        "values",
        "values_list",
        "union",
        "intersection",
        "difference",
        "raw",
        "dates",
        "datetimes",
        "extra",
    }
)
_STREAMING = frozenset({"iterator", "aiterator"})


def loaders(single: Sequence[str], many: Sequence[str]) -> str:
    """`.select_related("customer").prefetch_related("lines")`, of what each row has one of and of the rest."""
    calls = (("select_related", single), ("prefetch_related", many))
    named = ((loader, ", ".join(f'"{name}"' for name in given)) for loader, given in calls)
    return "".join(f".{loader}({names})" for loader, names in named if names)


def told_to_load(index: FactIndex, held: Held, single: Sequence[str], many: Sequence[str]) -> Patch | None:
    """The patch of the query of these rows; None where it cannot be told how, or the query might not bear it."""
    at = _place(index, held, bool(single), bool(many))
    return inserted(held.query.path, at, loaders(single, many)) if at is not None else None


def _place(index: FactIndex, held: Held, single: bool, many: bool) -> int | None:
    path, loc = held.query.path, held.query.loc
    for body in bodies(index).by_path.get(path, {}).values():
        for top in body.expressions():
            if not (top.loc.start <= loc.start and loc.end <= top.loc.end):
                continue
            for node in walk(top):
                chain = list(links(node)) if node.kind == "call" else []
                if chain and (begin := _begin(chain[-1], held)) is not None:
                    names = {name_of(link) for link in chain}
                    if names & _PARTIAL or (many and names & _STREAMING) or (single and "select_for_update" in names):
                        return None
                    if begin.kind == "attribute" and querysets(index).manager(body, begin) is not None:
                        if not _is_own(index, path, begin, held):
                            return None
                        return _before_first(chain)
                    return begin.loc.end if begin.kind == "call" else None
    return None


def _begin(first: Expr, held: Held) -> Expr | None:
    """What the chain with this first call begins with, where that is the query: a manager, or `super().get_queryset()`."""
    if name_of(first) == "super" and not first.parts[1:]:
        return None
    receiver = receiver_of(first)
    return receiver if receiver is not None and receiver.loc == held.query.loc else None


def _is_own(index: FactIndex, path: str, manager: Expr, held: Held) -> bool:
    """Whether the manager is that of the rows' model, not of a row that leads to them."""
    model = querysets(index).models.of_class(path, manager.parts[0].dotted())
    return model is not None and model.definition == held.model.definition


def _before_first(chain: list[Expr]) -> int | None:
    """Before the first call that every queryset has, after it where it says nothing (`all()`)."""
    for link in reversed(chain):
        receiver = receiver_of(link)
        if name_of(link) in _STANDARD and receiver is not None:
            return link.loc.end if name_of(link) == "all" else receiver.loc.end
    return None
