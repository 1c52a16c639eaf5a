"""How the database session and the current user arrive in handlers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from backwright.core.archmap import Convention
from backwright.core.facts import Branch, Expr, Span, Symbol
from backwright.frameworks.fastapi.dependencies import (
    Need,
    aliases,
    answers,
    authenticates,
    callable_of,
    depends_argument,
    library_guard,
    needs_of,
    signature_of,
)
from backwright.kit.house import AuthStyle, Guard, Ref, SessionStyle
from backwright.kit.index import Definition, FactIndex
from backwright.kit.references import ref_of, refs_in
from backwright.kit.rendering import source_of

_SESSIONS = {"Session": False, "AsyncSession": True, "scoped_session": False, "async_scoped_session": True}
_ADMIN = re.compile(r"admin|superuser|super_user|staff|manager", re.IGNORECASE)
_ADMIN_FLAGS = ("is_superuser", "is_admin", "is_staff", "superuser", "admin")


@dataclass(frozen=True)
class Arrival:
    """One use of a dependency by a callable."""

    path: str
    symbol: Symbol
    need: Need
    target: Definition | None


def arrivals(index: FactIndex, tests: frozenset[str]) -> list[Arrival]:
    """Every dependency that any function of the project (not its tests) asks for."""
    out = []
    for found in index.functions():
        if found.path in tests:
            continue
        for need in needs_of(index, found.path, found.symbol.params):
            out.append(Arrival(found.path, found.symbol, need, callable_of(index, need.path, need.expr)))
    return out


def injected_ones(index: FactIndex, found: list[Arrival]) -> Iterator[Definition]:
    """Every function and class of the project that the framework calls for somebody, each once."""
    seen: dict[tuple[str, str], Definition] = {}
    for arrival in found:
        need = arrival.need
        target = arrival.target if need.expr is not None else index.resolve(need.path, need.type)
        if target is not None:
            seen.setdefault((target.path, target.symbol.qualname), target)
    for definition, kind, inner in aliases(index):
        target = callable_of(index, definition.path, inner) or index.resolve(definition.path, kind.dotted())
        if target is not None:
            seen.setdefault((target.path, target.symbol.qualname), target)
    yield from seen.values()


def session_type(index: FactIndex, path: str, name: str) -> tuple[Ref, bool, bool] | None:
    """Whether a type is a database session: (its import, is it async, is it SQLModel's)."""
    origin = index.origin(path, name)
    last = origin.split(".")[-1] if origin else name.split(".")[-1]
    if last not in _SESSIONS:
        return None
    if origin and not origin.startswith(("sqlalchemy", "sqlmodel")):
        found = index.resolve(path, name)
        if found is None:
            return None
    return Ref(last, ".".join(origin.split(".")[:-1])), _SESSIONS[last], origin.startswith("sqlmodel")


def _session_of(index: FactIndex, arrival: Arrival) -> tuple[Ref, bool, bool] | None:
    """The session that arrives: as the parameter says, else as what provides it says (`AsyncIterator[AsyncSession]`)."""
    if arrival.need.type or arrival.target is None:
        return session_type(index, arrival.need.path, arrival.need.type)
    names = re.findall(r"[\w.]+", arrival.target.symbol.returns)
    return next((kind for n in names if (kind := session_type(index, arrival.target.path, n)) is not None), None)


def session_style(index: FactIndex, found: list[Arrival]) -> tuple[SessionStyle | None, Convention | None]:
    """The dependency most functions get their session from."""
    uses: Counter[str] = Counter()
    best: dict[str, list[Arrival]] = {}
    for arrival in found:
        if arrival.need.expr is None or _session_of(index, arrival) is None:
            continue
        key = source_of(arrival.need.expr)
        uses[key] += 1
        best.setdefault(key, []).append(arrival)
    if not uses:
        return None, None
    key, support = uses.most_common(1)[0]
    chosen = best[key]
    first = chosen[0]
    kind = _session_of(index, first)
    expr = first.need.expr
    assert kind is not None
    assert expr is not None
    dependency = ref_of(index, first.need.path, source_of(expr)) or Ref(source_of(expr), index.module(first.need.path))
    aliased = Counter((a.path, a.need.alias) for a in chosen if a.need.alias)
    alias = None
    if aliased and sum(aliased.values()) * 2 >= len(chosen):
        path, name = aliased.most_common(1)[0][0]
        alias = ref_of(index, path, name)
    param = Counter(a.need.param for a in chosen).most_common(1)[0][0]
    commits = first.target is not None and any(
        c.expr.parts[0].dotted().endswith(("commit", ".begin", "begin()"))
        for c in index.calls(first.target.path, first.target.symbol.qualname)
    )
    exemplar = Span(first.path, first.symbol.loc.line)
    style = SessionStyle(
        kind[1], kind[0], dependency, alias, param, "dependency" if commits else "explicit", kind[2], exemplar
    )
    shown = f"{alias.name}, that is Depends({key})" if alias is not None else f"Depends({key})"
    convention = Convention(
        "session", f"session arrives through {shown}", support, sum(uses.values()) - support, exemplar
    )
    return style, convention


def _guard_candidates(
    index: FactIndex, found: list[Arrival], tests: frozenset[str]
) -> Iterator[tuple[str, Expr, str, Definition, str, str]]:
    """(file, expression, alias, callable, parameter, user type) of everything that authenticates and stands in a Depends."""
    for arrival in found:
        if arrival.need.expr is not None and arrival.target is not None:
            yield (
                arrival.need.path,
                arrival.need.expr,
                arrival.need.alias,
                arrival.target,
                arrival.path,
                arrival.need.type,
            )
    for path in index.files:
        if path in tests:
            continue
        for call in index.calls(path):
            guards = call.expr.keyword("dependencies")
            for part in guards.parts if guards is not None else ():
                yes, inner = depends_argument(part)
                target = callable_of(index, path, inner) if yes else None
                if inner is not None and target is not None:
                    yield path, inner, "", target, path, ""
    for definition, kind, inner in aliases(index):
        target = callable_of(index, definition.path, inner)
        if target is not None and definition.path not in tests:
            yield definition.path, inner, definition.symbol.name, target, definition.path, kind.dotted()
    # guards that exist and that nothing uses yet
    for found_function in index.functions():
        if (
            found_function.path not in tests
            and not found_function.symbol.scope
            and _ADMIN.search(found_function.symbol.name)
        ):
            needs = list(needs_of(index, found_function.path, found_function.symbol.params))
            if needs and authenticates(index, found_function):
                expr = Expr("name", found_function.symbol.name, found_function.symbol.loc)
                yield found_function.path, expr, "", found_function, found_function.path, ""


def auth_style(
    index: FactIndex, found: list[Arrival], tests: frozenset[str]
) -> tuple[AuthStyle, tuple[Convention, ...]]:
    """Guards by level, the class of the user, and how code asks whether somebody is an administrator."""
    users: Counter[tuple[str, str]] = Counter()
    admins: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, str], Guard] = {}
    bare_ones: set[tuple[str, str]] = set()
    definitions: dict[tuple[str, str], Definition] = {}
    for path, expr, alias, target, used_in, kind in _guard_candidates(index, found, tests):
        bare = not authenticates(index, target)
        if session_type(index, path, kind) is not None or (bare and not _refuses(index, target)):
            continue
        text = source_of(expr)
        level = _level(index, path, expr, target)
        if not level:
            continue
        key = (level, text)
        (admins if level == "admin" else users)[key] += 1
        definitions[key] = target
        alias_ref = (ref_of(index, used_in, alias) if alias else None) or (seen[key].alias if key in seen else None)
        if bare:
            bare_ones.add(key)
        imports = refs_in(index, path, expr)
        returns = bool(library_guard(index, target)) or _returns_user(index, target)
        seen[key] = Guard(level, text, imports, alias_ref, returns, Span(target.path, target.symbol.loc.line))
    guards: list[Guard] = []
    for counter in (users, admins):
        ranked = [k for k, _ in counter.most_common() if seen[k].returns_user] or [k for k, _ in counter.most_common()]
        if ranked:
            chosen = seen[ranked[0]]
            if ranked[0] in bare_ones and guards:
                chosen = replace(chosen, before=(guards[0].expr,), imports=(*guards[0].imports, *chosen.imports))
            guards.append(chosen)
    user_ref, table, key_column = _user_entity(index, [definitions[k] for k in [*users, *admins]], tests)
    test, imports = _admin_test(index, definitions, admins, user_ref)
    style = AuthStyle(tuple(guards), user_ref, key_column, table, test, imports)
    conventions = tuple(
        Convention(
            "auth",
            f"{g.level} endpoints depend on {g.alias.name if g.alias else g.expr}",
            max(1, (users | admins)[g.level, g.expr]),
            0,
            g.span,
        )
        for g in guards
    )
    return style, conventions


