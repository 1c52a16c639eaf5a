"""Containers of a module, or of a class with one instance, that functions of other languages than Python write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Assign, Expr, Field, Symbol
from backwright.kit.bodies import Body, bodies, names_in, walk
from backwright.kit.chains import links, name_of, receiver_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import State, libraries, pattern
from backwright.kit.naming import words

# What is meant to be of this process, beside what the rule knows for all languages.
_ALSO_OF_PROCESS = re.compile(
    r"(timer|timeout|interval|debounce|throttle|inflight|pending|emitter|abort|controller|room|peer|stream|watcher|schedule|"
    r"browser|page|promise|resolver|callback|waiter|response|res|reply|subscription|channel|span|trace|log|debug|window|"
    r"rate|running|limit|quota|bot|shard|device|agent|runner|job|event|flow|script|module|route|schema|template|config|setting|option)s?"
)

_WORD = re.compile(r"\w+")

Write = tuple[Expr, str, str, Symbol | Field]


def writes(index: FactIndex, body: Body) -> Iterator[Write]:
    """Where a function puts something into such a container, and does not use it as a cache or for what runs just now."""
    known = libraries(index.files[body.path].language).state
    given = _given(body) if known.makers or known.types else set()
    for where, holder, put in _put(body, known) if given else ():
        name = holder.dotted()
        if any(_ALSO_OF_PROCESS.fullmatch(word) for word in words(name)):
            continue
        if name in _own(body, known) or not any(e.text in given for part in put for e in names_in(part)):
            continue
        if _has_call(body, name, (*known.reading, *known.taking)) or _is_asked(body, holder, where):
            continue
        found = _container(index, body, holder, known)
        if found is not None:
            yield where, name, *found


def _given(body: Body) -> set[str]:
    """The names of what a function was given, and of what it made of that."""
    names = {n for p in body.symbol.params for n in p.names} if body.symbol is not None else set()
    for assign in sorted(body.assigns, key=lambda a: a.loc.start):
        if any(e.text in names for e in names_in(assign.value)):
            names |= {e.text for e in names_in(assign.target)} - {"this"}
    for call in body.calls:  # `c.BindJSON(&order)`
        if names & {e.text for e in names_in(call.expr.parts[0])}:
            names |= {p.text for p in call.expr.parts[1:] if p.kind == "name"}
    return names


def _own(body: Body, known: State) -> set[str]:
    """The names that a function gives a value of its own, not only more of what they hold."""
    return {n for n, assigns in body.targets().items() if not all(_adds(a, known) for a in assigns)}


def _adds(assign: Assign, known: State) -> bool:
    value = assign.value
    return (
        value.kind == "call"
        and name_of(value) in known.adding
        and len(value.parts) > 2
        and value.parts[1].dotted() == assign.target.dotted()
    )


def _opened(expr: Expr, known: State) -> Expr:
    """What is locked, where a call is made on what the lock gives."""
    while expr.parts and (expr.kind == "await" or (expr.kind == "call" and name_of(expr) in known.opening)):
        inner = expr.parts[0] if expr.kind == "await" else receiver_of(expr)
        if inner is None:
            break
        expr = inner
    return expr


def _put(body: Body, known: State) -> Iterator[tuple[Expr, Expr, tuple[Expr, ...]]]:
    """The place, the container, and what is put into it."""
    for assign in body.assigns:
        target = assign.target
        if target.kind == "subscript" and assign.op == "=" and target.parts[0].kind in {"name", "attribute"}:
            yield target, target.parts[0], (*target.parts[1:], assign.value)
        elif target.kind == "name" and _adds(assign, known):
            yield target, target, assign.value.parts[2:]
    for call in body.calls:
        for link in links(call.expr):
            receiver = receiver_of(link) if name_of(link) in known.writing else None
            receiver = _opened(receiver, known) if receiver is not None else None
            if receiver is not None and receiver.kind in {"name", "attribute"}:
                yield link, receiver, link.parts[1:]


def _has_call(body: Body, name: str, methods: tuple[str, ...]) -> bool:
    return any(
        name_of(link) in methods and receiver is not None and receiver.dotted() == name
        for call in body.calls
        for link in links(call.expr)
        for receiver in [receiver_of(link)]
    )


def _is_asked(body: Body, holder: Expr, where: Expr) -> bool:
    """Whether the function also reads single elements of it: `if (!known[key]) known[key] = …`."""
    name = holder.dotted()
    tops = [*body.expressions(), *(b.condition for b in body.branches)]
    return any(
        e.kind == "subscript" and e.parts[0].dotted() == name and e.loc != where.loc for top in tops for e in walk(top)
    )


def _container(index: FactIndex, body: Body, holder: Expr, known: State) -> tuple[str, Symbol | Field] | None:
    """The file and the declaration of a container that outlives the call."""
    if holder.kind == "name":
        return _of_module(index, body, holder.text, known) or _of_class(index, body, holder.text, known)
    if holder.parts[0].dotted() == "this":
        return _of_class(index, body, holder.text, known)
    return _of_state(index, body, holder, known) if known.opening else None


def _of_class(index: FactIndex, body: Body, name: str, known: State) -> tuple[str, Symbol | Field] | None:
    """A field of the class that a method belongs to, where all requests share one instance."""
    owner = inference(index).resolve(body.path, _class_of(body.scope)) if "." in body.scope else None
    if owner is None or owner.symbol.kind != "class" or not _is_single(index, owner.path, owner.symbol, known):
        return None
    if body.symbol is not None and name in {n for p in body.symbol.params for n in p.names}:
        return None
    field = next((f for f in owner.symbol.fields if f.name == name), None)
    return (owner.path, field) if field is not None and _is_made(field.value_expr, known) else None


def _of_state(index: FactIndex, body: Body, holder: Expr, known: State) -> tuple[str, Field] | None:
    """A locked container of what handlers share: `state.orders.lock()`."""
    infer = inference(index)
    owner = infer.of(body.path, body.scope, holder.parts[0])
    params = body.symbol.params if body.symbol is not None else ()
    for param in params:
        if owner is None and holder.parts[0].dotted() in param.names:  # `State(state): State<Arc<AppState>>`
            owner = infer.annotation(body.path, (_WORD.findall(param.annotation) or [""])[-1])
    made = owner.definition if owner is not None else None
    fields = made.symbol.fields if made is not None and made.symbol.kind == "class" else ()
    field = next((f for f in fields if f.name == holder.text and pattern(known.types).search(f.annotation)), None)
    return (made.path, field) if made is not None and field is not None else None


def _class_of(scope: str) -> str:
    return scope.partition(".")[0]


def _of_module(index: FactIndex, body: Body, name: str, known: State) -> tuple[str, Symbol] | None:
    scope = body.scope
    while scope:  # a variable or parameter of this function, or of an enclosing one
        outer = bodies(index).get(body.path, scope)
        bound = {n for p in outer.symbol.params for n in p.names} if outer is not None and outer.symbol else set()
        if outer is not None and (name in bound or name in _own(outer, known)):
            return None
        scope = scope.rpartition(".")[0]
    found = inference(index).resolve(body.path, name)
    if found is None or found.symbol.kind != "variable" or found.symbol.scope:
        return None
    typed = pattern(known.types).search(found.symbol.annotation) is not None
    return (found.path, found.symbol) if typed or _is_made(found.symbol.value, known) else None


def _is_made(value: Expr | None, known: State) -> bool:
    if value is None:
        return False
    if value.kind in {"mapping", "sequence"}:
        return value.text != "("
    return value.kind == "call" and name_of(value) in known.makers and value.parts[0].kind in {"name", "subscript"}


def _is_single(index: FactIndex, path: str, cls: Symbol, known: State) -> bool:
    """A class with one instance for all requests: as its decorator says, or a variable of a module holds it."""
    for decorator in cls.decorators:
        if decorator.dotted().removesuffix("()").rpartition(".")[2] in known.singletons:
            return not any(pattern(known.unless).search(e.text) for part in decorator.parts[1:] for e in walk(part))
    return any(
        symbol.kind == "variable"
        and symbol.value is not None
        and symbol.value.kind == "call"
        and symbol.value.text == "new"
        and name_of(symbol.value) == cls.name
        for symbol in index.symbols(path).values()
    )
