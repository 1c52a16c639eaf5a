"""Who may do what: the permission classes of REST framework and of the project, as levels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from backwright.kit.django.house import Permission
from backwright.kit.house import AuthStyle, Guard
from backwright.kit.index import FactIndex
from backwright.kit.ref import Ref
from backwright.kit.testfiles import is_test_file
from backwright.stacks.django.resources import source_at

_MODULE = "rest_framework.permissions"
_STOCK = {
    "AllowAny": ("public", "public"),
    "IsAuthenticated": ("user", "user"),
    "IsAdminUser": ("admin", "admin"),
    "IsAuthenticatedOrReadOnly": ("public", "user"),
}
_PLAIN = frozenset(
    {
        *(
            "self",
            "request",
            "view",
            "bool",
            "True",
            "False",
            "None",
            "return",
            "if",
            "else",
            "and",
            "or",
            "not",
            "is",
            "in",
        ),
        *("user", "method", "permissions", "SAFE_METHODS", "is_authenticated", "is_staff", "is_superuser", "is_active"),
    }
)
_ADMIN = re.compile(r"\.user\.(is_staff|is_superuser)\b")
_OWNER = re.compile(
    r"\b(?:obj|object|instance)\.(\w+?)(?:_id|\.id|\.pk)?\s*==\s*request\.user\b|request\.user(?:\.id|\.pk)?\s*==\s*obj\.(\w+?)(?:_id|\.id|\.pk)?\b"
)


def stock(name: str) -> Permission:
    """A permission class of REST framework. Raises KeyError."""
    read, write = _STOCK[name]
    return Permission(Ref(name, _MODULE), read, write)


def permissions_of(index: FactIndex, read: Callable[[str], str]) -> tuple[Permission, ...]:
    """The permission classes of the project whose meaning can be told, then those of REST framework."""
    return (*_own(index, read), *(stock(name) for name in _STOCK))


def _own(index: FactIndex, read: Callable[[str], str]) -> Iterator[Permission]:
    for found in index.classes():
        if is_test_file(found.path) or f"{_MODULE}.BasePermission" not in index.root_bases(found):
            continue
        source = source_at(read(found.path), found.symbol.loc)
        ref = Ref(found.symbol.name, index.module(found.path))
        safe = "SAFE_METHODS" in source
        methods = index.symbols(found.path)
        on_view = f"{found.symbol.qualname}.has_permission" in methods
        on_row = f"{found.symbol.qualname}.has_object_permission" in methods
        owner = _OWNER.search(source)
        if on_row and not on_view and owner is not None and not _ADMIN.search(source):
            yield Permission(ref, owner=owner.group(1) or owner.group(2), owner_reads=not safe)
        elif on_view and not on_row and _ADMIN.search(source) and _is_plain(source):
            reading = _reading(source) if safe else "admin"
            if reading:
                yield Permission(ref, reading, "admin")


def _reading(source: str) -> str:
    """Who may read, of a permission that tells reading apart; `""` where that is put in another way."""
    if re.search(r"SAFE_METHODS\s*(:\s*(#[^\n]*\s*)?return True\b|or\b|\)?\s+or\b)", source):
        return "public"
    return "user" if re.search(r"SAFE_METHODS\s*:\s*(#[^\n]*\s*)?return [^\n]*is_authenticated", source) else ""


def _is_plain(source: str) -> bool:
    """Whether a permission looks at nothing but the method, and whether the user is signed in and of the staff."""
    code = re.sub(r'''(?s:""".*?""")|#[^\n]*|"[^"\n]*"''', "", source.partition("has_permission")[2])
    return set(re.findall(r"[A-Za-z_]\w*", code)) <= _PLAIN


def auth_style(user: Ref, table: str) -> AuthStyle:
    """Whom REST framework can tell apart: signed-in users, and staff."""
    guards = tuple(
        Guard(level, name, (Ref(name, _MODULE),))
        for level, name in (("user", "IsAuthenticated"), ("admin", "IsAdminUser"))
    )
    return AuthStyle(guards=guards, user=user, user_table=table)


def levels(classes: Sequence[str], known: Sequence[Permission]) -> tuple[str, str]:
    """(who may read, who may write) with these permission classes; `""` for what cannot be told."""
    order = ("public", "user", "admin")
    reading, writing = "public", "public"
    for name in classes:
        bare = name.rpartition(".")[2]
        found = next((p for p in known if p.ref.name == bare), None)
        if found is None:
            return "", ""
        if found.owner:
            continue
        reading = max(reading, found.read, key=order.index)
        writing = max(writing, found.write, key=order.index)
    return reading, writing
