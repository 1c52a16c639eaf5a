"""Where code decides by the state of an entity, computes with it or changes many of them: what makes a business rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.facts import Branch, Column, Expr, Loc, Loop, Table
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.callgraph import Hop
from backwright.kit.chains import links, name_of
from backwright.kit.django.querysets import QuerySets, querysets
from backwright.kit.held import HeldRows, held_rows
from backwright.kit.index import FactIndex
from backwright.kit.inference import Inference, inference
from backwright.kit.libraries import libraries, pattern
from backwright.kit.loading import Loading, loading
from backwright.kit.naming import snake
from backwright.kit.statuses import status_of

_COMPARING = frozenset({"==", "!=", "===", "!==", "<", ">", "<=", ">=", "in", "not in"})
_ORDERING = frozenset({"<", ">", "<=", ">="})
_COMPUTING = frozenset({"*", "-", "/", "//", "%"})
_NUMBERS = re.compile(
    r"^(models\.)?(\w*Integer\w*|Numeric|DECIMAL|Decimal\w*|Float\w*|Double|REAL|Money\w*|int|float|"
    r"Int|BigInt|number|Number|bigint|decimal|integer|real)\b"
)
# Columns that say who a row is or belongs to, and whether it may be used at all: not what its business is.
_IDENTITY = re.compile(
    r"(^|_)(id|ids|pk|uuid|uid|guid|slug|email|username|login|name|password|passwd|secret|hash|hashed|token|key|code|otp|"
    r"role|roles|permission|permissions|owner|author|creator|version|etag|created|updated|modified|deleted|active|enabled|"
    r"disabled|privacy|privacy_level|visibility|public|private|superuser|staff|admin|verified|scope|scopes|url|path|locale|language)(_at|_on|_by)?$"
)
_ERROR = 400
_UNIT = re.compile(r"^(1(_?0)+(\.0+)?|60|24|3600|1024|86400)$")
_SELF = re.compile(
    r"^(current_(user|account|member|admin|identity)|me$|principal|requester|viewer|actor|auth)|(^|\.)(request|info|context)\."
)


_NOTHING = frozenset({"None", "True", "False", "null", "undefined", "true", "false"})


@dataclass(frozen=True)
class Decision:
    """One decision: the place, the expression as code shows it, what it is about and what follows from it."""

    kind: str  # branch | arithmetic | change
    body: Body
    loc: Loc
    shown: str
    entity: str
    follows: Hop | None = None

    def hop(self) -> Hop:
        what = {"branch": "decides by", "arithmetic": "computes with", "change": "changes each"}[self.kind]
        return Hop(self.body.path, self.loc, f"{what} `{self.shown}`")


class Decisions:
    """The decisions of one project."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference: Inference = inference(index)
        self.loading: Loading = loading(index)
        self.querysets: QuerySets = querysets(index)
        self.held: HeldRows = held_rows(index)
        self.tables: dict[tuple[str, str], Table] = {(path, t.entity): t for path, t in index.tables()}
        self.columns = frozenset(c.name for t in self.tables.values() for c in t.columns if is_of_business(c))

    def of(self, body: Body) -> Iterator[Decision]:
        """The decisions that stand in a body, in order."""
        if self.columns:
            found = [*self._branches(body), *self._arithmetic(body), *self._changes(body)]
            yield from sorted(found, key=lambda d: d.loc.start)

    # -- rows --------------------------------------------------------------------------------------------------------
    def entity(self, body: Body, expr: Expr) -> Table | None:
        """The entity of which an expression is one row."""
        if expr.kind not in {"name", "attribute"} or _SELF.search(f"{expr.dotted()}."):
            return None
        if expr.kind == "name" and (walked := self._walked(body, expr)) is not None:
            return walked
        typed = self.inference.of(body.path, body.scope, expr)
        if typed is not None and typed.definition is not None:
            known = self.tables.get((typed.definition.path, typed.definition.symbol.qualname))
            return known if not typed.many and not typed.itself else None
        return self._one(body, expr)

    def _one(self, body: Body, expr: Expr) -> Table | None:
        rows = self.loading.rows(body, expr)
        if rows is not None:
            return rows.entity.table if not rows.many else None
        if (own := self.held.of(body, expr)) is not None:
            return own.table if not own.many else None
        held = self.querysets.rows(body, expr)
        return self.tables.get(held.model.key) if held is not None and not held.many else None

    def many(self, body: Body, expr: Expr) -> Table | None:
        """The entity of which an expression holds many rows."""
        typed = self.inference.of(body.path, body.scope, expr)
        if typed is not None and typed.definition is not None and typed.many:
            return self.tables.get((typed.definition.path, typed.definition.symbol.qualname))
        rows = self.loading.rows(body, expr)
        if rows is not None:
            return rows.entity.table if rows.many else None
        if (own := self.held.of(body, expr)) is not None:
            return own.table if own.many else None
        held = self.querysets.rows(body, expr)
        return self.tables.get(held.model.key) if held is not None and held.many else None

    def _walked(self, body: Body, name: Expr) -> Table | None:
        for loop in body.loops:
            if loop.target == name.text and loop.iterable is not None and inside(name.loc, loop.loc):
                return self.many(body, loop.iterable)
        return None

    def column(self, body: Body, expr: Expr) -> tuple[Table, Column] | None:
        """The entity and column that `order.total` reads, if the column is one of its business."""
        if expr.kind != "attribute" or expr.text not in self.columns:
            return None
        table = self.entity(body, expr.parts[0])
        found = next((c for c in table.columns if c.name == expr.text), None) if table is not None else None
        return (table, found) if table is not None and found is not None and is_of_business(found) else None

    # -- branches ----------------------------------------------------------------------------------------------------
    def _branches(self, body: Body) -> Iterator[Decision]:
        for branch in body.branches:
            for node in walk(branch.condition):
                found = self.compared(body, node)
                follows = self._consequence(body, branch) if found is not None else None
                if found is not None and follows is not None:
                    yield Decision("branch", body, branch.condition.loc, shown(node), found.entity, follows)
                    break

    def compared(self, body: Body, node: Expr) -> Table | None:
        """The entity whose state a comparison asks for: against a constant, an enumeration, or another quantity."""
        if node.kind != "binary" or node.text not in _COMPARING or len(node.parts) != 2:
            return None
        for own, other in (node.parts, node.parts[::-1]):
            found = self.column(body, own)
            if found is None or other.text in _NOTHING or other.dotted() == own.dotted():
                continue
            if is_fixed(other) or (node.text in _ORDERING and is_number(found[1])):
                return found[0]
        return None

    def _consequence(self, body: Body, branch: Branch) -> Hop | None:
        """What an arm does that makes its condition a rule: it refuses, or changes an entity."""
        for arm in (branch.body, branch.otherwise):
            for item in body.raises if arm is not None else ():
                if _is_direct(body, item.loc, arm) and item.value is not None and not _is_access(item.value):
                    return Hop(body.path, item.loc, "and refuses by it")
            for call in body.calls if arm is not None else ():
                if _is_direct(body, call.loc, arm) and self._refuses(body, call.expr):
                    return Hop(body.path, call.loc, "and refuses by it")
            for assign in body.assigns if arm is not None else ():
                target = assign.target
                if (
                    _is_direct(body, assign.loc, arm)
                    and target.kind == "attribute"
                    and self.entity(body, target.parts[0])
                ):
                    return Hop(body.path, assign.loc, f"and changes `{target.dotted()}` by it")
        return None

    def _refuses(self, body: Body, call: Expr) -> bool:
        """`res.status(409).json({ … })`: an answer that is an error, and says more than that nobody may."""
        answers = libraries(self.index.files[body.path].language).errors.answers
        if not answers or not pattern(answers).search(call.parts[0].dotted()):
            return False
        said = (
            link.positional()[0] for link in links(call) if name_of(link) in {"status", "code"} and link.positional()
        )
        return any((status_of(one) or 0) >= _ERROR and not _is_access(one) for one in said)

    # -- arithmetic and loops ----------------------------------------------------------------------------------------
    def _arithmetic(self, body: Body) -> Iterator[Decision]:
        for assign in body.assigns:
            found = self.column(body, assign.target) if assign.op in {"+=", "-=", "*=", "/="} else None
            if found is not None and is_number(found[1]):
                text = f"{assign.target.dotted()} {assign.op} {shown(assign.value)}"
                yield Decision("arithmetic", body, assign.loc, text, found[0].entity)
        for top in body.expressions():
            for node in _computed(top):
                found = next((f for p in node.parts if (f := self.column(body, p)) is not None), None)
                if found is not None and is_number(found[1]):
                    yield Decision("arithmetic", body, node.loc, shown(node), found[0].entity)
                    break

    def _changes(self, body: Body) -> Iterator[Decision]:
        for loop in body.loops:
            if loop.kind == "for" and loop.iterable is not None and loop.target.isidentifier():
                change = next((a for a in body.assigns if _is_set(a.target, loop, a.loc)), None)
                table = self.many(body, loop.iterable) if change is not None else None
                columns = {c.name for c in table.columns if is_of_business(c)} if table is not None else set()
                if change is not None and table is not None and change.target.text in columns:
                    yield Decision("change", body, change.loc, change.target.dotted(), table.entity)