def _refuses(index: FactIndex, target: Definition) -> bool:
    """An administrators' guard that looks at a request somebody else has signed in."""
    return (
        target.symbol.kind == "function" and bool(_ADMIN.search(target.symbol.name)) and answers(index, target, "403")
    )


def _level(index: FactIndex, path: str, expr: Expr, target: Definition) -> str:
    """user | admin, `""` for what is neither: token schemes, optional users, checks of other roles."""
    symbol = target.symbol
    if symbol.kind == "variable":
        return library_guard(index, target)
    if "optional" in symbol.name.lower():
        return ""
    if expr.kind == "call":
        text = " ".join(source_of(p) for p in expr.parts[1:])
        return "admin" if _ADMIN.search(text) else ""
    if symbol.kind == "class":
        return "user" if "." in (index.origin(path, symbol.name) or "") else ""
    if "refresh" in symbol.name.lower():
        return ""  # it takes the token that only gets new tokens
    if _ADMIN.search(symbol.name):
        return "admin"
    if (
        re.search(r"token|payload|refresh|credentials|api_key|scheme|ws|websocket", symbol.name, re.IGNORECASE)
        and "user" not in symbol.name
    ):
        return ""
    return "user"


def _returns_user(index: FactIndex, target: Definition) -> bool:
    for function in signature_of(index, target):
        kind = function.returns.strip("'\"").split("|")[0].strip().removeprefix("Optional[").removesuffix("]")
        if kind and index.resolve(target.path, kind) is not None:
            return True
    return False


