"""Every place where the code of a project reads, finds or deletes rows of one entity, and what could not be told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from backwright.languages.python.expression_types import Types
from backwright.languages.python.project_types import Function, Key, Kind, dotted
from backwright.languages.python.queries import Step, method_of
from backwright.languages.python.scopes import Scope, own_nodes

_ROOTS = frozenset({"select", "query", "select_from", "update", "delete"})
_MADE = frozenset({"model_validate", "from_orm", "parse_obj", "construct", "model_construct"})


@dataclass(frozen=True)
class Access:
    """One place. `entity` is how the source calls the entity.

    read: the root of a query; get: `session.get(E, key)`; delete: `session.delete(row)`; drop: `delete(E)`.
    """

    kind: str
    path: str
    step: Step
    call: ast.Call
    entity: str = ""


@dataclass
class Accesses:
    """What was found; `unknown` are places that may mean the entity's rows."""

    found: list[Access] = field(default_factory=list)
    unknown: list[tuple[str, int, str]] = field(default_factory=list)


def accesses(
    types: Types, entity: Key, relations: dict[Key, frozenset[str]], paths: Sequence[str], table: str
) -> Accesses:
    """`relations` are the attributes of other entities that give rows of this one."""
    out = Accesses()
    for path in paths:
        source = types.sources.source(path)
        if source is None:
            continue
        text = source.text
        for node in ast.walk(source.tree):
            said = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            named = rf"\b(?:from|join|update|into)\s+[\w\".]*{re.escape(table.rpartition('.')[2])}\b"
            if re.search(r"\b(?:select|update|insert|delete)\b", said, re.I) and re.search(named, said, re.I):
                out.unknown.append((path, getattr(node, "lineno", 1), "SQL that is written out is not narrowed"))
        names = {entity[1], *(name for found in relations.values() for name in found)}
        if not any(name in text for name in names) and ".delete(" not in text:
            continue
        if entity[1] in text:
            out.unknown += _handed_over(types, entity, path, source.tree)
        for scope in types.scopes_of(path):
            if isinstance(scope.node, Function):
                _Look(types, entity, relations, out, scope).all()
    return out


def _handed_over(types: Types, entity: Key, path: str, tree: ast.Module) -> Iterator[tuple[str, int, str]]:
    """Where a module hands the entity to what reads its rows: `items = Repository(Item)`."""
    scope = types.module(path)
    for statement in tree.body:
        if scope is None or not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
            continue
        for call in (n for n in ast.walk(statement) if isinstance(n, ast.Call)):
            given = [*call.args, *(k.value for k in call.keywords)]
            if any(types.of(scope, value) == Kind("class", entity) for value in given):
                yield path, call.lineno, f"what `{ast.unparse(call.func)}` reads is not known"


def _names(types: Types, path: str, entity: str) -> bool:
    """Whether a file is about an entity."""
    source = types.sources.source(path)
    return source is not None and re.search(rf"\b{re.escape(entity)}\b", source.text) is not None


