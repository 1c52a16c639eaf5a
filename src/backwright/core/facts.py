"""What a file says, free of its language's syntax. Facts are produced by languages and frameworks, eaten by rules.

All positions are 1-based lines and 1-based columns in characters; `start` and `end` are byte offsets in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

import msgspec

_WORD = re.compile(r"\$?\w+")


class Loc(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A place in one file."""

    line: int
    col: int
    end_line: int
    end_col: int
    start: int
    end: int


class Span(msgspec.Struct, frozen=True):
    """A place in the repository: the evidence of every claim. `path` is relative to the root, with `/`."""

    path: str
    line: int
    col: int = 1
    end_line: int = 0
    end_col: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


ExprKind = Literal[
    "constant",  # text: the source of a number, True, None …
    "string",  # text: the decoded value of a plain string literal
    "name",  # text: the identifier
    "attribute",  # text: the attribute's name; parts: (object,)
    "call",  # parts: (callee, *arguments); keys: ("", *keyword or "" or "*" or "**")
    "subscript",  # parts: (object, *indices)
    "interpolation",  # f-string or template string; parts: literal pieces as "string", holes as expressions
    "concatenation",  # a + b over anything; parts: (left, right)
    "percent",  # a % b; parts: (left, right)
    "binary",  # any other operator; text: the operator
    "await",  # parts: (expression,)
    "sequence",  # list, tuple, set; text: the opening bracket
    "mapping",  # keys: string keys, dotted names or ""; parts: values
    "lambda",  # parts: (body,)
    "comprehension",  # parts: (element, *iterables and conditions)
    "conditional",  # parts: (then, condition, else)
    "other",  # text: the node's grammar name; parts: its expression children
]


