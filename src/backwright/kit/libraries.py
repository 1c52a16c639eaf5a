"""What the libraries of a language do, as rules need to know it: the data in `knowledge/libraries/<language>.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

Names = tuple[str, ...]
Place = int | str  # of an argument: by number, by keyword or key of a mapping (`a.b`: of one in it)


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that reach a database: methods of what is called, typed or made so. It counts where one of `packages` is imported.

    `receivers` is a regular expression for the end of what a method is called on; without it a type must show it.
    """

    packages: Names = ()
    files: Names = ()  # ends of paths that show the store where nothing is imported
    receivers: str = ""
    types: Names = ()  # last names of classes whose instances it is, and of their bases
    models: Names = ()  # bases of classes that are asked themselves: `User.find()`
    made: Names = ()  # calls that make such a class: `mongoose.model(…)`
    documents: bool = False  # it keeps documents, which are written one by one
    entities: bool = False  # the classes that are entities are asked themselves
    functions: str = ""  # plain functions, as a regular expression
    reads: Names = ()  # methods; `find*` are all that begin so
    writes: Names = ()
    objects: Names = ()  # methods of what such a class gives or makes: `user.save()`
    turning: Names = ()  # further calls of the chain that make a write of a read
    ends: Names = ()  # one of these must be in the chain: others only build a query
    given: str = ""  # … of an argument: `load(conn)`
    decorated: Names = ()  # decorators of classes whose instances it is
    unless: str = ""  # a regular expression for receivers that it is not
    waits: bool = False  # its calls keep a thread waiting
    awaited_with: Names = ()  # … unless one of these is imported


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that take SQL as text, in the argument `at`. `fragment`: it is a part of a statement, not a whole one."""

    methods: Names
    packages: Names = ()
    receivers: str = ""
    types: Names = ()
    at: int = 0
    skip: str = ""  # arguments in front that do not count, as a regular expression
    fragment: bool = False
    sure: bool = False  # whatever is passed is SQL


class Requests(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a handler sees what was sent: `body` and `query` are regular expressions for whole expressions."""

    body: str = ""
    values: str = ""  # everything that a client chooses
    validators: str = ""  # names of calls, decorators and types that check it
    schemas: str = ""  # … those of them that are schemas for sure
    checked_by: Names = ()  # packages that check all bodies where they are imported
    query: str = ""  # a regular expression for whole expressions that are the query of the address
    asked_in: Names = ()  # decorators of parameters that are the query, or one value of it
    maxima: str = ""  # names of calls and decorators that give a maximum
    sent_in: Names = ()  # decorators of parameters that are the body
    untyped: str = ""  # a regular expression for annotations that check nothing
    constraints: str = ""  # names, as imported, of what fields of a body are marked with to say what they must be
    checkable: str = ""  # … where the type must derive this too
    checkers: str = ""  # marks and types of parameters that let it be checked
    extractors: str = ""  # a regular expression for types of parameters that are the body, with the group `inner`
    binders: str = ""  # calls that fill a variable with the body and check nothing
    asked: str = ""  # calls that ask for one value of the query, by the name that is their first argument
    cutting: str = ""  # calls that cut rows by a number among their arguments
    checks_all: Names = ()  # names of calls that make all bodies be checked


class Transactions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Regular expressions for the names of calls and decorators that put what is inside into one transaction."""

    calls: str = ""
    decorators: str = ""
    handles: str = ""  # names of variables that stand for an open transaction
    gathering: str = ""  # calls that run promises at once
    databases: str = ""  # what a transaction is opened on
    taking_function: Names = ()  # methods of it that open one for the function that they are given, or give one
    beginning: Names = ()  # … that open one on what they are called on
    ending: Names = ()  # … that commit
    outward: str = ""  # calls that wait for somebody else than the database
    clients: Names = ()  # types whose methods do so
    locking: str = ""  # words of a query that reads rows with a lock
    holding: str = ""  # words of whatever holds a lock around other code


class Security(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that matter for security, by dotted name or its end."""

    weak_hashes: Mapping[str, str] = {}  # call to what it computes; `*`: its first argument names the algorithm
    rounds: Mapping[str, tuple[int, int]] = {}  # call to the argument with the cost, and the least that counts


class Errors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How errors are answered: `answers` is a regular expression for calls that send one."""

    answers: str = ""
    raw: Mapping[str, str] = {}  # package to a regular expression for its errors that are an answer of HTTP


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is of HTTP: regular expressions for imported names, of types in signatures and of errors and statuses."""

    types: str = ""
    errors: str = ""
    called: str = ""  # names of functions that the framework calls, wherever they stand
    names: Mapping[
        str, Names
    ] = {}  # package to what it has of requests, answers and statuses, where they are imported by name
    owners: Names = ()  # bases and decorators of classes that the framework runs around handlers
    params: str = ""  # types of parameters of functions that it runs so, as a regular expression
    entries: Names = ()  # decorators of functions that answer requests, wherever their routes stand
    views: Names = ()  # bases of classes that do so, and
    verbs: Names = ()  # … the names of their methods that do


