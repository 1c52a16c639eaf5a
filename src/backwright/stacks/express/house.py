"""Reads how an Express project writes a resource."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from posixpath import dirname

from backwright.core.archmap import Component, Convention
from backwright.core.facts import Span
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.stacks.express.access import access_of
from backwright.stacks.express.failures import failures_of
from backwright.stacks.express.reading import Sources
from backwright.stacks.express.siblings import Resource, resources_of
from backwright.stacks.express.style import ExpressHouse, Layout, Paging, Validation

_SIZES = ("limit", "pageSize", "perPage", "per_page", "page_size", "take", "size")
_OFFSETS = ("offset", "skip")
_OTHER_ORMS = ("mongoose", "typeorm", "sequelize", "drizzle-orm", "knex", "@mikro-orm/core", "objection")
_OTHER_VALIDATION = ("joi", "express-validator", "yup", "class-validator", "ajv", "celebrate")


def build_house(
    index: FactIndex, placed: tuple[Component, ...], read: Callable[[str], str]
) -> tuple[ExpressHouse, tuple[Convention, ...]]:
    """The house and its conventions. `read` gives a file's text."""
    sources = Sources(index, read)
    packages = _dependencies(index)
    resources = resources_of(index, sources)
    guards, auth, access = access_of(index, resources, sources)
    sibling = _sibling(resources, auth.user.name if auth.user is not None else "")
    schema = next((p for p in index.texts if p.endswith(".prisma")), "")
    provider = re.search(r"datasource\s+\w+\s*\{[^}]*?provider\s*=\s*\"(\w+)\"", index.texts.get(schema, ""))
    house = ExpressHouse(
        root=index.root,
        layout=_layout(index, sibling, read),
        first_party=(),
        resources=resources,
        sibling=sibling,
        provider=provider[1] if provider is not None else "",
        schema=schema,
        migrations=_migrations(index, schema),
        auth=auth,
        guards=guards,
        access=access,
        failures=failures_of(index, sources),
        validation=_validation(index, sibling, packages, sources),
        paging=_paging(sibling, sources),
        tests=_test(index, sibling, sources),
        unspelled=tuple(_unspelled(index, sibling, packages, schema)),
    )
    return house, tuple(_conventions(house))


def _dependencies(index: FactIndex) -> dict[str, str]:
    """Package to the version asked for, of the manifest of the project."""
    path = f"{index.root}/package.json".lstrip("/")
    try:
        manifest = json.loads(index.texts.get(path, "{}"))
    except ValueError:
        return {}
    given = (manifest.get(key) or {} for key in ("devDependencies", "dependencies"))
    return {name: str(version) for part in given if isinstance(part, dict) for name, version in part.items()}


def _sibling(resources: tuple[Resource, ...], user: str) -> Resource | None:
    """What is imitated: the resource with the most operations, users last of all."""
    whole = [r for r in resources if r.controller and r.service]
    return max(whole, key=lambda r: (r.table.entity != user, len(r.endpoints), -len(r.routes)), default=None)


def _layout(index: FactIndex, sibling: Resource | None, read: Callable[[str], str]) -> Layout:
    path = sibling.controller if sibling is not None else next(iter(index.files), "")
    text = read(path)
    settings = _prettier(index, read)
    lines = [line for line in text.splitlines() if line.strip()]
    ended = sum(line.rstrip().endswith(";") for line in lines)
    indents = re.findall(r"^([ \t]+)\S", text, re.MULTILINE)
    indent = min(indents, key=len) if indents else "  "
    single, double = text.count("'"), text.count('"')
    return Layout(
        typed=path.endswith((".ts", ".mts", ".cts")),
        modules="cjs" if re.search(r"\brequire\(", text) and not re.search(r"^import\s", text, re.MULTILINE) else "esm",
        quote="'" if settings.get("singleQuote", single >= double) else '"',
        semicolon=";" if settings.get("semi", ended * 4 > len(lines)) else "",
        indent=indent,
        width=width if isinstance(width := settings.get("printWidth"), int) else 80,
    )


def _prettier(index: FactIndex, read: Callable[[str], str]) -> dict[str, object]:
    """What the project tells its formatter, where that is written as JSON."""
    for name in (".prettierrc", ".prettierrc.json"):
        path = f"{index.root}/{name}".lstrip("/")
        if path in index.paths:
            try:
                found = json.loads(read(path))
            except ValueError:
                return {}
            return found if isinstance(found, dict) else {}
    return {}


def _migrations(index: FactIndex, schema: str) -> str:
    """The folder of the migrations: beside the schema."""
    found = [p for p in index.paths if re.search(r"migrations/\d{14}[^/]*/migration\.sql$", p)]
    return dirname(dirname(found[0])) if found else f"{dirname(schema)}/migrations"


