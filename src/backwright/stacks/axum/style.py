"""The house style of an axum project, as its emitters need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backwright.kit.house import AuthStyle, Documentation
from backwright.stacks.axum.siblings import Resource


@dataclass(frozen=True)
class Failures:
    """How errors are made: `name` is the type, `made` a pattern with `{message}` (a String) for each status.

    `path` is where the type stands, `""` for a tuple of status and text.
    """

    name: str = ""
    path: str = ""
    made: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GuardStyle:
    """An extractor that guards: `param` as it stands in parameters, `user` the expression of who is signed in."""

    param: str
    path: str  # the file whose imports bring it
    user: str = ""
    key: str = ""  # the type of the user's key


@dataclass(frozen=True)
class Paging:
    """Names of the list's parameters. `kind` is how a page is asked for."""

    kind: str = "page"
    at: str = "page"
    size: str = "per_page"


@dataclass(frozen=True)
class AxumHouse:
    """The whole style of one project."""

    root: str
    resources: tuple[Resource, ...]
    sibling: Resource | None
    migrations: str  # folder
    reversible: bool  # migrations have a way down
    crates: Mapping[str, str]  # what the manifest asks for: name to its line
    auth: AuthStyle
    guards: Mapping[str, GuardStyle]
    access: Mapping[str, Mapping[str, str]]
    failures: Failures
    paging: Paging
    tests: str = ""
    unspelled: tuple[tuple[str, str], ...] = ()
    first_party: tuple[str, ...] = ()
    documentation: Documentation = field(default_factory=Documentation)

    @property
    def line_length(self) -> int:
        return 100

    @property
    def target(self) -> str:
        return ""

    @property
    def relative(self) -> bool:
        return True

    @property
    def exemplar(self) -> str:
        return self.sibling.name.pascal if self.sibling is not None else ""

    @property
    def is_async(self) -> bool:
        return True
