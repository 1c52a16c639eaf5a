"""The house style as the emitters need it: how this repository spells each role of a resource.

`engine.housing` fills a `House` from what the frameworks found; the blueprint decides with it which artifacts to make, the
emitters spell them with it. Patterns hold placeholders of the resource's name: ``{snake} {snakes} {Pascal} {Pascals}
{camel} {kebab} {kebabs}`` (an ending ``s`` is the plural).
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from backwright.core.facts import Column, Span
from backwright.kit.foundation import Foundation
from backwright.kit.linting import Linting
from backwright.kit.ref import Ref as Ref


class Place(msgspec.Struct, frozen=True):
    """Where a role of a resource is written. `shared` files hold all resources (`models.py`)."""

    role: str
    path: str  # pattern, relative to the repository
    shared: bool
    exemplar: Span | None = None


class Sibling(msgspec.Struct, frozen=True):
    """The existing resource that new ones imitate. `symbols` maps role to the name of its class or first function."""

    entity: str
    snake: str
    plural: str
    model_path: str
    mounted: str = ""  # the name its router is mounted by: that of its feature's folder, where it is another one
    router_path: str = ""
    repository_path: str = ""
    service_path: str = ""


class SessionStyle(msgspec.Struct, frozen=True):
    """How a database session arrives."""

    is_async: bool
    type: Ref  # Session, AsyncSession
    dependency: Ref  # get_db
    alias: Ref | None = None  # SessionDep
    param: str = "session"
    commits: Literal["explicit", "dependency"] = "explicit"
    sqlmodel: bool = False  # has `.exec`
    because: Span | None = None


class Guard(msgspec.Struct, frozen=True):
    """A dependency that authenticates or authorises. `expr` is what stands inside `Depends(...)`."""

    level: str  # user | admin | a role's name
    expr: str
    imports: tuple[Ref, ...]
    alias: Ref | None = None  # CurrentUser
    returns_user: bool = True
    span: Span | None = None
    before: tuple[str, ...] = ()  # dependencies that must have run, because the guard itself does not sign anybody in


class AuthStyle(msgspec.Struct, frozen=True):
    """Who may do what, as this repository spells it."""

    guards: tuple[Guard, ...] = ()
    user: Ref | None = None  # the class of the current user
    user_key: str = "id"
    user_table: str = ""
    admin_test: str = ""  # `{user}.is_superuser`, `{user}.role == Role.ADMIN`
    admin_imports: tuple[Ref, ...] = ()

    def guard(self, level: str) -> Guard | None:
        return next((g for g in self.guards if g.level == level), None)


class ErrorClass(msgspec.Struct, frozen=True):
    """An error with the status it becomes. `call` is a pattern: `NotFoundError({message})`, `NotFound({entity}, {key})`."""

    status: int
    ref: Ref
    call: str


class NewErrorClass(msgspec.Struct, frozen=True):
    """An error class the house lacks, to be added beside its siblings in `path`."""

    status: int
    error: ErrorClass
    path: str
    source: str
    handler_path: str = ""
    handler_source: str = ""
    handler_imports: tuple[Ref, ...] = ()


class ErrorStyle(msgspec.Struct, frozen=True):
    """`http`: HTTPException where it happens; `domain`: classes of a central module, translated by handlers."""

    kind: Literal["http", "domain"]
    classes: tuple[ErrorClass, ...] = ()
    additions: tuple[NewErrorClass, ...] = ()
    status_names: bool = False  # status.HTTP_404_NOT_FOUND instead of 404

    def of(self, status: int) -> ErrorClass | None:
        known = (*self.classes, *(a.error for a in self.additions))
        return next((c for c in known if c.status == status), None)


class PageStyle(msgspec.Struct, frozen=True):
    """How lists are cut and wrapped."""

    kind: Literal["offset", "page"]
    size: str  # limit, size, per_page
    at: str  # skip, offset, page
    first: int = 0  # number of the first page
    envelope: Literal["list", "generic", "own"] = "list"
    generic: Ref | None = None  # Page
    own: str = ""  # {Pascals}Public
    items: str = "items"
    total: str = "total"
    extra: tuple[tuple[str, str], ...] = ()  # other required fields of the envelope: name, one of size|at|pages|next
    support: int = 0


class Registration(msgspec.Struct, frozen=True):
    """Where routers are mounted: the exemplar's statement and import, to be imitated by substitution."""

    path: str
    statement: str  # source text of the mounting statement
    imported: str  # source text of the import statement, "" when the same module
    line: int
    element: str = ""  # where the statement is a list of routers that a loop mounts: the exemplar's in it


