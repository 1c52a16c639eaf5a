"""The feature file: a resource in YAML or JSON (`docs/reference/feature-file.md`, `feature.schema.json`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.request import OPERATIONS, Feature, FieldSpec, Listing, Operation, Ownership, Understood
from backwright.engine.request_access import operations_of, role_of, spread
from backwright.engine.request_audit import audit_of_file
from backwright.engine.request_checks import check_field, check_names, settle
from backwright.engine.request_difficulty import difficulty
from backwright.engine.request_endpoint import FILE_KEYS as ENDPOINT_KEYS
from backwright.engine.request_endpoint import endpoint_of_file
from backwright.engine.request_fields import field_of_file
from backwright.engine.request_grammar import PAGES_ASSUMED, read_fields, read_operations, read_owner, read_paginate
from backwright.engine.request_health import health_of_file
from backwright.engine.request_listing import OPTIONS as LIST_OPTIONS
from backwright.engine.request_listing import list_of_file
from backwright.engine.request_migration import ACTIONS as MIGRATIONS
from backwright.engine.request_migration import migration_of_file
from backwright.engine.request_nodes import NodeReader
from backwright.engine.request_rate_limit import FILE_KEYS as LIMIT_KEYS
from backwright.engine.request_rate_limit import rate_limit_of_file
from backwright.engine.request_relation import FILE_KEYS as RELATION_KEYS
from backwright.engine.request_relation import relation_of_file
from backwright.engine.request_soft_delete import soft_delete_of_file
from backwright.engine.request_spelling import did_you_mean, read_spelling
from backwright.engine.request_types import TYPES, Said, default_of, make_field, number
from backwright.engine.yaml_nodes import Mapping, Node, Scalar, load
from backwright.kit.naming import pascal, snake, why_not_resource

RESOURCE_KEYS = ("name", "plural", "fields", "operations", "auth", "unique_together")
FEATURE_KEYS = ("pagination", "filter", "sort", "search", "owner", "concurrency")
ABOUT_KEYS = ("request", "kind", "resource", "related")  # `related` says what exists: nothing to make
FIELD_KEYS = (
    "name", "type", "required", "nullable", "unique", "index", "min", "max", "exclusive_min", "min_length",
    "max_length", "values", "default", "ref", "on_delete", "scale", "precision", "update",
)  # fmt: skip
TEST_KEYS = ("examples", "bad")  # sample values for whoever tests the result: nothing to make
FIELD_CHANGES = ("add_field", "rename_field", "remove_field")
_OTHER_KINDS = {"auth": "registration and login"}


def parse_file(text: str, path: str) -> Understood:
    """What a feature file is understood as. Raises UsageError with `path:line` of what is wrong."""
    root = load(text, path)
    if root is None:
        raise UsageError("the file is empty", where=path, hints=("it has at least: resource, fields",))
    return _FeatureFile(path).read(root)


class _FeatureFile(NodeReader):
    """Reads nodes into a feature; every complaint names the line."""

    def read(self, root: Node) -> Understood:
        top = self._mapping(root, "a feature file")
        words = self._text(top["request"]) if "request" in top else self.path
        if top.keys() & set(FIELD_CHANGES):
            return self._change(top, root, words)
        if "endpoint" in top:
            return self._endpoint(top, root, words)
        if "change_list" in top:
            return self._list(top, root, words)
        if "soft_delete" in top:
            self._known(root, ("request", "soft_delete"))
            return soft_delete_of_file({"soft_delete": self._text(top["soft_delete"])}, words)
        if "health" in top:
            self._known(root, ("request", "health"))
            return self._at(top["health"], health_of_file, self._words(top["health"], "health"), words)
        if "audit" in top:
            self._known(root, ("request", "audit"))
            return self._at(top["audit"], audit_of_file, {"audit": self._text(top["audit"])}, words)
        if "relation" in top:
            self._known(root, ("request", "relation", *RELATION_KEYS))
            said = {key: self._text(node) for key, node in top.items() if key not in ("request", "fields")}
            pair = self._words(top["fields"], "fields") if "fields" in top else ()
            return self._at(top["relation"], relation_of_file, said, pair, words)
        if "migration" in top:
            self._known(root, ("request", "migration"))
            given = self._said(top["migration"], "a migration", (*MIGRATIONS, "concurrently", "batch"))
            return self._at(top["migration"], migration_of_file, given, words)
        kind = self._text(top["kind"]) if "kind" in top else "crud"
        if kind == "rate_limit" or ("rate_limit" in top and kind == "crud"):
            return self._rate_limit(top, root, words)
        if kind in _OTHER_KINDS:
            text = f"this version makes resources, not {_OTHER_KINDS[kind]}"
            return Understood("unknown", questions=(Question("request", text, "high"),), words=words)
        if kind not in ("crud", "resource"):
            self.fail(
                top["kind"],
                f"unknown kind '{kind}'",
                did_you_mean(kind, ["crud", "rate_limit", *_OTHER_KINDS], "kinds"),
            )
        merged = self._merged(top, root)
        feature, assumptions, questions = self._feature(merged, root)
        return Understood("resource", feature, assumptions, questions, difficulty=difficulty(feature), words=words)

    def _rate_limit(self, top: dict[str, Node], root: Node, words: str) -> Understood:
        """How often an endpoint may be asked: `rate_limit: {path: POST /orders, limit: 10/minute}`."""
        self._known(root, ("request", "kind", "rate_limit"))
        if "rate_limit" not in top:
            self.fail(
                root, "the file says no limit", ("for example rate_limit: {path: POST /orders, limit: 10/minute}",)
            )
        self._known(top["rate_limit"], LIMIT_KEYS)
        nodes = self._mapping(top["rate_limit"], "a rate limit")
        given = {key: self._text(node) for key, node in nodes.items() if key != "json"}
        return self._at(top["rate_limit"], rate_limit_of_file, given, words)

    def _change(self, top: dict[str, Node], root: Node, words: str) -> Understood:
        """One field of a resource that exists: `add_field`, `rename_field` with `to`, or `remove_field`."""
        self._known(root, ("request", "resource", "to", *FIELD_CHANGES))
        asked = [key for key in FIELD_CHANGES if key in top]
        if len(asked) > 1:
            self.fail(top[asked[1]], f"'{asked[0]}' and '{asked[1]}': a plan changes one field")
        if "resource" not in top:
            self.fail(root, "the resource has no name", ("for example resource: Customer",))
        if ("to" in top) != ("rename_field" in top):
            self.fail(top.get("to", root), "'rename_field' and 'to' go together")
        said = {key: self._text(node) for key, node in top.items() if key != "request"}
        return self._at(top[asked[0]], lambda given: field_of_file(given, words), said)

    def _endpoint(self, top: dict[str, Node], root: Node, words: str) -> Understood:
        """An action on a resource that exists: `endpoint: cancel`, `from: [pending, paid]`, `to: cancelled`."""
        self._known(root, ("request", "resource", *ENDPOINT_KEYS))
        if "resource" not in top:
            self.fail(root, "the resource has no name", ("for example resource: Order",))
        said = {key: ",".join(self._words(node, key)) for key, node in top.items() if key != "request"}
        return self._at(top["endpoint"], lambda given: endpoint_of_file(given, words), said)

    def _list(self, top: dict[str, Node], root: Node, words: str) -> Understood:
        """What the list of `resource` is asked for in addition."""
        self._known(root, ("request", "resource", "change_list"))
        if "resource" not in top:
            self.fail(root, "the resource has no name", ("for example resource: Order",))
        given = self._said(top["change_list"], "a list", LIST_OPTIONS)
        return self._at(top["change_list"], list_of_file, {**given, "resource": self._text(top["resource"])}, words)

    def _said(self, node: Node, what: str, keys: tuple[str, ...]) -> dict[str, str | list[str]]:
        """A mapping of these keys to texts, or lists of them."""
        self._known(node, keys)
        return {
            key: list(self._words(value, key)) if key in LIST_OPTIONS and key != "paginate" else self._text(value)
            for key, value in self._mapping(node, what).items()
        }

    def _merged(self, top: dict[str, Node], root: Node) -> dict[str, Node]:
        """The keys of the feature, whether they stand under `resource:` or beside it."""
        nested: dict[str, Node] = {}
        if isinstance(top.get("resource"), Mapping):
            nested = self._mapping(top["resource"], "resource")
            self._known(top["resource"], (*RESOURCE_KEYS, *FEATURE_KEYS))
        elif "resource" in top:
            nested = {"name": top["resource"]}
        self._known(root, (*ABOUT_KEYS, *RESOURCE_KEYS, *FEATURE_KEYS))
        for key in nested.keys() & top.keys() - {"resource"}:
            self.fail(top[key], f"'{key}' is there twice, under 'resource' and beside it")
        merged = top | nested
        unset = [key for key, node in merged.items() if isinstance(node, Scalar) and node.is_null]
        return {key: node for key, node in merged.items() if key not in unset or key == "name"}

    def _feature(
        self, said: dict[str, Node], root: Node
    ) -> tuple[Feature, tuple[Assumption, ...], tuple[Question, ...]]:
        if "name" not in said:
            self.fail(root, "the resource has no name", ("for example name: product",))
        name = self._text(said["name"])
        if reason := why_not_resource(name):
            self.fail(said["name"], f"a resource cannot be called '{name}': {reason}")
        if "fields" not in said:
            self.fail(root, f"{pascal(name)} has no fields", ("for example fields: ['name:str(200)']",))
        fields, assumptions, questions = self._fields(said["fields"], pascal(name))
        operations = self._operations(said["operations"]) if "operations" in said else OPERATIONS
        listing, pages_assumed = self._listing(said, fields)
        feature = Feature(
            resource=pascal(name),
            plural=self._text(said["plural"]) if "plural" in said else "",
            fields=fields,
            operations=operations,
            access=spread(self._auth(said["auth"]), operations) if "auth" in said else {},
            listing=listing,
            owner=self._owner(said["owner"]) if "owner" in said else None,
            unique_together=self._groups(said["unique_together"]) if "unique_together" in said else (),
        )
        if "concurrency" in said:
            questions += self._concurrency(said["concurrency"])
        settled = self._at(said["name"], settle, feature)
        assumptions += (PAGES_ASSUMED,) * (pages_assumed and "list" in operations)
        return settled, assumptions, questions

    # --- fields ---

    def _fields(
        self, node: Node, resource: str
    ) -> tuple[tuple[FieldSpec, ...], tuple[Assumption, ...], tuple[Question, ...]]:
        fields: list[FieldSpec] = []
        assumptions: list[Assumption] = []
        questions: list[Question] = []
        for item, name, value in self._field_items(node):
            if isinstance(value, Mapping):
                found = [self._field(value, name)]
            else:
                token = f"{name}:{self._text(value)}" if name else self._text(value)
                read, assumed, asked = self._at(item, read_fields, [token.strip()], resource)
                found = [*read]
                assumptions += assumed
                questions += asked
            for field in found:
                self._at(item, check_field, field, resource)
            fields += found
        return tuple(fields), tuple(assumptions), tuple(questions)

    def _field_items(self, node: Node) -> Iterable[tuple[Node, str, Node]]:
        """Each field with its name, where the name stands before it: `price: decimal(10,2)`."""
        if isinstance(node, Mapping):
            yield from ((key, key.text, value) for key, value in node.pairs)
            return
        for item in self._items(node, "fields"):
            if isinstance(item, Mapping) and len(item.pairs) == 1:
                yield item, item.pairs[0][0].text, item.pairs[0][1]
            else:
                yield item, "", item

    def _field(self, node: Mapping, name: str) -> FieldSpec:
        keys = self._mapping(node, "a field")
        self._known(node, (*FIELD_KEYS, *TEST_KEYS))
        if not name and "name" not in keys:
            self.fail(node, "the field has no name", ("for example {name: title, type: string}",))
        name = name or self._text(keys["name"])
        name = snake(name) or name
        said: Said = {}
        if "type" in keys:
            spelling = self._text(keys["type"])
            bare = TYPES.get(spelling.lower())
            complete = (bare == "ref" and "ref" in keys) or (bare == "enum" and "values" in keys)
            said = {"type": bare} if complete else self._at(keys["type"], read_spelling, spelling, name)
        elif "ref" in keys or "values" in keys:
            said = {"type": "ref" if "ref" in keys else "enum"}
        else:
            self.fail(node, f"field '{name}' has no type", ("for example type: string",))
        said |= self._field_details(keys, said["type"], name)
        return make_field((name.removesuffix("_id") or name) if said["type"] == "ref" else name, said)

    def _field_details(self, keys: dict[str, Node], kind: Any, name: str) -> Said:
        said: Said = {}
        for key in ("required", "nullable", "unique", "index", "update", "exclusive_min"):
            if key in keys:
                said[key] = self._boolean(keys[key], key)
        for key in ("min", "max"):
            if key in keys:
                said[key] = self._at(keys[key], number, self._text(keys[key]))
        for key in ("min_length", "max_length", "scale", "precision"):
            if key in keys:
                said[key] = self._count(keys[key], key)
        if "values" in keys:
            said["values"] = tuple(self._text(item) for item in self._items(keys["values"], "values"))
        if "ref" in keys:
            said["ref"] = pascal(self._text(keys["ref"]))
        if "on_delete" in keys:
            said["on_delete"] = self._on_delete(keys["on_delete"])
        if "default" in keys:
            said |= self._default(keys["default"], kind, name)
        if not said.get("required", True) and "nullable" in said and not (said["nullable"] or said.get("has_default")):
            hints = ("give it a default", "or let it be null: nullable: true")
            self.fail(keys["nullable"], f"field '{name}' may be left out and may not be null: what is it then?", hints)
        return said

    def _on_delete(self, node: Node) -> str:
        word = {"any": "restrict", "protect": "restrict", "no_action": "restrict"}.get(
            self._text(node), self._text(node)
        )
        known = ["restrict", "cascade", "set_null"]
        if word not in known:
            self.fail(node, f"on_delete is not '{word}'", did_you_mean(word, known, "one of"))
        return word

    def _default(self, node: Node, kind: Any, name: str) -> Said:
        if isinstance(node, Scalar) and node.is_null:
            return {"required": False, "nullable": True}
        if kind == "json":
            value = self._plain(node)
        else:
            text = self._text(node)
            try:
                value = default_of(kind, text)
            except ValueError as error:
                self.fail(node, f"the default of '{name}' does not fit {kind}: {error}")
        return {"default": value, "has_default": True}

    # --- the rest of the feature ---

    def _operations(self, node: Node) -> tuple[Operation, ...]:
        return self._at(node, read_operations, self._words(node, "operations"))

    def _auth(self, node: Node) -> list[tuple[str, str]]:
        if isinstance(node, Scalar):
            return [("all", self._at(node, role_of, self._text(node)))]
        said = []
        for key, role in self._mapping(node, "auth").items():
            if not operations_of(key):
                known = ["create", "list", "get", "update", "delete", "write", "read", "default"]
                self.fail(self._key(node, key), f"'{key}' is no operation", did_you_mean(key, known, "operations"))
            said.append((key, self._at(role, role_of, self._text(role))))
        return said

    def _listing(self, said: dict[str, Node], fields: tuple[FieldSpec, ...]) -> tuple[Listing, bool]:
        """The listing, and whether its page sizes are our choice."""
        listing, assumed = Listing(), True
        node = said.get("pagination")
        if isinstance(node, Scalar):
            text = self._text(node)
            listing = self._at(node, read_paginate, text)
            assumed = listing == Listing() and ".." not in text
        elif node is not None:
            keys = self._mapping(node, "pagination")
            self._known(node, ("max", "default", "total"))
            most = self._count(keys["max"], "max") if "max" in keys else listing.page_max
            first = self._count(keys["default"], "default") if "default" in keys else min(listing.page_default, most)
            if first > most:
                self.fail(node, f"the default {first} is more than the max {most}")
            total = self._boolean(keys["total"], "total") if "total" in keys else True
            listing, assumed = Listing(page_default=first, page_max=most, total=total), "max" not in keys
        names = {}
        for key in ("filter", "sort", "search"):
            if key in said:
                names[key] = tuple(word.lstrip("-") for word in self._words(said[key], key))
                self._at(said[key], check_names, names[key], fields, key)
        return msgspec.structs.replace(
            listing,
            filters=names.get("filter", ()),
            sorts=names.get("sort", ()),
            search=names.get("search", ()),
        ), assumed

    def _owner(self, node: Node) -> Ownership | None:
        if isinstance(node, Scalar):
            if node.boolean is False:
                return None
            return self._at(node, read_owner, "" if node.boolean else node.text)
        keys = self._mapping(node, "owner")
        self._known(node, ("field", "ops", "list"))
        field = snake(self._text(keys["field"])) if "field" in keys else "owner"
        list_own = "list" in keys and self._list_own(keys["list"])
        # whoever sees only their own rows in the list does not get others' rows one by one
        usual: tuple[Operation, ...] = ("get", "update", "delete") if list_own else Ownership().ops
        ops = self._operations(keys["ops"]) if "ops" in keys else usual
        kept = tuple(op for op in ops if op not in ("create", "list"))
        return Ownership(field=field.removesuffix("_id") or field, ops=kept, list_own=list_own or "list" in ops)

    def _list_own(self, node: Node) -> bool:
        if isinstance(node, Scalar) and node.boolean is not None:
            return node.boolean
        if self._text(node) not in ("own", "all"):
            self.fail(node, f"list is 'own' or 'all', not '{self._text(node)}'")
        return self._text(node) == "own"

    def _groups(self, node: Node) -> tuple[tuple[str, ...], ...]:
        items = self._items(node, "unique_together")
        if items and all(isinstance(item, Scalar) and "+" not in item.text for item in items):
            return (tuple(self._text(item) for item in items),)  # one group, not a list of groups
        return tuple(tuple(self._words(item, "unique_together", "+")) for item in items)

    def _concurrency(self, node: Node) -> tuple[Question, ...]:
        asked = node.boolean is not False and node.text != "none" if isinstance(node, Scalar) else True
        if isinstance(node, Mapping):
            keys = self._mapping(node, "concurrency")
            asked = self._boolean(keys["optimistic"], "optimistic") if "optimistic" in keys else bool(keys)
        if not asked:
            return ()
        text = "optimistic locking was asked for, and this version does not make it. Without it: --set concurrency=none"
        return (Question("concurrency", text, "high", ("none",)),)
