"""BW801: what one request leaves behind is not kept in the process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Field, Symbol
from backwright.core.findings import Finding
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import Hop, callgraph
from backwright.kit.chains import name_of, receiver_of
from backwright.kit.findings import Voice
from backwright.kit.handlers import handlers
from backwright.kit.index import FactIndex
from backwright.kit.naming import words
from backwright.kit.shapes import Rule
from backwright.rules.state._containers_of_others import writes
from backwright.rules.state._run_by import run_by

_VOICE = Voice("BW801", "request-state-in-process", "error")
_DEPTH = 2
_DECLARED = {Symbol: "the variable of the module", Field: "the field of a class with one instance"}
_MAKERS = frozenset({"dict", "list", "set", "defaultdict", "OrderedDict", "Counter", "deque"})
_WRITING = frozenset({"append", "add", "update", "insert", "extend", "setdefault", "appendleft"})
# What is meant to be of this process: what can be made again, and what stands for things that live here.
_OF_PROCESS = re.compile(
    r"(cache|memo|memoize|metric|stat|counter|histogram|lock|mutex|semaphore|task|thread|loop|pool|client|connection|conn|"
    r"socket|websocket|listener|subscriber|handler|plugin|engine|maker|sessionmaker|factory|factorie|logger|limiter|bucket|"
    r"hit|latency|latencie|executor|worker|queue|future|process|processe|buffer|singleton|instance|provider|tool|model)s?|"
    r"cached|registr(y|ies)|register(ed)?|seen|warned|loaded"
)


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """One finding for each variable of a module that handlers of changing routes write."""
    serving = Serving(index, archmap)
    graph = callgraph(index)
    told: set[tuple[str, str]] = set()
    for handler in handlers(index, archmap):
        if handler.path not in serving:
            continue
        for body, way in run_by(graph, [handler.body], _DEPTH, enter=lambda d: d.symbol.name != "__init__"):
            for where, name, owner, held in _kept_by(index, body):
                if (owner, name) in told or owner not in serving:
                    continue
                told.add((owner, name))
                yield _VOICE.finding(
                    body.path,
                    where.loc,
                    f"`{name}` keeps what this request brought in the memory of one process",
                    scope=body.scope,
                    text=name,
                    help="keep it in the database or a cache that all processes share; a restart loses it, a second worker has another one",
                    related=[
                        *(hop.related() for hop in way),
                        Hop(owner, held.loc, _DECLARED[type(held)]).related(),
                    ],
                )


def _kept_by(index: FactIndex, body: Body) -> Iterator[tuple[Expr, str, str, Symbol | Field]]:
    if index.files[body.path].language == "python":
        yield from _writes(index, body)
        return
    for where, name, owner, held in writes(index, body):
        if not _is_of_process(name):
            yield where, name, owner, held


def _writes(index: FactIndex, body: Body) -> Iterator[tuple[Expr, str, str, Symbol]]:
    """Where a function changes a container of a module: by a key, or by a method that changes it."""
    own = {p.name for p in body.symbol.params} if body.symbol is not None else set()
    for assign in body.assigns:
        if assign.target.kind == "subscript" and assign.target.parts[0].kind == "name" and assign.op in {"=", "+="}:
            yield from _kept(index, body, assign.target, assign.target.parts[0], own)
    for call in body.calls:
        receiver = receiver_of(call.expr)
        if receiver is not None and receiver.kind == "name" and name_of(call.expr) in _WRITING:
            yield from _kept(index, body, call.expr, receiver, own)


def _kept(
    index: FactIndex, body: Body, where: Expr, name: Expr, own: set[str]
) -> Iterator[tuple[Expr, str, str, Symbol]]:
    if name.text in own or name.text in body.targets() or _is_of_process(name.text) or name.text == "app":
        return
    scope = body.scope.rpartition(".")[0]
    while scope:  # a variable of an enclosing function
        outer = bodies(index).get(body.path, scope)
        if outer is not None and name.text in outer.targets():
            return
        scope = scope.rpartition(".")[0]
    found = callgraph(index).inference.resolve(body.path, name.text)
    if found is None or found.symbol.kind != "variable" or found.symbol.scope or found.symbol.value is None:
        return
    value = found.symbol.value
    is_container = value.kind in {"mapping", "sequence"} and value.text != "("
    if is_container or (value.kind == "call" and name_of(value) in _MAKERS):
        yield where, name.text, found.path, found.symbol


def _is_of_process(name: str) -> bool:
    """Whether a variable is named as something that a process has of its own: a cache, a lock, a pool."""
    return any(_OF_PROCESS.fullmatch(word) for word in words(name))


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust", "java", "kotlin"), check)
