"""The house style of an Express project, as its emitters need it. Patterns hold the placeholders of `kit.imitation`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backwright.kit.house import AuthStyle, Documentation
from backwright.stacks.express.siblings import Resource


@dataclass(frozen=True)
class Layout:
    """How files are written: what the formatter's settings say, else what the exemplar shows."""

    typed: bool  # TypeScript
    modules: Literal["esm", "cjs"]
    quote: str
    semicolon: str
    indent: str
    width: int


@dataclass(frozen=True)
class Failure:
    """How an error of one status is made: `new NotFoundError({message})`. `imports` are the names it needs, and from where."""

    call: str
    imports: tuple[tuple[str, str], ...]  # name, file


@dataclass(frozen=True)
class Guards:
    """Who may pass: the arguments of a route for each level, and where the names in them come from (a routes file)."""

    arguments: Mapping[str, tuple[str, ...]]
    path: Mapping[str, str]
    user_id: str = ""  # `req.user!.id`


@dataclass(frozen=True)
class Validation:
    """How requests are validated: `middleware` is a pattern with `{schema}`, `""` where handlers validate by themselves.

    `wrapped` schemas hold `body`, `params` and `query`; `replaces` says that the middleware leaves the parsed body in
    `req.body`; `handled` that what zod throws is answered by the project's error handler. `major` is zod's version.
    """

    major: int
    middleware: str = ""
    module: str = ""  # the routes file that imports the middleware
    wrapped: bool = False
    replaces: bool = False
    handled: bool = False


@dataclass(frozen=True)
class Paging:
    """How lists are cut: names of the query's parameters, and the sizes."""

    kind: Literal["page", "offset"] = "page"
    at: str = "page"
    size: str = "limit"


@dataclass(frozen=True)
class ExpressHouse:
    """The whole style of one project."""

    root: str
    layout: Layout
    first_party: tuple[str, ...]
    resources: tuple[Resource, ...]
    sibling: Resource | None
    provider: str  # of the Prisma schema: postgresql, sqlite, …
    schema: str  # its path
    migrations: str  # folder
    auth: AuthStyle
    guards: Guards
    access: Mapping[str, Mapping[str, str]]
    failures: Mapping[int, Failure]
    validation: Validation
    paging: Paging
    tests: str = ""  # the test file to imitate
    unspelled: tuple[tuple[str, str], ...] = ()
    documentation: Documentation = field(default_factory=Documentation)

    @property
    def line_length(self) -> int:
        return self.layout.width

    @property
    def target(self) -> str:
        return ""

    @property
    def relative(self) -> bool:
        return True

    @property
    def exemplar(self) -> str:
        return self.sibling.table.entity if self.sibling is not None else ""

    @property
    def is_async(self) -> bool:
        return True
