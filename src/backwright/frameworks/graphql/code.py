"""Schemas that the code itself declares: decorated methods, root classes, builders."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Expr, Field, Route, Symbol
from backwright.frameworks.graphql.sdl import KINDS
from backwright.kit.chains import argument, by_name, name_of, positional
from backwright.kit.index import Definition, FactIndex
from backwright.kit.routes.handling import is_guard, last_name, marks_of
from backwright.kit.testfiles import is_test_file

_BUILDERS = {"queryField": "QUERY", "mutationField": "MUTATION", "subscriptionField": "SUBSCRIPTION"}
_MARKED = frozenset({"field", "mutation", "subscription", "connection"})
_ROOT_MARKS = frozenset({"strawberry.type", "type"})
_IMPLS = frozenset({"Object", "Subscription", "graphql_object", "graphql_subscription"})  # attributes of an `impl`
_PRIVATE = ("_", "resolve_")

Found = Iterator[tuple[str, Route]]


def declared(index: FactIndex, serving: list[str]) -> Found:
    """The operations that the code declares."""
    for path in serving:
        if not is_test_file(path):
            yield from _decorated(index, path)
    yield from _built(index, serving)
    for method, root in _roots(index, serving):
        yield from _members(index, method, root)


def _decorated(index: FactIndex, path: str) -> Found:
    """`@Query(() => User, { name: "me" })` on a method of a resolver."""
    symbols = index.symbols(path)
    for symbol in symbols.values():
        owner = symbols.get(symbol.scope)
        if symbol.kind != "method" or owner is None or "Resolver" not in {last_name(d) for d in owner.decorators}:
            continue
        for mark in symbol.decorators:
            method = KINDS.get(last_name(mark))
            if method is not None:
                guards = marks_of(symbol, owner)
                yield (
                    path,
                    Route(
                        method,
                        _given_name(mark) or symbol.name,
                        symbol.qualname,
                        symbol.loc,
                        auth=guards,
                        complete=True,
                    ),
                )


def _given_name(mark: Expr) -> str:
    if mark.kind != "call":
        return ""
    first, named = argument(mark, 0), argument(mark, "name")
    given = first if first is not None and first.kind == "string" else named
    return given.text if given is not None and given.kind == "string" else ""


def _built(index: FactIndex, serving: list[str]) -> Found:
    """`builder.queryField("users", …)`."""
    files = set(serving)
    for name, method in _BUILDERS.items():
        for path, call, link in index.derived(by_name).get(name, ()):
            given = argument(link, 0)
            if path in files and given is not None and given.kind == "string":
                yield path, Route(method, given.text, call.scope, link.loc, complete=True)


# -- root classes --------------------------------------------------------------------------------------------------
def _roots(index: FactIndex, serving: list[str]) -> Iterator[tuple[str, Definition]]:
    """The classes that hold the operations: those that a schema is made of; else those that are called so."""
    found: dict[tuple[str, str], tuple[str, Definition]] = {}
    files = set(serving)
    for name in ("Schema", "build", "RootNode", "new"):
        for path, _, link in index.derived(by_name).get(name, ()):
            if path not in files or (name in {"build", "new"} and "Schema" not in link.parts[0].dotted() + "RootNode"):
                continue
            for place, method in enumerate(KINDS.values()):
                given = argument(link, method.lower()) or argument(link, place)
                dotted = given.dotted().removesuffix(".default()").removesuffix("()") if given is not None else ""
                root = index.resolve(path, dotted)
                if root is not None and root.symbol.kind == "class":
                    found[root.path, root.symbol.qualname] = (method, root)
    if not found:
        for path in serving:
            for symbol in index.symbols(path).values():
                called = KINDS.get(symbol.name.removesuffix("Type"), "") if symbol.kind == "class" else ""
                if called and not is_test_file(path) and _is_root(symbol):
                    found[path, symbol.qualname] = (called, Definition(path, symbol))
    yield from found.values()


def _is_root(symbol: Symbol) -> bool:
    marks = {(d.parts[0] if d.kind == "call" else d).dotted() for d in symbol.decorators}
    return bool(marks & _ROOT_MARKS) or any(base.endswith(("ObjectType", "BaseObject")) for base in symbol.bases)


def _members(index: FactIndex, method: str, root: Definition) -> Found:
    seen: set[str] = set()
    for definition in [root, *index.bases(root)]:
        path, owner = definition.path, definition.symbol
        language = index.files[path].language
        for field in owner.fields if language == "python" else ():
            if field.value_expr is not None and field.value_expr.kind == "call" and field.name not in seen:
                seen.add(field.name)
                yield (
                    path,
                    Route(method, _camel(field.name), _resolver(index, path, owner, field), field.loc, complete=True),
                )
        for symbol in index.symbols(path).values():
            if symbol.kind != "method" or symbol.scope != owner.qualname or symbol.name in seen:
                continue
            if language == "rust" or {last_name(d) for d in symbol.decorators} & _MARKED:
                seen.add(symbol.name)
                yield (
                    path,
                    Route(
                        method, _camel(symbol.name), symbol.qualname, symbol.loc, auth=_guards(symbol), complete=True
                    ),
                )
        for call in index.calls(path, owner.qualname) if language == "ruby" else ():
            given = argument(call.expr, 0)
            if name_of(call.expr) == "field" and given is not None and given.kind == "string":
                yield path, Route(method, _camel(given.text), f"{owner.qualname}.{given.text}", call.loc, complete=True)


def _resolver(index: FactIndex, path: str, owner: Symbol, field: Field) -> str:
    """`resolve_users` beside the field, what `resolver=` names, or the field itself."""
    beside = f"{owner.qualname}.resolve_{field.name}"
    if beside in index.symbols(path):
        return beside
    given = argument(field.value_expr, "resolver") if field.value_expr is not None else None
    return given.dotted() if given is not None and given.dotted() else f"{owner.qualname}.{field.name}"


def _guards(symbol: Symbol) -> tuple[str, ...]:
    """`permission_classes=[IsAuthenticated]`, `#[graphql(guard = "RoleGuard")]`."""
    names = [
        part.dotted().replace("()", "")
        for mark in symbol.decorators
        if mark.kind == "call"
        for key in ("permission_classes", "extensions", "guard")
        if (given := argument(mark, key)) is not None
        for part in (positional(given) if given.kind == "call" else given.parts or (given,))
    ]
    return tuple(n for n in names if is_guard(n))


def _camel(name: str) -> str:
    """The name that the schema shows."""
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)
