"""Who may do what: the extractors of handlers that sign somebody in or ask for a role."""

from __future__ import annotations

import re

from backwright.core.facts import Param
from backwright.kit.house import AuthStyle, Guard, Ref
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.stacks.axum.reading import Sources, generic
from backwright.stacks.axum.siblings import Endpoint, Resource
from backwright.stacks.axum.style import GuardStyle

_SIGNS_IN = re.compile(r"authorization|bearer|jwt|cookie|session|claims|token", re.IGNORECASE)
_ADMIN = re.compile(r"admin", re.IGNORECASE)
_EXTRACTORS = frozenset({"State", "Path", "Query", "Json", "Extension", "Form", "Multipart", "HeaderMap", "Request"})
_KEYS = ("id", "user_id", "sub")


def text_of(param: Param) -> str:
    """A parameter as written: `State(state): State<AppState>`."""
    return f"{param.name}: {param.annotation}"


def level_of(param: Param, index: FactIndex, sources: Sources) -> str:
    """What a parameter of a handler asks for: `user`, `admin`, `""` for nothing of the kind."""
    kind = _guarding(param)
    if not kind:
        return ""
    path, text = _extraction(kind, index, sources)
    if not path or not _SIGNS_IN.search(text + _through(text, index, sources)):
        return ""
    if _ADMIN.search(kind):
        return "admin"
    return "" if generic(param.annotation)[0] in {"Option", "OptionalFromRequestParts"} else "user"


def _guarding(param: Param) -> str:
    outer, given = generic(param.annotation)
    short = outer.rpartition("::")[2]
    if short == "Extension" and given:
        return ""  # what a layer has put there
    return "" if short in _EXTRACTORS or short == "Option" else short


def _extraction(kind: str, index: FactIndex, sources: Sources) -> tuple[str, str]:
    """Where a type is made of a request, and the text that does it."""
    begins = re.compile(rf"\bFromRequest(?:Parts)?(?:<[^>]*>)?\s+for\s+{re.escape(kind)}\b")
    for path in index.files:
        text = sources.read(path) if not is_test_file(path) else ""
        found = begins.search(text)
        if found is not None:
            end = text.find("\n}\n", found.end())
            return path, text[found.start() : end if end > 0 else len(text)]
    return "", ""


def _through(text: str, index: FactIndex, sources: Sources) -> str:
    """What another extractor does that this one leans on."""
    named = re.search(r"\b(\w+)::from_request(?:_parts)?\(", text)
    return _extraction(named[1], index, sources)[1] if named is not None else ""


def access_of(
    index: FactIndex, resources: tuple[Resource, ...], sources: Sources
) -> tuple[dict[str, GuardStyle], AuthStyle, dict[str, dict[str, str]]]:
    """The guards of the house by level, what they amount to, and who may do what with each resource."""
    guards: dict[str, GuardStyle] = {}
    levels: dict[str, dict[str, str]] = {}
    for resource in resources:
        levels[resource.name.snake] = {}
        for op, endpoint in resource.endpoints.items():
            level, param = _of(endpoint, index, sources)
            levels[resource.name.snake][op] = level
            if param is not None and (level not in guards or not guards[level].user):
                guards[level] = _style(param, endpoint, index, sources)
    user = next((t for _, t in index.tables() if t.table.lower() in {"user", "users", "account", "accounts"}), None)
    known = any(g.user for g in guards.values())
    auth = AuthStyle(
        guards=tuple(Guard(level, style.param, ()) for level, style in guards.items()),
        user=Ref(user.entity, "") if user is not None else None,
        user_table=user.table if user is not None and known else "",
    )
    return guards, auth, levels


def _of(endpoint: Endpoint, index: FactIndex, sources: Sources) -> tuple[str, Param | None]:
    found = [(level_of(p, index, sources), p) for p in endpoint.handler.symbol.params]
    for level in ("admin", "user"):
        param = next((p for lv, p in found if lv == level), None)
        if param is not None:
            return level, param
    return "public", None


def _style(param: Param, endpoint: Endpoint, index: FactIndex, sources: Sources) -> GuardStyle:
    """The guard, with a name for who is signed in where its type says how the key is read."""
    kind = generic(param.annotation)[0].rpartition("::")[2]
    for path in index.files:
        symbol = index.symbols(path).get(kind)
        if symbol is None or symbol.kind != "class":
            continue
        own = {f.name: f.annotation for f in symbol.fields}
        text = sources.at(path, symbol.loc)
        inner = re.search(r"\(\s*(?:pub(?:\([^)]*\))?\s+)?(\w+)\s*\)\s*;", text)
        within = inner is not None
        if inner is not None:
            target = index.resolve(path, inner[1])
            own = {f.name: f.annotation for f in target.symbol.fields} if target is not None else {}
        key = next((k for k in _KEYS if k in own), "")
        if key:
            shown = f"{kind}(user): {param.annotation}" if within else f"user: {param.annotation}"
            return GuardStyle(shown, endpoint.handler.path, f"user.{key}", own[key])
    return GuardStyle(text_of(param), endpoint.handler.path)