DeleteAnswer = Literal["none", "message", "entity"]


class RouterStyle(msgspec.Struct, frozen=True):
    """How endpoints are written."""

    variable: str = "router"  # or "app" where routes sit on the application itself
    own_router: bool = True
    prefix_in_router: bool = True
    outer: str = ""  # what stands before the resource's segment in the prefix of its router: /api
    tag: str = ""  # pattern of the tag that the router itself carries, "" for none
    prefix_in_mount: bool = False  # the mounting statement names the resource's segment
    status_names: bool = False  # status.HTTP_201_CREATED instead of 201
    collection: str = ""  # local path of the collection: "" or "/"
    item: str = "/{{{param}}}"
    id_param: str = "{snake}_id"  # or "id"
    update_method: Literal["patch", "put"] = "patch"
    create_status: int = 201
    delete_status: int = 204
    delete_answer: DeleteAnswer = "none"
    message: Ref | None = None
    message_field: str = "message"
    response_in_decorator: bool = True
    annotated: bool = True
    names: dict[str, str] = msgspec.field(default_factory=dict)  # operation to function-name pattern
    body: str = "{snake}_in"
    path_prefix: str = ""  # what stands before the collection path in the full URL: /api/v1
    segment: str = "kebabs"  # how the resource is spelled in a URL: snakes, kebabs, snake, kebab
    registration: Registration | None = None
    query_models: bool = True  # FastAPI 0.115 and later
    documents: bool = False  # errors are documented: `responses={404: …}`
    envelope: Ref | None = None  # a wrapper around every answer


class Application(msgspec.Struct, frozen=True):
    """The application object and how it translates errors. `anchor` is a statement of its factory, to insert after."""

    path: str
    variable: str
    module_level: bool
    anchor: str = ""
    anchor_line: int = 0
    handles_integrity: bool = False
    translator: Ref | None = None  # the handler of the house's conflict errors
    translator_async: bool = False


LayerForm = Literal["class", "functions", "instance", "inline"]


class LayerStyle(msgspec.Struct, frozen=True):
    """How the repository or service layer is written; `inline` where there is none.

    class: constructed with `takes` ("session" or "repository"); `instance`: a module-level object whose methods take the
    session; functions: module-level functions that take the session.
    """

    form: LayerForm
    place: Place | None = None
    name: str = ""  # class-name pattern, {Pascal}Repository
    base: str = ""  # class header after the name, imitated: (BaseRepository[{Pascal}])
    base_imports: tuple[Ref, ...] = ()
    base_methods: tuple[str, ...] = ()
    constructor: str = ""  # source of __init__, as a pattern; "" when inherited or absent
    constructor_imports: tuple[Ref, ...] = ()
    class_lines: tuple[str, ...] = ()  # class-level assignments, as patterns
    decorators: tuple[str, ...] = ()  # of a class that is a dataclass: then `constructor` holds its fields
    session: str = "self.session"  # how methods reach the session
    repository: str = "self.repository"  # how service methods reach the repository
    makes_repository: bool = False  # a service that makes its repository of the session which it takes
    takes: Literal["session", "repository", "nothing"] = "session"
    takes_param: str = "session"
    provider: Ref | None = None  # pattern: get_{snake}_service, its module
    provider_path: str = ""
    provider_source: str = ""  # source of the provider, as a pattern
    provider_imports: tuple[Ref, ...] = ()
    alias: str = ""  # pattern: {Pascal}ServiceDep
    alias_source: str = ""
    static: bool = False
    keyword_only: bool = False
    session_param: str = "session"
    instance: str = ""  # pattern of the module-level object
    exported: str = ""  # path of a package whose __init__ re-exports it
    injected: bool = False  # the class itself is what `Depends` makes
    unspelled: str = ""  # what of it cannot be imitated, as a sentence
    because: Span | None = None


class ModelStyle(msgspec.Struct, frozen=True):
    """How entities are declared."""

    orm: Literal["sqlalchemy", "sqlmodel"]
    declarative: Literal["mapped", "column"] = "mapped"
    base: Ref | None = None
    mixins: tuple[Ref, ...] = ()
    dataclass: bool = False
    key: Column | None = None
    key_python: str = "int"  # int | uuid | str
    timestamps: tuple[Column, ...] = ()
    class_name: str = "{Pascal}"
    table_name: str = "{snakes}"
    table_inherited: bool = False  # a base derives it from the class name
    inherited: tuple[Column, ...] = ()  # columns that base and mixins bring
    back_references: bool = True
    naming: dict[str, str] = msgspec.field(default_factory=dict)  # MetaData(naming_convention)
    schema: str = ""
    imports: tuple[str, ...] = ()  # import lines that copied columns need


