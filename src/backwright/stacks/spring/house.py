"""Reads how a Spring project writes a resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

from backwright.core.archmap import Component, Convention
from backwright.core.facts import Span
from backwright.kit.index import Definition, FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.stacks.spring.access import access_of, security_of
from backwright.stacks.spring.failures import answered, failures_of
from backwright.stacks.spring.manifest import build_of, migrations_of, tables_made_by
from backwright.stacks.spring.reading import Sources, generic, marks, types_in
from backwright.stacks.spring.siblings import Resource, resources_of
from backwright.stacks.spring.style import Build, Envelope, Layout, Paging, SpringHouse, Testing

_AT = ("page", "pageNumber", "pageNo", "pageIndex")
_SIZE = ("size", "limit", "pageSize", "perPage")
_CONTAINERS = frozenset(
    ("ResponseEntity", "Page", "List", "Slice", "Set", "Collection", "Iterable", "Optional", "PagedModel")
)
_VALUES = {
    r"(content|items|data|results?|rows|elements|list|records|\w*s)": "{page}.getContent()",
    r"(page|pageNo|pageNumber|number|currentPage|pageIndex)": "{page}.getNumber()",
    r"(size|pageSize|limit|perPage)": "{page}.getSize()",
    r"(total|totalElements|totalItems|count|totalCount|totalRecords|totalResults)": "{page}.getTotalElements()",
    r"(totalPages|pages|pageCount)": "{page}.getTotalPages()",
    r"(last|isLast)": "{page}.isLast()",
    r"(first|isFirst)": "{page}.isFirst()",
    r"(hasNext)": "{page}.hasNext()",
    r"(hasPrevious)": "{page}.hasPrevious()",
    r"(empty|isEmpty)": "{page}.isEmpty()",
    r"(numberOfElements)": "{page}.getNumberOfElements()",
}


def build_house(
    index: FactIndex, placed: tuple[Component, ...], read: Callable[[str], str]
) -> tuple[SpringHouse, tuple[Convention, ...]]:
    """The house and its conventions. `read` gives a file's text."""
    sources = Sources(index, read)
    build = build_of(index, read)
    resources = resources_of(index, sources)
    security = security_of(index, resources, sources)
    auth, current, access = access_of(index, resources, security, sources)
    sibling = _sibling(resources, auth.user.name if auth.user is not None else "")
    house = SpringHouse(
        root=index.root,
        layout=_layout(sibling, read),
        build=build,
        first_party=(),
        resources=resources,
        sibling=sibling,
        migrations=migrations_of(index, read),
        auth=auth,
        security=security,
        current_user=current,
        access=access,
        failures=failures_of(index, sources, resources),
        integrity=answered(index, sources).get("DataIntegrityViolationException") == 409,
        paging=_paging(sibling, sources),
        envelope=_envelope(sibling, sources),
        tests=_testing(index, sibling, sources),
        unspelled=tuple(_unspelled(index, sibling, build, sources)),
    )
    return house, tuple(_conventions(house))


def _sibling(resources: tuple[Resource, ...], user: str) -> Resource | None:
    """What is imitated: the resource with the most operations and a service, users last of all."""
    return max(
        resources,
        key=lambda r: (r.table.entity != user, len(r.endpoints), r.service is not None, bool(r.table.relations)),
        default=None,
    )


def _layout(sibling: Resource | None, read: Callable[[str], str]) -> Layout:
    text = read(sibling.controller.path) if sibling is not None else ""
    indents = re.findall(r"^([ \t]+)(?:@|public |private |protected )", text, re.MULTILINE)
    imports = re.findall(r"^import (?!static)([\w.*]+);", text, re.MULTILINE)
    java = [n for n, name in enumerate(imports) if name.startswith(("java.", "javax."))]
    others = [n for n, name in enumerate(imports) if not name.startswith(("java.", "javax."))]
    last: Literal["sorted", "java_last"] = (
        "java_last" if java and others and min(java) > max(others) and "\n\nimport java" in text else "sorted"
    )
    static = re.search(r"^import static", text, re.MULTILINE)
    plain = re.search(r"^import (?!static)", text, re.MULTILINE)
    return Layout(
        indent=min(indents, key=len) if indents else "    ",
        imports=last,
        static_first=static is None or plain is None or static.start() < plain.start(),
    )


