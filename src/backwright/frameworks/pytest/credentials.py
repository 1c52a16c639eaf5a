"""Who a test acts as: the house's fixtures where there are any, an overridden dependency else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwright.core.facts import Table
from backwright.frameworks.pytest.rows import Making, declared, enum_imports, makings_of, session_type
from backwright.kit.artifacts import ResourcePlan
from backwright.kit.house import Minting, TestStyle
from backwright.kit.templates import render

_STANDING = re.compile(r"(is_)?(active|verified|email_verified|confirmed|email_confirmed|enabled|approved|activated)$")


@dataclass(frozen=True)
class Credentials:
    """Fixtures by role ("user", "admin") that give request headers."""

    names: dict[str, str]
    fixtures: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    exclusive: bool = False  # one test can act in one role only

    def has(self, role: str) -> bool:
        return role in self.names

    @property
    def distinct(self) -> bool:
        """Whether tests can act both as a plain user and as an administrator."""
        return self.has("user") and self.has("admin") and self.names["user"] != self.names["admin"]

    def name(self, role: str) -> str:
        return self.names[role]

    def parameters(self, roles: list[str]) -> list[str]:
        return [f"{self.names[r]}: dict[str, str]" for r in roles if r in self.names]

    def head(self, role: str) -> str:
        return f", headers={self.names[role]}"


def credentials_of(plan: ResourcePlan, style: TestStyle) -> Credentials | None:
    """None when a role is needed that the tests of this project have no way to act as."""
    names: dict[str, str] = {}
    fixtures: list[str] = []
    imports: list[str] = []
    needed = {"user" if g.level in {"user", "owner"} else "admin" for g in plan.access.values() if g is not None}
    for role, headers, client in (
        ("user", style.user_headers, style.user_client),
        ("admin", style.admin_headers, style.admin_client),
    ):
        if headers:
            names[role] = headers
        elif client:
            names[role] = f"{role}_headers"
            kind = style.client_type.name if style.client_type is not None else "Any"
            fixtures.append(
                render("pytest/client_headers.py.jinja", role=role, client=client, client_type=kind).strip()
            )
    if "user" in needed and "user" not in names and "admin" in names:
        names["user"] = names["admin"]
    if needed <= set(names):
        return Credentials(names, tuple(fixtures), tuple(imports))
    minted = _minted(plan, style, needed)
    if style.minting is not None and style.minting.tested and minted is not None:
        return minted
    return _overridden(plan, style, needed) or minted


def _minted(plan: ResourcePlan, style: TestStyle, needed: set[str]) -> Credentials | None:
    """Fixtures that put users in the database and sign them in as the house itself does."""
    minting, auth = style.minting, plan.house.auth
    if minting is None or not usable(style):
        return None
    entity = next(((p, t) for p, t in plan.index.tables() if t.table == auth.user_table), None)
    made = makings_of(plan, [(entity[1], entity[0])]) if entity is not None else None
    if entity is None or not made:
        return None
    imports = [
        session_type(plan, style).line,
        *(r.line for r in minting.imports),
        *(m.entity.line for m in made),
        *enum_imports(plan, made),
    ]
    roles = _roles(plan, needed)
    if roles is None:
        return None
    imports += [r.line for r in auth.admin_imports] if "admin" in roles else []
    names = {role: f"{role}_headers" for role in roles}
    fixtures = [
        _minting(plan, style, role, minting, made, [*standing(entity[1]), extra]) for role, extra in roles.items()
    ]
    return Credentials(names, tuple(fixtures), tuple(imports))


def _roles(plan: ResourcePlan, needed: set[str]) -> dict[str, str] | None:
    """The roles that fixtures can be made for, each with the argument that makes a user one; None where a needed one lacks."""
    extra = admin_argument(plan)
    if not extra and "admin" in needed:
        return None
    return {"user": "", "admin": extra} if extra else {"user": ""}


def _minting(
    plan: ResourcePlan, style: TestStyle, role: str, minting: Minting, made: list[Making], extra: list[str]
) -> str:
    own = made[-1]
    return render(
        "pytest/minted.py.jinja",
        role=role,
        session=style.session,
        session_type=session_type(plan, style).name,
        is_async=style.session_async,
        fixture=declared(style),
        a="await " if style.session_async else "",
        rows=[(m.variable, m.build) for m in made[:-1]] + [(own.variable, _with(own.build, extra))],
        user=own.variable,
        entity=own.entity.name,
        key=own.key,
        token=f"{'await ' if minting.awaited else ''}{minting.call.replace('{user}', own.variable)}",
        scheme=minting.scheme,
    ).strip()


def standing(table: Table) -> list[str]:
    """What makes a user one who may sign in at all, where the table's own defaults do not."""
    return [f"{c.name}=True" for c in table.columns if _STANDING.match(c.name) and "ool" in f"{c.python} {c.type}"]


