"""Where a text comes from: which outside values were put into it, on the way through variables, containers and helpers.

A value is *outside* where it stands on parameters that the caller chooses; literals, allow-listed and numeric
values are not. What cannot be followed is unknown, and rules are silent about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backwright.core.facts import Assign, Expr, Param
from backwright.kit.annotations import take_apart
from backwright.kit.callgraph import CallGraph, arguments, callgraph
from backwright.kit.constants import decided, runs
from backwright.kit.guards import is_guarded, proves
from backwright.kit.index import Definition, FactIndex
from backwright.kit.requests import is_of_request
from backwright.kit.values import (
    FIXED_KEYS,
    MAKING_SAFE,
    MAX_CALLS,
    MAX_STEPS,
    NUMERIC,
    OF_RECEIVER,
    OPEN,
    PASSING,
    SAFE,
    UNKNOWN,
    Frame,
    Root,
    Value,
    join,
    parameter,
    put_into,
    reaching,
)

MAX_DEPTH = 14


class Flow:
    """Follows values through one project."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.graph: CallGraph = callgraph(index)
        self.inference = self.graph.inference
        self._busy: set[tuple[str, str, str, int]] = set()
        self._left = MAX_STEPS
        self._containers: dict[tuple[str, str], dict[str, list[tuple[int, tuple[Expr, ...]]]]] = {}

    def value(self, frame: Frame, expr: Expr, depth: int = 0) -> Value:
        """What is known of an expression where it stands."""
        if self.is_enough(depth):
            return UNKNOWN
        match expr.kind:
            case "string":
                return Value(literal=expr.text)
            case "constant":
                return SAFE
            case "name":
                return self._name(frame, expr, depth)
            case "attribute":
                return self._attribute(frame, expr, depth)
            case "subscript":
                return self._subscript(frame, expr, depth)
            case "call":
                return self._call(frame, expr, depth)
            case "await":
                return self.value(frame, expr.parts[0], depth + 1) if expr.parts else UNKNOWN
            case "interpolation" | "concatenation" | "percent":
                return self.put_together(frame, expr, expr.parts, depth)
            case "binary":
                return self._binary(frame, expr, depth)
            case "conditional":
                return self._conditional(frame, expr, depth)
            case "sequence" | "mapping":
                return join(self.value(frame, p, depth + 1) for p in expr.parts)
            case "comprehension":
                return self._comprehension(frame, expr, depth)
            case "other" if expr.text == "named_expression" and expr.parts:
                return self.value(frame, expr.parts[-1], depth + 1)
            case "other" if expr.text in {"pair", "list_splat", "dictionary_splat"}:
                return join(self.value(frame, p, depth + 1) for p in expr.parts)
            case _:
                return UNKNOWN

    def is_enough(self, depth: int) -> bool:
        """Whether a question has been followed as far as it will be; at depth 0 a new one begins."""
        self._left = MAX_STEPS if depth == 0 else self._left - 1
        return depth > MAX_DEPTH or self._left < 0

    def put_together(self, frame: Frame, expr: Expr, parts: Iterable[Expr], depth: int) -> Value:
        """A text made of pieces: an outside piece beside a literal one is put into it here."""
        values = [self.value(frame, part, depth + 1) for part in parts]
        together = join(values)
        if together.outside and together.built is None and len(values) > 1 and any(v.literal for v in values):
            return replace(together, built=(frame.body.path, expr.loc))
        return together

    # -- names -----------------------------------------------------------------------------------------------------
    def _name(self, frame: Frame, expr: Expr, depth: int) -> Value:
        name, body = expr.text, frame.body
        if name in frame.local:
            return frame.local[name]
        if name in {"self", "cls", "True", "False", "None"}:
            return UNKNOWN
        if is_guarded(body, name, expr.loc.start, lambda e: self._is_fixed(frame, e)):
            return SAFE
        busy = body.path, body.scope, name, expr.loc.start
        if busy in self._busy:
            return SAFE
        self._busy.add(busy)
        try:
            return self._variable(frame, expr, depth)
        finally:
            self._busy.discard(busy)

    def _variable(self, frame: Frame, expr: Expr, depth: int) -> Value:
        name, body = expr.text, frame.body
        assigns, complete = reaching(body, name, expr.loc.start)
        found = [self._assigned(frame, a, name, depth) for a in assigns if runs(body, a)]
        found += list(self._added(frame, name, expr.loc.start, depth))
        param = parameter(body, name)
        if param is not None and not complete:
            found.append(self.param(frame, param, expr))
        if found:
            built = next((v.built for v in found if v.built is not None), None)
            together = join(reversed(found))
            appended = any(a.op == "+=" for a in body.targets().get(name, ()))
            if built is None and together.outside and appended and together.literal.strip():
                return replace(together, built=(body.path, expr.loc))
            return together
        outer = body.scope.rpartition(".")[0]
        enclosing = self.graph.bodies.get(body.path, outer) if outer else None
        if enclosing is not None and enclosing.symbol is not None and enclosing.symbol.kind != "class":
            return self._variable(Frame(enclosing, calls=frame.calls), expr, depth + 1)
        return self._global(body.path, name, depth)

    def _global(self, path: str, name: str, depth: int) -> Value:
        found = self.inference.resolve(path, name)
        if found is None or found.symbol.kind != "variable" or found.symbol.value is None:
            return UNKNOWN if found is None or found.symbol.kind != "class" else SAFE
        module = self.graph.bodies.get(found.path, "")
        if module is None:
            return UNKNOWN
        return self.value(Frame(module, calls=MAX_CALLS), found.symbol.value, depth + 1)

    def param(self, frame: Frame, param: Param, expr: Expr) -> Value:
        """A parameter: what the caller passed where that is known, else whatever its type lets in."""
        if frame.bound is not None:
            return frame.bound.get(param.name, UNKNOWN if not param.default else SAFE)
        if not self._is_open(frame.body.path, param.annotation):
            return SAFE if self.is_harmless(frame.body.path, param.annotation) else UNKNOWN
        root = Root(frame.body.path, frame.body.scope, param.name, expr.loc, expr.dotted() or param.name)
        return Value((root,), whole=param.name)

    def _is_open(self, path: str, annotation: str) -> bool:
        read = take_apart(annotation)
        name = read.name.rpartition(".")[2]
        if name in {"dict", "Dict", "Mapping"} and read.args and take_apart(read.args[-1]).name in NUMERIC:
            return False
        return name in OPEN

    def is_harmless(self, path: str, annotation: str) -> bool:
        """Whether values of a type cannot carry text of somebody's choice: numbers, dates, enumerations, literals."""
        read = take_apart(annotation)
        if read.name.rpartition(".")[2] in NUMERIC:
            return True
        found = self.inference.resolve(path, read.name) if read.name else None
        return found is not None and found.symbol.kind == "class" and self._is_enum(found)

    def _is_enum(self, found: Definition) -> bool:
        return any(base.rpartition(".")[2] in {"Enum", "StrEnum", "IntEnum"} for base in self.index.root_bases(found))

    def _assigned(self, frame: Frame, assign: Assign, name: str, depth: int) -> Value:
        if assign.op == "for":
            return self._bound_by(frame, assign.target, assign.value, depth).get(name, UNKNOWN)
        if assign.op == "with":
            return UNKNOWN
        if assign.target.kind == "sequence":
            if assign.value.kind == "sequence" and len(assign.value.parts) == len(assign.target.parts):
                pairs = zip(assign.target.parts, assign.value.parts, strict=True)
                return join(self.value(frame, v, depth + 1) for t, v in pairs if t.dotted() == name)
            return self.value(frame, assign.value, depth + 1)
        return self.value(frame, assign.value, depth + 1)

    def _added(self, frame: Frame, name: str, at: int, depth: int) -> Iterator[Value]:
        """What `name.append(x)` and `name[k] = x` put into a container before a place."""
        key = frame.body.key
        if key not in self._containers:
            self._containers[key] = put_into(frame.body)
        for start, parts in self._containers[key].get(name, ()):
            if start < at:
                yield from (self.value(frame, part, depth + 1) for part in parts)

    # -- parts of things -------------------------------------------------------------------------------------------
    def _attribute(self, frame: Frame, expr: Expr, depth: int) -> Value:
        if expr.text.startswith("__"):
            return SAFE  # __tablename__, __name__
        owner = expr.parts[0]
        if is_of_request(self.inference, frame.body, expr):
            return Value((Root(frame.body.path, frame.body.scope, "", expr.loc, expr.dotted()),))
        if owner.kind == "name" and owner.text in {"self", "cls"}:
            return self._own_attribute(frame, expr, depth)
        typed = self.inference.of(frame.body.path, frame.body.scope, owner)
        if typed is not None and typed.definition is not None:
            return self._field(frame, typed.definition, expr)
        if typed is not None and typed.last not in OPEN | {"Request"}:
            return UNKNOWN
        base = self.value(frame, owner, depth + 1)
        if (
            base.outside
            and owner.kind == "name"
            and any(w in owner.text.lower() for w in ("table", "column", "col", "schema", "model"))
        ):
            return UNKNOWN
        return replace(base, whole="") if base.outside else UNKNOWN

    def _own_attribute(self, frame: Frame, expr: Expr, depth: int) -> Value:
        owner = self.inference.resolve(frame.body.path, frame.body.scope.rpartition(".")[0])
        if owner is None or owner.symbol.kind != "class":
            return UNKNOWN
        for cls in (owner, *self.index.bases(owner)):
            for item in cls.symbol.fields:
                if (
                    item.name == expr.text
                    and item.value_expr is not None
                    and item.value_expr.kind in {"string", "constant", "sequence", "mapping"}
                ):
                    return SAFE
        return UNKNOWN

    def _field(self, frame: Frame, cls: Definition, expr: Expr) -> Value:
        if self._is_enum(cls):
            return SAFE
        for owner in (cls, *self.index.bases(cls)):
            for item in owner.symbol.fields:
                if item.name != expr.text:
                    continue
                if self.is_harmless(owner.path, item.annotation):
                    return SAFE
                is_param = expr.parts[0].kind == "name" and parameter(frame.body, expr.parts[0].text) is not None
                if is_param and frame.bound is None and take_apart(item.annotation).name == "str" and item.annotation:
                    root = Root(frame.body.path, frame.body.scope, expr.parts[0].text, expr.loc, expr.dotted())
                    return Value((root,))
                return UNKNOWN
        return UNKNOWN

    def _subscript(self, frame: Frame, expr: Expr, depth: int) -> Value:
        base = self.value(frame, expr.parts[0], depth + 1)
        return replace(base, whole="") if base.known or base.outside else UNKNOWN

    def _binary(self, frame: Frame, expr: Expr, depth: int) -> Value:
        if expr.text in {"or", "and", "|", "*"}:
            return join(self.value(frame, p, depth + 1) for p in expr.parts)
        return (
            SAFE
            if expr.text in {"==", "!=", "<", ">", "<=", ">=", "in", "not in", "not", "is", "is not", "-", "//", "**"}
            else UNKNOWN
        )

    def _conditional(self, frame: Frame, expr: Expr, depth: int) -> Value:
        if len(expr.parts) != 3:
            return UNKNOWN
        then, condition, other = expr.parts
        out = []
        always = decided(frame.body, condition)
        for arm, side in ((then, 0), (other, 1)):
            if always is (side == 1):
                continue
            names = [e.text for e in (arm, *arm.parts) if e.kind == "name"]
            proved = {n: SAFE for n in names if proves(condition, n, lambda e: self._is_fixed(frame, e))[side]}
            out.append(self.value(replace(frame, local={**frame.local, **proved}), arm, depth + 1))
        return join(out)

    def _comprehension(self, frame: Frame, expr: Expr, depth: int) -> Value:
        local = dict(frame.local)
        for part in expr.parts[1:]:
            if part.kind == "other" and part.text == "for_in_clause" and len(part.parts) > 1:
                local.update(self._bound_by(replace(frame, local=local), part.parts[0], part.parts[-1], depth))
            elif part.kind == "other" and part.text == "if_clause" and part.parts:
                for name in [n for n, v in local.items() if v.outside]:
                    if proves(part.parts[0], name, lambda e: self._is_fixed(frame, e))[0]:
                        local[name] = SAFE
        return self.value(replace(frame, local=local), expr.parts[0], depth + 1)

    def _bound_by(self, frame: Frame, target: Expr, iterable: Expr, depth: int) -> dict[str, Value]:
        """What `for target in iterable` binds: indices are numbers, the keys of records are names of fields."""
        names = [p.text for p in (target.parts if target.kind == "sequence" else (target,)) if p.kind == "name"]
        callee = iterable.parts[0] if iterable.kind == "call" else None
        called = callee.text if callee is not None else ""
        if called == "enumerate" and len(names) == 2 and len(iterable.parts) > 1:
            return {names[0]: SAFE, names[1]: self.value(frame, iterable.parts[1], depth + 1)}
        held = (
            callee.parts[0]
            if callee is not None and callee.kind == "attribute" and called in {"items", "keys"}
            else iterable
        )
        everything = self.value(frame, held, depth + 1)
        if self._has_fixed_keys(frame, held, depth):
            if called == "items" and len(names) == 2:
                return {names[0]: SAFE, names[1]: everything}
            return dict.fromkeys(names, SAFE)
        return dict.fromkeys(names, replace(everything, whole=""))

    def _elements(self, frame: Frame, iterable: Expr, depth: int) -> Value:
        """What walking over an iterable gives."""
        one = Expr("name", "", iterable.loc)
        return self._bound_by(frame, one, iterable, depth)[""]

    def _has_fixed_keys(self, frame: Frame, expr: Expr, depth: int) -> bool:
        """A mapping whose keys are named in source: a literal, a dumped model, or made of one."""
        if depth > MAX_DEPTH:
            return False
        if expr.kind == "call":
            return expr.parts[0].text in FIXED_KEYS and expr.parts[0].kind in {"attribute", "name"}
        if expr.kind == "mapping":
            return bool(expr.keys) and all(k not in {"", "**"} for k in expr.keys)
        if expr.kind == "comprehension" and expr.text == "dictionary_comprehension":
            sources = [p.parts[-1] for p in expr.parts if p.kind == "other" and p.text == "for_in_clause" and p.parts]
            inner = [s.parts[0].parts[0] if s.kind == "call" and s.parts[0].kind == "attribute" else s for s in sources]
            return bool(inner) and all(self._has_fixed_keys(frame, i, depth + 1) for i in inner)
        if expr.kind == "name":
            assigns = [a for a in frame.body.targets().get(expr.text, ()) if a.op == "=" and a.target.kind == "name"]
            return bool(assigns) and all(self._has_fixed_keys(frame, a.value, depth + 1) for a in assigns)
        return False

    def _is_fixed(self, frame: Frame, expr: Expr) -> bool:
        """Whether a container is an allow-list: nothing in it comes from outside, as far as that was followed to its end."""
        return not self.value(frame, expr, MAX_DEPTH - 5).outside and self._left >= 0

    # -- calls -----------------------------------------------------------------------------------------------------
    def _call(self, frame: Frame, expr: Expr, depth: int) -> Value:
        callee = expr.parts[0]
        name = callee.text
        if name in MAKING_SAFE:
            return SAFE
        if callee.kind == "attribute":
            owner = callee.parts[0]
            if name in {"format", "join", "format_map", "substitute", "safe_substitute"}:
                return self._formatted(frame, expr, owner, depth)
            if name in {"get", "pop"} and self._is_lookup(frame, owner, depth):
                return join([SAFE, *(self.value(frame, p, depth + 1) for p in expr.parts[2:])])
        if name in PASSING and len(expr.parts) > 1:
            return join(self.value(frame, p, depth + 1) for p in expr.parts[1:])
        if name == "map" and len(expr.parts) > 2:
            inner = expr.parts[1].dotted()
            return SAFE if inner in MAKING_SAFE else self.value(frame, expr.parts[2], depth + 1)
        target = self.graph.target(frame.body, expr) if frame.calls < MAX_CALLS else None
        if target is not None:
            return self._returned(frame, expr, target, depth)
        if callee.kind == "attribute" and name in OF_RECEIVER:
            return self._of_receiver(frame, expr, depth)
        return UNKNOWN

    def _formatted(self, frame: Frame, expr: Expr, owner: Expr, depth: int) -> Value:
        """`"…{}…".format(x)` and `", ".join(xs)`: a text made of the receiver and what is put into it."""
        if expr.parts[0].text == "join":
            # the separator alone makes no statement
            return replace(join(self._elements(frame, p, depth) for p in expr.parts[1:]), whole="")
        pieces = [self.value(frame, p, depth + 1) for p in (owner, *expr.parts[1:])]
        together = join(pieces)
        if together.outside and together.built is None and pieces[0].literal.strip():
            return replace(together, built=(frame.body.path, expr.loc), whole="")
        return together

    def _is_lookup(self, frame: Frame, owner: Expr, depth: int) -> bool:
        value = self.value(frame, owner, depth + 1)
        return value.known and not value.outside

    def _of_receiver(self, frame: Frame, expr: Expr, depth: int) -> Value:
        owner = expr.parts[0].parts[0]
        pieces = [self.value(frame, owner, depth + 1)]
        if expr.parts[0].text == "replace" and len(expr.parts) > 2:
            pieces.append(self.value(frame, expr.parts[2], depth + 1))
            together = join(pieces)
            if pieces[1].outside and pieces[0].literal.strip():
                return replace(together, built=together.built or (frame.body.path, expr.loc), whole="")
            return replace(together, whole="")
        return replace(pieces[0], whole="")

    def _returned(self, frame: Frame, expr: Expr, target: Definition, depth: int) -> Value:
        """What a function of this project gives for these arguments."""
        body = self.graph.body_of(target)
        if body is None or not body.returns or target.symbol.name == "__init__":
            return UNKNOWN
        bound = {name: self.value(frame, argument, depth + 1) for name, argument in arguments(expr, target).items()}
        inner = Frame(body, bound, calls=frame.calls + 1)
        return replace(
            join(self.value(inner, r.value, depth + 1) for r in body.returns if r.value is not None), whole=""
        )


def flow(index: FactIndex) -> Flow:
    """The data flow of this project."""
    return index.derived(Flow)
