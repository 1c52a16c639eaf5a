"""Reads how an axum project writes a resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from posixpath import dirname

from backwright.core.archmap import Component, Convention
from backwright.core.facts import Span
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file
from backwright.stacks.axum.access import access_of
from backwright.stacks.axum.failures import failures_of
from backwright.stacks.axum.reading import Sources, generic
from backwright.stacks.axum.siblings import Resource, resources_of
from backwright.stacks.axum.style import AxumHouse, Paging

_SIZES = ("per_page", "page_size", "limit", "size", "count")
_OFFSETS = ("offset", "skip")
_OTHERS = {"diesel": "Diesel", "sea-orm": "SeaORM", "mongodb": "MongoDB", "tokio-postgres": "tokio-postgres"}
_MIGRATION = re.compile(r"(?:^|/)(\d+)_[\w-]+(?:\.up|\.down)?\.sql$")


def build_house(
    index: FactIndex, placed: tuple[Component, ...], read: Callable[[str], str]
) -> tuple[AxumHouse, tuple[Convention, ...]]:
    """The house and its conventions. `read` gives a file's text."""
    sources = Sources(index, read)
    crates = _crates(index)
    resources = resources_of(index, sources)
    guards, auth, access = access_of(index, resources, sources)
    sibling = _sibling(resources, auth.user.name if auth.user is not None else "")
    found = [p for p in index.paths if _MIGRATION.search(p) and p.startswith(index.root)]
    folders = [dirname(p) for p in found]
    migrations = max(set(folders), key=lambda f: (folders.count(f), -len(f)), default="")
    house = AxumHouse(
        root=index.root,
        resources=resources,
        sibling=sibling,
        migrations=migrations,
        reversible=any(p.endswith(".down.sql") for p in found),
        crates=crates,
        auth=auth,
        guards=guards,
        access=access,
        failures=failures_of(index, sibling, sources),
        paging=_paging(index, sibling),
        tests=_tests(index, sibling, sources),
        unspelled=tuple(_unspelled(index, sibling, crates, migrations)),
    )
    return house, tuple(_conventions(house))


def _crates(index: FactIndex) -> dict[str, str]:
    """The crates that the manifests ask for, with what is said about each on its lines."""
    found: dict[str, str] = {}
    for path, text in index.texts.items():
        if path.endswith("Cargo.toml"):
            text = re.sub(r"\[\s*\n(?:[^\[\]]*\n)*?\s*\]", lambda m: " ".join(m[0].split()), text)
            for line in re.findall(r"^[\w-]+(?:\.workspace)?\s*=.*$", text, re.MULTILINE):
                name = re.split(r"[.=\s]", line)[0]
                found[name] = f"{found.get(name, '')} {line}"
            for name, block in re.findall(r"^\[(?:\w+-)?dependencies\.([\w-]+)\]\n((?:(?!\[).*\n?)*)", text, re.M):
                found[name] = f"{found.get(name, '')} {block}"
    return found


def _sibling(resources: tuple[Resource, ...], user: str) -> Resource | None:
    """What is imitated: the resource with the most operations and layers, users last of all."""
    return max(
        resources, key=lambda r: (r.table.entity != user, len(r.endpoints), len(r.layers), -len(r.files)), default=None
    )


def _paging(index: FactIndex, sibling: Resource | None) -> Paging:
    """How the exemplar's list is cut, by the fields of what its handler takes from the query."""
    endpoint = sibling.endpoints.get("list") if sibling is not None else None
    if endpoint is None:
        return Paging()
    for param in endpoint.handler.symbol.params:
        outer, given = generic(param.annotation)
        target = index.resolve(endpoint.handler.path, given[0]) if given and outer.endswith("Query") else None
        if target is None:
            continue
        names = {f.name for f in target.symbol.fields}
        size = next((s for s in _SIZES if s in names), "per_page" if "page" in names else "limit")
        offset = next((o for o in _OFFSETS if o in names), "")
        if "page" not in names and offset:
            return Paging("offset", offset, size)
        return Paging("page", "page", size)
    return Paging()


def _tests(index: FactIndex, sibling: Resource | None, sources: Sources) -> str:
    """The test file to imitate: it makes a database for each test, and the one of the exemplar is the best."""
    if sibling is None:
        return ""
    given = [p for p in index.files if is_test_file(p) and "#[sqlx::test" in sources.read(p)]
    own = [p for p in given if sibling.base in sources.read(p)]
    return next(iter([*own, *given]), "")


def _unspelled(
    index: FactIndex, sibling: Resource | None, crates: dict[str, str], migrations: str
) -> Iterator[tuple[str, str]]:
    manifest = next((p for p in index.texts if p.endswith("Cargo.toml")), "Cargo.toml")
    if "sqlx" not in crates:
        other = next((shown for name, shown in _OTHERS.items() if name in crates), "")
        what = f"the database is asked through {other}" if other else "this project has no sqlx"
        yield f"{what}: on axum only sqlx can be planned for", manifest
    elif "postgres" not in crates["sqlx"]:
        yield "sqlx does not speak PostgreSQL here: on axum only PostgreSQL can be planned for", manifest
    elif not migrations:
        yield "this project has no migrations of sqlx, from which tables would be read", manifest
    elif sibling is None:
        first = next((f"{p}:{r.loc.line}" for p, r in index.routes() if not is_test_file(p)), manifest)
        what = "this project has no resource with a table, a struct of its name, and routes to create and read it"
        yield what, first


def _conventions(house: AxumHouse) -> Iterator[Convention]:
    if house.sibling is None:
        return
    sibling = house.sibling
    handler = sibling.endpoints["create"].handler
    said = ("handlers ask the database", "handlers call repositories", "handlers call services")[
        len(sibling.layers[:2])
    ]
    alike = sum(len(r.layers) == len(sibling.layers) for r in house.resources)
    place = Span(handler.path, handler.symbol.loc.line)
    yield Convention("layers", said, alike, len(house.resources) - alike, place)
    if house.failures.name:
        yield Convention("errors", f"handlers answer {house.failures.name}", 1, 0, place)
