"""Who may do what, as permission classes: those of the house where they say it, else those of REST framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backwright.core.request import Ownership
from backwright.kit.artifacts import Piece
from backwright.kit.django.house import Permission
from backwright.kit.ref import Ref
from backwright.stacks.django.decide import DjangoPlan
from backwright.stacks.django.naming import called, is_free
from backwright.stacks.django.permissions import stock

_PERMISSIONS = "rest_framework.permissions"
_STOCK_NAMES = ("AllowAny", "IsAuthenticated", "IsAdminUser", "IsAuthenticatedOrReadOnly")
_READS = ("list", "get")
_ACTIONS = {
    "list": ("list",),
    "get": ("retrieve",),
    "create": ("create",),
    "update": ("update", "partial_update"),
    "delete": ("destroy",),
}
_METHODS = {"list": ("GET",), "get": ("GET",), "create": ("POST",), "update": ("PUT", "PATCH"), "delete": ("DELETE",)}
_STOCK = {"public": "AllowAny", "user": "IsAuthenticated", "admin": "IsAdminUser"}


@dataclass(frozen=True)
class Guarding:
    """The permission classes of the views, with what they need."""

    plan: DjangoPlan
    own: Permission | None  # whose row it must be
    imports: tuple[str, ...]
    pieces: tuple[Piece, ...]

    def attributes(self, part: str, operations: tuple[str, ...]) -> list[str]:
        """`permission_classes`, where one list says it for all operations."""
        classes = self._classes(operations)
        if self.own is None and not _declares(self.plan) and self.plan.access == _default(self.plan):
            return []  # the project's settings say it
        return [f"    permission_classes = [{', '.join(classes)}]"] if classes is not None else []

    def methods(self, part: str, operations: tuple[str, ...]) -> list[str]:
        """`get_permissions`, where no list says it; and the rows that a user sees."""
        lines: list[str] = []
        if self._classes(operations) is None:
            lines += self._by_operation(part, operations)
        owner = self.plan.owner
        if owner is not None and owner.list_own and self.plan.owner_field is not None:
            mine = f"super().get_queryset().filter({self.plan.owner_field.attr}=self.request.user.pk)"
            whole = hides(owner) or "list" not in operations or part == "many"
            if whole and ("list" in operations or hides(owner)):
                lines += ["", "    def get_queryset(self):", f"        return {mine}"]
            elif "list" in operations:
                lines += [
                    "",
                    "    def get_queryset(self):",
                    '        if self.action == "list":',
                    f"            return {mine}",
                    "        return super().get_queryset()",
                ]
        return lines

    def _classes(self, operations: tuple[str, ...]) -> list[str] | None:
        return _one_list(self.plan, operations, self.own)

    def _by_operation(self, part: str, operations: tuple[str, ...]) -> list[str]:
        levels: dict[tuple[str, bool], list[str]] = {}
        for op in operations:
            levels.setdefault((self.plan.access[op], self._is_owned(op)), []).append(op)
        *special, last = sorted(levels.items(), key=lambda i: len(i[1]))
        lines = ["", "    def get_permissions(self):"]
        for (level, owned), ops in special:
            lines += [f"        if {_asked(part, ops)}:", f"            return [{self._instances(level, owned=owned)}]"]
        (level, owned), _ = last
        return [*lines, f"        return [{self._instances(level, owned=owned)}]"]

    def _is_owned(self, op: str) -> bool:
        return self.own is not None and self.plan.owner is not None and op in self.plan.owner.ops

    def _instances(self, level: str, *, owned: bool) -> str:
        names = [f"{_stock(self.plan, _STOCK[level])}()"]
        if owned and self.own is not None:
            names.append(f"{self.own.ref.name}()")
        return ", ".join(names)


def _declares(plan: DjangoPlan) -> bool:
    """Whether the exemplar has permission classes of its own."""
    return any(f.name == "permission_classes" for view in plan.sibling.views for f in view.symbol.fields)


def _default(plan: DjangoPlan) -> dict[str, str]:
    known = plan.house.access.get(plan.sibling.name.snake, {})
    return {op: known.get(op, "") for op in plan.operations}


def _asked(part: str, operations: list[str]) -> str:
    if part == "all":
        names = [f'"{a}"' for op in operations for a in _ACTIONS[op]]
        return f"self.action == {names[0]}" if len(names) == 1 else f"self.action in {{{', '.join(names)}}}"
    names = [f'"{m}"' for op in operations for m in _METHODS[op]]
    return f"self.request.method == {names[0]}" if len(names) == 1 else f"self.request.method in {{{', '.join(names)}}}"


def hides(owner: Ownership) -> bool:
    """Whether rows of others are as if they were not there: neither listed nor to be read or changed."""
    return owner.list_own and {"get", "update", "delete"} <= set(owner.ops)


def guarding(plan: DjangoPlan) -> Guarding:
    """The permissions of a plan, with the class for owners where the house has none that fits."""
    own, piece = _owner_permission(plan)
    found: list[Ref] = [own.ref] if own is not None else []
    classes = [_pair(_known(plan), plan.access, plan.operations)]
    found += [p.ref for p in classes if p is not None and p.ref.module != _PERMISSIONS]
    imports = [ref.line for ref in found if ref.module]
    imports += [called(plan, plan.paths["view"], _PERMISSIONS, name)[1] for name in _STOCK_NAMES]
    return Guarding(plan, own, tuple(imports), (piece,) if piece is not None else ())


def _owner_permission(plan: DjangoPlan) -> tuple[Permission | None, Piece | None]:
    owner, field = plan.owner, plan.owner_field
    if owner is None or field is None or not owner.ops or hides(owner):
        return None, None
    reads = "get" in owner.ops
    for known in _known(plan):
        if known.owner == field.attr and known.owner_reads == reads:
            return known, None
    name = "IsOwner" if reads else "IsOwnerOrReadOnly"
    safe = "" if reads else "request.method in permissions.SAFE_METHODS or "
    body = "\n".join(
        [
            f"class {name}(permissions.BasePermission):",
            "    def has_object_permission(self, request, view, obj):",
            f"        return {safe}obj.{field.attr}_id == request.user.pk",
        ]
    )
    path = plan.paths["permissions"]
    made = Permission(Ref(name, plan.module("permissions")), owner=field.attr, owner_reads=reads)
    piece = Piece(
        "permissions", path, ("from rest_framework import permissions",), body, "only the owner may change a row"
    )
    return made, piece


def _known(plan: DjangoPlan) -> tuple[Permission, ...]:
    """The permissions of the house that the file of the views may call by their names; those that it knows first."""
    path = plan.paths["view"]
    free = [p for p in plan.house.permissions if is_free(plan, path, p.ref.name, f"{p.ref.module}.{p.ref.name}")]
    return tuple(sorted(free, key=lambda p: plan.index.origin(path, p.ref.name) != f"{p.ref.module}.{p.ref.name}"))


def _stock(plan: DjangoPlan, name: str) -> str:
    return called(plan, plan.paths["view"], _PERMISSIONS, name)[0]


def _pair(known: tuple[Permission, ...], access: Mapping[str, str], operations: tuple[str, ...]) -> Permission | None:
    """The class that says who may read and who may write, where each is one level."""
    reading = {access[op] for op in operations if op in _READS}
    writing = {access[op] for op in operations if op not in _READS}
    if len(reading) > 1 or len(writing) > 1:
        return None
    read, write = next(iter(reading), ""), next(iter(writing), "")
    for permission in known:
        if not permission.owner and read in {"", permission.read} and write in {"", permission.write}:
            return permission
    return stock(_STOCK[read or write]) if not read or not write or read == write else None


def _one_list(plan: DjangoPlan, operations: tuple[str, ...], own: Permission | None) -> list[str] | None:
    pair = _pair(_known(plan), plan.access, operations)
    if pair is None:
        return None
    names = [pair.ref.name if pair.ref.module != _PERMISSIONS else _stock(plan, pair.ref.name)]
    if own is not None and plan.owner is not None:
        guarded = {op for op in operations if op in ("get", "update", "delete")}
        meant = guarded - {"get"} if not own.owner_reads else guarded
        if meant and meant != guarded & set(plan.owner.ops):
            return None
        names += [own.ref.name] if meant else []
    return names
