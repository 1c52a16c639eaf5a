"""Who a test acts as: the house's fixtures where there are any, overridden dependencies else."""

from __future__ import annotations

from dataclasses import dataclass

from backwright.kit.artifacts import ResourcePlan
from backwright.kit.house import TestStyle


@dataclass(frozen=True)
class Credentials:
    """Fixtures by role ("user", "admin") that give request headers."""

    names: dict[str, str]
    fixtures: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    def has(self, role: str) -> bool:
        return role in self.names

    def name(self, role: str) -> str:
        return self.names[role]

    def parameters(self, roles: list[str]) -> list[str]:
        return [f"{self.names[r]}: dict[str, str]" for r in roles if r in self.names]

    def head(self, role: str) -> str:
        return f", headers={self.names[role]}"


def credentials_of(plan: ResourcePlan, style: TestStyle) -> Credentials | None:
    """None when a role is needed that the tests of this project have no way to act as."""
    names = {}
    if style.user_headers:
        names["user"] = style.user_headers
    if style.admin_headers:
        names["admin"] = style.admin_headers
    needed = {"user" if g.level in {"user", "owner"} else "admin" for g in plan.access.values() if g is not None}
    if needed <= set(names):
        return Credentials(names)
    return None
