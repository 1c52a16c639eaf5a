"""Which class an expression is an instance of, as far as annotations, assignments and imports say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backwright.core.facts import Assign, Expr, Param, Symbol
from backwright.kit.annotations import take_apart
from backwright.kit.bodies import Bodies, Body, bodies
from backwright.kit.index import Definition, FactIndex
from backwright.kit.libraries import libraries
from backwright.kit.libtypes import ASYNC_SESSION, CONTAINERS, FACTORIES, METHODS, Type, type_text

_MAX_DEPTH = 8
_MAX_HOPS = 6
# What methods call the object they run on; and the class, in Python.
OWN_OBJECTS = frozenset({"self", "cls", "this"})
CONSTRUCTORS = ("__init__", "constructor", "__construct", "initialize")
# Where fields are seen in methods by their names alone.
_BARE_FIELDS = frozenset({"java", "kotlin", "csharp", "scala"})


class Inference:
    """Answers for one project; everything is worked out once."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.bodies: Bodies = bodies(index)
        self._resolved: dict[tuple[str, str], Definition | None] = {}
        self._origins: dict[tuple[str, str], str] = {}
        self._names: dict[tuple[str, str, str], Type | None] = {}
        self._attributes: dict[tuple[str, str, str], Type | None] = {}
        self._returned: dict[tuple[str, str], Type | None] = {}
        self._lines: dict[tuple[str, str], tuple[Definition, ...]] = {}
        self._made = libraries("python").made

    # -- names of types --------------------------------------------------------------------------------------------
    def resolve(self, path: str, name: str) -> Definition | None:
        """As `FactIndex.resolve`, remembered."""
        key = path, name
        if key not in self._resolved:
            self._resolved[key] = self.index.resolve(path, name)
        return self._resolved[key]

    def origin(self, path: str, name: str) -> str:
        """As `FactIndex.origin`, remembered, and followed through this project's re-exports."""
        key = path, name
        if key not in self._origins:
            found = self.index.origin(path, name)
            for _ in range(_MAX_HOPS):
                module, _, last = found.rpartition(".")
                inner = self.index.path_of(module) if module else ""
                if not inner or last in self.index.symbols(inner):
                    break
                further = self.index.origin(inner, last)
                if not further or further == found:
                    break
                found = further
            self._origins[key] = found
        return self._origins[key]

    def line(self, cls: Definition) -> tuple[Definition, ...]:
        """A class and its bases of this project, nearest first."""
        key = cls.path, cls.symbol.qualname
        if key not in self._lines:
            self._lines[key] = (cls, *self.index.bases(cls))
        return self._lines[key]

    def annotation(self, path: str, text: str, depth: int = 0) -> Type | None:
        """The type that an annotation in this file means."""
        if not text or depth > _MAX_DEPTH:
            return None
        read = take_apart(text)
        if not read.name or read.name in {"None", "Any", "object", "Self"}:
            return None
        found = self.resolve(path, read.name)
        if found is not None and found.symbol.kind == "variable":
            return self._alias(found, depth)
        if found is not None and found.symbol.kind == "class":
            return Type(self.qualified(found), found, read.many, args=read.args, path=path)
        return Type(self.origin(path, read.name) or read.name, None, read.many, args=read.args, path=path)

    def _alias(self, found: Definition, depth: int) -> Type | None:
        """`SessionDep = Annotated[Session, Depends(get_db)]`, or `SessionDep = Session`."""
        value = found.symbol.value
        if value is None:
            return None
        if value.kind == "subscript":
            head = value.parts[0].dotted().rpartition(".")[2]
            inner = value.parts[1:]
            if inner and inner[0].kind == "sequence":
                inner = inner[0].parts
            if head in {"Annotated", "Optional", "Union"} and inner:
                return self.annotation(found.path, type_text(inner[0]), depth + 1)
            return None
        if value.kind in {"name", "attribute"}:
            return self.annotation(found.path, value.dotted(), depth + 1)
        return None

    def qualified(self, found: Definition) -> str:
        module = self.index.module(found.path)
        return f"{module}.{found.symbol.qualname}" if module else found.symbol.qualname

    # -- expressions -----------------------------------------------------------------------------------------------
    def of(self, path: str, scope: str, expr: Expr, depth: int = 0) -> Type | None:
        """The type of an expression that stands in this scope."""
        if depth > _MAX_DEPTH:
            return None
        match expr.kind:
            case "name":
                return self.name(path, scope, expr.text, depth)
            case "attribute":
                return self._attribute_of(path, scope, expr, depth)
            case "await":
                return self.of(path, scope, expr.parts[0], depth + 1) if expr.parts else None
            case "call":
                return self._call(path, scope, expr, depth)
            case "conditional" | "binary":
                for part in expr.parts:
                    found = self.of(path, scope, part, depth + 1)
                    if found is not None:
                        return found
                return None
            case "subscript":
                inner = self.of(path, scope, expr.parts[0], depth + 1)
                return (
                    replace(inner, many=False)
                    if inner is not None and inner.many
                    else inner
                    if inner and inner.itself
                    else None
                )
            case _:
                return None

    def name(self, path: str, scope: str, name: str, depth: int = 0) -> Type | None:
        key = path, scope, name
        if key not in self._names:
            self._names[key] = None  # a name defined by itself has no type
            self._names[key] = self._name(path, scope, name, depth)
        return self._names[key]

    def _name(self, path: str, scope: str, name: str, depth: int) -> Type | None:
        inner = scope
        while inner:
            body = self.bodies.get(path, inner)
            outer = inner.rpartition(".")[0]
            if body is not None and body.symbol is not None and body.symbol.kind != "class":
                if name in OWN_OBJECTS:
                    owner = self.resolve(path, outer) if outer else None
                    if owner is not None and owner.symbol.kind == "class":
                        return Type(self.qualified(owner), owner, itself=name == "cls")
                bound = self._bound(body, name, depth)
                if bound is not None:
                    return bound
            elif body is not None and body.symbol is not None and self.index.files[path].language in _BARE_FIELDS:
                field = self.attribute(Definition(path, body.symbol), name, depth + 1)
                if field is not None:
                    return field
            inner = outer
        found = self.resolve(path, name)
        if found is None:
            origin = self.origin(path, name)
            return Type(origin, itself=True) if origin and origin.rpartition(".")[2][:1].isupper() else None
        if found.symbol.kind == "class":
            return Type(self.qualified(found), found, itself=True)
        if found.symbol.kind == "variable":
            return self.variable(found, depth)
        return None

    def variable(self, found: Definition, depth: int = 0) -> Type | None:
        """The type of a module's variable."""
        if found.symbol.annotation:
            return self.annotation(found.path, found.symbol.annotation, depth + 1)
        if found.symbol.value is None:
            return None
        return self.of(found.path, "", found.symbol.value, depth + 1)

    def _bound(self, body: Body, name: str, depth: int) -> Type | None:
        symbol = body.symbol
        assert symbol is not None
        param = next((p for p in symbol.params if p.name == name), None)
        if param is not None and param.kind in {"positional", "keyword"}:
            return self.param(body.path, param, depth)
        for assign in assigned(body, name):
            found = self._assigned(body, assign, depth)
            if found is not None:
                return found
        return None

    def param(self, path: str, param: Param, depth: int = 0) -> Type | None:
        """The type of a parameter: annotated, or given by `Depends(f)`."""
        found = self.annotation(path, param.annotation, depth + 1)
        if found is not None:
            return found
        default = param.default_expr
        if default is not None and default.kind == "call":
            return self.of(path, "", default, depth + 1)
        return None

    def _assigned(self, body: Body, assign: Assign, depth: int) -> Type | None:
        found = self.of(body.path, body.scope, assign.value, depth + 1)
        if found is None:
            return None
        if assign.op == "for":
            return replace(found, many=False) if found.many or found.last in {"Session", "AsyncSession"} else None
        return found if assign.op in {"=", "with"} and assign.target.kind in {"name", "attribute"} else None

    def _attribute_of(self, path: str, scope: str, expr: Expr, depth: int) -> Type | None:
        owner = self.of(path, scope, expr.parts[0], depth + 1)
        if owner is not None and owner.definition is not None and not owner.many:
            return self.attribute(owner.definition, expr.text, depth + 1)
        if owner is not None and owner.last in {"Session", "AsyncSession", "SQLAlchemy"} and expr.text == "session":
            return Type("sqlalchemy.orm.Session")
        if owner is not None:
            return None
        dotted = expr.dotted()
        found = self.resolve(path, dotted) if dotted and "()" not in dotted else None
        if found is None:
            return None
        if found.symbol.kind == "class":
            return Type(self.qualified(found), found, itself=True)
        return self.variable(found, depth) if found.symbol.kind == "variable" else None

    def attribute(self, owner: Definition, name: str, depth: int = 0) -> Type | None:
        """The type of an attribute of instances of a class."""
        key = owner.path, owner.symbol.qualname, name
        if key not in self._attributes:
            self._attributes[key] = None
            for cls in self.line(owner):
                found = self._declared(cls, name, depth)
                if found is not None:
                    self._attributes[key] = found
                    break
        return self._attributes[key]

    def _declared(self, cls: Definition, name: str, depth: int) -> Type | None:
        for field in cls.symbol.fields:
            if field.name == name:
                found = self.annotation(cls.path, field.annotation, depth + 1)
                if found is None and field.value_expr is not None:
                    found = self.of(cls.path, "", field.value_expr, depth + 1)
                return found
        method = self.index.symbols(cls.path).get(f"{cls.symbol.qualname}.{name}")
        if method is not None:
            wraps = {d.dotted().rpartition(".")[2] for d in method.decorators}
            return (
                self.returned(Definition(cls.path, method), depth) if wraps & {"property", "cached_property"} else None
            )
        for body in self.methods(cls):
            for own in ("self", "this"):
                for assign in assigned(body, f"{own}.{name}"):
                    found = self._assigned(body, assign, depth)
                    if found is not None:
                        return found
        return None

    def methods(self, cls: Definition) -> Iterator[Body]:
        """The bodies of a class's own methods, `__init__` first."""
        prefix = f"{cls.symbol.qualname}."
        own = [
            b
            for s, b in self.bodies.by_path.get(cls.path, {}).items()
            if s.startswith(prefix) and "." not in s[len(prefix) :]
        ]
        yield from sorted(own, key=lambda b: not b.scope.endswith(".__init__"))

    def constructor(self, cls: Definition) -> Definition | None:
        """The method that makes an instance."""
        return next((m for name in CONSTRUCTORS if (m := self.method(cls, name)) is not None), None)

    def method(self, cls: Definition, name: str) -> Definition | None:
        """The method that a call on an instance runs, inherited ones included."""
        for owner in self.line(cls):
            symbol = self.index.symbols(owner.path).get(f"{owner.symbol.qualname}.{name}")
            if symbol is not None and symbol.kind in {"method", "function"}:
                return Definition(owner.path, symbol)
        return None

    # -- calls -----------------------------------------------------------------------------------------------------
    def _call(self, path: str, scope: str, expr: Expr, depth: int) -> Type | None:
        callee = expr.parts[0]
        dotted = callee.dotted()
        last = dotted.rpartition(".")[2]
        if last in {"Depends", "Security"} and expr.positional():
            return self._provided(path, scope, expr.positional()[0], depth)
        if last in CONTAINERS and callee.kind == "name" and expr.positional():
            return self.of(path, scope, expr.positional()[0], depth + 1)
        if callee.kind == "attribute":
            owner = self.of(path, scope, callee.parts[0], depth + 1)
            if owner is not None:
                return self._method_call(owner, callee.text, depth)
        found = self.function(path, scope, callee)
        if found is not None:
            return self.called(found, depth)
        origin = self.origin(path, dotted) if "()" not in dotted else ""
        if origin in self._made:
            return Type(self._made[origin])
        bound = self.of(path, scope, callee, depth + 1) if callee.kind == "name" else None
        if bound is not None and not bound.itself:
            return self._instance_called(bound, depth)
        name = origin.rpartition(".")[2]
        if name == "sessionmaker" and (cls := expr.keyword("class_")) is not None and "Async" in cls.dotted():
            return Type("sqlalchemy.ext.asyncio.async_sessionmaker")
        return (
            Type(origin)
            if name[:1].isupper() or name in FACTORIES | {"scoped_session", "async_scoped_session"}
            else None
        )

    def _provided(self, path: str, scope: str, expr: Expr, depth: int) -> Type | None:
        if expr.kind == "call":
            return self.of(path, scope, expr, depth + 1)
        found = self.function(path, scope, expr)
        return self.called(found, depth) if found is not None else None

    def called(self, found: Definition, depth: int = 0) -> Type | None:
        """What calling a function or class of this project gives."""
        if found.symbol.kind == "class":
            return Type(self.qualified(found), found)
        if found.symbol.kind == "variable":
            made = self.variable(found, depth + 1)
            return self._instance_called(made, depth) if made is not None else None
        return self.returned(found, depth + 1)

    def _instance_called(self, made: Type, depth: int) -> Type | None:
        if made.itself:
            return replace(made, itself=False)
        if made.last in FACTORIES | {"scoped_session", "async_scoped_session"}:
            return Type(ASYNC_SESSION if made.last.startswith("async") else "sqlalchemy.orm.Session")
        if made.last == "Callable" and made.args:
            return self.annotation(made.path, made.args[-1], depth + 1)
        if made.definition is not None:
            method = self.method(made.definition, "__call__")
            return self.returned(method, depth + 1) if method is not None else None
        return None

    def _method_call(self, owner: Type, name: str, depth: int) -> Type | None:
        if owner.definition is None:
            known = METHODS.get((owner.last, name))
            return Type(known) if known else None
        method = self.method(owner.definition, name)
        if method is None:
            # a stored factory: `self.session_factory()`
            stored = self.attribute(owner.definition, name, depth + 1)
            return self._instance_called(stored, depth + 1) if stored is not None else None
        if take_apart(method.symbol.returns).name.rpartition(".")[2] in {"Self", owner.last}:
            return replace(owner, itself=False)
        return self.returned(method, depth + 1)

    def returned(self, found: Definition, depth: int = 0) -> Type | None:
        """What a function gives: as annotated, else as its return or yield statements say."""
        key = found.path, found.symbol.qualname
        if key not in self._returned:
            self._returned[key] = None
            self._returned[key] = self._returns(found, depth)
        return self._returned[key]

    def _returns(self, found: Definition, depth: int) -> Type | None:
        if found.symbol.returns:
            return self.annotation(found.path, found.symbol.returns, depth + 1)
        body = self.bodies.get(found.path, found.symbol.qualname)
        for item in body.returns if body is not None else ():
            if item.value is not None:
                made = self.of(found.path, found.symbol.qualname, item.value, depth + 1)
                if made is not None:
                    return made
        return None

    def function(self, path: str, scope: str, callee: Expr) -> Definition | None:
        """The function or class (or variable) of this project that a plain or dotted name calls."""
        dotted = callee.dotted()
        if not dotted or "()" in dotted or callee.kind not in {"name", "attribute"}:
            return None
        inner = scope
        while inner and callee.kind == "name":
            symbol: Symbol | None = self.index.symbols(path).get(f"{inner}.{dotted}")
            if symbol is not None and symbol.kind == "function":
                return Definition(path, symbol)
            inner = inner.rpartition(".")[0]
        return self.resolve(path, dotted)


def assigned(body: Body, target: str) -> Iterator[Assign]:
    """The assignments to a name or dotted target in a body."""
    return iter(body.targets().get(target, ()))


def inference(index: FactIndex) -> Inference:
    """The inference over this project, made once."""
    return index.derived(Inference)
