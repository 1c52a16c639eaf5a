"""What should exist, decided, before any framework spells it; and what an emitter gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from backwright.core.facts import Table
from backwright.core.request import FieldSpec, Listing, Ownership
from backwright.kit.house import Guard, House, Ref
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms


class Target(msgspec.Struct, frozen=True):
    """An existing entity that a field refers to."""

    entity: str
    ref: Ref
    path: str
    table: str
    key: str
    key_python: str  # int | uuid | str
    key_type: str  # the ORM's spelling, "" for the default of the Python type
    name: NameForms
    facts: Table


class FieldPlan(msgspec.Struct, frozen=True):
    """A field with the names it gets: `attr` is the attribute (`category_id`), `relation` the relation (`category`)."""

    spec: FieldSpec
    attr: str
    relation: str = ""
    back: str = ""  # the collection on the target, "" for none
    target: Target | None = None
    enum: str = ""  # name of the enum class

    @property
    def type(self) -> str:
        return self.spec.type

    @property
    def optional(self) -> bool:
        """May be left out of a create request."""
        return not self.spec.required or self.spec.has_default


class ResourcePlan(msgspec.Struct, frozen=True):
    """A resource, decided: every name, path, guard and rule, in the house's style."""

    name: NameForms
    class_name: str
    table: str
    fields: tuple[FieldPlan, ...]
    operations: tuple[str, ...]
    access: Mapping[str, Guard | None]  # operation to guard, None for public
    listing: Listing
    owner: Ownership | None
    owner_field: FieldPlan | None
    unique_together: tuple[tuple[str, ...], ...]
    house: House
    index: FactIndex
    paths: Mapping[str, str]  # role to file
    schemas: Mapping[str, str]  # create, update, read, base to class names
    functions: Mapping[str, str]  # operation to handler name
    segment: str  # products
    key: str = "id"
    key_python: str = "int"
    list_query: str = ""  # the class that holds what a list is asked for, "" where handlers take each value by itself
    settings: Mapping[str, str] = msgspec.field(default_factory=dict)

    def module(self, role: str) -> str:
        """The dotted module of a role's file."""
        return self.modules[role]

    modules: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def read_name(self) -> str:
        """The response schema as handlers name it: not as the entity, even where both classes have one name."""
        read = self.schemas["read"]
        return f"{read}Schema" if read == self.class_name and self.paths["schema"] != self.paths["model"] else read

    @property
    def read_import(self) -> str:
        read = self.schemas["read"]
        renamed = f" as {self.read_name}" if self.read_name != read else ""
        return f"from {self.module(self.read_role)} import {read}{renamed}"

    @property
    def read_role(self) -> str:
        """Whose file response schemas stand in: that of all schemas, or one of their own."""
        return "schema_read" if "schema_read" in self.paths else "schema"

    @property
    def list_prefix(self) -> str:
        """What stands before a value that a list is asked for."""
        return "query." if self.list_query else ""

    @property
    def list_query_import(self) -> str:
        return f"from {self.module('schema')} import {self.list_query}" if self.list_query else ""

    def field(self, name: str) -> FieldPlan:
        """The field of this name or attribute. Raises KeyError."""
        for item in self.fields:
            if name in {item.spec.name, item.attr}:
                return item
        raise KeyError(name)

    @property
    def columns(self) -> tuple[FieldPlan, ...]:
        """All fields with a column, the owner's among them."""
        return (*self.fields, *((self.owner_field,) if self.owner_field else ()))

    @property
    def refs(self) -> tuple[FieldPlan, ...]:
        return tuple(f for f in self.fields if f.target is not None)

    @property
    def unique(self) -> tuple[FieldPlan, ...]:
        return tuple(f for f in self.fields if f.spec.unique)

    @property
    def user_operations(self) -> frozenset[str]:
        """Operations whose handler needs to know who is asking."""
        if self.owner is None:
            return frozenset()
        listed = {"list"} if self.owner.list_own else set()
        return frozenset({"create", *self.owner.ops, *listed} & set(self.operations))


class Piece(msgspec.Struct, frozen=True):
    """Source text for one file. `imports` may name more than is used: what is not used is left out."""

    role: str
    path: str
    imports: tuple[str, ...]
    body: str
    because: str
    like: str = ""
    summary: str = ""


class Insertion(msgspec.Struct, frozen=True):
    """A change inside an existing file: `text` goes right after the line that holds `after` (or to the end of a class).

    `anchor` is "line": after the statement `after` that starts at `line`; "import": the same for an import; "class": at the
    end of the attributes of the class named `after`; "replace": in the place of `after`.
    """

    path: str
    anchor: str
    text: str
    because: str
    line: int = 0
    after: str = ""
    imports: tuple[str, ...] = ()
    typing_imports: tuple[str, ...] = ()
    exported: str = ""  # a name for `__all__`


class Splice(msgspec.Struct, frozen=True):
    """A change of the bytes `start:end` of an existing file; nothing else of it is touched.

    `anchor` is "in": `text` comes in their place; "below": on lines of its own below the one where they end, indented as
    the one where they start; "above": on lines of its own above them and the comments there; "define": a function right
    below the one that ends there, as deep in. Of "below" and "define", `text` is laid out for the width that is left.
    An import that begins with `TYPE:` is for type checkers alone.
    """

    path: str
    start: int
    end: int
    text: str
    because: str
    anchor: Literal["in", "below", "above", "define"] = "in"
    imports: tuple[str, ...] = ()


Emission = Piece | Insertion | Splice
Emitter = Callable[[ResourcePlan], tuple[Emission, ...]]


class SchemaSpelling(msgspec.Struct, frozen=True):
    """How the validation library spells fields, for an ORM whose entities are schemas too."""

    create_line: Callable[..., str]
    update_line: Callable[..., str]
    support: Callable[[ResourcePlan, str], list[str]]
    not_null: Callable[[ResourcePlan], list[str]]
    has_emails: Callable[[ResourcePlan], bool]


class Fragments(msgspec.Struct, frozen=True):
    """Data access as source, whoever does it: queries on a session, or calls to a repository.

    `find` and `missing` take the source of a value; `missing` is a condition; `add` and `save` take the statement that answers a conflict.
    Blocks are statements without indentation.
    """

    get: Callable[[str], str]
    find: Mapping[str, Callable[[str], str]]
    missing: Mapping[str, Callable[[str], str]]
    listing: str  # a block that leaves `rows` and `total`
    add: Callable[[str], str]
    save: Callable[[str], str]
    remove: str
    imports: tuple[str, ...]
