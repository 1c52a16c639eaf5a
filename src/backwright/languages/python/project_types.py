"""What the expressions of a project stand for, as far as declarations tell: rows, classes, many of them, their JSON."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from backwright.kit.index import FactIndex

Key = tuple[str, str]  # the file and the qualified name of a class or function
Function = ast.FunctionDef | ast.AsyncFunctionDef

_MANY = frozenset(
    {"list", "List", "Sequence", "Iterable", "Iterator", "AsyncIterator", "AsyncGenerator", "Generator", "set", "Set",
     "Collection", "AsyncIterable", "frozenset", "ScalarResult", "Page"}
)  # fmt: skip
_THROUGH = frozenset(
    {"Optional", "Annotated", "Mapped", "Awaitable", "ClassVar", "Final", "Coroutine", "WriteOnlyMapped"}
)
_PLAIN = frozenset(
    {"str", "int", "float", "bool", "bytes", "dict", "Dict", "Mapping", "Decimal", "datetime", "date", "UUID"}
)
_MAPS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"})
_DEEP = 12


@dataclass(frozen=True)
class Kind:
    """What an expression is: `of` is a class or function of the project.

    row: an instance; class: the class itself; function: it, `args` its instance; many: several of `args`; map: values of
    `args` by key; rows: a query or its result; json: what an instance looks like as JSON; response: what an endpoint
    answers, `args` its JSON; tuple; other: nothing of the project's classes.
    """

    name: str
    of: Key | None = None
    args: tuple[Kind | None, ...] = ()


OTHER = Kind("other")


@dataclass(frozen=True)
class Source:
    """A file as read."""

    path: str
    text: str
    tree: ast.Module


class Sources:
    """The project's files as trees, and what stands in them by qualified name."""

    def __init__(self, index: FactIndex, read: Callable[[str], str | None]) -> None:
        self.index = index
        self._read = read
        self._sources: dict[str, Source | None] = {}
        self._nodes: dict[str, dict[str, ast.AST]] = {}

    def source(self, path: str) -> Source | None:
        """The file; None where it is not there or not valid."""
        if path not in self._sources:
            text = self._read(path)
            try:
                self._sources[path] = Source(path, text, ast.parse(text)) if text is not None else None
            except (SyntaxError, ValueError):
                self._sources[path] = None
        return self._sources[path]

    def nodes(self, path: str) -> Mapping[str, ast.AST]:
        """Classes, functions and values of module variables, by qualified name."""
        if path not in self._nodes:
            source = self.source(path)
            self._nodes[path] = dict(_named(source.tree, "")) if source is not None else {}
        return self._nodes[path]

    def node(self, key: Key | None) -> ast.AST | None:
        return self.nodes(key[0]).get(key[1]) if key is not None else None

    def found(self, path: str, dotted: str) -> Key | None:
        """What a dotted name in a file leads to."""
        definition = self.index.resolve(path, dotted)
        return (definition.path, definition.symbol.qualname) if definition is not None else None


def _named(tree: ast.AST, scope: str) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | Function):
            name = f"{scope}.{node.name}" if scope else node.name
            yield name, node
            yield from _named(node, name)
        elif isinstance(node, ast.Assign) and not scope:
            yield from ((t.id, node.value) for t in node.targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.AnnAssign) and not scope and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _named(node, scope)


