"""The kind of an expression where it stands: names by their assignments, calls by what they return, JSON by its route."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from backwright.languages.python.project_types import OTHER, Declared, Function, Key, Kind, Sources, as_json, dotted
from backwright.languages.python.scopes import VERBS, Scope, Served, endpoint_of, own_nodes

_SAME = frozenset({"list", "sorted", "reversed", "tuple", "set", "deepcopy", "copy", "cast"})
_ONE = frozenset({"first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "scalar", "get", "get_one"})
_ALL = frozenset({"all", "fetchall", "partitions", "to_list"})
_STARTS = frozenset({"select", "query", "delete", "update", "insert", "exists"})
_DUMPS = frozenset({"model_dump", "dict", "dump"})
_ROWS = frozenset({"model_validate", "from_orm", "parse_obj", "model_construct", "construct", "validate"})
_ITSELF = frozenset({"model_copy", "copy", "refresh"})
_SCALARS = frozenset(
    {"int", "str", "float", "bool", "bytes", "len", "repr", "sum", "round", "abs", "isinstance", "hash"}
)
_DEEP = 16


class Types:
    """Answers what expressions are. `endpoints` are those that tests call by URL."""

    def __init__(self, sources: Sources, endpoints: Sequence[Served]) -> None:
        self.sources = sources
        self.declared = Declared(sources)
        self.endpoints = endpoints
        self._modules: dict[str, Scope] = {}
        self._scopes: dict[tuple[str, str], Scope] = {}
        self._returns: dict[Key, Kind | None] = {}
        self._open: set[object] = set()

    # -- scopes ------------------------------------------------------------------------------------------------------
    def module(self, path: str) -> Scope | None:
        """The scope of a file, with those of all functions in it made."""
        if path not in self._modules:
            source = self.sources.source(path)
            if source is None:
                return None
            self._modules[path] = self._scope(path, "", source.tree, None)
        return self._modules[path]

    def scope(self, key: Key) -> Scope | None:
        """The scope of a function or class."""
        self.module(key[0])
        return self._scopes.get(key)

    def scopes_of(self, path: str) -> list[Scope]:
        """Every scope of a file."""
        self.module(path)
        return [scope for (file, _), scope in self._scopes.items() if file == path]

    def _scope(self, path: str, name: str, node: ast.AST, outer: Scope | None) -> Scope:
        scope = Scope(path, name, node, outer)
        self._scopes[(path, name)] = scope
        if isinstance(node, Function) and outer is not None and isinstance(outer.node, ast.ClassDef):
            scope.own = Kind("row", (path, outer.name))
        for inner in own_nodes(node):
            self._bind(scope, inner)
            if isinstance(inner, ast.ClassDef | Function):
                self._scope(path, f"{name}.{inner.name}" if name else inner.name, inner, scope)
        return scope

    def _bind(self, scope: Scope, node: ast.AST) -> None:
        pairs: list[tuple[ast.expr, str, ast.expr]] = []
        match node:
            case ast.Assign(targets=targets, value=value):
                pairs = [(t, "=", value) for t in targets]
            case ast.AnnAssign(target=target, annotation=annotation):
                pairs = [(target, ":", annotation)]
            case ast.NamedExpr(target=target, value=value):
                pairs = [(target, "=", value)]
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                pairs = [(target, "for", value)]
            case ast.comprehension(target=target, iter=value):
                pairs = [(target, "for", value)]
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                pairs = [(target, "with", value)]
        for target, how, value in pairs:
            if isinstance(target, ast.Name):
                scope.bound.setdefault(target.id, []).append((how, value))
            elif isinstance(target, ast.Tuple | ast.List):
                for number, part in enumerate(target.elts):
                    if isinstance(part, ast.Name):
                        scope.bound.setdefault(part.id, []).append((f"{how}{number}", value))

    # -- names -------------------------------------------------------------------------------------------------------
    def name(self, scope: Scope, name: str) -> Kind | None:
        """What a name stands for in a scope."""
        if name in scope.told:
            return scope.told[name]
        if name not in scope.known:
            scope.known[name] = None  # what refers to itself is not known
            scope.known[name] = self._name(scope, name)
        return scope.known[name]

    def _name(self, scope: Scope, name: str) -> Kind | None:
        if isinstance(scope.node, Function):
            arguments = scope.node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            given = next((a for a in every if a.arg == name), None)
            if given is not None:
                return self._param(scope, given, first=every[0] is given)
            if arguments.vararg is not None and arguments.vararg.arg == name:
                return Kind("many", None, (self.declared.annotation(scope.path, arguments.vararg.annotation, {}),))
        for how, value in scope.bound.get(name, ()):
            found = self._binding(scope, how, value)
            if found is not None:
                return found
        if name in scope.bound:
            return None
        outer = scope.outer
        while outer is not None and isinstance(outer.node, ast.ClassDef):
            outer = outer.outer
        if outer is not None:
            return self.name(outer, name)
        return self._global(scope.path, name)

    def _binding(self, scope: Scope, how: str, value: ast.expr) -> Kind | None:
        if how == ":":
            return self.declared.annotation(scope.path, value, {})
        kind = self.of(scope, value)
        word, number = re.match(r"([a-z=]+)(\d*)", how).groups()  # type: ignore[union-attr]  # `how` is ours
        if word == "for":
            kind = _element(kind)
        if number and kind is not None:
            if kind.name == "tuple":
                return kind.args[int(number)] if int(number) < len(kind.args) else None
            return _element(kind) if kind.name == "many" else OTHER if kind == OTHER else None
        return kind

    def _param(self, scope: Scope, given: ast.arg, *, first: bool) -> Kind | None:
        if first and scope.own is not None:
            return scope.own
        told = self.declared.annotation(scope.path, given.annotation, {})
        if told is not None and told != OTHER:
            return told
        fixture = self._fixture(scope.path, given.arg)
        if fixture is not None:
            return fixture
        return told

    def _fixture(self, path: str, name: str) -> Kind | None:
        """What a test gets by the name of a fixture, of its file or of a `conftest.py` above it."""
        folder = path.rpartition("/")[0]
        around = [path]
        while True:
            around.append(f"{folder}/conftest.py" if folder else "conftest.py")
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        for file in around:
            node = self.sources.nodes(file).get(name) if self.sources.index.files.get(file) else None
            if isinstance(node, Function) and any(
                "fixture" in dotted(getattr(d, "func", d)) for d in node.decorator_list
            ):
                return self.returned((file, name), None)
        return None

    def _global(self, path: str, name: str) -> Kind | None:
        key = self.sources.found(path, name)
        node = self.sources.node(key)
        if key is None:
            return None
        if isinstance(node, ast.ClassDef):
            return Kind("class", key)
        if isinstance(node, Function):
            return Kind("function", key)
        module = self.module(key[0])
        if module is None or not isinstance(node, ast.expr) or key[0] == path:
            return None
        return self.name(module, key[1])

    # -- functions ---------------------------------------------------------------------------------------------------
    def returned(self, key: Key, bound: Kind | None) -> Kind | None:
        """What a function gives back (or yields, as a fixture does)."""
        node = self.sources.node(key)
        if not isinstance(node, Function):
            return None
        generics: Mapping[str, Kind | None] = {}
        if bound is not None:
            name = key[1].rpartition(".")[0]
            generics = next((g for k, _, g in self.declared.bases(bound) if k == (key[0], name)), {})
        told = self.declared.annotation(key[0], node.returns, generics)
        fixture = any("fixture" in dotted(getattr(d, "func", d)) for d in node.decorator_list)
        if told is not None and told != OTHER:
            yields = fixture and told.name == "many" and any(isinstance(n, ast.Yield) for n in ast.walk(node))
            return _element(told) if yields else told
        if key in self._returns:
            return self._returns[key]
        self._returns[key] = told
        scope = self.scope(key)
        for item in own_nodes(node) if scope is not None else ():
            if isinstance(item, ast.Return | ast.Yield) and item.value is not None and scope is not None:
                found = self.of(scope, item.value)
                if found is not None and found != OTHER:
                    self._returns[key] = found
                    break
        return self._returns[key]

    # -- expressions -------------------------------------------------------------------------------------------------
    def of(self, scope: Scope, node: ast.expr | None) -> Kind | None:
        """What an expression is; None where that is not known."""
        key = (id(scope), id(node))
        if node is None or key in self._open or len(self._open) > _DEEP * 4:
            return None
        self._open.add(key)
        try:
            return self._of(scope, node)
        finally:
            self._open.discard(key)

    def _of(self, scope: Scope, node: ast.expr) -> Kind | None:
        match node:
            case ast.Name(id=name):
                return self.name(scope, name)
            case ast.Await(value=value) | ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.of(scope, value)
            case ast.Attribute():
                return self._attribute(scope, node)
            case ast.Call():
                return self._call(scope, node)
            case ast.Subscript(value=value, slice=index):
                return self.item(self.of(scope, value), index)
            case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.Lambda():
                return OTHER
            case ast.List(elts=parts) | ast.Set(elts=parts):
                return Kind("many", None, (self.of(scope, parts[0]) if parts else OTHER,))
            case ast.Tuple(elts=parts):
                return Kind("tuple", None, tuple(self.of(scope, p) for p in parts))
            case ast.ListComp(elt=value) | ast.GeneratorExp(elt=value) | ast.SetComp(elt=value):
                return Kind("many", None, (self.of(scope, value),))
            case ast.DictComp(value=value):
                return Kind("map", None, (self.of(scope, value),))
            case ast.IfExp(body=left, orelse=right):
                return self._first(scope, (left, right))
            case ast.BoolOp(values=values):
                return self._first(scope, values)
            case ast.BinOp(left=left, right=right):
                return self._first(scope, (left, right))
        return None

    def _first(self, scope: Scope, nodes: Sequence[ast.expr]) -> Kind | None:
        kinds = [self.of(scope, n) for n in nodes]
        return next((k for k in kinds if k is not None and k != OTHER), kinds[0] if None not in kinds else None)

    def _attribute(self, scope: Scope, node: ast.Attribute) -> Kind | None:
        base = self.of(scope, node.value)
        if base is None:
            whole = dotted(node)
            head = whole.partition(".")[0]
            return self._global(scope.path, whole) if whole and head not in scope.bound else None
        if base.name == "row":
            found = self.declared.member(base, node.attr)
            return found if found is not None else self._set_on(base, node.attr)
        if base.name == "class" and base.of is not None:
            found = self.declared.member(Kind("row", base.of), node.attr)
            return found if found is not None and found.name == "function" else OTHER if found is not None else None
        return OTHER if base == OTHER else None

    def _set_on(self, base: Kind, name: str) -> Kind | None:
        """What methods of a class assign to `self.name`."""
        for key, node, _ in self.declared.bases(base):
            for method in (m for m in node.body if isinstance(m, Function)):
                scope = self.scope((key[0], f"{key[1]}.{method.name}"))
                for item in own_nodes(method) if scope is not None else ():
                    if isinstance(item, ast.Assign) and dotted(item.targets[0]) == f"self.{name}":
                        found = self.of(scope, item.value)  # type: ignore[arg-type]  # there is one
                        if found is not None:
                            return found
        return None

    def item(self, base: Kind | None, index: ast.expr) -> Kind | None:
        if base is None or base == OTHER:
            return base
        if base.name == "many":
            return base if isinstance(index, ast.Slice) else _element(base)
        if base.name == "map":
            return base.args[0]
        if base.name == "tuple" and isinstance(index, ast.Constant) and isinstance(index.value, int):
            return base.args[index.value] if -len(base.args) <= index.value < len(base.args) else None
        if base.name == "json" and isinstance(index, ast.Constant) and isinstance(index.value, str):
            return as_json(self.declared.member(Kind("row", base.of, base.args), index.value))
        return base if base.name == "rows" and isinstance(index, ast.Slice) else _element(base)

    def _call(self, scope: Scope, node: ast.Call) -> Kind | None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        if isinstance(node.func, ast.Attribute):
            answered = self._response(scope, node, name)
            if answered is not None:
                return answered
        callee = self.of(scope, node.func)
        if callee is not None and callee.name == "class":
            return Kind("row", callee.of)
        if callee is not None and callee.name == "function" and callee.of is not None:
            return self.returned(callee.of, callee.args[0] if callee.args else None)
        if isinstance(node.func, ast.Attribute):
            return self._method(scope, node, node.func, name)
        first = self.of(scope, node.args[0]) if node.args else None
        if name in _STARTS and first is not None and first.name == "class":
            return Kind("rows", first.of)
        if name == "next":
            return _element(first)
        if name == "jsonable_encoder":
            return as_json(first)
        if name == "enumerate":
            return Kind("many", None, (Kind("tuple", None, (OTHER, _element(first))),))
        return first if name in _SAME else OTHER if name in _SCALARS else None

    def endpoint(self, scope: Scope, node: ast.Call) -> Served | None:
        """The endpoint that a call of a test client reaches."""
        return endpoint_of(self.endpoints, scope, node)

    def _response(self, scope: Scope, node: ast.Call, name: str) -> Kind | None:
        if name not in VERBS and name != "request":
            return None
        found = self.endpoint(scope, node)
        return Kind("response", None, (found.answer,)) if found is not None else None

    def _method(self, scope: Scope, node: ast.Call, func: ast.Attribute, name: str) -> Kind | None:
        base = self.of(scope, func.value)
        first = self.of(scope, node.args[0]) if node.args else None
        if base is not None:
            if base.name == "row":
                return as_json(base) if name in _DUMPS else base if name in _ITSELF else None
            if base.name == "class" and name in _ROWS:
                return Kind("row", base.of)
            if base.name == "json":
                return (
                    self.item(base, node.args[0])
                    if name in {"get", "pop"} and node.args
                    else base
                    if name == "copy"
                    else OTHER
                )
            if base.name == "rows":
                return (
                    _element(base) if name in _ONE else Kind("many", None, (_element(base),)) if name in _ALL else base
                )
            if base.name == "response":
                return base.args[0] if name == "json" else OTHER
            if base.name == "many":
                return _element(base) if name in {"pop"} else base
            if base.name == "map":
                return _of_map(base, name)
            return OTHER if base == OTHER else None
        if first is not None and first.name == "class":
            return (
                Kind("row", first.of)
                if name in {"get", "get_one"}
                else Kind("rows", first.of)
                if name in _STARTS
                else None
            )
        if first is not None and first.name == "rows":
            return _element(first) if name == "scalar" else first
        return None


def _of_map(base: Kind, method: str) -> Kind | None:
    """What a method of a mapping gives."""
    if method in {"get", "pop", "setdefault"}:
        return base.args[0]
    if method == "values":
        return Kind("many", None, base.args)
    return Kind("many", None, (Kind("tuple", None, (OTHER, *base.args)),)) if method == "items" else OTHER


def _element(kind: Kind | None) -> Kind | None:
    if kind is None or kind == OTHER:
        return kind
    if kind.name == "rows":
        return Kind("row", kind.of)
    return kind.args[0] if kind.name == "many" and kind.args else None
