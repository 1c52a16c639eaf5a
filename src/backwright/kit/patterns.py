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


class Groups(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that put a prefix in front of what is registered on their result, in their block, or passed to them."""

    names: tuple[str, ...]
    prefix: tuple[Place, ...] = (0,)
    suffix: str = ""  # behind the prefix, for nested resources
    until: Mapping[str, str] = {}  # calls inside that replace the suffix: `member`
    chained: bool = True  # counts for what comes behind it in its chain, not only for what is passed to it
    bare: bool = False  # only where it is called on nothing


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


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of one framework. It counts where the project imports one of `packages`, or has one of `files`."""

    languages: tuple[str, ...]
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    calls: tuple[Calls, ...] = ()
    decorators: tuple[Decorators, ...] = ()
    groups: tuple[Groups, ...] = ()
    mounts: tuple[Groups, ...] = ()
    globals: tuple[str, ...] = ()  # calls that put a prefix in front of everything
    resources: tuple[Resources, ...] = ()
    pages: tuple[Files, ...] = ()
    entities: tuple[Entities, ...] = ()
    entity_calls: tuple[EntityCalls, ...] = ()


@cache
def read_patterns(path: Path) -> Patterns:
    """The patterns in a file. Raises `msgspec.ValidationError` for what is none: a bug in the framework's folder."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Patterns)