class SchemaStyle(msgspec.Struct, frozen=True):
    """How request and response bodies are declared."""

    create: str = "{Pascal}Create"
    update: str = "{Pascal}Update"
    read: str = "{Pascal}Read"
    base: str = ""  # {Pascal}Base, "" when there is none
    parent: Ref | None = None  # BaseModel or the house's own
    pydantic: int = 2
    read_parent: Ref | None = None  # of response schemas, where it is another one
    orm_mode: bool = True  # read schemas need from_attributes themselves
    camel: bool = False  # aliases in camelCase
    nested: bool = False


class MigrationStyle(msgspec.Struct, frozen=True):
    """Alembic: where versions live, what the head is, how files are named."""

    directory: str
    head: str | None
    heads: tuple[str, ...] = ()
    file_template: str = "%%(rev)s_%%(slug)s"
    numbered: bool = False
    typed: bool = True
    exists: bool = True


class Minting(msgspec.Struct, frozen=True):
    """How the house's own code signs a user in: `call` makes a token, with `{user}` for the row."""

    call: str
    imports: tuple[Ref, ...] = ()
    scheme: str = ""  # what stands before the token in the header
    awaited: bool = False
    tested: bool = False  # the house's tests do it so


class TestStyle(msgspec.Struct, frozen=True):
    """How tests are written."""

    kind: Literal["sync", "async"]
    place: Place | None
    client: str = "client"
    client_type: Ref | None = None
    session: str = ""  # fixture that yields a session, "" when there is none
    session_async: bool = False
    user_headers: str = ""  # fixture that gives headers of a plain user
    admin_headers: str = ""
    user_client: str = ""  # fixture of a client that is already a plain user
    admin_client: str = ""
    fixture: str = "pytest.fixture"  # how asynchronous fixtures are declared
    marker: str = ""  # pytest.mark.asyncio, pytest.mark.anyio, "" in auto mode
    app: Ref | None = None
    classes: bool = False
    packages: bool = True  # test folders hold __init__.py
    unit_place: Place | None = None  # tests of services
    url_prefix: str | None = None  # what tests write before the resource's segment, as the inside of an f-string
    url_imports: tuple[Ref, ...] = ()
    minting: Minting | None = None
    statuses: Literal["number", "status", "HTTPStatus"] = "number"  # how the status of an answer is written


class Documentation(msgspec.Struct, frozen=True):
    """What has docstrings in this house."""

    modules: bool = False
    classes: bool = False
    functions: bool = False
    test_modules: bool = False
    tests: bool = False


class Manner(Protocol):
    """What the house of every stack tells those who do not know the stack. `exemplar` is the entity that new ones imitate."""

    @property
    def root(self) -> str: ...
    @property
    def line_length(self) -> int: ...
    @property
    def target(self) -> str: ...
    @property
    def first_party(self) -> tuple[str, ...]: ...
    @property
    def relative(self) -> bool: ...
    @property
    def documentation(self) -> Documentation: ...
    @property
    def exemplar(self) -> str: ...
    @property
    def is_async(self) -> bool: ...


class House(msgspec.Struct, frozen=True):
    """The whole style of one project."""

    root: str
    package: str
    line_length: int
    target: str  # py311
    first_party: tuple[str, ...]
    layout: Literal["layered", "feature", "flat", "empty"]
    sibling: Sibling | None
    session: SessionStyle
    auth: AuthStyle
    errors: ErrorStyle
    pages: PageStyle
    router: RouterStyle
    repository: LayerStyle
    service: LayerStyle
    model: ModelStyle
    schema: SchemaStyle
    migration: MigrationStyle | None
    tests: TestStyle | None
    places: dict[str, Place]
    application: Application | None = None
    collectors: tuple[Registration, ...] = ()  # files that import every model, to be extended by substitution
    foundation: Foundation | None = None  # only where there is no resource to imitate
    notes: tuple[str, ...] = ()
    unspelled: tuple[str, ...] = ()  # what a plan would have to imitate and cannot, as sentences
    # operation to level, as the exemplar's endpoints have it
    access: dict[str, str] = msgspec.field(default_factory=dict)
    relative: bool = False  # modules of the project are imported by dots
    linting: Linting = msgspec.field(default_factory=Linting)
    documentation: Documentation = msgspec.field(default_factory=Documentation)

    @property
    def exemplar(self) -> str:
        """The entity that new ones imitate; `""` where there is none."""
        return self.sibling.entity if self.sibling is not None else ""

    @property
    def is_async(self) -> bool:
        """Whether the database is talked to asynchronously."""
        return self.session.is_async