def _validation(index: FactIndex, sibling: Resource | None, packages: dict[str, str], sources: Sources) -> Validation:
    major = re.search(r"\d+", packages.get("zod", ""))
    texts = [sources.read(p) for p in index.files if not is_test_file(p)]
    handled = any("ZodError" in text and re.search(r"\.status\(|statusCode", text) for text in texts)
    known = Validation(int(major[0]) if major is not None else 0, handled=handled)
    if sibling is None or "create" not in sibling.endpoints:
        return known
    endpoint = sibling.endpoints["create"]
    given = next((b for b in endpoint.between if re.match(r"\w*(valid|parse)\w*\(", b, re.IGNORECASE)), "")
    schema = re.search(r"\b[\w.]*[Ss]chema\w*(?:\.\w+)?", given.partition("(")[2])
    if not given or schema is None:
        return known
    name = given.partition("(")[0]
    middleware = sources.function(endpoint.path, name)
    text = sources.at(middleware.path, middleware.symbol.loc) if middleware is not None else ""
    defined = index.resolve(endpoint.path, schema[0])
    source = sources.at(defined.path, defined.symbol.loc) if defined is not None else ""
    return Validation(
        known.major,
        given.replace(schema[0], "{schema}"),
        endpoint.path,
        wrapped=bool(re.search(r"\bbody:\s*z\.", source)),
        replaces=bool(re.search(r"\breq(?:uest)?\.body\s*=|\breq(?:uest)?\[\w+\]\s*=|Object\.assign\(req", text)),
        handled=handled,
    )


def _paging(sibling: Resource | None, sources: Sources) -> Paging:
    """How the exemplar's list is cut, by the names in its functions."""
    endpoint = sibling.endpoints.get("list") if sibling is not None else None
    if endpoint is None or endpoint.answers is None:
        return Paging()
    parts = [endpoint.answers, *([endpoint.data] if endpoint.data is not None else [])]
    text = " ".join(sources.at(d.path, d.symbol.loc) for d in parts)
    size = next((s for s in _SIZES if re.search(rf"\b{s}\b(?!:\s*\()", text)), "limit")
    size = "limit" if size == "take" and re.search(r"\bpage\b", text) is None else size
    if re.search(r"\bpage\b", text):
        return Paging("page", "page", size)
    at = next((o for o in _OFFSETS if re.search(rf"query\.{o}\b", text)), "")
    return Paging("offset", at, size) if at else Paging()


def _test(index: FactIndex, sibling: Resource | None, sources: Sources) -> str:
    """The test file to imitate: of the exemplar, else any that calls the application."""
    if sibling is None:
        return ""
    calling = [p for p in index.files if is_test_file(p) and re.search(r"\b(request|supertest)\(", sources.read(p))]
    own = [p for p in calling if sibling.base in sources.read(p)]
    return next(iter([*own, *calling]), "")


def _unspelled(
    index: FactIndex, sibling: Resource | None, packages: dict[str, str], schema: str
) -> Iterator[tuple[str, str]]:
    manifest = f"{index.root}/package.json".lstrip("/")
    if not schema:
        other = next((name for name in _OTHER_ORMS if name in packages), "")
        what = f"the ORM of this project is {other}" if other else "this project has no Prisma schema"
        yield f"{what}: on Express only Prisma can be planned for", manifest
    elif "zod" not in packages:
        other = next((name for name in _OTHER_VALIDATION if name in packages), "")
        what = f"the validation of this project is {other}" if other else "this project has no validation library"
        yield f"{what}: on Express only zod can be planned for", manifest
    elif sibling is None:
        first = next((f"{p}:{r.loc.line}" for p, r in index.routes()), manifest)
        yield "this project has no resource whose handlers, written as functions of their own, lead to Prisma", first


def _conventions(house: ExpressHouse) -> Iterator[Convention]:
    if house.sibling is None:
        return
    sibling = house.sibling
    endpoint = next(e for e in sibling.endpoints.values() if e.answers is not None)
    assert endpoint.answers is not None
    span = Span(endpoint.answers.path, endpoint.answers.symbol.loc.line)
    layered = [r for r in house.resources if r.service and r.service != r.controller]
    said = "handlers call services" if sibling in layered else "handlers ask the database"
    support = len(layered) if sibling in layered else len(house.resources) - len(layered)
    yield Convention("layers", said, max(1, support), len(house.resources) - support, span)
    if house.validation.middleware:
        name = house.validation.middleware.partition("(")[0]
        yield Convention("validation", f"requests pass {name}", 1, 0, Span(sibling.routes, 1))
