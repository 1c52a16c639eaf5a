"""The way from the endpoint of a list to the queries that its rows come from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.blueprints.list.decide import ListEdit
from backwright.core.archmap import RouteInfo
from backwright.core.errors import Unsupported, UsageError
from backwright.engine.spelling import Task
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.expression_types import Types
from backwright.languages.python.project_types import Function, Key, dotted
from backwright.languages.python.queries import QueryPath, Step, method_of
from backwright.languages.python.scopes import own_nodes
from backwright.languages.python.signatures import Text, parameters

_CUTS = frozenset({"limit", "offset", "slice", "paginate", "apaginate"})


@dataclass(frozen=True)
class ListPath:
    """The functions on the way, the handler among them, and the methods that stand in for one of them."""

    types: Types
    handler: Key
    steps: dict[Key, Step]
    stand_ins: tuple[tuple[Key, Key], ...]  # a method, and the one on the way that it stands in for

    def text(self, path: str) -> Text:
        source = self.types.sources.source(path)
        assert source is not None, "a file on the way has been read"
        return Text(source.text)


def path_of(task: Task, edit: ListEdit, listed: RouteInfo, types: Types) -> ListPath:
    """Raises Unsupported, by place, where rows come from what cannot be followed or is not this list's alone."""
    where = f"{listed.path}:{listed.route.loc.line}"
    handler = (listed.path, listed.route.handler)
    found = QueryPath(types, (edit.path, edit.table.entity))
    start = found.follow(handler)
    if start is None:
        raise Unsupported(f"the query that lists {edit.table.entity} cannot be found from its endpoint", where=where)
    for step in found.steps.values():
        if step.shared:
            raise Unsupported(
                f"{step.key[1]} lists the rows of more than {edit.table.entity}",
                where=f"{step.key[0]}:{step.shared[0].lineno}",
                hints=(f"give {edit.table.entity} a query of its own first",),
            )
    if not any(not query.counts for step in found.steps.values() for query in step.queries):
        raise Unsupported(f"no query of rows of {edit.table.entity} is found from its endpoint", where=where)
    _refuse_kept(found.steps)
    if edit.pages:
        _refuse_cut(edit, found.steps)
    _refuse_models(task, start, where)
    return ListPath(types, handler, found.steps, tuple(dict(_stand_ins(task, types, found.steps)).items()))


def _refuse_cut(edit: ListEdit, steps: dict[Key, Step]) -> None:
    """Raises UsageError where rows are cut already, whatever the endpoint calls its pages."""
    for key, step in steps.items():
        for node in own_nodes(step.node):
            if isinstance(node, ast.Call) and method_of(node) in _CUTS:
                raise UsageError(
                    f"the list of {edit.table.entity} comes in pages already", where=f"{key[0]}:{node.lineno}"
                )


def _refuse_kept(steps: dict[Key, Step]) -> None:
    """Raises Unsupported where answers are kept: the key that they are kept by may not know what is asked for."""
    for key, step in steps.items():
        for decorator in step.node.decorator_list:
            name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if "cache" in name.lower():
                raise Unsupported(
                    f"`@{name}` keeps what {key[1]} gives: whether it would tell new questions apart is not known",
                    where=f"{key[0]}:{decorator.lineno}",
                )


def _refuse_models(task: Task, start: Step, where: str) -> None:
    """Raises Unsupported where one model takes the whole query: nothing may stand beside it."""
    for given in parameters(start.node):
        if given.annotation is None:
            continue
        default = _default_of(start.node, given)
        queried = any(dotted(c.func).rpartition(".")[2] == "Query" for c in _calls(given.annotation, default))
        names = [n.id for n in ast.walk(given.annotation) if isinstance(n, ast.Name)]
        for name in names if queried else ():
            definition = task.index.resolve(start.key[0], name)
            if (
                definition is not None
                and definition.symbol.kind == "class"
                and definition.symbol.fields
                and any(base.endswith(("BaseModel", "SQLModel")) for base in task.index.root_bases(definition))
            ):
                raise Unsupported(f"the model {name} takes all that the list is asked for", where=where)


def _default_of(node: ast.FunctionDef | ast.AsyncFunctionDef, given: ast.arg) -> ast.expr | None:
    plain = [*node.args.posonlyargs, *node.args.args]
    defaults = dict(zip(reversed([p.arg for p in plain]), reversed(node.args.defaults), strict=False))
    keyword = dict(zip([p.arg for p in node.args.kwonlyargs], node.args.kw_defaults, strict=True))
    return defaults.get(given.arg) or keyword.get(given.arg)


def _calls(*nodes: ast.expr | None) -> Iterator[ast.Call]:
    for node in nodes:
        yield from (n for n in ast.walk(node) if isinstance(n, ast.Call)) if node is not None else ()


def _stand_ins(task: Task, types: Types, steps: dict[Key, Step]) -> Iterator[tuple[Key, Key]]:
    """Methods of the same name and parameters: of abstract classes and ports, and of fakes in tests."""
    for key, step in steps.items():
        if "." not in key[1]:
            continue
        owner, _, name = key[1].rpartition(".")
        wanted = {p.arg for p in parameters(step.node)}
        own = task.index.resolve(key[0], owner)
        line = {(d.path, d.symbol.qualname) for d in task.index.bases(own)} if own is not None else set()
        for definition in task.index.functions():
            other = (definition.path, definition.symbol.qualname)
            if other == key or other in steps or definition.symbol.name != name or "." not in other[1]:
                continue
            node = types.sources.node(other)
            its = other[1].rpartition(".")[0]
            related = (other[0], its) in line or (is_test_file(other[0]) and owner in its)  # FakeOrderRepository
            if isinstance(node, Function) and related and {p.arg for p in parameters(node)} == wanted:
                yield other, key
