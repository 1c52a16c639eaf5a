"""How the repository and service layers of the exemplar are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from msgspec.structs import replace

from backwright.core.facts import Param, Span, Symbol
from backwright.engine.placing import is_session
from backwright.engine.siblings import Resource
from backwright.engine.tracing import port_of
from backwright.kit.house import LayerStyle, Place, Ref
from backwright.kit.imitation import mentions, pattern_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms
from backwright.kit.references import names_in, refs_in, refs_of_source
from backwright.kit.rendering import source_of

Read = Callable[[str], str]


def layer_style(
    index: FactIndex, role: str, resource: Resource, read: Read, providers: Iterable[Definition]
) -> LayerStyle:
    """The layer `role` ("repository" or "service") as the exemplar has it; `inline` where it has none."""
    definition = resource.classes.get(role)
    if definition is not None:
        return _class_layer(index, role, definition, resource, read, providers)
    functions = [f for f in resource.functions.get(role, ()) if _takes_session(index, f) or role == "service"]
    if functions:
        return _function_layer(role, functions, resource)
    return LayerStyle("inline")


def _takes_session(index: FactIndex, definition: Definition) -> bool:
    return any(_is_session_param(p) for p in definition.symbol.params)


def _is_session_param(param: Param) -> bool:
    return bool(re.search(r"\b(Async)?Session\b|SessionDep|DbSession|DBSession", param.annotation)) or (
        not param.annotation and is_session(param.name)
    )


def _function_layer(role: str, functions: list[Definition], resource: Resource) -> LayerStyle:
    path = max({f.path for f in functions}, key=lambda p: sum(f.path == p for f in functions))
    own = [f for f in functions if f.path == path]
    first = own[0]
    params = [p for f in own for p in f.symbol.params if _is_session_param(p)]
    keyword = sum(any(p.kind == "keyword" and _is_session_param(p) for p in f.symbol.params) for f in own)
    pattern = pattern_of(path, resource.name)
    return LayerStyle(
        "functions",
        Place(role, pattern, "{" not in pattern, Span(path, first.symbol.loc.line)),
        session_param=params[0].name if params else "session",
        keyword_only=keyword * 2 > len(own),
        because=Span(path, first.symbol.loc.line),
    )


def _class_layer(
    index: FactIndex, role: str, definition: Definition, resource: Resource, read: Read, providers: Iterable[Definition]
) -> LayerStyle:
    name, symbol, path = resource.name, definition.symbol, definition.path
    source = read(path).encode()
    table = index.symbols(path)
    chain = [definition, *index.bases(definition)]
    methods = [s for s in table.values() if s.kind == "method" and s.scope == symbol.qualname]
    init = _initializer(index, chain)
    public = [m for m in methods if not m.name.startswith("_")]
    session_methods = sum(any(_is_session_param(p) for p in m.params) for m in public)
    bare = _bare_layer(index, role, definition, chain, source, name)
    shown = public or _first_methods(index, chain[1:])
    marked = [any(d.dotted() in {"staticmethod", "classmethod"} for d in m.decorators) for m in shown]
    static = bool(shown) and sum(marked) * 2 > len(shown)
    if static or session_methods * 2 > len(public) or (not public and _base_per_call(index, chain[1:])):
        session = next((p.name for m in methods for p in m.params if _is_session_param(p)), "db")
        instance = _instance(index, definition, name)
        style = replace(bare, form="instance", session_param=session, static=static, instance=instance)
        if not instance and not static and not style.unspelled:
            style = replace(
                style, unspelled=f"no object of {symbol.name} is known whose methods could be given a session"
            )
        return style
    own = table.get(f"{symbol.qualname}.__init__")
    repository = _attribute(index, chain, init, _is_repository_param) or "self.repository"
    style = replace(
        bare,
        constructor=pattern_of(source[own.loc.start : own.loc.end].decode(), name) if own is not None else "",
        constructor_imports=(
            refs_of_source(index, path, source[own.loc.start : own.loc.end].decode()) if own is not None else ()
        ),
        session=pattern_of(_attribute(index, chain, init, _is_session_param) or "self.session", name),
        repository=pattern_of(repository, name),
        takes=_takes(init),
        takes_param=_takes_param(init, name),
        injected=any(d == definition for d in providers),
    )
    made = _made_repository(index, definition, resource) if role == "service" and style.takes == "session" else ""
    if made:
        style = replace(style, repository=pattern_of(made, name), makes_repository=True)
    wanted_param = _is_session_param if style.takes == "session" else _is_repository_param
    kept = made or _attribute(index, chain, init, wanted_param)
    if style.takes != "nothing" and not kept and not _inherits_unknown(index, chain):
        style = replace(style, unspelled=f"where {symbol.name} keeps its {style.takes} is not known")
    if style.takes == "nothing" and init is not None:
        wanted = ", ".join(p.name for p in init.params[1:])
        style = replace(style, unspelled=f"{symbol.name} takes neither a session nor a repository, but {wanted}")
    foreign = _others_own(index, resource, path, own, source)
    if foreign and not style.unspelled:
        style = replace(
            style, unspelled=f"{symbol.name} is made with {foreign}, which is written for {name.pascal} alone"
        )
    style = replace(style, **_declared(index, definition, source, name))
    return _with_provider(index, style, definition, name, read, providers)


def _inherits_unknown(index: FactIndex, chain: list[Definition]) -> bool:
    """Whether a class has bases of other packages, which may keep for it what they are given."""
    plain = {"object", "ABC", "Protocol", "Generic"}
    return any(
        index.resolve(d.path, b.split("[")[0]) is None and b.split("[")[0].split(".")[-1] not in plain
        for d in chain
        for b in d.symbol.bases
    )


def _abstract(index: FactIndex, chain: list[Definition]) -> str:
    """An abstract member of a base that the class itself has to write, `""` for none."""
    have: set[str] = set()
    for current in chain[1:]:
        for symbol in index.symbols(current.path).values():
            if symbol.scope == current.symbol.qualname and symbol.kind == "method" and symbol.name not in have:
                have.add(symbol.name)
                if any(d.dotted().split(".")[-1] == "abstractmethod" for d in symbol.decorators):
                    return f"{current.symbol.name}.{symbol.name}"
    return ""


def _is_dataclass(definition: Definition) -> bool:
    return any(d.dotted().removesuffix("()").rpartition(".")[2] == "dataclass" for d in definition.symbol.decorators)


def _initializer(index: FactIndex, chain: list[Definition]) -> Symbol | None:
    """The constructor of a class: the nearest that is written, or the one that a dataclass makes of its fields."""
    for at, current in enumerate(chain):
        written = index.symbols(current.path).get(f"{current.symbol.qualname}.__init__")
        if written is not None:
            return written
        if _is_dataclass(current):
            fields = [f for d in reversed(chain[at:]) if _is_dataclass(d) for f in d.symbol.fields]
            params = [Param(f.name, f.annotation, f.value, "positional", f.loc, f.annotation_expr) for f in fields]
            me = Param("self", "", "", "positional", current.symbol.loc)
            return Symbol("method", "__init__", current.symbol.qualname, current.symbol.loc, params=(me, *params))
    return None


def _declared(index: FactIndex, definition: Definition, source: bytes, name: NameForms) -> dict[str, Any]:
    """Decorator and fields of a layer that is a dataclass: they are its constructor."""
    symbol = definition.symbol
    if not _is_dataclass(definition) or not symbol.fields:
        return {}
    fields = "\n    ".join(source[f.loc.start : f.loc.end].decode() for f in symbol.fields)
    needed = [*symbol.decorators, *(f.annotation_expr for f in symbol.fields)]
    return {
        "decorators": tuple(f"@{source_of(d)}" for d in symbol.decorators),
        "constructor": pattern_of(fields, name),
        "constructor_imports": tuple(r for e in needed for r in refs_in(index, definition.path, e)),
    }


def _bare_layer(
    index: FactIndex, role: str, definition: Definition, chain: list[Definition], source: bytes, name: NameForms
) -> LayerStyle:
    """What all layers of classes have: place, name, bases, what the bases already mean by their methods."""
    symbol, path = definition.symbol, definition.path
    pattern = pattern_of(path, name)
    where = Span(path, symbol.loc.line)
    inherited = (
        s.name
        for d in chain[1:]
        for s in index.symbols(d.path).values()
        if s.scope == d.symbol.qualname and s.kind == "method"
    )
    own_lines = (f for f in symbol.fields if not f.name.startswith("__") and mentions(f.value, name))
    written = [source[f.loc.start : f.loc.end].decode() for f in own_lines]
    port, abstract = port_of(index, definition, name), _abstract(index, chain)
    unspelled = f"{symbol.name} implements the port {port}, and ports are not written" if port else ""
    if abstract and not port:
        unspelled = f"{symbol.name} writes what {abstract} leaves open, and that is not imitated"
    return LayerStyle(
        "class",
        Place(role, pattern, "{" not in pattern, where),
        name=pattern_of(symbol.name, name),
        base=pattern_of(_header(index, path, source, symbol), name),
        base_imports=(
            *(r for e in symbol.base_exprs for r in refs_in(index, path, e)),
            *(r for _, found in _aliased(index, path, symbol) for r in refs_in(index, found.path, found.symbol.value)),
            *(r for line in written for r in refs_of_source(index, path, line)),
        ),
        base_methods=tuple(dict.fromkeys(inherited)),
        class_lines=tuple(pattern_of(line, name) for line in written),
        unspelled=unspelled,
        because=where,
    )


def _header(index: FactIndex, path: str, source: bytes, symbol: Symbol) -> str:
    """The bracketed bases of a class, as written; names that stand for a type (`UserID = int`) by what they stand for."""
    if not symbol.base_exprs:
        return ""
    start, end = symbol.base_exprs[0].loc.start, symbol.base_exprs[-1].loc.end
    text = source[start:end].decode()
    for written, found in _aliased(index, path, symbol):
        assert found.symbol.value is not None
        text = re.sub(rf"(?<![\w.]){re.escape(written)}(?!\w)", source_of(found.symbol.value), text)
    return f"({text})"


def _aliased(index: FactIndex, path: str, symbol: Symbol) -> Iterator[tuple[str, Definition]]:
    """The names among the bases of a class that are other names of types."""
    for written in dict.fromkeys(n for e in symbol.base_exprs for n in names_in(e)):
        found = index.resolve(path, written)
        value = found.symbol.value if found is not None and found.symbol.kind == "variable" else None
        if found is not None and value is not None and value.kind in {"name", "attribute"}:
            yield written, found


def _first_methods(index: FactIndex, bases: list[Definition]) -> list[Symbol]:
    """The public methods of the nearest base that has some."""
    for base in bases:
        members = (s for s in index.symbols(base.path).values() if s.scope == base.symbol.qualname)
        methods = [s for s in members if s.kind == "method" and not s.name.startswith("_")]
        if methods:
            return methods
    return []


def _base_per_call(index: FactIndex, bases: list[Definition]) -> bool:
    methods = _first_methods(index, bases)
    return sum(any(_is_session_param(p) for p in m.params) for m in methods) * 2 > len(methods)


def _instance(index: FactIndex, definition: Definition, name: NameForms) -> str:
    """The module-level object made of the class: `item = CRUDItem(Item)`."""
    for symbol in index.symbols(definition.path).values():
        if (
            symbol.kind == "variable"
            and symbol.value is not None
            and symbol.value.dotted() == f"{definition.symbol.name}()"
        ):
            return pattern_of(symbol.name, name)
    return ""


def _attribute(index: FactIndex, chain: list[Definition], init: Symbol | None, wanted: Callable[[Param], bool]) -> str:
    """`self.x`, where a constructor of the chain keeps the wanted parameter."""
    params = {p.name for p in (init.params if init is not None else ()) if wanted(p)}
    for current in chain:
        for held in current.symbol.fields if _is_dataclass(current) else ():
            if wanted(Param(held.name, held.annotation, "", "positional", held.loc)):
                return f"self.{held.name}"
    for current in chain:
        scope = f"{current.symbol.qualname}.__init__"
        own = index.symbols(current.path).get(scope)
        names = {p.name for p in (own.params if own is not None else ()) if wanted(p)} | params
        for assign in index.assigns(current.path, scope):
            target = assign.target.dotted()
            kept = assign.value.kind == "name" or (
                assign.value.kind == "call" and not wanted(Param("session", "Session", "", "positional", assign.loc))
            )
            if target.startswith("self.") and kept and set(names_in(assign.value)) & names:
                return target
    return ""


def _others_own(index: FactIndex, resource: Resource, path: str, init: Symbol | None, source: bytes) -> str:
    """A class of the exemplar's that its constructor names and that no new resource gets, `""` for none."""
    known = {resource.entity.table.entity, *(d.symbol.name for d in (*resource.classes.values(), *resource.schemas))}
    text = source[init.loc.start : init.loc.end].decode() if init is not None else ""
    words: list[str] = re.findall(r"\b[A-Z]\w+", text)
    for word in dict.fromkeys(words):
        found = index.resolve(path, word) if word not in known and mentions(word, resource.name) else None
        if found is not None and found.symbol.kind == "class":
            return word
    return ""


