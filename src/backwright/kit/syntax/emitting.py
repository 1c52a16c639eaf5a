"""What expressions hold: calls with the loops they run in, texts with their names, functions, reads of the environment."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from tree_sitter import Node

from backwright.core.facts import Call, Expr, Fact, Loop, Setting, StringLiteral, Symbol, Test
from backwright.kit.syntax.source import SourceText
from backwright.kit.syntax.tables import Tables

# Beyond this nesting code is not looked into: a repository may be hostile, a human never writes this.
MAX_DEPTH = 100

_SILENT = frozenset({"name", "constant"})  # of which no facts are made
_NAMED = frozenset({"name", "attribute"})  # whose text is the last part of their dotted name
_NO_OWNER = frozenset({"", "return", "default"})


def _walked(call: Expr, callee: Expr) -> Expr:
    """What a function is called for each of: `xs.map(f)`, `Enum.map(xs, f)`."""
    owner, first = callee.parts[0], call.parts[1]
    of_module = owner.kind == "name" and owner.text[:1].isupper() and first.kind != "lambda"
    return first if of_module else owner


@dataclass
class Place:
    """Where the walk is: the scope, the innermost loop and the innermost conditional arm (start bytes, -1 for none)."""

    scope: str = ""
    loop: int = -1
    branch: int = -1
    in_class: bool = False


class Emitter(SourceText):
    """Collects facts from expressions."""

    def __init__(self, source: bytes, tables: Tables) -> None:
        super().__init__(source)
        self.grammar = tables.grammar
        self.tables = tables
        self.names = tables.names
        self._readers = tables.readers
        self.facts: list[Fact] = []
        self.at = Place()
        self.depth = 0  # of statements and of expressions that facts are made from
        self._default: tuple[Expr, Expr] | None = None  # a call, and what counts where it gives nothing
        self._deferred: dict[tuple[int, int], tuple[Node, Node]] = {}

    # -- reading ---------------------------------------------------------------------------------------------------
    def read(self, node: Node, depth: int = 0) -> Expr:
        """The expression at `node`."""
        if depth + self.depth > MAX_DEPTH:
            return self.leaf(node)
        return self._readers[node.kind_id](self, node, depth)

    def leaf(self, node: Node, depth: int = 0) -> Expr:
        """An expression that is not looked into."""
        return Expr("other", self.names[node.kind_id], self.loc(node))

    def other(self, node: Node, depth: int) -> Expr:
        """An expression of no known kind, with what it holds."""
        kind = self.names[node.kind_id]
        parts = () if kind in self.grammar.opaque else self.children(node, depth)
        return Expr("other", kind, self.loc(node), parts)

    def statements(self, node: Node, depth: int) -> Expr:
        """Statements that stand for a value."""
        self.defer(node, node)
        return self.leaf(node)

    def children(self, node: Node, depth: int) -> tuple[Expr, ...]:
        skipped, read, depth = self.tables.skipped, self.read, depth + 1
        return tuple([read(c, depth) for c in node.named_children if c.kind_id not in skipped])

    def defer(self, node: Node, body: Node) -> None:
        """Remember statements inside of an expression: they are walked when the expression's facts are made."""
        self._deferred[node.start_byte, node.end_byte] = (node, body)

    # -- emitting --------------------------------------------------------------------------------------------------
    def emit(self, expr: Expr, context: str = "", *, awaited: bool = False, loop: int | None = None) -> None:
        """All facts of an expression that is given to the name `context`."""
        loop = self.at.loop if loop is None else loop
        match expr.kind:
            case "name" | "constant":
                return
            case "string":
                if expr.text:
                    self.facts.append(StringLiteral(expr.text, context, self.at.scope, expr.loc))
            case "call":
                self._call(expr, awaited, loop)
            case "lambda":
                self._function(expr, context, loop, iterates=False)
            case "await":
                for part in expr.parts:
                    self.emit(part, context, awaited=True, loop=loop)
            case "attribute":
                if not self._reads_environment(expr) and expr.parts[0].kind not in _SILENT:
                    self.emit(expr.parts[0], awaited=awaited, loop=loop)
            case "subscript":
                if not self._reads_environment(expr):
                    for part in expr.parts:
                        self.emit(part, awaited=awaited, loop=loop)
            case "other" if (deferred := self._deferred.pop((expr.loc.start, expr.loc.end), None)) is not None:
                self._statements(deferred[0], loop)
            case _:
                self._parts(expr, context, loop)

    def _parts(self, expr: Expr, context: str, loop: int) -> None:
        if expr.kind == "binary" and expr.text in self.grammar.environment.defaults and len(expr.parts) == 2:
            left, right = expr.parts
            if self._reads_environment(left, default=right):
                self.emit(right, context, loop=loop)
                return
            self._default = (left, right) if left.kind == "call" else None
        if not expr.keys:
            for part in expr.parts:
                if part.kind not in _SILENT:
                    self.emit(part, context, loop=loop)
            return
        for key, part in zip(expr.keys, expr.parts, strict=False):
            if part.kind in _SILENT:
                continue
            if part.kind == "lambda" and expr.kind == "mapping" and key:
                self._function(part, key, loop, iterates=False, owner="" if context in _NO_OWNER else context)
                continue
            self.emit(part, key if key not in {"", "*", "**", "&"} else context, loop=loop)

    def _call(self, expr: Expr, awaited: bool, loop: int) -> None:
        """A Call for the outermost call of each chain, then the facts of all arguments along the chain."""
        self.facts.append(Call(expr, self.at.scope, expr.loc, awaited, loop))
        self._chain(expr, loop)

    def _chain(self, expr: Expr, loop: int) -> None:
        callee = expr.parts[0]
        self._marks(expr, callee)
        iterates = callee.kind == "attribute" and callee.text in self.grammar.iterators
        inner = loop
        for key, part in zip(expr.keys[1:], expr.parts[1:], strict=False):
            if part.kind == "lambda":
                if iterates:
                    target = ", ".join(part.keys)
                    self.facts.append(Loop("comprehension", self.at.scope, expr.loc, _walked(expr, callee), target))
                    inner = expr.loc.start
                self._function(part, "", inner, iterates=iterates or key == "&")
            elif part.kind not in _SILENT:
                self.emit(part, key if key not in {"", "*", "**", "&"} else "", loop=loop)
        while callee.kind in {"attribute", "subscript"} and callee.parts:
            for part in callee.parts[1:]:
                self.emit(part, loop=loop)
            callee = callee.parts[0]
        if callee.kind == "call":
            self._chain(callee, loop)
        elif callee.kind != "name":
            self.emit(callee, loop=loop)

    def _function(self, expr: Expr, name: str, loop: int, *, iterates: bool, owner: str = "") -> None:
        """The body of a function without a name of its own; `name` is what it is given to, `owner` the object it is in."""
        node, body = self._deferred.pop((expr.loc.start, expr.loc.end), (None, None))
        if node is None or body is None or self.depth > MAX_DEPTH:
            return
        name = name.rpartition(".")[2]
        saved = self.at
        if self.grammar.closures and not iterates and (name or not expr.parts):
            symbol = self._symbol(node, body, name or f"<{expr.loc.line}:{expr.loc.col}>", expr)
            if owner:
                symbol = msgspec.structs.replace(symbol, scope=f"{saved.scope}.{owner}" if saved.scope else owner)
            self.facts.append(symbol)
            self.at = Place(symbol.qualname)
        else:
            self.at = Place(saved.scope, loop, saved.branch)
        self.depth += 2
        for part in expr.parts:
            self.emit(part, "return")
        if not expr.parts:
            self.block(body)
        self.depth -= 2
        self.at = saved

    def _symbol(self, node: Node, body: Node, name: str, expr: Expr) -> Symbol:
        is_async = node.child_count > 0 and any(c.type in {"async", "async_keyword"} for c in node.children[:2])
        is_async = is_async or self.source[node.start_byte : node.start_byte + 6] == b"async "
        return Symbol(
            kind="function",
            name=name,
            scope=self.at.scope,
            loc=expr.loc,
            params=self.grammar.params(self, node),
            returns=self.field(node, "return_type").lstrip(": "),
            is_async=is_async,
            body=self.loc(body),
        )

    def _statements(self, node: Node, loop: int) -> None:
        if self.depth > MAX_DEPTH:
            return
        saved = self.at
        self.at = Place(saved.scope, loop, saved.branch, saved.in_class)
        self.depth += 2
        if node.type in self.grammar.statements:
            self.statement(node)
        else:
            self.block(node)
        self.depth -= 2
        self.at = saved

    # -- marks -----------------------------------------------------------------------------------------------------
    def _marks(self, expr: Expr, callee: Expr) -> None:
        """Whether a call is a test, or reads the environment."""
        if callee.kind in _NAMED and callee.text not in self.tables.marks:
            return
        dotted = callee.dotted()
        if dotted in self.grammar.tests.calls:
            first = expr.parts[1] if len(expr.parts) > 1 else None
            name = first.text if first is not None and first.kind == "string" else ""
            self.facts.append(Test(name, self.at.scope, expr.loc))
        environment = self.grammar.environment
        number = environment.calls.get(dotted)
        if number is None and callee.text in environment.methods and callee.parts and self._holds(callee.parts[0]):
            number = 0
        if number is not None:
            given = expr.positional()
            variable = given[number] if number < len(given) else None
            if variable is not None and variable.kind == "string":
                default = self.written(given[number + 1]) if number + 1 < len(given) else ""
                if not default and self._default is not None and self._default[0] is expr:
                    default = self.written(self._default[1])
                self.facts.append(Setting(variable.text, expr.loc, default))

    def _reads_environment(self, expr: Expr, default: Expr | None = None) -> bool:
        """`process.env.PORT`, `ENV["PORT"]`."""
        objects = self.grammar.environment.objects
        if not objects or not expr.parts:
            return False
        owner = expr.parts[0]
        known = (owner.kind not in _NAMED or owner.text in self.tables.marks) and owner.dotted() in objects
        if not known and not (expr.kind == "subscript" and self._holds(owner)):
            return False
        if expr.kind == "attribute":
            variable = expr.text
        elif expr.kind == "subscript" and len(expr.parts) == 2 and expr.parts[1].kind == "string":
            variable = expr.parts[1].text
        else:
            return False
        self.facts.append(Setting(variable, expr.loc, self.written(default) if default is not None else ""))
        return True

    def _holds(self, expr: Expr) -> bool:
        """Whether something is called as what holds settings is."""
        holders = self.grammar.environment.holders
        return bool(holders) and expr.dotted().removesuffix("()").lower().endswith(holders)

    def unpacked(self, target: Expr, value: Expr) -> None:
        """`const { PORT, HOST } = process.env` reads each of them."""
        if (
            target.kind == "mapping"
            and value.kind == "attribute"
            and value.dotted() in self.grammar.environment.objects
        ):
            self.facts.extend(Setting(key, target.loc) for key in target.keys if key not in {"", "*", "**"})

    def written(self, expr: Expr) -> str:
        """The source of an expression."""
        return self.source[expr.loc.start : expr.loc.end].decode("utf-8", "replace")

    # -- of the walk -----------------------------------------------------------------------------------------------
    def statement(self, node: Node) -> None:
        """The facts of one statement."""
        raise NotImplementedError

    def block(self, node: Node) -> None:
        """The facts of all statements in a block."""
        raise NotImplementedError
