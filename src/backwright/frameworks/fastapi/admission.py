"""Who may use the endpoint of an action, where that is not whoever may use the endpoint it is made like."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from backwright.core.errors import Unsupported
from backwright.core.facts import Table
from backwright.kit.house import Guard, House
from backwright.kit.index import FactIndex

_USUAL = ("owner_id", "author_id", "user_id", "creator_id", "created_by_id", "created_by")


@dataclass(frozen=True)
class Admission:
    """`replaced` are pieces of the old endpoint's head with what stands in their place; `owned` is the column of the
    owner that has to be checked; `dropped` says that a check of the owner goes; `user` is the parameter of who asks.
    """

    same: bool = True
    replaced: tuple[tuple[str, str], ...] = ()
    dependency: str = ""
    parameter: str = ""  # one more parameter of the endpoint
    user: str = ""
    owned: str = ""
    dropped: bool = False
    imports: tuple[str, ...] = ()


SAME = Admission()


def admission_of(
    wanted: str, head: str, parameters: dict[str, str], bodies: tuple[str, ...], table: Table, house: House, index: FactIndex,
    auth: tuple[str, ...], where: str,
) -> Admission:  # fmt: skip
    """`head` is the source of decorators and signature, `parameters` the source of each, `bodies` all code down to the row.

    Raises Unsupported where a role has no guard, or a row no owner.
    """
    present = _present(head, house)
    checked = any(_owner_check(body, index, house) for body in bodies)
    if not wanted or (wanted == "owner" and checked):
        return SAME
    if wanted == "owner":
        return _owners(parameters, present, table, house, where)
    if not checked and present is not None and present.level == wanted:
        return SAME
    if not checked and present is None and wanted == ("user" if auth else "public"):
        return SAME
    if checked and not any(_top_level_check(body, index, house) for body in bodies):
        raise Unsupported(f"the owner is checked further down, which `{wanted}` would have to pass", where=where)
    return _guarded(wanted, parameters, present, house, where, dropped=checked)


def _present(head: str, house: House) -> Guard | None:
    """The strictest guard that the old endpoint has itself."""
    found = [g for g in house.auth.guards if _names(head, g)]
    return next((g for g in reversed(found) if g.level != "user"), found[0] if found else None)


def _names(text: str, guard: Guard) -> bool:
    alias = guard.alias is not None and re.search(rf"\b{re.escape(guard.alias.name)}\b", text) is not None
    return alias or f"Depends({guard.expr})" in text or f"Security({guard.expr})" in text


def _owners(parameters: dict[str, str], present: Guard | None, table: Table, house: House, where: str) -> Admission:
    users = {house.auth.user_table} - {""}
    owned = [c.name for c in table.columns if c.foreign_key.partition(".")[0] in users]
    if not owned:
        raise Unsupported(f"a row of {table.entity} belongs to no user: there is no owner to ask for", where=where)
    column = next((c for c in _USUAL if c in owned), owned[0])
    guard = house.auth.guard("user")
    if guard is None:
        raise Unsupported("this project has no dependency that signs a user in", where=where)
    holder = next((n for n, source in parameters.items() if present is not None and _names(source, present)), "")
    if present is not None and present.level != "user":
        return Admission(
            same=False, replaced=_swapped(present, None if not holder else guard), parameter="" if holder else _parameter(guard, house),
            user=holder or "current_user", owned=column, imports=_imports(guard, house),
        )  # fmt: skip
    if holder:
        return Admission(same=False, user=holder, owned=column, imports=_imports(guard, house))
    return Admission(
        same=False,
        parameter=_parameter(guard, house),
        user="current_user",
        owned=column,
        imports=_imports(guard, house),
    )


def _guarded(
    wanted: str, parameters: dict[str, str], present: Guard | None, house: House, where: str, *, dropped: bool
) -> Admission:
    holder = next((n for n, source in parameters.items() if present is not None and _names(source, present)), "")
    if wanted == "public":
        if present is not None and holder:
            raise Unsupported(f"`{holder}` is who asks: the endpoint cannot be for everyone", where=where)
        return Admission(same=False, replaced=_swapped(present, None) if present else (), dropped=dropped)
    guard = house.auth.guard(wanted)
    if guard is None:
        known = ", ".join(dict.fromkeys(g.level for g in house.auth.guards)) or "none"
        raise Unsupported(f"this project has no guard for `{wanted}`", where=where, hints=(f"guards: {known}",))
    if present is None:
        return Admission(
            same=False, dependency=f"Depends({guard.expr})", dropped=dropped, imports=_imports(guard, house)
        )
    return Admission(same=False, replaced=_swapped(present, guard), dropped=dropped, imports=_imports(guard, house))


def _swapped(old: Guard, new: Guard | None) -> tuple[tuple[str, str], ...]:
    """Pieces of source: the old guard by the new one, in whatever way it is written."""
    if new is None:
        return ((f"Depends({old.expr})", ""), *(((old.alias.name, ""),) if old.alias is not None else ()))
    out = [(f"Depends({old.expr})", f"Depends({new.expr})"), (f"Security({old.expr})", f"Security({new.expr})")]
    if old.alias is not None:
        kind = new.alias.name if new.alias is not None else f"Annotated[{old.alias.name}, Depends({new.expr})]"
        out.append((old.alias.name, kind))
    return tuple(out)


def _parameter(guard: Guard, house: House) -> str:
    kind = house.auth.user.name if house.auth.user is not None else "Any"
    if guard.alias is not None:
        return f"current_user: {guard.alias.name}"
    if house.router.annotated:
        return f"current_user: Annotated[{kind}, Depends({guard.expr})]"
    return f"current_user: {kind} = Depends({guard.expr})"


def _imports(guard: Guard, house: House) -> tuple[str, ...]:
    refs = [*guard.imports, *((guard.alias,) if guard.alias else ()), *((house.auth.user,) if house.auth.user else ())]
    return (
        *(r.line for r in refs),
        *(r.line for r in house.auth.admin_imports),
        "from fastapi import Depends",
        "from typing import Annotated, Any",
    )


def _columns(index: FactIndex, house: House) -> str:
    users = house.auth.user_table
    named = {c.name for _, t in index.tables() for c in t.columns if users and c.foreign_key.partition(".")[0] == users}
    return "|".join(sorted(named | set(_USUAL)))


def _owner_check(body: str, index: FactIndex, house: House) -> bool:
    columns = _columns(index, house)
    return (
        re.search(rf"\.(?:{columns})\s*(?:!=|==|is not)\s*\w|(?:!=|==|is not)\s*[\w.]+\.(?:{columns})\b", body)
        is not None
    )


def _top_level_check(body: str, index: FactIndex, house: House) -> bool:
    return any(True for _ in owner_checks(body, index, house))


def owner_checks(body: str, index: FactIndex, house: House) -> Iterator[ast.If]:
    """The statements of a body that refuse whoever does not own the row."""
    try:
        tree = ast.parse(body)
    except SyntaxError:
        return
    for node in tree.body:
        if isinstance(node, ast.If) and not node.orelse and _owner_check(ast.unparse(node.test), index, house):
            yield node