def _made_repository(index: FactIndex, service: Definition, resource: Resource) -> str:
    """`self.x`, where the constructor of a service keeps the resource's repository, made of the session alone."""
    repository = resource.classes.get("repository")
    init = index.symbols(service.path).get(f"{service.symbol.qualname}.__init__")
    if repository is None or init is None:
        return ""
    below = _initializer(index, [repository, *index.bases(repository)])
    if below is None or len(below.params) != 2 or not _is_session_param(below.params[1]):
        return ""
    sessions = {p.name for p in init.params if _is_session_param(p)}
    for assign in index.assigns(service.path, f"{service.symbol.qualname}.__init__"):
        target, value = assign.target.dotted(), assign.value
        if not target.startswith("self.") or value.kind != "call" or len(value.parts) != 2:
            continue
        if index.resolve(service.path, value.parts[0].dotted()) == repository and sessions & set(names_in(value)):
            return target
    return ""


def _is_repository_param(param: Param) -> bool:
    return bool(re.search(r"repo|crud|dao|store|gateway", param.annotation + param.name, re.IGNORECASE))


def _takes(init: Symbol | None) -> Literal["session", "repository", "nothing"]:
    params = init.params[1:] if init is not None else ()
    if any(_is_repository_param(p) for p in params):
        return "repository"
    return "session" if any(_is_session_param(p) for p in params) or not params else "nothing"


