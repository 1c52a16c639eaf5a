"""Every place where the code of a project names a field of one resource: attributes, keywords, keys, declarations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from backwright.languages.python.expression_types import Types
from backwright.languages.python.places import Place, line_starts, text_of
from backwright.languages.python.project_types import Function, Key, Kind, declared_by, dotted
from backwright.languages.python.scopes import Scope, own_nodes

_BODIES = frozenset({"json", "data", "content"})
_KEYED = frozenset({"get", "pop", "setdefault"})


@dataclass(frozen=True)
class Use:
    """One place. `start:end` are the bytes of the name itself, `whole` those of what goes where the field goes.

    `whole` is None where more than the name stands on it: then it cannot be taken away alone.
    """

    path: str
    line: int
    kind: Literal["attribute", "keyword", "text", "declaration"]
    start: int
    end: int
    whole: tuple[int, int] | None = None
    sure: bool = True


@dataclass(frozen=True)
class Made:
    """An instance, or the JSON of one, that is written out: by keywords, or as a mapping with these keys."""

    path: str
    node: ast.Call | ast.Dict
    of: Key
    names: frozenset[str]
    spread: bool  # more comes from elsewhere: `**changes`
    sent: bool  # it is sent to an endpoint, or makes an instance; else it is what an answer is compared with
    scope: str


@dataclass
class Found:
    """What was found in a project."""

    uses: list[Use] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)


class FieldUses:
    """Looks for a field through the files of a project. `owners` are the classes that have it."""

    def __init__(self, types: Types, name: str, owners: frozenset[Key]) -> None:
        self.types = types
        self.name = name
        self.owners = owners
        self.expected: dict[int, tuple[Kind, bool]] = {}  # dict displays by identity, and whether they are sent
        self.spreading: dict[Key, Kind] = {}  # functions whose keywords become keys
        self.params: dict[tuple[Key, str], Kind] = {}
        self.out = Found()

    def search(self, paths: Sequence[str]) -> Found:
        """All places in these files. What is told by how it is used is gathered first, twice, since one thing tells another."""
        for _ in range(2):
            for path in paths:
                for scope in self.types.scopes_of(path):
                    for node in own_nodes(scope.node):
                        self._tell(scope, node)
        for path in paths:
            if (source := self.types.sources.source(path)) is not None:
                starts = line_starts(source.text)
                parents = {child: node for node in ast.walk(source.tree) for child in ast.iter_child_nodes(node)}
                for scope in self.types.scopes_of(path):
                    for node in own_nodes(scope.node):
                        self._look(scope, node, starts, parents, source.text.encode())
        return self.out

    # -- what expressions are told to be -----------------------------------------------------------------------------
    def _tell(self, scope: Scope, node: ast.AST) -> None:
        if isinstance(node, ast.Call):
            endpoint = self.types.endpoint(scope, node)
            for word in node.keywords:
                if endpoint is not None and word.arg in _BODIES and endpoint.body is not None:
                    self._expect(scope, word.value, endpoint.body, sent=True)
            callee = self.types.of(scope, node.func)
            if callee is not None and callee.name == "class" and callee.of is not None:
                for word in node.keywords:
                    if word.arg is None:
                        self._expect(scope, word.value, Kind("json", callee.of), sent=True)
            if callee is not None and callee.name == "function" and callee.of is not None:
                self._tell_arguments(scope, node, callee.of)
            if isinstance(node.func, ast.Attribute) and node.func.attr in {"model_validate", "parse_obj"} and node.args:
                made = self.types.of(scope, node)
                if made is not None and made.name == "row" and made.of is not None:
                    self._expect(scope, node.args[0], Kind("json", made.of), sent=True)
        elif (
            isinstance(node, ast.Compare)
            and len(node.ops) == 1
            and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In)
        ):
            sides = (node.left, node.comparators[0])
            for one, other in (sides, sides[::-1]):
                kind = self.types.of(scope, one)
                if kind is not None and kind.name in {"json", "many"} and not isinstance(one, ast.Dict | ast.List):
                    self._expect(scope, other, kind, sent=False)

    def _tell_arguments(self, scope: Scope, node: ast.Call, key: Key) -> None:
        function = self.types.sources.node(key)
        if not isinstance(function, Function):
            return
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        shift = 1 if "." in key[1] and names[:1] in (["self"], ["cls"]) else 0
        for number, value in enumerate(node.args):
            if number + shift < len(names) and (key, names[number + shift]) in self.params:
                self._expect(scope, value, self.params[(key, names[number + shift])], sent=True)
        for word in node.keywords:
            if word.arg is None and key in self.spreading:
                self._expect(scope, word.value, self.spreading[key], sent=True)
            if word.arg and (key, word.arg) in self.params:
                self._expect(scope, word.value, self.params[(key, word.arg)], sent=True)

    def _expect(self, scope: Scope, node: ast.expr, kind: Kind, *, sent: bool, deep: int = 0) -> None:
        """An expression is known to be JSON of this kind."""
        if deep > 12 or kind.name not in {"json", "many"}:
            return
        match node:
            case ast.Dict():
                if kind.name == "json":
                    self.expected[id(node)] = kind, sent
                for key, value in zip(node.keys, node.values, strict=True):
                    if key is None:
                        self._expect(scope, value, kind, sent=sent, deep=deep + 1)
                    elif isinstance(key, ast.Constant):
                        inner = self.types.item(kind, key)
                        if inner is not None:
                            self._expect(scope, value, inner, sent=sent, deep=deep + 1)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                for part in parts:
                    self._expect(scope, part, kind.args[0] or kind, sent=sent, deep=deep + 1) if kind.args else None
            case ast.Name(id=name):
                self._expect_name(scope, name, kind, sent=sent, deep=deep)
            case ast.BinOp(left=left, right=right):
                self._expect(scope, left, kind, sent=sent, deep=deep + 1)
                self._expect(scope, right, kind, sent=sent, deep=deep + 1)
            case ast.IfExp(body=left, orelse=right):
                self._expect(scope, left, kind, sent=sent, deep=deep + 1)
                self._expect(scope, right, kind, sent=sent, deep=deep + 1)
            case ast.Await(value=value) | ast.Starred(value=value):
                self._expect(scope, value, kind, sent=sent, deep=deep + 1)
            case ast.Call():
                self._expect_call(scope, node, kind, sent=sent, deep=deep)

    def _expect_call(self, scope: Scope, node: ast.Call, kind: Kind, *, sent: bool, deep: int) -> None:
        callee = self.types.of(scope, node.func)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
        if callee is not None and callee.name == "function" and callee.of is not None:
            inner = self.types.scope(callee.of)
            function = self.types.sources.node(callee.of)
            if inner is not None and isinstance(function, Function):
                if function.args.kwarg is not None:
                    self.spreading[callee.of] = kind
                for item in own_nodes(inner.node):
                    if isinstance(item, ast.Return) and item.value is not None:
                        self._expect(inner, item.value, kind, sent=sent, deep=deep + 1)
        elif name in {"dumps", "jsonable_encoder", "dict", "deepcopy"}:
            for value in node.args[:1]:
                self._expect(scope, value, kind, sent=sent, deep=deep + 1)
        elif name == "copy" and isinstance(node.func, ast.Attribute):
            self._expect(scope, node.func.value, kind, sent=sent, deep=deep + 1)

    def _expect_name(self, scope: Scope, name: str, kind: Kind, *, sent: bool, deep: int) -> None:
        outer: Scope | None = scope
        while outer is not None:
            if name in outer.bound:
                if outer.told.setdefault(name, kind) == kind:
                    outer.known.clear()
                    for how, value in outer.bound[name]:
                        if how == "=":
                            self._expect(outer, value, kind, sent=sent, deep=deep + 1)
                return
            if isinstance(outer.node, Function) and name in {a.arg for a in _params(outer.node)}:
                outer.told[name] = kind
                outer.known.clear()
                self.params[((outer.path, outer.name), name)] = kind
                for value in _parametrized(outer.node, name):
                    self._expect(outer.outer or outer, value, kind, sent=sent, deep=deep + 1)
                return
            outer = outer.outer

    # -- uses --------------------------------------------------------------------------------------------------------
    def _look(
        self, scope: Scope, node: ast.AST, starts: list[int], parents: dict[ast.AST, ast.AST], body: bytes
    ) -> None:
        place = Place(scope.path, starts, parents, body)
        if isinstance(node, ast.Attribute) and node.attr == self.name:
            parent = parents.get(node)
            if isinstance(parent, ast.Call) and parent.func is node:
                return  # a column is not called
            end = place.at(node.end_lineno, node.end_col_offset)
            self._note(
                place,
                node,
                "attribute",
                end - len(self.name.encode()),
                end,
                self.types.of(scope, node.value),
                place.alone(node),
            )
        elif isinstance(node, ast.Call):
            self._call(scope, node, place)
        elif isinstance(node, ast.Dict) and not place.is_parameters(node):
            self._mapping(node, place, scope)
        elif isinstance(node, ast.Subscript) and text_of(node.slice) == self.name:
            start, end = place.inside(node.slice)
            self._note(place, node, "text", start, end, self.types.of(scope, node.value), place.alone(node))
        elif (
            isinstance(node, ast.Compare)
            and text_of(node.left) == self.name
            and isinstance(node.ops[0], ast.In | ast.NotIn)
        ):
            start, end = place.inside(node.left)
            self._note(place, node, "text", start, end, self.types.of(scope, node.comparators[0]), place.alone(node))
        elif isinstance(node, ast.ClassDef) and (scope.path, f"{scope.name}.{node.name}".lstrip(".")) in self.owners:
            self._class(node, place)

    def _note(
        self,
        place: Place,
        node: ast.AST,
        kind: Literal["attribute", "keyword", "text", "declaration"],
        start: int,
        end: int,
        owner: Kind | None,
        whole: tuple[int, int] | None,
    ) -> None:
        sure = owner is not None and owner.of in self.owners and owner.name in {"row", "class", "json", "rows"}
        if sure or owner is None:
            line = getattr(node, "lineno", 1)
            self.out.uses.append(Use(place.path, line, kind, start, end, whole, sure))

    def _call(self, scope: Scope, node: ast.Call, place: Place) -> None:
        callee = self.types.of(scope, node.func)
        key = callee.of if callee is not None else None
        if callee is not None and callee.name == "class" and key in self.owners:
            words = frozenset(w.arg for w in node.keywords if w.arg)
            spread = any(w.arg is None for w in node.keywords)
            self.out.made.append(Made(scope.path, node, key, words, spread, True, scope.name))
        for word in node.keywords:
            if word.arg != self.name:
                continue
            owner: Kind | None = callee
            if callee is not None and callee.name == "function" and key is not None:
                owner = self.spreading.get(key, Kind("other"))
                function = self.types.sources.node(key)
                if isinstance(function, Function) and self.name in {a.arg for a in _params(function)}:
                    owner = Kind("other")
            elif callee is None and isinstance(node.func, ast.Attribute):
                owner = self.types.of(scope, node.func.value) or Kind("other")
            elif callee is None:
                owner = self.types.of(scope, node) if dotted(node.func) != "dict" else None
                owner = owner or Kind("other")
            start = place.at(word.lineno, word.col_offset)
            self._note(place, word, "keyword", start, start + len(self.name.encode()), owner, place.argument(word))
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in _KEYED
            and node.args
            and text_of(node.args[0]) == self.name
        ):
            start, end = place.inside(node.args[0])
            self._note(place, node, "text", start, end, self.types.of(scope, node.func.value), None)
        if (
            dotted(node.func) in {"getattr", "setattr", "hasattr"}
            and len(node.args) > 1
            and text_of(node.args[1]) == self.name
        ):
            start, end = place.inside(node.args[1])
            self._note(place, node, "text", start, end, self.types.of(scope, node.args[0]), place.alone(node))

    def _mapping(self, node: ast.Dict, place: Place, scope: Scope) -> None:
        kind, sent = self.expected.get(id(node), (None, False))
        if kind is not None and kind.of in self.owners:
            words = frozenset(t for k in node.keys if k is not None and (t := text_of(k)))
            spread = any(k is None for k in node.keys)
            self.out.made.append(Made(scope.path, node, kind.of, words, spread, sent, scope.name))
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None and text_of(key) == self.name and not self._names_column(scope, value):
                start, end = place.inside(key)
                whole = place.entry(node, key, value)
                self._note(place, key, "text", start, end, kind, whole)

    def _names_column(self, scope: Scope, value: ast.expr) -> bool:
        """Whether a key only says which column is meant, to whoever asks for a list: `{"name": Product.name}`."""
        columns = [n for n in ast.walk(value) if isinstance(n, ast.Attribute) and n.attr == self.name]
        return any((k := self.types.of(scope, n.value)) is not None and k.name == "class" for n in columns)

    def _class(self, node: ast.ClassDef, place: Place) -> None:
        """Declarations, and what in them names the field: `field_validator("name")`, `Index("ix", "name")`, `order_by=name`."""
        for item in node.body:
            target = declared_by(item)
            declares = dotted(target) == self.name
            if target is not None and declares:
                start, end = place.span(target)
                self.out.uses.append(Use(place.path, item.lineno, "declaration", start, end, place.lines(item)))
            for inner in _said_of(item):
                start, end = place.inside(inner)
                if isinstance(inner, ast.Name) and inner.id == self.name:
                    whole = place.lines(item) if declares else place.alone(inner)
                    self.out.uses.append(Use(place.path, inner.lineno, "attribute", start, end, whole))
                elif text_of(inner) == self.name and (not declares or self._is_column_name(inner, item)):
                    whole = place.lines(item) if declares else self._validated(inner, item, place)
                    self.out.uses.append(Use(place.path, inner.lineno, "text", start, end, whole))
                elif not declares and re.search(rf"\b{self.name}\b", text_of(inner)):
                    at = re.search(rf"\b{self.name}\b".encode(), place.body[start:end])
                    if at is not None and not re.search(r"['\"]", place.body[start:end].decode()):
                        self.out.uses.append(
                            Use(
                                place.path,
                                inner.lineno,
                                "text",
                                start + at.start(),
                                start + at.end(),
                                None,
                                _is_sql(inner, place),
                            )
                        )

    def _is_column_name(self, inner: ast.expr, item: ast.stmt) -> bool:
        """`mapped_column("name", …)`: the name that the database knows."""
        value = item.value if isinstance(item, ast.AnnAssign | ast.Assign) else None
        return isinstance(value, ast.Call) and value.args[:1] == [inner]

    def _validated(self, inner: ast.expr, item: ast.stmt, place: Place) -> tuple[int, int]:
        """One of several fields that something is said of, or all of what is said of this one alone."""
        parent = place.parents.get(inner)
        others: list[ast.expr] = parent.args if isinstance(parent, ast.Call) else getattr(parent, "elts", [])
        if len([o for o in others if text_of(o)]) > 1:
            return place.listed(*place.span(inner))
        first = min([item.lineno, *(d.lineno for d in getattr(item, "decorator_list", ()))])
        return place.starts[first - 1], place.lines(item)[1]


def _said_of(item: ast.stmt) -> Iterator[ast.expr]:
    """The names and texts by which a part of a class speaks of fields: in values, decorators and lists of names."""
    if isinstance(item, Function):
        roots: list[ast.AST] = [*item.decorator_list, *(n.iter for n in ast.walk(item) if isinstance(n, ast.For))]
    else:
        value = item.value if isinstance(item, ast.Assign | ast.AnnAssign) else None
        roots = [value] if value is not None else []
    for root in roots:
        for node in ast.walk(root):
            if isinstance(node, ast.Name) or text_of(node):
                yield node  # type: ignore[misc]  # a name or a constant


def _is_sql(node: ast.expr, place: Place) -> bool:
    """Whether a text is a condition that the database checks."""
    parent = place.parents.get(node)
    name = dotted(parent.func) if isinstance(parent, ast.Call) else ""
    return name.rpartition(".")[2] in {"CheckConstraint", "text"}


def _params(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _parametrized(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[ast.expr]:
    """The values that `parametrize` gives to a parameter."""
    for decorator in function.decorator_list:
        if (
            not isinstance(decorator, ast.Call)
            or not dotted(decorator.func).endswith("parametrize")
            or len(decorator.args) < 2
        ):
            continue
        first, values = decorator.args[:2]
        names = (
            [n.strip() for n in text_of(first).split(",")]
            if text_of(first)
            else [text_of(n) for n in getattr(first, "elts", ())]
        )
        for value in getattr(values, "elts", ()):
            value = value.args[0] if isinstance(value, ast.Call) and len(names) == 1 and value.args else value
            if name in names and len(names) == 1:
                yield value
            elif name in names and isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(names):
                yield value.elts[names.index(name)]
