"""The house style of a Gin project, as its emitters need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backwright.core.facts import Symbol
from backwright.kit.house import AuthStyle, Documentation
from backwright.stacks.gin.siblings import Resource


@dataclass(frozen=True)
class Layer:
    """One layer of the exemplar: the type its functions are methods of, where it has one, and what stands around it."""

    role: Literal["handler", "service", "repository"]
    path: str
    owner: Symbol | None
    maker: Symbol | None  # the function that makes one
    face: Symbol | None  # the interface that it is known by
    face_path: str
    receiver: str  # `h *BookHandler`, `""` for plain functions
    names: Mapping[str, str]  # operation to what the exemplar calls it
    takes_context: bool  # a context.Context comes first


@dataclass(frozen=True)
class Answers:
    """How handlers answer. Patterns hold `{status}`, `{message}`, `{error}` and `{payload}`; `c` is the context."""

    context: str
    success: Mapping[str, str]  # operation to statement
    failure: str
    invalid: int
    mapper: str  # a call that answers any error: `respondError({c}, {error})`, `""` for none
    failures: Mapping[int, str]  # status to the error that the mapper answers so: `apperror.ErrNotFound`
    imports: Mapping[str, str]  # what a package is called to how it is imported
    page: tuple[str, str]  # how a list is asked for its part: `page`, `limit`


@dataclass(frozen=True)
class Access:
    """Who may pass: the middlewares of a route for each level, and how a handler knows who asks."""

    guards: Mapping[str, tuple[str, ...]]
    imports: Mapping[str, str]
    user_id: str  # `c.MustGet("userID").(uint)`, `""` where it was not found


@dataclass(frozen=True)
class Migrations:
    """How the schema changes: `kind` goose or migrate for SQL files, gorm for AutoMigrate, `""` for neither."""

    kind: Literal["goose", "migrate", "gorm", ""]
    folder: str = ""
    exemplar: str = ""  # the file that makes the exemplar's table, or that lists the models


@dataclass(frozen=True)
class GinHouse:
    """The whole style of one project."""

    root: str
    first_party: tuple[str, ...]
    resources: tuple[Resource, ...]
    sibling: Resource | None
    layers: tuple[Layer, ...]
    database: str  # how the last layer reaches the database: `r.db`, `config.DB`
    answers: Answers | None
    auth: AuthStyle
    guards: Access
    access: Mapping[str, Mapping[str, str]]
    migrations: Migrations
    dialect: str  # postgres, sqlite, mysql
    versions: Mapping[str, tuple[int, int, int]]  # of go.mod
    unspelled: tuple[tuple[str, str], ...] = ()
    documentation: Documentation = field(default_factory=Documentation)

    @property
    def line_length(self) -> int:
        return 120

    @property
    def target(self) -> str:
        return ""

    @property
    def relative(self) -> bool:
        return False

    @property
    def exemplar(self) -> str:
        return self.sibling.table.entity if self.sibling is not None else ""

    @property
    def is_async(self) -> bool:
        return False
