"""Views of Django that fetch a row by an id of the request: functions, and methods of classes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backwright.core.facts import Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.django.models import Model, models
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.rules.security._ownership import Names, derived, mentions

_ID = re.compile(r"^(pk|id|uuid|guid|slug|\w+_(pk|id|uuid|slug|guid))$")
_KEYS = frozenset({"pk", "id", "uuid", "guid", "slug", "pk__in", "id__in", "external_id", "public_id"})
_TAKING = frozenset({"get_object_or_404", "get", "aget", "aget_object_or_404", "filter"})
_CALLER = re.compile(
    r"^(self\.)?request\.(user|auth|account|org\w*|team|tenant|company|workspace|member\w*|customer|profile|community)(\.|$)"
)
_CHANGING = frozenset(
    {"save", "delete", "update", "create", "bulk_create", "asave", "adelete", "get_or_create", "update_or_create", "add",
     "remove", "set"}
)  # fmt: skip
_GUARDING = re.compile(
    r"^(dispatch|initial|has_permission|test_func|check_\w+|get_permissions|setup|get_object|has_\w+)$"
)
_VIEW = re.compile(r"(View|ViewSet|APIView|Mixin|Viewset)$")


class Fetched(NamedTuple):
    """A view with the row that it fetches."""

    body: Body
    model: Model
    link: Expr
    ids: Names
    owners: Names
    changes: bool
    guards: frozenset[str]


def fetched(index: FactIndex, serving: Serving) -> Iterator[Fetched]:
    """The first such row of every view."""
    known = models(index)
    for body in serving.functions() if known.by_key else ():
        symbol = body.symbol
        if symbol is None or symbol.name.startswith("_"):
            continue
        names = [p.name for p in symbol.params]
        if "request" not in names[:2] or ("." in body.scope and not _is_view(index, body)):
            continue
        given = {n for n in names if _ID.match(n)} | {"self.kwargs", "kwargs"}
        ids = derived(body, given)
        link, model = next(_fetches(index, body, ids), (None, None))
        if link is None or model is None:
            continue
        owners = {e.dotted() for x in body.expressions() for e in walk(x) if _CALLER.match(e.dotted())}
        changes = any(name_of(one) in _CHANGING for call in body.calls for one in links(call.expr))
        yield Fetched(
            body, model, link, ids, derived(body, owners | {"request.user"}) - ids, changes, _guards(index, body)
        )


def _is_view(index: FactIndex, body: Body) -> bool:
    owner = index.resolve(body.path, body.scope.rpartition(".")[0])
    return owner is not None and owner.symbol.kind == "class" and any(_VIEW.search(b) for b in index.root_bases(owner))


def _fetches(index: FactIndex, body: Body, ids: Names) -> Iterator[tuple[Expr, Model]]:
    for call in sorted(body.calls, key=lambda c: c.loc.start):
        for link in links(call.expr):
            if name_of(link) not in _TAKING:
                continue
            by_id = [k for k, p in zip(link.keys[1:], link.parts[1:], strict=False) if k and mentions(p, ids)]
            if len(by_id) != 1 or by_id[0] not in _KEYS:  # within a parent: whose that is was asked elsewhere
                continue
            model = _model(index, body, link)
            if model is not None:
                yield link, model


def _model(index: FactIndex, body: Body, link: Expr) -> Model | None:
    receiver = receiver_of(link)
    if receiver is None or not receiver.dotted().endswith(".objects"):
        given = link.positional()
        if name_of(link) not in {"get_object_or_404", "aget_object_or_404"} or not given:
            return None
        named = given[0].dotted().removesuffix(".objects")
    else:
        named = receiver.dotted().removesuffix(".objects")
    return models(index).of_class(body.path, named) if "()" not in named else None


def _guards(index: FactIndex, body: Body) -> frozenset[str]:
    symbol = body.symbol
    out = set()
    for decorator in symbol.decorators if symbol is not None else ():
        out |= {e.dotted() or e.text for e in walk(decorator) if e.kind in {"name", "attribute", "string"}}
    owner = index.resolve(body.path, body.scope.rpartition(".")[0]) if "." in body.scope else None
    for cls in inference(index).line(owner) if owner is not None and owner.symbol.kind == "class" else ():
        out |= set(cls.symbol.bases)
        out |= {e.dotted() for d in cls.symbol.decorators for e in walk(d) if e.kind in {"name", "attribute"}}
        for item in cls.symbol.fields:
            if "permission" in item.name and item.value_expr is not None:
                out |= {
                    e.dotted() or e.text for e in walk(item.value_expr) if e.kind in {"name", "attribute", "string"}
                }
        for scope in bodies(index).by_path.get(cls.path, {}):
            if scope.rpartition(".")[0] == cls.symbol.qualname and _GUARDING.search(scope.rpartition(".")[2]):
                out.add(scope)
    return frozenset(out)
