"""Queries on one entity in the functions of a project, and the way from a function to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from backwright.languages.python.expression_types import Types
from backwright.languages.python.project_types import Function, Key, Kind, dotted
from backwright.languages.python.scopes import Scope, own_nodes

_ONE = frozenset({"first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "get", "get_one"})
_DEEP = 6
NARROWING = frozenset({"where", "filter", "filter_by"})


@dataclass(frozen=True)
class Query:
    """One query. `links` are its calls from the one that names the entity outwards: `select(E)`, `.where(…)`, `.limit(…)`.

    `entity` is how the source calls the entity, `name` the variable that it is bound to (`""` for none), `statement` what
    holds it. `legacy` are those of `session.query`, which may not be narrowed after they are cut.
    """

    links: tuple[ast.Call, ...]
    entity: str
    statement: ast.stmt
    name: str = ""
    counts: bool = False
    legacy: bool = False

    def link(self, *names: str) -> ast.Call | None:
        """The first of its calls that is called so."""
        return next((c for c in self.links if method_of(c) in names), None)


@dataclass
class Step:
    """A function on the way: the queries in it, and the calls of the next steps."""

    key: Key
    node: ast.FunctionDef | ast.AsyncFunctionDef
    parents: dict[ast.AST, ast.AST]
    queries: list[Query] = field(default_factory=list)
    calls: list[tuple[ast.Call, Key]] = field(default_factory=list)
    shared: list[ast.Call] = field(
        default_factory=list
    )  # queries on whatever entity the class is for: `select(self.model)`

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """The statement that holds a node."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def top_statement_of(self, node: ast.AST) -> ast.stmt:
        """The statement of the function's own body that holds a node."""
        while self.parents[node] is not self.node:
            node = self.parents[node]
        assert isinstance(node, ast.stmt)
        return node

    def block_of(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which one stands."""
        parent = self.parents[statement]
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and statement in block:
                return block
        return [statement]


def method_of(call: ast.Call) -> str:
    """The name that is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else dotted(call.func)


class QueryPath:
    """The functions that lead from one of them to the queries on an entity. Each is looked at once."""

    def __init__(self, types: Types, entity: Key) -> None:
        self.types = types
        self.entity = entity
        self.steps: dict[Key, Step] = {}
        self._open: set[Key] = set()

    def follow(self, key: Key, deep: int = 0) -> Step | None:
        """The step that a function is; None where it leads to no query on the entity."""
        if key in self.steps or key in self._open or deep > _DEEP:
            return self.steps.get(key)
        scope, node = self.types.scope(key), self.types.sources.node(key)
        if scope is None or not isinstance(node, Function):
            return None
        self._open.add(key)
        parents = {child: parent for parent in ast.walk(node) for child in ast.iter_child_nodes(parent)}
        step = Step(key, node, parents)
        for inner in own_nodes(node):
            if isinstance(inner, ast.Call) and not self._query(step, scope, inner):
                callee = self.types.of(scope, inner.func)
                if callee is not None and callee.name == "function" and callee.of is not None and callee.of != key:
                    found = self.follow(callee.of, deep + 1)
                    if found is not None:
                        step.calls.append((inner, callee.of))
        if step.queries or step.calls or step.shared:
            self.steps[key] = step
        return self.steps.get(key)

    def _query(self, step: Step, scope: Scope, call: ast.Call) -> bool:
        """Whether a call is the root of a query; one on the entity is noted."""
        name = method_of(call)
        if name not in {"select", "query", "select_from"}:
            return False
        if name != "select_from" and any(method_of(o) == "select_from" for o in chained(step, call)):
            return True  # what it selects from says whose it is
        entity = next(filter(None, (self._entity(scope, a) for a in call.args)), "")
        if not entity:
            own = {p.arg for p in (*step.node.args.args, *step.node.args.kwonlyargs)}
            if any(dotted(a).startswith(("self.", "cls.")) or dotted(a) in own for a in call.args):
                step.shared.append(call)
            return True
        links = (call, *chained(step, call))
        base = next((c for c in _inward(call) if method_of(c) in {"select", "query"}), call)
        counts = (bool(base.args) and all(map(_counts, base.args))) or any(method_of(c) == "count" for c in links)
        if not counts and self._gives_one(step, links[-1]):
            return True
        statement = step.statement_of(call)
        bound = ""
        if isinstance(statement, ast.Assign) and statement.value is links[-1] and len(statement.targets) == 1:
            bound = dotted(statement.targets[0])
        elif isinstance(statement, ast.AnnAssign) and statement.value is links[-1]:
            bound = dotted(statement.target)
        legacy = method_of(base) == "query"
        step.queries.append(Query(links, entity, statement, bound, counts, legacy))
        return True

    def _entity(self, scope: Scope, node: ast.expr) -> str:
        """How an argument calls the entity: itself, one of its columns, a count of them; `""` where it is another's."""
        for part in (node, *(n for n in ast.walk(node) if isinstance(n, ast.Attribute | ast.Name))):
            if isinstance(part, ast.expr) and self.types.of(scope, part) == Kind("class", self.entity):
                return ast.unparse(part)
        return ""

    def _gives_one(self, step: Step, node: ast.AST) -> bool:
        """Whether a query ends as one row."""
        while not isinstance(node, ast.stmt):
            if isinstance(node, ast.Call) and method_of(node) in _ONE:
                return True
            node = step.parents[node]
        return False


def chained(step: Step, call: ast.Call) -> Iterator[ast.Call]:
    """The calls of methods on what a call gives, one on the other."""
    node: ast.AST = call
    while True:
        parent = step.parents.get(node)
        outer = step.parents.get(parent) if parent is not None else None
        if not isinstance(parent, ast.Attribute) or not isinstance(outer, ast.Call) or outer.func is not parent:
            return
        yield outer
        node = outer


def _inward(call: ast.Call) -> Iterator[ast.Call]:
    """The calls that a call is a method on, itself first."""
    node: ast.expr = call
    while isinstance(node, ast.Call):
        yield node
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func


def _counts(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and any(method_of(c) == "count" for c in _inward(node))