def _user_entity(index: FactIndex, guards: list[Definition], tests: frozenset[str]) -> tuple[Ref | None, str, str]:
    """The class that guards return, the table behind it, and its key."""
    tables = {t.entity: (p, t) for p, t in index.tables() if p not in tests}
    ref: Ref | None = None
    name = ""
    for guard in guards:
        for function in signature_of(index, guard):
            kind = function.returns.strip("'\"").split("|")[0].strip().removeprefix("Optional[").removesuffix("]")
            found = index.resolve(guard.path, kind) if kind else None
            if found is not None and found.symbol.kind == "class" and ref is None:
                ref, name = ref_of(index, guard.path, kind), found.symbol.name
    if ref is not None and name not in tables:
        # not the entity itself, but what stands for it: the key is called as there
        found = next((d for d in index.classes() if d.symbol.name == name), None)
        have = {
            f.name
            for current in ([found, *index.bases(found)] if found is not None else [])
            for f in current.symbol.fields
        }
        named = next((k for k in ("id", "user_id", "uid", "sub") if k in have), "id")
        user = next((tables[n] for n in ("User", "Users", "UserModel", "Account") if n in tables), None)
        return ref, user[1].table if user is not None else "", named
    entity = tables.get(name) or next(
        (tables[n] for n in ("User", "Users", "UserModel", "Account") if n in tables), None
    )
    if entity is None:
        return ref, "", "id"
    key = next((c.name for c in entity[1].columns if c.primary_key), "id")
    return ref or Ref(entity[1].entity, index.module(entity[0])), entity[1].table, key


def _admin_test(
    index: FactIndex, definitions: dict[tuple[str, str], Definition], admins: Counter[tuple[str, str]], user: Ref | None
) -> tuple[str, tuple[Ref, ...]]:
    """`{user}.is_superuser` or `{user}.role == Role.ADMIN`, as the admin guard itself decides."""
    for key, _ in admins.most_common():
        target = definitions[key]
        for function in signature_of(index, target):
            for fact in index.facts(target.path):
                if isinstance(fact, Branch) and fact.scope == function.qualname:
                    test = _positive(fact.condition)
                    if test is not None:
                        return test[0], refs_in(index, target.path, test[1])
    if user is not None:
        for _, table in index.tables():
            if table.entity == user.name.split(".")[-1]:
                flag = next((c.name for c in table.columns if c.name in _ADMIN_FLAGS), "")
                return (f"{{user}}.{flag}" if flag else "", ())
    return "", ()


def _positive(condition: Expr) -> tuple[str, Expr | None] | None:
    """`not user.is_admin` → `{user}.is_admin`; `user.role != Role.ADMIN` → `{user}.role == Role.ADMIN`."""
    if condition.kind == "binary" and condition.text == "not" and condition.parts:
        inner = condition.parts[0]
        if inner.kind == "attribute" and _names_a_user(inner.parts[0]) and inner.text in _ADMIN_FLAGS:
            return f"{{user}}.{inner.text}", None
    if condition.kind == "binary" and condition.text in {"!=", "is not"} and len(condition.parts) == 2:
        left, right = condition.parts
        if left.kind == "attribute" and _names_a_user(left.parts[0]) and _ADMIN.search(source_of(right)):
            sign = "==" if condition.text == "!=" else "is"
            return f"{{user}}.{left.text} {sign} {source_of(right)}", right
    return None


def _names_a_user(expr: Expr) -> bool:
    """A variable, or where a request keeps whoever signed in: `request.state.user`."""
    return expr.kind == "name" or expr.dotted().endswith((".state.user", ".user", ".state.current_user"))
