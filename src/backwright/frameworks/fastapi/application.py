"""The application object: where it is made, where handlers are registered, which errors are translated already."""

from __future__ import annotations

from collections.abc import Callable

from backwright.core.facts import Call
from backwright.frameworks.fastapi.routes import routers
from backwright.kit.house import Application, Ref
from backwright.kit.index import FactIndex


def application_style(
    index: FactIndex, tests: frozenset[str], conflict: str, read: Callable[[str], str]
) -> Application | None:
    """None when no FastAPI object is found. `conflict` is the class of the house's conflict errors, `""` for HTTPException."""
    apps = [r for r in routers(index).values() if r.is_app and r.path not in tests]
    if not apps:
        return None
    app = min(apps, key=lambda r: (r.path.count("/"), len(r.path)))
    made = next(a for a in index.assigns(app.path) if a.target.dotted() == app.variable and a.value.kind == "call")
    anchor = (
        next((c for c in index.calls(app.path, made.scope) if _registers(c, app.variable)), None)
        if made.scope
        else None
    )
    translator, awaited = _translator(index, conflict, tests)
    text = read(app.path).encode()
    return Application(
        path=app.path,
        variable=app.variable,
        module_level=not made.scope,
        anchor=text[anchor.loc.start : anchor.loc.end].decode() if anchor is not None else "",
        anchor_line=anchor.loc.line if anchor is not None else 0,
        handles_integrity=handles(index, "IntegrityError", tests),
        translator=translator,
        translator_async=awaited,
    )


def _registers(call: Call, variable: str) -> bool:
    return call.expr.parts[0].dotted() in {
        f"{variable}.{m}" for m in ("include_router", "add_exception_handler", "add_middleware")
    }


def handles(index: FactIndex, name: str, tests: frozenset[str]) -> bool:
    """Whether the application translates this exception in a handler of its own."""
    for path in index.files:
        if path in tests:
            continue
        for symbol in index.symbols(path).values():
            for decorator in symbol.decorators:
                if decorator.dotted().endswith("exception_handler()") and any(
                    p.dotted().endswith(name) for p in decorator.positional()
                ):
                    return True
        for call in index.calls(path):
            if call.expr.parts[0].dotted().endswith("add_exception_handler") and any(
                p.dotted().endswith(name) for p in call.expr.positional()
            ):
                return True
    return False


def _translator(index: FactIndex, conflict: str, tests: frozenset[str]) -> tuple[Ref | None, bool]:
    """The handler that answers the house's conflict errors, itself registered for their class or for a base of it."""
    if not conflict:
        return None, False
    for path in index.files:
        if path in tests:
            continue
        for symbol in index.symbols(path).values():
            for decorator in symbol.decorators:
                if decorator.dotted().endswith("exception_handler()") and any(
                    _covers(index, path, p.dotted(), conflict) for p in decorator.positional()
                ):
                    return Ref(symbol.name, index.module(path) if not symbol.scope else ""), symbol.is_async
        for call in index.calls(path):
            positional = call.expr.positional()
            if (
                call.expr.parts[0].dotted().endswith("add_exception_handler")
                and len(positional) >= 2
                and _covers(index, path, positional[0].dotted(), conflict)
            ):
                found = index.resolve(path, positional[1].dotted())
                if found is not None and not found.symbol.scope:
                    return Ref(found.symbol.name, index.module(found.path)), found.symbol.is_async
    return None, False


def _covers(index: FactIndex, path: str, name: str, conflict: str) -> bool:
    found = index.resolve(path, name)
    if found is None:
        return False
    if found.symbol.name == conflict:
        return True
    own = next((d for d in index.classes() if d.symbol.name == conflict), None)
    return own is not None and any(
        b.symbol.name == found.symbol.name and b.path == found.path for b in index.bases(own)
    )