def _paging(sibling: Resource | None, sources: Sources) -> Paging:
    """How the exemplar's list is cut, by the parameters of its handler."""
    endpoint = sibling.endpoints.get("list") if sibling is not None else None
    if sibling is None or endpoint is None:
        return Paging()
    params = endpoint.handler.params
    if any(p.annotation == "Pageable" for p in params):
        return Paging("pageable")
    texts = {p.name: sources.at(sibling.controller.path, p.loc) for p in params}
    at = next((p for p in texts if p in _AT), "")
    size = next((p for p in texts if p in _SIZE), "")
    if not at or not size:
        return Paging("params", "page", "size", 0, False)
    told = re.search(r"(?:name|value)\s*=\s*\"(\w+)\"|@RequestParam\(\"(\w+)\"", texts[at])
    told_size = re.search(r"(?:name|value)\s*=\s*\"(\w+)\"|@RequestParam\(\"(\w+)\"", texts[size])
    service = sibling.implementation or sibling.service
    asked = sources.at(sibling.controller.path, endpoint.handler.loc)
    asked += sources.text_of(service) if service is not None else ""
    first = 1 if re.search(rf"\b{at}\s*-\s*1\b", asked) else 0
    return Paging(
        "params",
        (told[1] or told[2]) if told is not None else at,
        (told_size[1] or told_size[2]) if told_size is not None else size,
        first,
        "@Max" in texts[size],
    )


def _envelope(sibling: Resource | None, sources: Sources) -> Envelope | None:
    """What the exemplar's list is answered in, where that is a class of the project's own that can be made of a `Page`."""
    endpoint = sibling.endpoints.get("list") if sibling is not None else None
    if sibling is None or endpoint is None:
        return None
    for name in types_in(endpoint.handler.returns):
        definition = sources.named(name, sibling.controller.path) if name not in _CONTAINERS else None
        if definition is None or not re.search(rf"\b{name}\s*<", sources.text_of(definition)):
            continue
        made = _made_of_page(definition, sources)
        rows = next(
            (f.name for f in definition.symbol.fields if generic(f.annotation)[0] in {"List", "Collection"}), ""
        )
        total = next((f.name for f in definition.symbol.fields if _value_of(f.name) == "{page}.getTotalElements()"), "")
        if made and rows:
            return Envelope(name, made, rows, total)
    return None


def _made_of_page(definition: Definition, sources: Sources) -> str:
    symbol = definition.symbol
    members = sources.members(definition)
    for member in members:
        given = [generic(p.annotation)[0] for p in member.params]
        if "static" in member.modifiers and given == ["Page"] and generic(member.returns)[0] == symbol.name:
            return f"{symbol.name}.{member.name}({{page}})"
    fields = [
        (f.name, f.annotation)
        for f in symbol.fields
        if not re.search(r"\bstatic\b", sources.at(definition.path, f.loc))
    ]
    made = [m for m in members if m.name == symbol.name and m.params]
    if any([generic(p.annotation)[0] for p in m.params] == ["Page"] for m in made):
        return f"new {symbol.name}<>({{page}})"
    named = marks(symbol.decorators)
    shapes = [[(p.name, p.annotation) for p in m.params] for m in made]
    if "record" in symbol.modifiers or {"AllArgsConstructor", "Value"} & set(named):
        shapes.append(fields)
    for shape in sorted(shapes, key=len, reverse=True):
        values = [_value_of(name) for name, _ in shape]
        if all(values):
            return f"new {symbol.name}<>({', '.join(values)})"
    return ""


def _value_of(name: str) -> str:
    """What of a `Page` a part of this name holds; rows are looked for last, as any plural may name them."""
    known = [value for pattern, value in list(_VALUES.items())[1:] if re.fullmatch(pattern, name)]
    rows = re.fullmatch(next(iter(_VALUES)), name)
    return known[0] if known else "{page}.getContent()" if rows is not None else ""


