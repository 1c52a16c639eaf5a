"""What a framework's routes and an ORM's entities look like, as data: `framework.toml` beside the framework's module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

Place = int | str  # an argument: its number (from the end if negative), or the name or key it is passed by


class Calls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that make a route. `verbs` maps the called name to an HTTP method (`*` for any, `?` for what `methods` says).

    `receivers` are patterns of what it is called on (`""` for nothing), `paths` of the arguments are `path`, `handler` and
    `methods`. `inner` are verbs inside of the handler's argument: `route("/x", get(list).post(create))`.
    """

    verbs: Mapping[str, str]
    receivers: tuple[str, ...] = ("*",)
    path: Place = 0
    handler: Place = -1
    action: Place | None = None  # the function of a handler that is a module
    methods: Place | None = None
    methods_link: str = ""  # a call further along the chain that lists the methods
    inner: Mapping[str, str] = {}
    least: int = 2  # arguments
    rooted: bool = False  # the path must begin with a slash
    plain: bool = False  # a path may be missing or a symbol
    spaced: bool = False  # `"GET /x"`
    files: tuple[str, ...] = ()  # patterns of paths where it counts
    handler_link: str = ""  # a call further along the chain that is passed the handler
    guards_link: tuple[str, ...] = ()  # calls further along the chain that guard: `.middleware("auth")`
    reversed: bool = False  # the handler stands before the path, by an extension of the project: `MapGet(List, "all")`
    importing: bool = False  # only in files that import one of the framework's packages
    several: bool = False  # the arguments behind the path are further paths


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The methods that handlers answer by themselves, where the route does not say: to what maps to HTTP methods."""

    members: Mapping[str, str] = {}  # methods of a class: `on_get`
    marks: Mapping[str, str] = {}  # decorators of a function; `?` for one that lists the methods
    bases: Mapping[str, tuple[str, ...]] = {}  # bases that bring methods of their own


class Decorators(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Decorators that make a route of a function, below the prefixes that decorators of its class give (`prefix`)."""

    verbs: Mapping[str, str]
    path: tuple[Place, ...] = (0,)
    methods: tuple[Place, ...] = ()
    methods_decorators: Mapping[str, str] = {}  # verbs that stand in decorators of their own: `@GET @Path("/x")`
    prefix: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ("",)
    prefix_field: str = ""  # a field of the class that holds its prefix
    required: tuple[str, ...] = ()  # one of these decorators or bases must be on the class
    unless: tuple[str, ...] = ()  # decorators of a class that calls the routes instead of serving them
    otherwise: str = ""  # the path where neither the function nor its class says one
    listed: tuple[str, ...] = ()  # only for functions that are passed to one of these calls: `routes!(list, show)`


