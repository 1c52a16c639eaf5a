"""The house style of a Spring project, as its emitters need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backwright.kit.house import AuthStyle, Documentation
from backwright.kit.index import Definition
from backwright.stacks.spring.siblings import Resource


@dataclass(frozen=True)
class Layout:
    """How files are written: indentation, width of lines, and how imports are sorted.

    `imports` is "sorted" (one block in order) or "java_last" (java and javax below all others); `static_first` says
    where static ones stand, None that there are none.
    """

    indent: str = "    "
    width: int = 120
    imports: Literal["sorted", "java_last"] = "sorted"
    static_first: bool = True


@dataclass(frozen=True)
class Build:
    """What the manifest says: versions, and which libraries are there."""

    boot: tuple[int, int]  # (3, 5); (0, 0) where it is not said
    java: int
    jakarta: bool  # else javax
    database: str  # postgresql | mysql | h2 | …
    validation: bool
    security: bool
    security_test: bool
    manifest: str  # path of pom.xml or build.gradle
    tool: Literal["maven", "gradle", ""]


@dataclass(frozen=True)
class Failure:
    """How an error of one status is made: `new NotFoundException({message})`. `types` are the classes that it names."""

    call: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One rule of the security filter chain: which requests it is about, and who may pass. `level` as in requests."""

    verb: str  # "" for every one
    patterns: tuple[str, ...]  # () for any request
    level: str


@dataclass(frozen=True)
class Security:
    """Who may pass: the rules of the filter chain in order, and the annotations of handlers, by level.

    `at` is the byte in `path` where a new rule goes; `matcher` is how rules are written here, `grants` the end of a rule
    for each level (`.hasRole("ADMIN")`).
    """

    path: str = ""
    rules: tuple[Rule, ...] = ()
    at: int = -1
    indent: str = ""
    matcher: str = "requestMatchers"
    grants: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)  # `@PreAuthorize("hasRole('ADMIN')")`
    imports: Mapping[str, str] = field(default_factory=dict)  # of an annotation's class: its file's import


@dataclass(frozen=True)
class CurrentUser:
    """The house's own way to the row of who is signed in. `by` is the property of the row that is the name of a principal."""

    owner: Definition
    method: str
    static: bool
    by: str = ""


@dataclass(frozen=True)
class Paging:
    """How lists are cut. `first` is the number of the first page; `bounded` that bounds are annotations of parameters."""

    kind: Literal["pageable", "params"] = "params"
    at: str = "page"
    size: str = "size"
    first: int = 0
    bounded: bool = False


@dataclass(frozen=True)
class Envelope:
    """What lists are answered in: `Page`, `List`, or a class of the project's own. `made` has `{page}` for a `Page`."""

    type: str  # PageResponse
    made: str  # PageResponse.from({page})
    rows: str  # content, items: the key in the answer
    total: str


@dataclass(frozen=True)
class Migrations:
    """Where migrations are and how they are named: `V{version}__{name}.sql`."""

    folder: str
    next: str  # the version that comes next
    lower: bool  # keywords are written in lower case
    files: tuple[str, ...]


@dataclass(frozen=True)
class Testing:
    """The test to imitate: its annotations and base, and the imports that these need."""

    path: str
    head: str  # annotations, as text
    base: str  # ` extends IntegrationTest`
    visibility: str  # `public ` or ""


@dataclass(frozen=True)
class SpringHouse:
    """The whole style of one project."""

    root: str
    layout: Layout
    build: Build
    first_party: tuple[str, ...]
    resources: tuple[Resource, ...]
    sibling: Resource | None
    migrations: Migrations | None
    auth: AuthStyle
    security: Security
    current_user: CurrentUser | None
    access: Mapping[str, Mapping[str, str]]
    failures: Mapping[int, Failure]
    integrity: bool  # what breaks a rule of the database is answered with 409 by the project's own handler
    paging: Paging
    envelope: Envelope | None
    tests: Testing | None
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
        return False

    @property
    def exemplar(self) -> str:
        return self.sibling.table.entity if self.sibling is not None else ""

    @property
    def is_async(self) -> bool:
        return False