def _testing(index: FactIndex, sibling: Resource | None, sources: Sources) -> Testing | None:
    """The test to imitate: one that starts the whole application and sends it requests, the exemplar's first."""
    found = []
    for path in index.files:
        if not path.endswith(".java") or not is_test_file(path):
            continue
        text = sources.read(path)
        for symbol in index.symbols(path).values():
            named = marks(symbol.decorators)
            extended = next((b for b in symbol.bases if "interface" not in symbol.modifiers), "")
            whole = "SpringBootTest" in named or _starts(extended, index, sources)
            if symbol.kind == "class" and not symbol.scope and whole and "abstract" not in symbol.modifiers:
                own = sibling is not None and sibling.name.pascal in symbol.name
                sends = "MockMvc" in text
                found.append(((own, sends), path, symbol, extended))
    if not found:
        return None
    (_, sends), path, symbol, extended = max(found, key=lambda f: f[0])
    kept = [sources.at(path, mark.loc) for name, mark in marks(symbol.decorators).items() if name not in _NOT_KEPT]
    head = "\n".join(f"@{text.lstrip('@')}" for text in kept)
    inherited = _starts_with_mvc(extended, index, sources)
    if "AutoConfigureMockMvc" not in head and not inherited:
        head += "\n@AutoConfigureMockMvc"
    public = "public " if "public" in symbol.modifiers else ""
    return Testing(
        path, head.replace("webEnvironment", "webEnvironment"), f" extends {extended}" if extended else "", public
    )


_NOT_KEPT = frozenset(
    (
        "DisplayName",
        "Slf4j",
        "TestMethodOrder",
        "Sql",
        "SqlGroup",
        "Disabled",
        "WithMockUser",
        "Tag",
        "RequiredArgsConstructor",
    )
)


def _base(name: str, index: FactIndex) -> Definition | None:
    return next((d for d in index.classes() if d.symbol.name == name), None) if name else None


def _starts(name: str, index: FactIndex, sources: Sources) -> bool:
    base = _base(name, index)
    return base is not None and "SpringBootTest" in marks(base.symbol.decorators)


def _starts_with_mvc(name: str, index: FactIndex, sources: Sources) -> bool:
    base = _base(name, index)
    return base is not None and "AutoConfigureMockMvc" in marks(base.symbol.decorators)


def _unspelled(index: FactIndex, sibling: Resource | None, build: Build, sources: Sources) -> Iterator[tuple[str, str]]:
    if sibling is None:
        kotlin = sum(p.endswith(".kt") for p in index.files) > sum(p.endswith(".java") for p in index.files)
        first = next((f"{p}:{r.loc.line}" for p, r in index.routes()), build.manifest)
        if kotlin:
            yield "this project is written in Kotlin: on Spring Boot only Java can be planned for", first
            return
        yield "this project has no resource whose controller leads to a Spring Data repository of its entity", first
        return
    where = f"{sibling.controller.path}:{sibling.controller.symbol.loc.line}"
    if any(re.match(r"(Mono|Flux)\b", e.handler.returns) for e in sibling.endpoints.values()):
        yield "the handlers of this project are reactive, which cannot be imitated yet", where
    if not build.validation:
        yield (
            "this project has no bean validation (spring-boot-starter-validation), without which no bounds are kept",
            build.manifest,
        )
    kind, place = tables_made_by(index, sources.read)
    if kind:
        yield kind, place


def _conventions(house: SpringHouse) -> Iterator[Convention]:
    if house.sibling is None:
        return
    sibling = house.sibling
    span = Span(sibling.controller.path, sibling.controller.symbol.loc.line)
    layered = [r for r in house.resources if r.service is not None]
    said = "controllers call services" if sibling.service is not None else "controllers ask repositories"
    support = len(layered) if sibling.service is not None else len(house.resources) - len(layered)
    yield Convention("layers", said, max(1, support), len(house.resources) - support, span)
    if house.envelope is not None:
        yield Convention("pages", f"lists are answered as {house.envelope.type}", 1, 0, span)