def dotted(node: ast.AST | None) -> str:
    """`a.b.c` of names and attributes, else `""`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""


def declared_by(statement: ast.stmt) -> ast.expr | None:
    """What a statement of a class body gives a value or a type: of `a = b = 1`, `a`."""
    if isinstance(statement, ast.AnnAssign):
        return statement.target
    return statement.targets[0] if isinstance(statement, ast.Assign) else None


class Declared:
    """What annotations and class bodies say. `generics` maps the type variables of a class to what they stand for."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def annotation(
        self, path: str, node: ast.AST | None, generics: Mapping[str, Kind | None], deep: int = 0
    ) -> Kind | None:
        """What an annotation names; None where that is not known."""
        if node is None or deep > _DEEP:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self.annotation(path, ast.parse(node.value, mode="eval").body, generics, deep + 1)
            except SyntaxError:
                return None
        if isinstance(node, ast.BinOp):
            sides = [self.annotation(path, n, generics, deep + 1) for n in (node.left, node.right)]
            return next((s for s in sides if s is not None and s != OTHER), sides[0])
        if isinstance(node, ast.Subscript):
            return self._generic(path, node, generics, deep)
        return self._plain(path, node, generics, deep)

    def _plain(self, path: str, node: ast.AST, generics: Mapping[str, Kind | None], deep: int) -> Kind | None:
        name = dotted(node)
        if name in generics:
            return generics[name]
        if name.rpartition(".")[2] in _PLAIN or (isinstance(node, ast.Constant) and node.value is None):
            return OTHER
        key = self.sources.found(path, name) if name else None
        found = self.sources.node(key)
        if key is None:
            return None
        if isinstance(found, ast.ClassDef):
            return Kind("row", key)
        return self.annotation(key[0], found, {}, deep + 1) if isinstance(found, ast.expr) else None

    def _generic(self, path: str, node: ast.Subscript, generics: Mapping[str, Kind | None], deep: int) -> Kind | None:
        head = dotted(node.value).rpartition(".")[2]
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        args = tuple(self.annotation(path, n, generics, deep + 1) for n in inner)
        if head in {"tuple", "Tuple"} and not (len(inner) == 2 and isinstance(inner[1], ast.Constant)):
            return Kind("tuple", None, args)
        key = self.sources.found(path, dotted(node.value))
        if isinstance(self.sources.node(key), ast.ClassDef):
            return Kind("row", key, args)
        if head in _THROUGH or head == "Union":
            return next((a for a in args if a is not None and a != OTHER), args[0])
        if head in {"type", "Type"}:
            return Kind("class", args[0].of) if args[0] is not None and args[0].name == "row" else None
        if head in _MAPS and len(args) > 1:
            return Kind("map", None, args[1:2])
        return Kind("many", None, args[:1]) if head in _MANY or head in {"tuple", "Tuple"} else OTHER

    def bases(self, kind: Kind) -> Iterator[tuple[Key, ast.ClassDef, dict[str, Kind | None]]]:
        """A class and those it inherits from, nearest first, with what their type variables stand for."""
        queue: list[tuple[Key | None, tuple[Kind | None, ...]]] = [(kind.of, kind.args)]
        seen: set[Key] = set()
        while queue:
            key, args = queue.pop(0)
            node = self.sources.node(key)
            if key is None or key in seen or not isinstance(node, ast.ClassDef):
                continue
            seen.add(key)
            generics = dict(zip(_variables(node), args, strict=False))
            yield key, node, generics
            for base in node.bases:
                found = self.annotation(key[0], base, generics)
                if found is not None and found.name == "row":
                    queue.append((found.of, found.args))

    def member(self, kind: Kind, name: str) -> Kind | None:
        """What `instance.name` is, and `row["name"]` of its JSON; None where no class of it says."""
        for key, node, generics in self.bases(kind):
            for item in node.body:
                if isinstance(item, Function) and item.name == name:
                    if any(dotted(d).endswith("property") for d in item.decorator_list):
                        return self.annotation(key[0], item.returns, generics)
                    return Kind("function", (key[0], f"{key[1]}.{name}"), (kind,))
                if isinstance(item, ast.AnnAssign) and dotted(item.target) == name:
                    return self.annotation(key[0], item.annotation, generics)
                if isinstance(item, ast.Assign) and any(dotted(t) == name for t in item.targets):
                    return self._related(item.value)
        return None

    def _related(self, value: ast.expr) -> Kind | None:
        """`relationship("Project")` of an older model."""
        if not isinstance(value, ast.Call) or not dotted(value.func).endswith("relationship"):
            return OTHER
        first = value.args[0] if value.args else None
        name = first.value if isinstance(first, ast.Constant) else dotted(first)
        found = next(((p, t.entity) for p, t in self.sources.index.tables() if t.entity == name), None)
        return Kind("row", found) if found is not None else None


def _variables(node: ast.ClassDef) -> list[str]:
    """The type variables of a generic class, in order."""
    own = [p.name for p in getattr(node, "type_params", ())]
    for base in node.bases:
        if isinstance(base, ast.Subscript) and (not own):
            inner = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
            own += [dotted(n) for n in inner if dotted(base.value).rpartition(".")[2] in {"Generic", "Protocol"}]
    return own


def as_json(kind: Kind | None) -> Kind | None:
    """What it looks like as JSON."""
    if kind is None:
        return None
    if kind.name == "row":
        return Kind("json", kind.of, kind.args)
    if kind.name in {"many", "tuple", "rows"}:
        return Kind("many", None, tuple(as_json(a) for a in kind.args[:1]))
    return kind
