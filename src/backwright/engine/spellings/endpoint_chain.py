"""The functions that change a row, from its endpoint down to where it is stored: what an action on it is made like."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backwright.core.archmap import EntityInfo, RouteInfo
from backwright.core.errors import Unsupported
from backwright.core.facts import Expr
from backwright.engine.siblings import Resource
from backwright.engine.spelling import Task
from backwright.kit.bodies import walk
from backwright.kit.callgraph import CallGraph, callgraph
from backwright.kit.index import Definition, FactIndex
from backwright.kit.lineage import SCHEMAS, built_on
from backwright.languages.python.places import line_starts
from backwright.languages.python.project_types import Function, Sources, dotted
from backwright.languages.python.slicing import Slice, up_to_here, without, without_deletion

_DEEP = 5
_PLAIN = frozenset({"int", "str", "UUID", "uuid", "float", "bytes", "bool"})
_ON_SESSION = frozenset({"execute", "scalars", "scalar", "exec", "query", "flush", "refresh", "merge"})


@dataclass(frozen=True)
class Step:
    """One function on the way down. `owner` is the class that a new one belongs to, `generics` what its base is made for."""

    path: str
    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef
    text: str
    parameter: str
    cut: Slice
    owner: Definition | None = None
    generics: tuple[tuple[str, str], ...] = ()

    @property
    def where(self) -> str:
        return f"{self.path}:{self.node.lineno}"

    @property
    def home(self) -> str:
        """The file that the new function goes into."""
        return self.owner.path if self.owner is not None else self.path


@dataclass(frozen=True)
class Chain:
    """The endpoint first. `deletes`: it is that of a deletion, since nothing changes a row in a way that can be followed."""

    info: RouteInfo
    steps: tuple[Step, ...]
    deletes: bool = False

    @property
    def bottom(self) -> Step:
        return self.steps[-1]


class Chains:
    """Follows endpoints of one project."""

    def __init__(self, task: Task) -> None:
        self.index: FactIndex = task.index
        self.sources = Sources(task.index, task.read)
        self.graph: CallGraph = callgraph(task.index)

    def of(self, resource: Resource) -> Chain:
        """Raises Unsupported with what cannot be followed, and where."""
        why = []
        for operation in ("update", "delete"):
            info = resource.operation(operation)
            if info is None or "{" not in info.route.path:
                continue
            try:
                chain = self._followed(info, deletes=operation == "delete")
                self._refuse_unreachable(chain, resource)
                return chain
            except Unsupported as refused:
                why.append(refused)
        if why:
            raise why[0]
        raise Unsupported(
            f"{resource.name.pascal} has no endpoint that changes or deletes one row, which an action could be made like",
            where=resource.router_path or f"{resource.entity.path}:{resource.entity.table.loc.line}",
            hints=("PUT, PATCH or DELETE on /…/{id}",),
        )

    def _refuse_unreachable(self, chain: Chain, resource: Resource) -> None:
        """Raises Unsupported where the row or the database cannot be reached from the bottom."""
        bottom = chain.bottom
        if not self.session(bottom) and self.stores(bottom) is None:
            raise Unsupported(f"how `{bottom.name}` reaches the database could not be found", where=bottom.where)
        row = row_of(bottom)
        if not row or not self._is_row(bottom, row, resource.entity):
            raise Unsupported(f"`{bottom.name}` has no row of its own that it changes", where=bottom.where)

    def _is_row(self, step: Step, name: str, entity: EntityInfo) -> bool:
        """Whether a variable may hold a row of the entity: what is known to be something else, a key above all, does not."""
        arguments = (*step.node.args.posonlyargs, *step.node.args.args, *step.node.args.kwonlyargs)
        given = next((a for a in arguments if a.arg == name), None)
        made = self.graph.inference.name(step.path, step.name, name)
        if made is not None and made.definition is not None:
            found = made.definition
            same = (found.path, found.symbol.qualname) == (entity.path, entity.table.entity)
            return (same or found.symbol.kind != "class" or bool(step.generics)) and not made.many
        if given is not None and given.annotation is not None:
            note = ast.unparse(given.annotation)
            words = set(re.findall(r"\w+", note))
            known = {entity.table.entity, *(variable for variable, _ in step.generics)}
            return bool(words & known) or (step.home != step.path and not words & _PLAIN)
        return given is not None or re.search(rf"^\s*{name} = ", step.cut.body, re.MULTILINE) is not None

    def _followed(self, info: RouteInfo, *, deletes: bool) -> Chain:
        parameter = "" if deletes else self.body(info)
        first = self.function(info.path, info.route.handler)
        if first is None or (not deletes and not parameter):
            raise Unsupported(
                f"what {info.route.method} {info.route.path} is sent could not be found",
                where=f"{info.path}:{info.route.loc.line}",
            )
        steps = [self._step(info.path, info.route.handler, first, parameter, deletes=deletes)]
        while steps[-1].cut.call is not None and len(steps) < _DEEP:
            if deletes and (self.session(steps[-1]) or self.stores(steps[-1]) is not None):
                last = steps.pop()
                steps.append(replace(last, cut=up_to_here(last.cut)))
                break
            steps.append(self._next(steps[-1], deletes=deletes))
        return Chain(info, tuple(steps), deletes)

    def body(self, info: RouteInfo) -> str:
        """The parameter of a handler that is what the request holds."""
        symbol = self.index.symbols(info.path).get(info.route.handler)
        for param in symbol.params if symbol is not None else ():
            names = re.findall(r"[A-Za-z_][\w.]*", param.annotation)
            for found in (self.index.resolve(info.path, n) for n in names):
                sent = (
                    not re.search(r"\b(?:Depends|Security)\b", f"{param.annotation} {param.default}")
                    and param.name != "_"
                )
                if (
                    found is not None
                    and sent
                    and "table" not in found.symbol.base_keys
                    and built_on(self.index, found, SCHEMAS)
                ):
                    return param.name
        return ""

    def function(self, path: str, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        node = self.sources.nodes(path).get(name)
        return node if isinstance(node, Function) else None

    def _step(
        self, path: str, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef, parameter: str, *, deletes: bool
    ) -> Step:
        source = self.sources.source(path)
        assert source is not None, "the function was found in it"

        def hands(call: ast.Call) -> bool:
            found = self.target(path, name, call)
            return (
                found is not None
                and found.symbol.kind in {"function", "method"}
                and found.symbol.name[:2] != "__"
                and not self.makes_answers(found)
            )

        cut = without_deletion(node, source.text, hands) if deletes else without(node, source.text, parameter, hands)
        if cut.why:
            raise Unsupported(f"an action cannot be made like `{name}`: {cut.why}", where=f"{path}:{node.lineno}")
        return Step(path, name, node, source.text, parameter, cut)

    def makes_answers(self, found: Definition) -> bool:
        """Whether a method belongs to a class of answers: `ArticleResponse.from_dto`."""
        owner = self.index.symbols(found.path).get(found.symbol.scope) if found.symbol.scope else None
        return owner is not None and built_on(self.index, Definition(found.path, owner), SCHEMAS)

    def _next(self, step: Step, *, deletes: bool) -> Step:
        assert step.cut.call is not None
        call = step.cut.call
        found = self.target(step.path, step.name, call)
        node = self.function(found.path, found.symbol.qualname) if found is not None else None
        if found is None or node is None:
            raise Unsupported(
                f"what `{ast.unparse(call.func)}` runs could not be found", where=f"{step.path}:{call.lineno}"
            )
        parameter = "" if deletes else _received(step, call, node)
        if not deletes and not parameter:
            raise Unsupported(
                f"which parameter of `{found.symbol.name}` holds the request could not be told",
                where=f"{step.path}:{call.lineno}",
            )
        below = self._step(found.path, found.symbol.qualname, node, parameter, deletes=deletes)
        return self.owned(step, call, found, below)

    def owned(self, step: Step, call: ast.Call, found: Definition, below: Step) -> Step:
        """With the class of the receiver, where the function is a method: a base's is made for another class."""
        if not found.symbol.scope:
            return below
        own = self.receiver(step.path, step.name, call)
        declared = next(
            (d for d in self.index.classes() if d.path == found.path and d.symbol.qualname == found.symbol.scope), None
        )
        owner = own if own is not None and self._inherits(own, found) else declared
        if owner is None:
            return below
        return replace(below, owner=owner, generics=tuple(self._generics(owner, declared)))

    def _inherits(self, owner: Definition, found: Definition) -> bool:
        line = [owner, *self.index.bases(owner)]
        return any((d.path, d.symbol.qualname) == (found.path, found.symbol.scope) for d in line)

    def _generics(self, owner: Definition, base: Definition | None) -> Iterator[tuple[str, str]]:
        """What the type variables of a base stand for in a class of its own: `CRUDBase[Item, ItemCreate]`."""
        if base is None or (owner.path, owner.symbol.qualname) == (base.path, base.symbol.qualname):
            return
        inner = self.sources.nodes(base.path).get(base.symbol.qualname)
        outer = self.sources.nodes(owner.path).get(owner.symbol.qualname)
        if not isinstance(inner, ast.ClassDef) or not isinstance(outer, ast.ClassDef):
            return
        names = [p.name for p in getattr(inner, "type_params", ())]
        for item in inner.bases:
            if isinstance(item, ast.Subscript) and dotted(item.value).rpartition(".")[2] in {"Generic", "Protocol"}:
                names = names or [dotted(n) for n in _listed(item.slice)]
        for item in outer.bases:
            if isinstance(item, ast.Subscript) and dotted(item.value).rpartition(".")[2] == base.symbol.name:
                yield from zip(names, (ast.unparse(n) for n in _listed(item.slice)), strict=False)

    # -- calls -------------------------------------------------------------------------------------------------------
    def target(self, path: str, name: str, call: ast.Call) -> Definition | None:
        """The function of the project that a call runs."""
        link = self._link(path, name, call)
        body = self.graph.bodies.get(path, name)
        return self.graph.target(body, link) if body is not None and link is not None else None

    def receiver(self, path: str, name: str, call: ast.Call) -> Definition | None:
        """The class that a method is called on."""
        link = self._link(path, name, call)
        if link is None or link.parts[0].kind != "attribute":
            return None
        made = self.graph.inference.of(path, name, link.parts[0].parts[0])
        return made.definition if made is not None else None

    def _link(self, path: str, name: str, call: ast.Call) -> Expr | None:
        source = self.sources.source(path)
        body = self.graph.bodies.get(path, name)
        if source is None or body is None:
            return None
        starts = line_starts(source.text)
        start = starts[call.lineno - 1] + call.col_offset
        end = starts[(call.end_lineno or 1) - 1] + (call.end_col_offset or 0)
        nodes = (n for e in body.expressions() for n in walk(e))
        return next((n for n in nodes if n.kind == "call" and (n.loc.start, n.loc.end) == (start, end)), None)

    # -- what functions have -----------------------------------------------------------------------------------------
    def raises(self, step: Step) -> bool:
        """Whether a function refuses what it is asked, itself or in a function that it calls beside the one further down."""
        return self.raised(step) is not None

    def raised(self, step: Step) -> ast.Raise | None:
        own = next((n for n in ast.walk(step.node) if isinstance(n, ast.Raise) and n.exc is not None), None)
        if own is not None:
            return own
        for call in (n for n in ast.walk(step.node) if isinstance(n, ast.Call) and n is not step.cut.call):
            found = self.target(step.path, step.name, call)
            node = self.function(found.path, found.symbol.qualname) if found is not None else None
            inner = (
                next((n for n in ast.walk(node) if isinstance(n, ast.Raise) and n.exc is not None), None)
                if node
                else None
            )
            if inner is not None:
                return inner
        return None

    def called(self, step: Step) -> Iterator[str]:
        """The source of the functions that a step calls beside the one further down: where checks may stand."""
        for call in (n for n in ast.walk(step.node) if isinstance(n, ast.Call) and n is not step.cut.call):
            found = self.target(step.path, step.name, call)
            node = self.function(found.path, found.symbol.qualname) if found is not None else None
            if node is not None:
                yield ast.unparse(node)

    def session(self, step: Step) -> str:
        """How a function reaches the session: `db`, `self.session`; `""` where it does not."""
        arguments = step.node.args
        for given in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            note = ast.unparse(given.annotation) if given.annotation is not None else ""
            if re.search(r"Session(?:Dep)?\b|DBSession|\bDatabase\b", note) or _is_session(given.arg, step.node):
                return given.arg
        own = step.owner or self._class_of(step)
        return self.session_of(own) if own is not None else _local_session(step.node)

    def _class_of(self, step: Step) -> Definition | None:
        scope = step.name.rpartition(".")[0]
        return next((d for d in self.index.classes() if d.path == step.path and d.symbol.qualname == scope), None)

    def session_of(self, owner: Definition) -> str:
        """How methods of a class reach the session."""
        for definition in (owner, *self.index.bases(owner)):
            node = self.sources.nodes(definition.path).get(definition.symbol.qualname)
            for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)) if node is not None else ():
                head, _, method = dotted(call.func).rpartition(".")
                if method in _ON_SESSION and re.fullmatch(r"self\._{0,2}\w*(?:session|db|database)\w*", head):
                    return head
        return ""

    def stores(self, step: Step) -> Definition | None:
        """The class with a session that a function without one hands its row to."""
        calls = [n for n in ast.walk(step.node) if isinstance(n, ast.Call)]
        for call in reversed(calls):
            owner = self.receiver(step.path, step.name, call)
            if owner is not None and self.session_of(owner):
                return owner
        return None

    def holder(self, step: Step, owner: Definition) -> str:
        """How a function calls the methods of a class: `self.suppliers`."""
        for call in (n for n in ast.walk(step.node) if isinstance(n, ast.Call)):
            found = self.receiver(step.path, step.name, call)
            if found is not None and (found.path, found.symbol.qualname) == (owner.path, owner.symbol.qualname):
                return dotted(call.func).rpartition(".")[0]
        return ""


