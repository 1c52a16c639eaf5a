"""Who may do what: operations and their groups, roles and their other names, rows that belong to somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from backwright.core.errors import UsageError
from backwright.core.request import OPERATIONS, Feature, Operation, Ownership
from backwright.engine.request_spelling import did_you_mean, fault
from backwright.kit.naming import snake

WRITES: tuple[Operation, ...] = ("create", "update", "delete")
READS: tuple[Operation, ...] = ("list", "get")
ROLES = ("public", "user", "owner", "admin")

_GROUPS: dict[str, tuple[Operation, ...]] = {
    **{operation: (operation,) for operation in OPERATIONS},
    **dict.fromkeys(("write", "writes"), WRITES),
    **dict.fromkeys(("read", "reads", "view"), READS),
    **dict.fromkeys(("all", "default", "*"), OPERATIONS),
    **dict.fromkeys(("edit", "change", "patch"), ("update",)),
    **dict.fromkeys(("add", "new"), ("create",)),
    **dict.fromkeys(("remove", "destroy"), ("delete",)),
    **dict.fromkeys(("show", "retrieve"), ("get",)),
}
_ROLE_NAMES = {
    **dict.fromkeys(("public", "anyone", "everyone", "anonymous", "none"), "public"),
    **dict.fromkeys(("user", "users", "member", "authenticated", "login", "logged_in"), "user"),
    **dict.fromkeys(("owner", "author", "creator", "own"), "owner"),
    **dict.fromkeys(("admin", "admins", "administrator", "staff", "superuser"), "admin"),
}


def operations_of(word: str) -> tuple[Operation, ...]:
    """The operations that a word names: `write` → create, update, delete. Empty for a word that names none."""
    return _GROUPS.get(word.strip().lower(), ())


def role_of(word: str) -> str:
    """The role that a word names; another word is another role's name. Raises UsageError on what looks misspelt."""
    name = snake(word)
    if name in _ROLE_NAMES:
        return _ROLE_NAMES[name]
    hints = did_you_mean(name, ROLES)
    if hints or not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise UsageError(
            f"unknown role '{word}'", hints=hints or (f"roles: {', '.join(ROLES)}, or the name of another",)
        )
    return name


def parse_auth(text: str) -> dict[str, str]:
    """`write=admin,read=public`, `create,update=admin` or just `admin`, as words to roles. Raises UsageError."""
    said: dict[str, str] = {}
    waiting: list[str] = []
    for part in text.split(","):
        word, equals, role = part.strip().partition("=")
        if not equals:
            waiting.append(word)
            continue
        for one in (*waiting, word):
            if not operations_of(one):
                at = text.find(one)
                known = ["create", "list", "get", "update", "delete", "write", "read", "all"]
                raise fault(
                    text,
                    at,
                    at + len(one),
                    f"'{one}' is no operation in {text}",
                    did_you_mean(one, known, "operations"),
                )
            said[one] = role_of(role)
        waiting.clear()
    if waiting:
        if said or len(waiting) > 1:
            raise fault(
                text, 0, len(text), f"'{waiting[-1]}' has no role in {text}", ("for example --auth write=admin",)
            )
        said["all"] = role_of(waiting[0])
    return said


def spread(said: Iterable[tuple[str, str]], operations: tuple[Operation, ...]) -> dict[str, str]:
    """Roles by operation. What names fewer operations wins over what names more: `delete` over `write` over `all`."""
    access: dict[str, str] = {}
    for word, role in sorted(said, key=lambda pair: -len(operations_of(pair[0]))):
        access |= {operation: role for operation in operations_of(word) if operation in operations}
    return access


def with_ownership(feature: Feature) -> Feature:
    """The feature with `access` and `owner` saying the same. Raises UsageError where they contradict each other."""
    access, owner = dict(feature.access), feature.owner
    owned = tuple(op for op, role in access.items() if role == "owner" and op != "create")
    if owner is None and not owned and access.get("create") != "owner":
        return feature
    owner = owner or Ownership(ops=())
    ops = {op for op in (*owner.ops, *owned) if op in feature.operations and op not in ("create", "list")}
    list_own = owner.list_own or "list" in owned or "list" in owner.ops
    for op in sorted(ops) + ["list"] * (list_own and "list" in feature.operations):
        role = access.get(op, "owner")
        if role == "public":
            raise UsageError(
                f"'{op}' is for everyone and for the owner only, which cannot both be",
                hints=(f"--auth {op}=owner, or leave '{op}' out of what the owner may do",),
            )
        if role in ("user", "owner"):
            access[op] = "owner"
        else:
            ops.discard(op)
    if access.get("create", "owner") in ("owner", "public"):
        if access.get("create") == "public":
            raise UsageError(
                "rows belong to the user who makes them, so 'create' cannot be public", hints=("--auth create=user",)
            )
        if "create" in feature.operations:
            access["create"] = "user"
    kept = tuple(op for op in OPERATIONS if op in ops)
    return msgspec.structs.replace(
        feature,
        access=in_order(access),
        owner=Ownership(field=owner.field.removesuffix("_id") or owner.field, ops=kept, list_own=list_own),
    )


def in_order(access: dict[str, str]) -> dict[str, str]:
    """The same access in the order of the operations, so that equal ones also print alike."""
    return {operation: access[operation] for operation in OPERATIONS if operation in access}