def _takes_param(init: Symbol | None, name: NameForms) -> str:
    params = init.params[1:] if init is not None else ()
    own = [p for p in params if _is_repository_param(p) and mentions(p.annotation + " " + p.name, name)]
    chosen = own or [p for p in params if _is_repository_param(p)] or [p for p in params if _is_session_param(p)]
    return pattern_of(chosen[0].name, name) if chosen else "session"


def _with_provider(
    index: FactIndex,
    style: LayerStyle,
    definition: Definition,
    name: NameForms,
    read: Read,
    providers: Iterable[Definition],
) -> LayerStyle:
    """The function that builds the class for `Depends`, and its Annotated alias, both as patterns."""
    for provider in providers:
        symbol = provider.symbol
        if symbol.kind != "function" or definition.symbol.name not in _builds(index, provider):
            continue
        text = read(provider.path).encode()
        source = text[symbol.loc.start : symbol.loc.end].decode()
        imports = refs_of_source(index, provider.path, source)
        style = replace(
            style,
            provider=Ref(pattern_of(symbol.name, name), pattern_of(index.module(provider.path), name)),
            provider_path=pattern_of(provider.path, name),
            provider_source=pattern_of(source, name),
            provider_imports=imports,
        )
        break
    for found in index.all_symbols():
        value = found.symbol.value
        if (
            found.symbol.kind == "variable"
            and value is not None
            and value.kind == "subscript"
            and value.parts[0].dotted().endswith("Annotated")
            and definition.symbol.name in set(names_in(value))
        ):
            text = read(found.path).encode()
            style = replace(
                style,
                alias=pattern_of(found.symbol.name, name),
                provider_imports=(*style.provider_imports, *_shared(refs_in(index, found.path, value), name)),
                alias_source=pattern_of(text[found.symbol.loc.start : found.symbol.loc.end].decode(), name),
                provider_path=style.provider_path or pattern_of(found.path, name),
            )
            break
    return style


def _shared(refs: Iterable[Ref], name: NameForms) -> Iterator[Ref]:
    """Those that are not called after the resource that is imitated: the new one has its own in their place."""
    return (ref for ref in refs if pattern_of(ref.line, name) == ref.line)


def _builds(index: FactIndex, provider: Definition) -> set[str]:
    """The classes that a provider returns or builds."""
    out = {provider.symbol.returns.strip("'\"")}
    out.update(c.expr.parts[0].dotted() for c in index.calls(provider.path, provider.symbol.qualname))
    return out