def row_of(step: Step) -> str:
    """The variable that holds what is changed."""
    body = step.cut.body
    again = (
        re.search(
            rf"^\s*(\w+) = (?:await )?{re.escape(step.cut.row)}\.(?:first|one_or_none|one)\(\)", body, re.MULTILINE
        )
        if step.cut.row
        else None
    )
    if again:
        return again.group(1)
    if step.cut.row and re.fullmatch(r"\w+", step.cut.row):
        return step.cut.row
    checked = re.search(r"^\s*if (?:not (\w+)|(\w+) (?:is|==) None):", body, re.MULTILINE)
    return (checked.group(1) or checked.group(2)) if checked else ""


def _is_session(name: str, node: ast.AST) -> bool:
    calls = (dotted(n.func) for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(c.rpartition(".")[0] == name and c.rpartition(".")[2] in _ON_SESSION - {"merge"} for c in calls)


def _local_session(node: ast.AST) -> str:
    """`async with session_factory() as session`."""
    for item in (i for n in ast.walk(node) if isinstance(n, ast.With | ast.AsyncWith) for i in n.items):
        if isinstance(item.optional_vars, ast.Name) and _is_session(item.optional_vars.id, node):
            return item.optional_vars.id
    return ""


def _received(step: Step, call: ast.Call, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The parameter of a function that gets what the step's own parameter is."""
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    row_free = [(names[i] if i < len(names) else "", a) for i, a in enumerate(call.args)]
    pairs = [*row_free, *((w.arg or "", w.value) for w in call.keywords)]
    own = [n for n, v in pairs if step.parameter in {x.id for x in ast.walk(v) if isinstance(x, ast.Name)}]
    if own:
        return own[0]
    tainted = [n for n, v in pairs if isinstance(v, ast.Name) and v.id in step.cut.handed]
    return tainted[0] if tainted else ""


def _listed(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


__all__ = ["Chain", "Chains", "Step", "row_of"]