class Waiter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Objects whose methods keep a thread waiting, and what for. Without a type, `receivers` must fit what a method is called on."""

    what: str
    methods: Names  # `get_*` are all that begin so
    types: Names = ()  # classes as imported, or what makes an instance
    receivers: str = ""  # a regular expression
    packages: Names = ()  # … where one of these is imported
    parts: bool = False  # also what hangs on it: `client.chat.completions.create(…)`, `client["shop"].find_one(…)`
    giving: Names = ()  # methods that wait and give such a part: `client.containers.get(name).stop()`


class Waiting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that keep a thread waiting: dotted names as imported, to what they wait for."""

    calls: Mapping[str, str] = {}
    objects: tuple[Waiter, ...] = ()
    sync: Names = ()  # packages of drivers whose connections wait; those for coroutines are other packages
    patterns: Mapping[str, str] = {}  # what for to a regular expression for dotted names as written
    waiting_on: str = (
        ""  # a regular expression for results of functions that run on the event loop, where `async` does not say it
    )
    elsewhere: Names = ()  # calls whose block runs on a thread of its own


class Loader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that load a relation of one row, where one of `packages` is imported."""

    packages: Names = ()
    methods: Names = ()  # called on the row: `order.$get("user")`
    getters: Names = ()  # beginnings of methods that a relation gives the row: `order.getUser()`
    of_relation: Names = ()  # called on the relation of the row: `order.items.loadItems()`
    lazy: str = ""  # a regular expression for types of fields that load when they are awaited
    of_argument: Names = ()  # calls whose first argument is the row: `Repo.preload(order, :items)`
    further: Names = ()  # … where the chain has one of these, if there are any
    unless: Names = ()  # … and none of these


class Graph(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Resolvers of GraphQL, by their decorators."""

    fields: Names = ()  # of methods that resolve one field of each object
    parents: Names = ()  # of their parameter that is the object
    owners: Names = ()  # of classes, naming the type in a function
    batching: str = ""  # names that load for many at once, as a regular expression
    batched: Names = ()  # queries that the library itself gathers, though each asks for one


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What keeps values in the process."""

    makers: Names = ()  # calls and constructors of containers
    writing: Names = ()  # methods that put something in
    reading: Names = ()  # … that look for one thing in it, as a cache is asked
    taking: Names = ()  # … that take something out
    singletons: Names = ()  # decorators of classes with one instance for all requests
    unless: str = ""  # … unless the decorator has this, as a regular expression
    types: str = ""  # declared types of containers, as a regular expression
    adding: Names = ()  # functions whose result is their first argument with more in it: `list = append(list, x)`
    opening: Names = ()  # calls between a container and what is done to it: `USERS.lock().unwrap().insert(…)`


class Lease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that take a connection or session which has to be given back, where one of `packages` is imported."""

    packages: Names
    calls: str  # a regular expression for what is called
    closing: Names  # methods of what is taken that give it back
    how: str = ""  # what opens and closes it for a function


class Migrating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of methods by which migrations in code change tables and columns."""

    bases: Names = ()  # of classes that are migrations
    sql: Names = ()  # methods that run a text of SQL
    creating: Names = ()
    dropping: Names = ()
    altering: Names = ()  # those that take the changes of a table as a block
    of_columns: Mapping[str, str] = {}  # method to what it does to a column: add, lose, move; `rename`: to its table
    wholesale: Names = ()  # methods that drop or make everything there is
    beside: Names = ()  # methods in a block that are of indexes and rules
    changing: Names = ()  # … that change a column that is there
    pairs: Mapping[str, Names] = {}  # … that make columns of fixed names
    keys: Names = ()  # … that make the column `id` where nothing is said


class Libraries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of one language's libraries."""

    stores: tuple[Store, ...] = ()
    texts: tuple[Texts, ...] = ()
    request: Requests = Requests()
    transactions: Transactions = Transactions()
    migrating: Migrating = Migrating()
    leases: tuple[Lease, ...] = ()
    security: Security = Security()
    errors: Errors = Errors()
    waiting: Waiting = Waiting()
    loaders: tuple[Loader, ...] = ()
    graph: Graph = Graph()
    state: State = State()
    web: Web = Web()
    made: Mapping[str, str] = {}  # functions as imported, to the type of what they give
    clients: Mapping[
        str, tuple[Place, ...]
    ] = {}  # what makes a client of a backing service, as imported, to where it takes the address
    numbers: Names = ()  # types whose values carry no text of somebody's choice
    safe: Names = ()  # calls whose result carries none
    texts_of: Names = ()  # types whose values may be any text
    untyped: bool = False  # parameters without a type are open too
    passing: Names = ()  # calls whose result is their argument, or what they are called on, in another form
    of_receiver: Names = ()  # … a part of what they are called on
    formats: Names = ()  # calls that put their further arguments into the first
    tags: bool = False  # a text right behind a name is taken apart by that function, which may bind its holes
    binding: Names = ()  # calls that bind the holes of a text that they are given
    interfaces: Names = ()  # packages of user interfaces, and of what these keep in the browser


@cache
def libraries(language: str) -> Libraries:
    """What is known of a language's libraries; nothing for a language without data."""
    file = files("backwright").joinpath("knowledge", "libraries", f"{language}.toml")
    if not file.is_file():
        return Libraries()
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Libraries)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A regular expression of the data; the empty one matches nothing."""
    return re.compile(text or r"(?!)")
