"""What was asked for, and what it is understood as, before any stack is known."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from backwright.core.change import Assumption, Question

FieldType = Literal[
    "string", "text", "email", "url", "uuid", "slug", "enum", "boolean", "integer", "decimal", "float", "date",
    "datetime", "json", "ref",
]  # fmt: skip

Operation = Literal["create", "list", "get", "update", "delete"]
OPERATIONS: tuple[Operation, ...] = ("create", "list", "get", "update", "delete")


class FieldSpec(msgspec.Struct, frozen=True):
    """A field as asked for. `name` is snake_case; of a ref it is without `_id` (`category`), `ref` the entity (`Category`)."""

    name: str
    type: FieldType = "string"
    required: bool = True
    nullable: bool = False
    unique: bool = False
    min: str | None = None  # a number as text, so that decimals stay exact
    max: str | None = None
    exclusive_min: bool = False
    min_length: int | None = None
    max_length: int | None = None
    precision: int | None = None  # decimal digits in all
    scale: int | None = None  # of them behind the point
    values: tuple[str, ...] = ()  # of an enum
    default: Any = None
    has_default: bool = False
    ref: str = ""
    on_delete: str = "restrict"  # restrict | cascade | set_null
    update: bool = True  # may change after creation
    index: bool = False  # asked for by name; a unique field, a ref and a filter have theirs anyway


class Listing(msgspec.Struct, frozen=True):
    """How the list behaves."""

    paginate: bool = True
    page_default: int = 20
    page_max: int = 100
    total: bool = True
    filters: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


class Ownership(msgspec.Struct, frozen=True):
    """Rows belong to the user who made them. `ops` are refused to others; `list_own` lists one's own only."""

    field: str = "owner"
    ops: tuple[Operation, ...] = ("update", "delete")
    list_own: bool = False


class Feature(msgspec.Struct, frozen=True):
    """A resource as asked for: the same value from grammar, feature file and plain words.

    `access` maps operations to "public" | "user" | "owner" | "admin" | another role's name; an operation that is not in
    it follows the house.
    """

    resource: str  # PascalCase singular
    plural: str = ""  # snake_case plural
    fields: tuple[FieldSpec, ...] = ()
    operations: tuple[Operation, ...] = OPERATIONS
    access: dict[str, str] = msgspec.field(default_factory=dict)
    listing: Listing = Listing()
    owner: Ownership | None = None
    unique_together: tuple[tuple[str, ...], ...] = ()


class FieldChange(msgspec.Struct, frozen=True):
    """One field of a resource that exists, to be added, renamed or removed: the same value from all ways of asking.

    `resource` is the entity as it was called; `name` the field as it is (or, of a new one, will be) called in the database.
    A new reference may be a `relation`: the entity that it refers to gets the collection, and the list is asked by it.
    """

    action: Literal["add", "rename", "remove"]
    resource: str
    name: str
    to: str = ""  # what a renamed field is called afterwards
    field: FieldSpec | None = None  # of a new one
    relation: bool = False


class EndpointChange(msgspec.Struct, frozen=True):
    """A custom action on one row of a resource that exists: `POST /orders/{id}/cancel`.

    `target` is what the row's state is afterwards and `sources` what it has to be before; both may be left to the verb.
    A target is a value of the state (`cancelled`), or says its column too (`is_open=false`, `archived_at=now`).
    """

    resource: str
    action: str  # snake_case verb
    target: str = ""
    sources: tuple[str, ...] = ()
    until: str = ""  # the first state from which it is refused
    access: str = ""  # role; "" follows the endpoint that changes the resource
    stamps: tuple[str, ...] = ()  # columns that note the moment


class ListChange(msgspec.Struct, frozen=True):
    """What the list of a resource that exists can be asked for in addition. Sizes of 0 follow the house."""

    resource: str
    filters: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    pages: Literal["", "offset", "cursor"] = ""
    page_default: int = 0
    page_max: int = 0


class MigrationChange(msgspec.Struct, frozen=True):
    """A change of the database alone. `table` is the table or its entity as it was called.

    `condition` is the SQL of a check, or which rows a backfill changes; `value` what these rows get in the one of `columns`.
    """

    action: Literal["index", "unique", "check", "backfill"]
    table: str
    columns: tuple[str, ...] = ()
    condition: str = ""
    value: str = ""
    concurrently: bool = False
    batch: int = 0  # rows at a time; 0 follows what is assumed


class Audit(msgspec.Struct, frozen=True):
    """Rows of a resource that exists tell when they were made and last changed. No `columns` are both moments."""

    resource: str
    columns: tuple[str, ...] = ()


class SoftDelete(msgspec.Struct, frozen=True):
    """Rows of a resource that exists are marked as deleted, and read no more, instead of deleted."""

    resource: str


class HealthCheck(msgspec.Struct, frozen=True):
    """Endpoints for whoever runs the service: `live` without dependencies, `ready` asks the database."""

    probes: tuple[Literal["live", "ready"], ...] = ("live", "ready")


class FixRequest(msgspec.Struct, frozen=True):
    """Findings of the guardrails that are to be mended: of these rules (ids, prefixes, names; none: of all), at these places.

    A place is a file, a folder, or a resource whose code is meant; none: anywhere.
    """

    rules: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class RateLimit(msgspec.Struct, frozen=True):
    """At most `limit` requests of one caller in each window of `seconds`. `method` may be left out, `by` follows the endpoint."""

    path: str
    limit: int
    seconds: int
    method: str = ""
    by: Literal["", "user", "ip"] = ""


class Understood(msgspec.Struct, frozen=True):
    """What a request was understood as. Questions of level "high" stop everything (exit 4)."""

    kind: str  # of the change that it says ("resource", "field", "soft_delete" …), else "hand_off" or "unknown"
    feature: Feature | None = None
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    hand_off: str = ""  # "frontend" | "mobile" | "database" | "infrastructure" …
    difficulty: Literal["simple", "medium", "complex"] = "simple"
    words: str = ""
    field: FieldChange | None = None
    endpoint: EndpointChange | None = None
    listing: ListChange | None = None
    migration: MigrationChange | None = None
    soft_delete: SoftDelete | None = None
    audit: Audit | None = None
    health: HealthCheck | None = None
    fix: FixRequest | None = None
    rate_limit: RateLimit | None = None

    @property
    def decided(self) -> bool:
        """Whether it says what to make."""
        of_rows = (self.field, self.endpoint, self.listing, self.migration, self.soft_delete, self.audit)
        changes = (*of_rows, self.health, self.fix, self.rate_limit)
        return self.feature is not None or any(asked is not None for asked in changes)
