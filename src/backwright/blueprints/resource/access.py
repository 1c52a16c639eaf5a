"""Who may do what: from the request's levels to the guards of this house."""

from __future__ import annotations

from collections.abc import Mapping

from backwright.core.change import Assumption, Question
from backwright.core.request import Feature
from backwright.kit.house import AuthStyle, Guard

_WRITES = ("create", "update", "delete")


def decide_access(
    feature: Feature, auth: AuthStyle, exemplar: Mapping[str, str], settings: Mapping[str, str]
) -> tuple[dict[str, Guard | None], list[Assumption], list[Question]]:
    """A guard for every operation, None for public ones; what is missing becomes a question of level high.

    `exemplar` says who may do what with the resource that is imitated: it decides what the request leaves open.
    """
    assumptions: list[Assumption] = []
    questions: list[Question] = []
    wanted = {op: _level(feature, op) for op in feature.operations}
    open_ones = [op for op, level in wanted.items() if not level]
    fallback = "user" if auth.guard("user") is not None else "public"
    for op in open_ones:
        wanted[op] = settings.get("access") or exemplar.get(op) or fallback
    if open_ones:
        shown = (
            ", ".join(f"{op}: {wanted[op]}" for op in open_ones)
            if len({wanted[op] for op in open_ones}) > 1
            else wanted[open_ones[0]]
        )
        why = f"the request does not say who may {', '.join(open_ones)}" + (
            ", and so it is for its neighbour" if exemplar else ""
        )
        assumptions.append(Assumption("access", shown, why, ("public", "user", "admin")))
    guards: dict[str, Guard | None] = {op: _guard(auth, level) for op, level in wanted.items()}
    missing: dict[str, list[str]] = {}
    for op, level in wanted.items():
        if level != "public" and guards[op] is None:
            missing.setdefault(level, []).append(op)
    for level, operations in missing.items():
        questions += _no_guard(level, operations, feature, auth)
    if feature.owner is not None:
        _owned(feature, auth, guards, questions)
    return guards, assumptions, list({q.key: q for q in questions}.values())


def levels_of(access: Mapping[str, Guard | None]) -> dict[str, str]:
    """Who may do what, by name: public, user or admin."""
    return {op: guard.level if guard is not None else "public" for op, guard in access.items()}


def _level(feature: Feature, operation: str) -> str:
    access = feature.access
    found = (
        access.get(operation) or access.get("write" if operation in _WRITES else "read") or access.get("default") or ""
    )
    if not found and feature.owner is not None and operation in {"create", *feature.owner.ops}:
        return "owner"
    return found


def _guard(auth: AuthStyle, level: str) -> Guard | None:
    if level == "public":
        return None
    return auth.guard({"owner": "user"}.get(level, level))


def _no_guard(level: str, operations: list[str], feature: Feature, auth: AuthStyle) -> list[Question]:
    """One question for all writes where they are what lacks a guard, else one an operation: each key can be `--set`."""
    have = ", ".join(g.level for g in auth.guards) or "none"
    options = ("user", "public") if auth.guard("user") is not None else ("public",)
    writes = [op for op in feature.operations if op in _WRITES]
    keys = ["write"] if sorted(operations) == sorted(writes) else operations
    return [
        Question(
            f"auth.{key}",
            f"{key} is for {level}, but no dependency of this project checks that (found: {have}). Who may do it instead?",
            "high",
            options,
        )
        for key in keys
    ]


def _owned(feature: Feature, auth: AuthStyle, guards: dict[str, Guard | None], questions: list[Question]) -> None:
    """Ownership needs to know who asks: on creation and wherever only the owner may act."""
    assert feature.owner is not None
    user = auth.guard("user")
    listed = {"list"} if feature.owner.list_own else set()
    for op in {"create", *feature.owner.ops, *listed} & set(feature.operations):
        if guards.get(op) is None:
            guards[op] = user
        guard = guards[op]
        if guard is not None and not guard.returns_user and user is not None and user.returns_user:
            guards[op] = user
    if user is None or not auth.user_table:
        questions.append(
            Question(
                "owner",
                "rows should belong to users, but this project has no signed-in user to own them",
                "high",
                ("no",),
            )
        )