def _is_direct(body: Body, loc: Loc, arm: Loc | None) -> bool:
    """Whether something stands in an arm itself, under no further condition."""
    if arm is None or not inside(loc, arm):
        return False
    arms = (a for b in body.branches for a in (b.body, b.otherwise) if a is not None and a.start > arm.start)
    return not any(inside(loc, a) for a in arms)


def _computed(expr: Expr) -> Iterator[Expr]:
    """The arithmetic of an expression; what only spells a quantity in another unit, or as text, is none."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if node.kind == "interpolation":
            continue
        spelled = any(p.kind == "string" or _is_unit(p) for p in node.parts)
        if not spelled and (node.kind == "concatenation" or (node.kind == "binary" and node.text in _COMPUTING)):
            yield node
        stack.extend(reversed(node.parts))


def _is_unit(expr: Expr) -> bool:
    """`100`, `1024 * 1024`, `(60)`."""
    inner = expr.parts if expr.kind in {"binary", "other"} else ()
    return all(_is_unit(p) for p in inner) if inner else expr.kind == "constant" and bool(_UNIT.match(expr.text))


def _is_set(target: Expr, loop: Loop, loc: Loc) -> bool:
    return target.kind == "attribute" and target.parts[0].dotted() == loop.target and inside(loc, loop.loc)


def is_of_business(column: Column) -> bool:
    """Whether a column says what the business of a row is, not who it is or whether it may be used."""
    return not column.primary_key and not column.foreign_key and not _IDENTITY.search(snake(column.name))


def is_number(column: Column) -> bool:
    """Whether a column holds a quantity."""
    return bool(_NUMBERS.match(column.type) or _NUMBERS.match(column.python) or _NUMBERS.match(column.source))


def is_fixed(expr: Expr) -> bool:
    """A literal, a constant, a member of an enumeration, or a list of them."""
    if expr.kind == "sequence":
        return bool(expr.parts) and all(is_fixed(p) for p in expr.parts)
    if expr.kind == "attribute" and expr.text == "value":
        return is_fixed(expr.parts[0])
    if expr.kind in {"string", "constant"}:
        return bool(expr.text)
    last = expr.dotted().rpartition(".")[2]
    owner = expr.dotted().rpartition(".")[0].rpartition(".")[2]
    return bool(re.fullmatch(r"[A-Z][A-Z0-9_]+", last)) or (
        bool(re.match(r"[A-Z]", owner)) and "(" not in expr.dotted()
    )


def shown(expr: Expr) -> str:
    """An expression as a message shows it, as far as that is short."""
    if expr.kind == "string":
        return f'"{expr.text}"'
    if expr.kind in {"binary", "concatenation", "percent"} and len(expr.parts) == 2:
        left, right = (f"({shown(p)})" if p.kind == "binary" else shown(p) for p in expr.parts)
        return f"{left} {expr.text or '+'} {right}"
    if expr.kind == "sequence":
        return "(" + ", ".join(shown(p) for p in expr.parts[:3]) + (", …)" if len(expr.parts) > 3 else ")")
    return expr.dotted() or (f"{name_of(expr)}(…)" if expr.kind == "call" and name_of(expr) else expr.text or "…")


_ACCESS = re.compile(
    r"\b(202|401|403|404)\b|ACCEPTED|UNAUTHORIZED|FORBIDDEN|NOT_FOUND|NotFound|Permission|Forbidden|Unauthori|Denied|Auth"
)


def _is_access(value: Expr) -> bool:
    """Whether what is raised says that something is not there, or not for this caller."""
    texts = (e.text for e in walk(value) if e.kind in {"name", "attribute", "constant"})
    return any(_ACCESS.search(text) for text in texts)


def decisions(index: FactIndex) -> Decisions:
    """The decisions of this project."""
    return index.derived(Decisions)
