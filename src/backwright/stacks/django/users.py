"""How tests make the users that they sign in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from backwright.core.facts import Expr
from backwright.kit.django.models import Model, models
from backwright.kit.index import FactIndex
from backwright.kit.rendering import source_of

Made = tuple[str, tuple[str, ...]]
_NAME = re.compile(r"user_?name|login|nick|handle|slug", re.IGNORECASE)
_GET = "from django.contrib.auth import get_user_model"


def how_users_are_made(index: FactIndex, tests: Sequence[str], read: Callable[[str], str]) -> Made:
    """A call, with `name` for what differs, and its imports: a factory, else `create_user` as tests call it."""
    user = user_model(index)
    factory = _factory(index, user)
    if factory is not None:
        return factory
    for path in tests:
        for call in index.calls(path):
            if call.expr.dotted().endswith("objects.create_user()"):
                return f"get_user_model().objects.create_user({_arguments(call.expr)})", (_GET,)
    return f"get_user_model().objects.create_user({_required(user)})", (_GET,)


def user_model(index: FactIndex) -> Model | None:
    """The project's own model of users; None for Django's."""
    for path in index.files:
        symbol = index.symbols(path).get("AUTH_USER_MODEL")
        if symbol is not None and symbol.value is not None and symbol.value.kind == "string":
            return next(iter(models(index).by_name.get(symbol.value.text.rpartition(".")[2], ())), None)
    return None


def _factory(index: FactIndex, user: Model | None) -> Made | None:
    names = {"User", "get_user_model()", *((user.name,) if user is not None else ())}
    for found in index.classes():
        if not any(b.endswith("DjangoModelFactory") for b in index.root_bases(found)):
            continue
        meta = index.symbols(found.path).get(f"{found.symbol.qualname}.Meta")
        given = next((f.value.strip("\"'") for f in (meta.fields if meta is not None else ()) if f.name == "model"), "")
        if given in names or given.rpartition(".")[2] in names or given.endswith("AUTH_USER_MODEL"):
            return f"{found.symbol.name}()", (f"from {index.module(found.path)} import {found.symbol.name}",)
    return None


def _arguments(call: Expr) -> str:
    """The arguments of a call with other texts, so that two users are two."""
    out: list[str] = []
    for key, part in zip(call.keys[1:], call.parts[1:], strict=False):
        if key in {"is_staff", "is_superuser", "*", "**"}:
            continue
        text = source_of(part)
        named = key or ("username" if not out else "email" if "@" in text else "password")
        if "mail" in named or "@" in text:
            text = 'f"{name}@example.com"'
        elif _NAME.search(named):
            text = "name"
        elif part.kind not in {"string", "constant"}:
            text = '"a-long-password-1"' if "password" in named else "name"
        out.append(f"{key}={text}" if key else text)
    return ", ".join(out)


def _required(user: Model | None) -> str:
    """What `create_user` of the project's own model must be given."""
    asked = ["username"]
    if user is not None:
        fields = {f.name: f for f in user.definition.symbol.fields}
        login = fields.get("USERNAME_FIELD")
        if login is not None and login.value_expr is not None and login.value_expr.kind == "string":
            asked = [login.value_expr.text]
        more = fields.get("REQUIRED_FIELDS")
        if more is not None and more.value_expr is not None:
            asked += [p.text for p in more.value_expr.parts if p.kind == "string" and p.text not in asked]
    given = [f'{name}=f"{{name}}@example.com"' if "mail" in name else f"{name}=name" for name in asked]
    return ", ".join([*given, 'password="a-long-password-1"'])
