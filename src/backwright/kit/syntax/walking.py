"""The walk over one file's syntax tree, and the facts of its statements."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from tree_sitter import Node, Parser

from backwright.core.facts import Assign, Expr, FileFacts, Ignore, Import, Loc, Symbol, Test
from backwright.kit.syntax.emitting import MAX_DEPTH, Emitter, Place
from backwright.kit.syntax.grammar import Grammar
from backwright.kit.syntax.parsing import GAVE_UP, parsed
from backwright.kit.syntax.tables import tables

_MINIFIED = 500  # bytes a line, on average
_MARK = b"bw: ignore"
_IGNORE = re.compile(r"bw: ignore(?:\[(?P<rules>[^\]]*)\])?\s*(?P<reason>.*?)\s*(?:\*/|-->)?\s*$")


def extract(path: str, source: bytes, module: str, parser: Parser, grammar: Grammar) -> FileFacts:
    """All facts of one file. Broken code gives the facts of its sound parts and counts its errors."""
    if len(source) > _MINIFIED * max(source.count(b"\n"), 40):
        digest = hashlib.sha256(source).hexdigest()
        return FileFacts(path, grammar.name, digest, module, skipped="minified: nobody writes lines that long")
    root = parsed(parser, source)
    if root is None:
        digest = hashlib.sha256(source).hexdigest()
        return FileFacts(path, grammar.name, digest, module, skipped=GAVE_UP)
    walk = Walk(source, tables(Walk, grammar, parser.language))
    walk.block(root)
    return FileFacts(
        path=path,
        language=grammar.name,
        sha256=hashlib.sha256(source).hexdigest(),
        module=grammar.module(walk, root) or module,
        facts=tuple(walk.facts),
        lines=source.count(b"\n") + (not source.endswith(b"\n") and bool(source)),
        errors=1 if root.has_error else 0,
        ignores=tuple(_ignores(walk, root)) if _MARK in source else (),
    )


class Walk(Emitter):
    """Walks statements. The language's table says which node is which."""

    def block(self, node: Node) -> None:
        if self.depth > MAX_DEPTH:
            return
        self.depth += 1
        handlers = self.tables.handlers
        for child in node.named_children:
            handlers[child.kind_id](self, child)
        self.depth -= 1

    def statement(self, node: Node) -> None:
        self.tables.handlers[node.kind_id](self, node)

    def nothing(self, node: Node) -> None:
        """A statement that says nothing."""

    def expression(self, node: Node | None, context: str = "") -> Expr | None:
        """Read an expression and make its facts."""
        if node is None:
            return None
        expr = self.read(node)
        self.emit(expr, context)
        return expr

    def inside(self, scope: str, body: Node, *, in_class: bool) -> None:
        """The body of a definition."""
        saved = self.at
        self.at = Place(scope, in_class=in_class)
        self.block(body)
        self.at = saved

    def arm(self, body: Node | None, *, looped: int = -1) -> None:
        """Statements that may not run, or run again: `looped` is the start of their loop."""
        if body is None:
            return
        saved = self.at
        branch = looped if looped >= 0 else body.start_byte
        self.at = Place(saved.scope, looped if looped >= 0 else saved.loop, branch, saved.in_class)
        self.statement(body)
        self.at = saved

    # -- facts -----------------------------------------------------------------------------------------------------
    def add_import(
        self, node: Node, module: str, name: str, alias: str, level: int = 0, *, typing_only: bool = False
    ) -> None:
        module = "".join(module.split())
        self.facts.append(Import(module, name, alias, level, self.at.scope, self.loc(node), typing_only))

    def define(self, symbol: Symbol, body: Node | None) -> None:
        """A class or function, with all that its decorators, parameters and body hold."""
        self.facts.append(symbol)
        for decorator in symbol.decorators:
            self.emit(decorator)
        self._test(symbol)
        for param in symbol.params:
            for expr in (*param.decorators, param.default_expr):
                if expr is not None:
                    self.emit(expr)
        if body is not None:
            self.inside(symbol.qualname, body, in_class=symbol.kind == "class")

    def _test(self, symbol: Symbol) -> None:
        marks = self.grammar.tests
        names = {d.parts[0].dotted() if d.kind == "call" else d.dotted() for d in symbol.decorators}
        by_name = bool(marks.prefix) and symbol.kind != "class" and symbol.name.startswith(marks.prefix)
        if by_name or names & marks.decorators:
            self.facts.append(Test(symbol.name, symbol.scope, symbol.loc))

    def assign(self, target: Expr, value: Expr | None, loc: Loc, op: str = "=", annotation: str = "") -> None:
        """`target = value`: a variable of the module where it stands at the top, the facts of the value."""
        if not self.at.scope and target.kind == "name":
            self.facts.append(
                Symbol(kind="variable", name=target.text, scope="", loc=loc, value=value, annotation=annotation)
            )
        if value is not None:
            self.facts.append(Assign(target, value, self.at.scope, loc, op, self.at.branch))
            self.unpacked(target, value)
            self.emit(value, target.dotted())


def _ignores(walk: Walk, root: Node) -> Iterator[Ignore]:
    """Every ignore of one file. One that stands alone silences the next line, one behind code its own."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in walk.grammar.skipped:
            match = _IGNORE.search(walk.text(node))
            if match is not None:
                loc = walk.loc(node)
                begin = walk.source.rfind(b"\n", 0, node.start_byte) + 1
                alone = not walk.source[begin : node.start_byte].strip()
                rules = tuple(r.strip() for r in (match["rules"] or "").split(",") if r.strip())
                yield Ignore(rules, match["reason"].lstrip("-:— "), loc.line + 1 if alone else loc.line, loc)
        stack.extend(reversed(node.children))
