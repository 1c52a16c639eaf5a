"""One Python file into facts, by one walk over its syntax tree."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

from tree_sitter import Node, Parser

from backwright.core.facts import (
    Assign,
    Catch,
    Expr,
    FileFacts,
    Import,
    Loc,
    Loop,
    Raise,
    Return,
    Symbol,
    With,
)
from backwright.kit.bodies import walk
from backwright.kit.syntax.parsing import GAVE_UP, parsed
from backwright.kit.syntax.source import first_child
from backwright.languages.python.branches import branch_of
from backwright.languages.python.definitions import doc_of, fields_of, params_of
from backwright.languages.python.emitting import Emitter
from backwright.languages.python.expressions import MAX_DEPTH
from backwright.languages.python.grammar import GRAMMAR, KINDS
from backwright.languages.python.suppressions import ignores

_ASSIGNMENTS = KINDS.numbers("assignment", "augmented_assignment")
_AUGMENTED = KINDS.numbers("augmented_assignment")
_ALIASED, _ASYNC = KINDS.numbers("aliased_import"), KINDS.numbers("async")
_BLOCK, _CASE, _COMMENT = KINDS.numbers("block"), KINDS.numbers("case_clause"), KINDS.numbers("comment")
_DECORATOR = KINDS.numbers("decorator")
_ELIF, _ELSE = KINDS.numbers("elif_clause"), KINDS.numbers("else_clause")
_EXCEPT = KINDS.numbers("except_clause", "except_group_clause")
_FUNCTION, _IDENTIFIER = KINDS.numbers("function_definition"), KINDS.numbers("identifier")
_IDLE, _STATEMENT = KINDS.numbers("pass_statement", "continue_statement"), KINDS.numbers("expression_statement")
_WILDCARD, _YIELD = KINDS.numbers("wildcard_import"), KINDS.numbers("yield")
_WITH_CLAUSE, _AS = KINDS.numbers("with_clause"), KINDS.numbers("as_pattern")


@cache
def _parser() -> Parser:
    return Parser(GRAMMAR)


def extract(path: str, source: bytes, module: str) -> FileFacts:
    """All facts of one Python file. Broken code gives the facts of its sound parts and counts its errors."""
    root = parsed(_parser(), source)
    if root is None:
        return FileFacts(path, "python", hashlib.sha256(source).hexdigest(), module, skipped=GAVE_UP)
    walk = _Walk(source)
    walk.block(root, 0)
    return FileFacts(
        path=path,
        language="python",
        sha256=hashlib.sha256(source).hexdigest(),
        module=module,
        facts=tuple(walk.facts),
        lines=source.count(b"\n") + (not source.endswith(b"\n") and bool(source)),
        errors=1 if root.has_error else 0,
        ignores=ignores(source, root),
    )


class _Walk(Emitter):
    """Walks statements, keeping the scope, the innermost loop and the innermost conditional arm."""

    def block(self, node: Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        for child in node.named_children:
            _STATEMENTS[child.kind_id](self, child, depth)

    def nested(self, node: Node, depth: int) -> None:
        self.block(node, depth + 1)

    def nothing(self, node: Node, depth: int) -> None:
        """A statement that says nothing."""

    # -- definitions -----------------------------------------------------------------------------------------------
    def decorated(self, node: Node, depth: int) -> None:
        decorators = tuple(
            self.read.read(d.named_children[0])
            for d in node.named_children
            if d.kind_id in _DECORATOR and d.named_child_count
        )
        definition = node.child_by_field_name("definition")
        for decorator in decorators:
            self.emit_calls(decorator)
        if definition is None:
            return
        if definition.kind_id in _FUNCTION:
            self.function(definition, depth, decorators)
        else:
            self.class_(definition, depth, decorators)

    def function(self, node: Node, depth: int, decorators: tuple[Expr, ...] = ()) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return
        returns = node.child_by_field_name("return_type")
        symbol = Symbol(
            kind="method" if self.in_class else "function",
            name=self.read.text(name),
            scope=self.scope,
            loc=self.read.loc(node),
            decorators=decorators,
            params=params_of(self.read, node.child_by_field_name("parameters")),
            returns=self.read.text(returns) if returns is not None else "",
            is_async=any(c.kind_id in _ASYNC for c in node.children),
            body=self.read.loc(body),
            doc=doc_of(self.read, body),
        )
        self.facts.append(symbol)
        for param in symbol.params:
            for expr in (param.annotation_expr, param.default_expr):
                if expr is not None:
                    self.emit_calls(expr)
        self._inside(symbol.qualname, body, depth, in_class=False)

    def class_(self, node: Node, depth: int, decorators: tuple[Expr, ...] = ()) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is None or body is None:
            return
        bases: list[Expr] = []
        keys: list[str] = []
        arguments = node.child_by_field_name("superclasses")
        if arguments is not None:
            self.read.arguments(arguments, 0, bases, keys)
        symbol = Symbol(
            kind="class",
            name=self.read.text(name),
            scope=self.scope,
            loc=self.read.loc(node),
            bases=tuple(b.dotted() for b, k in zip(bases, keys, strict=True) if k == ""),
            base_exprs=tuple(bases),
            base_keys=tuple(keys),
            decorators=decorators,
            fields=fields_of(self.read, body),
            body=self.read.loc(body),
            doc=doc_of(self.read, body),
        )
        self.facts.append(symbol)
        self._inside(symbol.qualname, body, depth, in_class=True)

    def _inside(self, scope: str, body: Node, depth: int, *, in_class: bool) -> None:
        saved = self.scope, self.loop, self.branch, self.in_class
        self.scope, self.in_class = scope, in_class
        if not in_class:
            self.loop, self.branch = -1, -1
        self.block(body, depth + 1)
        self.scope, self.loop, self.branch, self.in_class = saved

    # -- imports ---------------------------------------------------------------------------------------------------
    def import_(self, node: Node, depth: int) -> None:
        for name in node.children_by_field_name("name"):
            module, alias = self._alias(name)
            self._import(node, module, "", alias or module.split(".")[0], 0)

    def import_from(self, node: Node, depth: int) -> None:
        origin = node.child_by_field_name("module_name")
        text = self.read.text(origin) if origin is not None else "__future__"
        module = text.lstrip(".").strip()
        level = len(text) - len(text.lstrip("."))
        for name in node.children_by_field_name("name"):
            imported, alias = self._alias(name)
            self._import(node, module, imported, alias or imported, level)
        if any(c.kind_id in _WILDCARD for c in node.named_children):
            self._import(node, module, "*", "*", level)

    def _alias(self, node: Node) -> tuple[str, str]:
        if node.kind_id in _ALIASED:
            name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
            return (self.read.text(name) if name else "", self.read.text(alias) if alias else "")
        return self.read.text(node), ""

    def _import(self, node: Node, module: str, name: str, alias: str, level: int) -> None:
        self.facts.append(
            Import(module, name, alias, level, self.scope, self.read.loc(node), typing_only=self.typing_only)
        )

    # -- simple statements -----------------------------------------------------------------------------------------
    def expression_statement(self, node: Node, depth: int) -> None:
        for child in node.named_children:
            if child.kind_id in _ASSIGNMENTS:
                self.assignment(child)
            else:
                self.expression(child, depth)

    def assignment(self, node: Node) -> None:
        """`a = b = value` assigns the same value to each of its targets."""
        chain = [node]
        while (right := chain[-1].child_by_field_name("right")) is not None and right.kind_id in _ASSIGNMENTS:
            chain.append(right)
        value = self.read.value(right) if right is not None else None
        name = ""
        for link in reversed(chain):
            left = link.child_by_field_name("left")
            if left is not None:
                name = self._target(link, left, value)
        if value is not None:
            self.emit_strings(value, name)
            self.emit_calls(value)

    def _target(self, node: Node, left: Node, value: Expr | None) -> str:
        annotation = node.child_by_field_name("type")
        target = self.read.read(left)
        if not self.scope and left.kind_id in _IDENTIFIER:
            self.facts.append(
                Symbol(
                    kind="variable",
                    name=self.read.text(left),
                    scope="",
                    loc=self.read.loc(node),
                    value=value,
                    annotation=self.read.text(annotation) if annotation is not None else "",
                )
            )
        if value is not None:
            sign = "+=" if node.kind_id in _AUGMENTED else "="
            self.facts.append(Assign(target, value, self.scope, self.read.loc(node), sign, self.branch))
        return target.dotted()

    def return_(self, node: Node, depth: int) -> None:
        inner = first_child(node)
        value = self.read.read(inner) if inner is not None else None
        self.facts.append(Return(value, self.scope, self.read.loc(node)))
        if value is not None:
            self.emit_strings(value, "return")
            self.emit_calls(value)

    def raise_(self, node: Node, depth: int) -> None:
        inner = first_child(node)
        value = self.read.read(inner) if inner is not None else None
        self.facts.append(Raise(value, self.scope, self.read.loc(node)))
        if value is not None:
            self.emit_calls(value)

    def expression(self, node: Node, depth: int) -> None:
        value = self.read.value(node)
        if node.kind_id in _YIELD:
            inner = value.parts[0] if value.parts else None
            self.facts.append(Return(inner, self.scope, self.read.loc(node), is_yield=True))
        self.emit_strings(value, "")
        self.emit_calls(value)

    # -- compound statements ---------------------------------------------------------------------------------------
    def for_(self, node: Node, depth: int) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            value, target = self.read.read(right), self.read.read(left)
            self.emit_calls(value)
            loc = self.read.loc(node)
            self.facts.append(Loop("for", self.scope, loc, value, self.read.text(left)))
            self.facts.append(Assign(target, value, self.scope, loc, "for", self.branch))
        self._looped(node, depth)

    def while_(self, node: Node, depth: int) -> None:
        self.facts.append(Loop("while", self.scope, self.read.loc(node)))
        condition = node.child_by_field_name("condition")
        if condition is not None:
            value = self.read.read(condition)
            self.facts.append(branch_of(self.read, self.scope, node, value, condition))
        saved, self.loop = self.loop, node.start_byte
        if condition is not None:
            self.emit_calls(value)
        self.loop = saved
        self._looped(node, depth)

    def _looped(self, node: Node, depth: int) -> None:
        saved = self.loop, self.branch
        self.loop = self.branch = node.start_byte
        for child in node.named_children:
            if child.kind_id in _BLOCK or child.kind_id in _ELSE:
                self.block(child, depth + 1)
        self.loop, self.branch = saved

    def if_(self, node: Node, depth: int) -> None:
        condition = node.child_by_field_name("condition")
        saved = self.branch, self.typing_only
        if condition is not None:
            value = self.read.read(condition)
            self.facts.append(branch_of(self.read, self.scope, node, value, condition))
            self.emit_strings(value, "")
            self.emit_calls(value)
            self.typing_only = self.typing_only or value.dotted().split(".")[-1] == "TYPE_CHECKING"
        for child in node.named_children:
            kind = child.kind_id
            if kind in _BLOCK:
                self.branch = child.start_byte
                self.block(child, depth + 1)
                self.typing_only = saved[1]
            elif kind in _ELIF:
                self.if_(child, depth + 1)
            elif kind in _ELSE:
                self.branch = child.start_byte
                self.block(child, depth + 1)
        self.branch, self.typing_only = saved

    def with_(self, node: Node, depth: int) -> None:
        body = node.child_by_field_name("body")
        inside = self.read.loc(node if body is None else body)
        for clause in (c for c in node.named_children if c.kind_id in _WITH_CLAUSE):
            for item in clause.named_children:
                if (value := item.child_by_field_name("value")) is not None:
                    self._with_item(value, inside)
        if body is not None:
            self.block(body, depth + 1)

    def _with_item(self, node: Node, inside: Loc) -> None:
        if node.kind_id in _AS and node.named_child_count >= 2:
            value, target = self.read.read(node.named_children[0]), self.read.read(node.named_children[1])
            target = target.parts[0] if target.kind == "other" and target.parts else target
            self.facts.append(Assign(target, value, self.scope, self.read.loc(node), "with", self.branch))
        else:
            value = self.read.read(node)
        self.facts.append(With(value, self.scope, self.read.loc(node), inside))
        self.emit_calls(value)

    def try_(self, node: Node, depth: int) -> None:
        saved = self.branch
        for child in node.named_children:
            if child.kind_id in _EXCEPT:
                self._except(child, depth)
            else:
                self.branch = child.start_byte
                self.block(child, depth + 1)
        self.branch = saved

    def _except(self, node: Node, depth: int) -> None:
        body = next((c for c in node.named_children if c.kind_id in _BLOCK), None)
        if body is None:
            return
        caught = [
            self.read.read(c) for c in node.named_children if c.kind_id not in _BLOCK and c.kind_id not in _COMMENT
        ]
        types = [t for expr in caught for t in self._caught(expr)]
        name = next(
            (n.text for e in caught if e.text == "as_pattern" for n in walk(e.parts[-1]) if n.kind == "name"), ""
        )
        statements = [c for c in body.named_children if c.kind_id not in _COMMENT]
        empty = all(c.kind_id in _IDLE or (c.kind_id in _STATEMENT and self.read.text(c) == "...") for c in statements)
        self.facts.append(Catch(tuple(types), self.scope, self.read.loc(node), self.read.loc(body), empty, name))
        self.branch = body.start_byte
        self.block(body, depth + 1)

    def _caught(self, expr: Expr) -> list[str]:
        if expr.kind == "sequence":
            return [t for p in expr.parts for t in self._caught(p)]
        if expr.kind == "other" and expr.text == "as_pattern":
            return self._caught(expr.parts[0]) if expr.parts else []
        dotted = expr.dotted()
        return [dotted] if dotted else []

    def match_(self, node: Node, depth: int) -> None:
        subject = node.child_by_field_name("subject")
        if subject is not None:
            self.emit_calls(self.read.read(subject))
        saved = self.branch
        body = node.child_by_field_name("body") or node
        for case in body.named_children:
            consequence = case.child_by_field_name("consequence") if case.kind_id in _CASE else None
            if consequence is not None:
                self.branch = consequence.start_byte
                self.block(consequence, depth + 1)
        self.branch = saved


_STATEMENTS: dict[int, Callable[[_Walk, Node, int], None]] = KINDS.table(
    {
        "decorated_definition": _Walk.decorated,
        "function_definition": _Walk.function,
        "class_definition": _Walk.class_,
        "import_statement": _Walk.import_,
        "import_from_statement": _Walk.import_from,
        "future_import_statement": _Walk.import_from,
        "expression_statement": _Walk.expression_statement,
        "return_statement": _Walk.return_,
        "raise_statement": _Walk.raise_,
        "for_statement": _Walk.for_,
        "while_statement": _Walk.while_,
        "if_statement": _Walk.if_,
        "with_statement": _Walk.with_,
        "try_statement": _Walk.try_,
        "match_statement": _Walk.match_,
        **dict.fromkeys(
            ("comment", "identifier", "pass_statement", "break_statement", "continue_statement"), _Walk.nothing
        ),
        **dict.fromkeys(
            ("block", "ERROR", "with_item", "with_clause", "elif_clause", "else_clause", "finally_clause"), _Walk.nested
        ),
    },
    _Walk.expression,
)