class _Look:
    """One function."""

    def __init__(
        self, types: Types, entity: Key, relations: dict[Key, frozenset[str]], out: Accesses, scope: Scope
    ) -> None:
        assert isinstance(scope.node, Function)
        self.types, self.entity, self.relations, self.out, self.scope = types, entity, relations, out, scope
        parents = {child: parent for parent in ast.walk(scope.node) for child in ast.iter_child_nodes(parent)}
        self.step = Step((scope.path, scope.name), scope.node, parents)
        self.covered: set[ast.AST] = set()

    def all(self) -> None:
        nodes = list(own_nodes(self.scope.node))
        for node in nodes:
            if isinstance(node, ast.Call):
                self._call(node)
        rooted = any(a.step is self.step and a.kind in {"read", "drop"} for a in self.out.found)
        for node in nodes:
            if isinstance(node, ast.Attribute) and self._is_relation(node):
                self._note(node, f"`{ast.unparse(node)}` gives all rows, deleted ones too")
            elif (
                isinstance(node, ast.Name | ast.Attribute)
                and self._is_entity(node)
                and not self._harmless(node, rooted=rooted)
            ):
                self._note(node, f"what `{ast.unparse(node)}` reads here is not known")

    def _call(self, call: ast.Call) -> None:
        name = method_of(call)
        entity = next((ast.unparse(a) for a in call.args if self._is_entity(a)), "")
        general = any(dotted(a).startswith(("self.", "cls.")) for a in call.args[:1])
        if general and name in {*_ROOTS, "get", "get_one"} and self._shared(call):
            self._note(call, f"this is for the rows of more than {self.entity[1]}")
        elif name in {"get", "get_one"} and entity and isinstance(call.func, ast.Attribute):
            self._found("get", call, entity)
        elif name == "delete" and isinstance(call.func, ast.Attribute) and len(call.args) == 1 and not entity:
            kind = self.types.of(self.scope, call.args[0])
            if kind is not None and kind.name == "row" and kind.of == self.entity:
                self._found("delete", call, "")
            elif kind is None and self._session(call.func.value) and (self._shared(call) or self._near):
                self._note(call, "whose row is deleted here is not known")
        elif name in _ROOTS:
            named = entity or next((ast.unparse(n) for a in call.args for n in ast.walk(a) if self._is_entity(n)), "")
            if named:
                self._found("drop" if name == "delete" else "read", call, named)

    def _shared(self, call: ast.Call) -> bool:
        """Whether a class of this entity inherits the one that this is in: then it is for the rows of several."""
        owner = self.scope.name.rpartition(".")[0]
        return bool(owner) and any(
            base.split("[")[0].rpartition(".")[2] == owner
            and (re.search(rf"\b{self.entity[1]}\b", base) or _names(self.types, definition.path, self.entity[1]))
            for definition in self.types.sources.index.classes()
            for base in definition.symbol.bases
        )

    @property
    def _near(self) -> bool:
        """Whether the file is about this entity."""
        return _names(self.types, self.scope.path, self.entity[1])

    def _session(self, node: ast.expr) -> bool:
        return dotted(node).rpartition(".")[2] in {"session", "db", "_session", "db_session", "async_session", "_db"}

    def _is_entity(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name | ast.Attribute) and self.types.of(self.scope, node) == Kind(
            "class", self.entity
        )

    def _is_relation(self, node: ast.Attribute) -> bool:
        for owner, names in self.relations.items():
            if node.attr in names:
                kind = self.types.of(self.scope, node.value)
                if kind is not None and kind.of == owner and kind.name in {"row", "class"}:
                    return True
                if kind is None and _names(self.types, self.scope.path, owner[1]):
                    return True  # it cannot be told whose it is
        return False

    def _harmless(self, node: ast.AST, *, rooted: bool) -> bool:
        """Whether a name of the entity reads nothing by itself: an annotation, a new row, part of a query that is known."""
        if rooted:
            return True
        child, parent = node, self.step.parents.get(node)
        while parent is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.arg) or (isinstance(parent, ast.Call) and parent in self.covered):
                return True
            if isinstance(parent, ast.Call) and parent.func is child:
                return True  # E(…), E.model_validate(…)
            if isinstance(parent, ast.Call) and method_of(parent) in {"isinstance", "get", "cast", "TypeAdapter"}:
                return True
            child, parent = parent, self.step.parents.get(parent)
        if isinstance(parent, Function):
            return True  # what it takes and gives
        return isinstance(parent, ast.AnnAssign) and child is parent.annotation

    def _found(self, kind: str, call: ast.Call, entity: str) -> None:
        self.covered.add(call)
        self.out.found.append(Access(kind, self.scope.path, self.step, call, entity))

    def _note(self, node: ast.AST, why: str) -> None:
        place = (self.scope.path, getattr(node, "lineno", 1), why)
        if place not in self.out.unknown:
            self.out.unknown.append(place)


def outermost(step: Step, call: ast.Call) -> ast.AST:
    """The call with what awaits it."""
    parent = step.parents.get(call)
    return parent if isinstance(parent, ast.Await) else call