def usable(style: TestStyle) -> bool:
    """Whether the session fixture can be used in tests of the endpoints: both wait, or neither does."""
    return bool(style.session) and style.session_async == (style.kind == "async")


def _overridden(plan: ResourcePlan, style: TestStyle, needed: set[str]) -> Credentials | None:
    """Fixtures that sign a user in by overriding the dependency that gives the current user."""
    auth = plan.house.auth
    guard = auth.guard("user")
    if guard is None or style.app is None or not re.fullmatch(r"[\w.]+", guard.expr) or not usable(style):
        return None
    if any(g is not None and g.before for g in plan.access.values()):
        return None  # such a guard looks at what the real sign-in leaves behind
    entity = next(((p, t) for p, t in plan.index.tables() if t.table == auth.user_table), None)
    made = makings_of(plan, [(entity[1], entity[0])]) if entity is not None else None
    if not made:
        return None
    imports = [
        style.app.line,
        session_type(plan, style).line,
        *(r.line for r in guard.imports),
        *(m.entity.line for m in made),
    ]
    roles = _roles(plan, needed)
    if roles is None:
        return None
    imports += [r.line for r in auth.admin_imports] if "admin" in roles else []
    names = {role: f"{role}_headers" for role in roles}
    fixtures = [_override(plan, style, role, guard.expr, made, extra) for role, extra in roles.items()]
    return Credentials(names, tuple(fixtures), tuple(imports), exclusive=True)


def admin_argument(plan: ResourcePlan) -> str:
    """`is_superuser=True` or `role=Role.ADMIN`, as the house asks whether somebody is an administrator."""
    test = plan.house.auth.admin_test
    found = re.fullmatch(r"\{user\}\.(\w+)(?: (?:==|is) (.+))?", test)
    return f"{found.group(1)}={found.group(2) or 'True'}" if found else ""


def _with(build: str, extra: list[str]) -> str:
    """The construction with these arguments in the place of its own."""
    for argument in filter(None, extra):
        name = argument.partition("=")[0]
        build = re.sub(rf"\b{name}=[^,)]+", "", build)
        build = re.sub(r"\(\s*,\s*", "(", re.sub(r",\s*,", ",", build[:-1].rstrip(", ") + f", {argument})"))
        build = build.replace("(, ", "(")
    return build


def _override(plan: ResourcePlan, style: TestStyle, role: str, dependency: str, made: list[Making], extra: str) -> str:
    own = made[-1]
    build = _with(own.build, [extra])
    assert style.app is not None
    return render(
        "pytest/override.py.jinja",
        role=role,
        session=style.session,
        session_type=session_type(plan, style).name,
        is_async=style.session_async,
        fixture=declared(style),
        a="await " if style.session_async else "",
        rows=[(m.variable, m.build) for m in made[:-1]] + [(own.variable, build)],
        user=own.variable,
        entity=own.entity.name,
        key=own.key,
        app=style.app.name,
        dependency=dependency,
    ).strip()