class Groups(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that put a prefix in front of what is registered on their result, in their block, or passed to them."""

    names: tuple[str, ...]
    prefix: tuple[Place, ...] = (0,)
    suffix: str = ""  # behind the prefix, for nested resources
    until: Mapping[str, str] = {}  # calls inside that replace the suffix: `member`
    chained: bool = True  # counts for what comes behind it in its chain, not only for what is passed to it
    bare: bool = False  # only where it is called on nothing
    named: bool = False  # what is mounted may be named by a text: `"accounts.api.router"`
    behind: bool = False  # counts for what stands before it in its chain: `group(() => …).prefix("/x")`


class Folders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that mount every file of a folder below the call's own prefix and the file's place in the folder."""

    names: tuple[str, ...]
    package: str  # what is passed first comes from here
    folder: Place
    prefix: tuple[Place, ...] = ()
    variable: str = ""  # of a file, that replaces its place


class Resources(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that make the routes of a resource: `actions` are triples of method, path below it, and handler."""

    names: tuple[str, ...]
    actions: tuple[tuple[str, str, str], ...]
    path: Place = 0
    handler: Place | None = None
    only: str = "only"
    leave: str = "except"
    receivers: tuple[str, ...] = ("*",)
    files: tuple[str, ...] = ()
    narrowed: Mapping[str, tuple[str, ...]] = {}  # calls behind it in its chain that leave only these: `apiOnly`
    bases: Mapping[str, tuple[str, ...]] = {}  # the actions that the handler's class has by its bases
    further: str = ""  # a decorator that makes another action of a method of the handler's class


class Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files that are routes by their place: `pattern` is a regular expression whose group `path` is the route."""

    pattern: str
    default: str = ""  # the method of the default export


class Entities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Classes that are entities: by a base, a decorator, a decorated or called field."""

    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    derives: tuple[str, ...] = ()  # names inside of `derive(…)`
    tags: tuple[str, ...] = ()  # decorators of a field
    held_by: tuple[str, ...] = ()  # generic types whose argument is one: `DbSet<User>`
    table: tuple[str, ...] = ()  # decorators, fields and inner fields that name the table, `Table.name` for a keyword
    naming: str = "lower"
    columns: tuple[str, ...] = ()  # decorators or called names that make a column; none: every field is one
    not_columns: tuple[str, ...] = ()
    one: tuple[str, ...] = ()  # … a relation to one
    many: tuple[str, ...] = ()
    declares: bool = False  # relations are calls in the class or its methods
    primary: tuple[str, ...] = ()
    abstract: tuple[str, ...] = ()  # decorators or inner fields that say it is none
    through: tuple[str, ...] = ()  # names of own bases that pass it on; none: every base does
    named_by: str = ""  # a method that returns the table's name
    inner: str = ""  # a field of the class, a mapping that has `table` and `abstract` too
    base_name: bool = False  # the base is called with the table's name: `Table("users")`
    target: int = 0  # the argument of a relation that names the other entity
    items: Tags | None = None  # what the text of a tag says


class Tags(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Texts of tags, items parted by `;` or `,`: `gorm:"column:name;primaryKey"`, `bun:"name,pk"`."""

    skipped: tuple[str, ...] = ("-",)
    first: bool = False  # the first item is the name of the column, or of the table
    table: str = ""  # the key of an item that names the table
    column: str = ""
    primary: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    one: tuple[str, ...] = ()  # beginnings of items
    many: tuple[str, ...] = ()


class EntityCalls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that declare an entity: its name, and its columns as a mapping, or as calls in a block."""

    names: tuple[str, ...]
    table: Place = 0
    unnamed: bool = False  # no argument names it: the variable that it is given to does
    columns: Place | None = None
    block: bool = False
    one: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    not_columns: tuple[str, ...] = ()
    typed: bool = False  # in a block, the called name is the type: `t.string "name"`
    target: bool = False  # the variable it is given to is the entity
    owner: bool = False  # what it is called on is the entity: `User.init({ … })`
    entity: Place | None = None  # an argument or option that names the entity
    renamed: Place | None = None  # an option that names the table
    naming: str = ""  # how the table is called after the entity, where the call names only that
    requires: tuple[str, ...] = ()  # options of which it must have one
    bound: str = ""  # a call that gives the name: `model("User", userSchema)`
    linked: bool = False  # relations are calls on the entity: `User.hasMany(Post)`
    primary: tuple[str, ...] = ()  # names in a column's chain that say so
    required: tuple[str, ...] = ()
    refers: str = ""  # a call in a column's chain that names the other table
    kinds: tuple[str, ...] = ()  # options of a column that say how it relates


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of one framework. It counts where the project imports one of `packages`, or has one of `files`."""

    languages: tuple[str, ...]
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()  # packages of another framework that has such files
    calls: tuple[Calls, ...] = ()
    decorators: tuple[Decorators, ...] = ()
    groups: tuple[Groups, ...] = ()
    mounts: tuple[Groups, ...] = ()
    folders: tuple[Folders, ...] = ()
    # what a file gives that a call of this name loads
    loads: Mapping[str, tuple[str, ...]] = msgspec.field(
        default_factory=lambda: {"require": ("default",), "import": ("default",)}
    )
    answers: Answers = Answers()
    lists: bool = False  # pairs of a path and a class in a list are routes
    globals: tuple[str, ...] = ()  # calls that put a prefix in front of everything
    resources: tuple[Resources, ...] = ()
    pages: tuple[Files, ...] = ()
    entities: tuple[Entities, ...] = ()
    entity_calls: tuple[EntityCalls, ...] = ()


@cache
def read_patterns(path: Path) -> Patterns:
    """The patterns in a file. Raises `msgspec.ValidationError` for what is none: a bug in the framework's folder."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Patterns)