class Expr(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An expression, the same shape in every language."""

    kind: ExprKind
    text: str
    loc: Loc
    parts: tuple[Expr, ...] = ()
    keys: tuple[str, ...] = ()

    def dotted(self) -> str:
        """`a.b.c` for names and attribute chains (calls in the chain are kept as `a.b()`), else ``""``."""
        match self.kind:
            case "name":
                return self.text
            case "attribute":
                left = self.parts[0].dotted()
                return f"{left}.{self.text}" if left else ""
            case "call":
                left = self.parts[0].dotted()
                return f"{left}()" if left else ""
            case "await":
                return self.parts[0].dotted()
            case "subscript":
                return self.parts[0].dotted()
            case _:
                return ""

    def keyword(self, name: str) -> Expr | None:
        """The argument passed by this keyword, for a call; the value under this key, for a mapping."""
        for key, part in zip(self.keys, self.parts, strict=False):
            if key == name:
                return part
        return None

    def positional(self) -> tuple[Expr, ...]:
        """A call's positional arguments."""
        return tuple(p for k, p in zip(self.keys[1:], self.parts[1:], strict=False) if k == "")


class Param(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A parameter: `annotation` and `default` as source text, `""` where there is none; `kind` as Python's inspect."""

    name: str
    annotation: str
    default: str
    kind: Literal["positional", "keyword", "var_positional", "var_keyword"]
    loc: Loc
    annotation_expr: Expr | None = None
    default_expr: Expr | None = None
    decorators: tuple[Expr, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it binds: its own, or those of a pattern (`{ id, name }`)."""
        return (self.name,) if self.name.isidentifier() else tuple(_WORD.findall(self.name))


class Field(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`name: annotation = value` in a class body, as source text and as expressions."""

    name: str
    annotation: str
    value: str
    loc: Loc
    annotation_expr: Expr | None = None
    value_expr: Expr | None = None
    decorators: tuple[Expr, ...] = ()  # annotations, attributes, struct tags as calls: `gorm("size:10")`


class Symbol(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A class, function, method or module variable. `scope` is the qualified name of what contains it, `""` at the top."""

    kind: Literal["class", "function", "method", "variable"]
    name: str
    scope: str
    loc: Loc
    bases: tuple[str, ...] = ()
    base_exprs: tuple[Expr, ...] = ()  # keyword bases (`table=True`) too
    base_keys: tuple[str, ...] = ()
    decorators: tuple[Expr, ...] = ()
    params: tuple[Param, ...] = ()
    returns: str = ""
    is_async: bool = False
    fields: tuple[Field, ...] = ()
    value: Expr | None = None  # of a variable
    annotation: str = ""  # of a variable
    body: Loc | None = None
    doc: str = ""
    modifiers: tuple[
        str, ...
    ] = ()  # `static`, `export`, `default`, `abstract`, `interface`, …: as the language spells them

    @property
    def is_shape(self) -> bool:
        """Whether it only says what values look like: an interface, or a name for a type."""
        return "interface" in self.modifiers or "type" in self.modifiers

    @property
    def qualname(self) -> str:
        return f"{self.scope}.{self.name}" if self.scope else self.name


class Import(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """One imported name. `module` is as written without leading dots, `level` the number of dots.

    `name` is `""` for `import module`, `"*"` for a star. `alias` is the name bound in this file. Languages without dots
    keep the module as written (`./users`, `crate::db`, `App\\Models`), with `level` 1 where it is relative to this file.
    """

    module: str
    name: str
    alias: str
    level: int
    scope: str
    loc: Loc  # of the whole statement
    typing_only: bool = False


class Call(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A call, with the innermost loop it runs in (`loop` = start byte of that loop, -1 outside)."""

    expr: Expr
    scope: str
    loc: Loc
    awaited: bool = False
    loop: int = -1


class Assign(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """`target = value`, `target += value` (op "+="), `for target in value` (op "for"), `with value as target` (op "with").

    `delete target` has the op "delete" and no value worth reading.
    """

    target: Expr
    value: Expr
    scope: str
    loc: Loc
    op: str = "="
    branch: int = -1  # start byte of the innermost if/try/match/loop arm, -1 straight-line


class Return(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """`return value` or `yield value` (`is_yield`)."""

    value: Expr | None
    scope: str
    loc: Loc
    is_yield: bool = False


class Raise(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """`raise value`."""

    value: Expr | None
    scope: str
    loc: Loc


class Catch(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """An exception handler: what it catches, under which `name`, and whether its body does nothing at all."""

    types: tuple[str, ...]
    scope: str
    loc: Loc
    body: Loc
    empty: bool = False
    name: str = ""


class Loop(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A loop or comprehension."""

    kind: Literal["for", "while", "comprehension"]
    scope: str
    loc: Loc
    iterable: Expr | None = None
    target: str = ""


class Branch(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A condition: `if`, `elif`, `while`, conditional expression.

    `body` is what runs when it holds, `otherwise` what runs when it does not; `exits` and `otherwise_exits` say that the arm
    always leaves (raise, return, continue, break).
    """

    condition: Expr
    scope: str
    loc: Loc
    body: Loc | None = None
    otherwise: Loc | None = None
    exits: bool = False
    otherwise_exits: bool = False


class With(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A context that a `with` statement enters, and what runs inside of it. What it gives a name is an `Assign` too."""

    value: Expr
    scope: str
    loc: Loc
    body: Loc


class StringLiteral(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A string literal that stands somewhere; `context` is the name it is given to (assigned, keyword, dict key, compared)."""

    value: str
    context: str
    scope: str
    loc: Loc


class Route(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A mounted handler. `path` is the full path where the mounting could be followed, else the local one (`complete`)."""

    method: str
    path: str
    handler: str  # qualified name in this file
    loc: Loc
    router: str = ""  # the variable it is registered on
    response: str = ""
    status: str = ""
    auth: tuple[str, ...] = ()  # names of the dependencies that authenticate or authorise
    complete: bool = False


class Column(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A column as the ORM declares it; `type` is the ORM's spelling, `python` the annotation's inner type."""

    name: str
    type: str
    python: str
    loc: Loc
    nullable: bool = False
    primary_key: bool = False
    unique: bool = False
    index: bool = False
    foreign_key: str = ""  # table.column
    on_delete: str = ""
    default: str = ""  # source text of the client-side default
    server_default: str = ""
    source: str = ""  # the declaration as written
    origin: str = ""  # the class that declares it: a mixin or the base, `""` for the entity itself


class Relation(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A relation to another entity."""

    name: str
    target: str
    many: bool
    loc: Loc
    back_populates: str = ""
    loading: str = ""
    source: str = ""


class Table(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """An entity with its table."""

    entity: str  # class name
    table: str
    loc: Loc
    orm: str
    columns: tuple[Column, ...] = ()
    relations: tuple[Relation, ...] = ()
    unique_together: tuple[tuple[str, ...], ...] = ()


class Setting(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A value read from the environment or declared by a settings class."""

    name: str
    loc: Loc
    default: str = ""
    required: bool = False
    annotation: str = ""


class Test(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """A test case, or a group of them: by a decorator, by a name the runner looks for, or a call (`it("…", …)`)."""

    name: str
    scope: str
    loc: Loc


Fact = (
    Symbol
    | Import
    | Call
    | Assign
    | Return
    | Raise
    | Catch
    | Loop
    | Branch
    | With
    | StringLiteral
    | Route
    | Table
    | Setting
    | Test
)


class Ignore(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A comment that silences rules: `bw: ignore[BW101] reason`. `line` is the line it silences, `loc` the comment's place."""

    rules: tuple[str, ...]
    reason: str
    line: int
    loc: Loc


class FileFacts(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """All facts of one file, in document order. `module` is the dotted name it is imported by; `skipped` says why not read."""

    path: str
    language: str
    sha256: str
    module: str
    facts: tuple[Fact, ...] = ()
    lines: int = 0
    errors: int = 0  # syntax errors met
    skipped: str = ""
    ignores: tuple[Ignore, ...] = ()

    @cached_property
    def worked_out(self) -> dict[Callable[[FileFacts], Any], Any]:
        """What was made of these facts alone, by what made it: whoever reads them next finds it (`kit.index.of_file`)."""
        return {}
