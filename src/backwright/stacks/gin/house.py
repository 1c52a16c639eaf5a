"""Reads how a Gin project writes a resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from posixpath import basename, dirname

from backwright.core.archmap import Component, Convention
from backwright.core.facts import Span
from backwright.kit.index import FactIndex
from backwright.stacks.gin.answers import answers_of
from backwright.stacks.gin.layers import database_of, layers_of
from backwright.stacks.gin.migration import model_value
from backwright.stacks.gin.routing import access_of
from backwright.stacks.gin.siblings import Resource, resources_of
from backwright.stacks.gin.sources import Sources, is_code
from backwright.stacks.gin.style import GinHouse, Layer, Migrations

_REQUIRED = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[\w./~-]+)\s+v(\d+)\.(\d+)\.(\d+)", re.MULTILINE)
_DRIVERS = (
    ("postgres", ("gorm.io/driver/postgres", "github.com/jinzhu/gorm/dialects/postgres")),
    ("mysql", ("gorm.io/driver/mysql", "github.com/jinzhu/gorm/dialects/mysql")),
    ("sqlite", ("gorm.io/driver/sqlite", "github.com/glebarez/sqlite", "github.com/ncruces/go-sqlite3/gormlite")),
)
_OTHERS = {
    "entgo.io/ent": "ent",
    "github.com/uptrace/bun": "Bun",
    "github.com/jmoiron/sqlx": "sqlx",
    "xorm.io/xorm": "XORM",
    "go.mongodb.org/mongo-driver": "MongoDB's driver",
    "github.com/jackc/pgx": "pgx",
    "github.com/jinzhu/gorm": "GORM 1 (github.com/jinzhu/gorm)",
}


def build_house(
    index: FactIndex, placed: tuple[Component, ...], read: Callable[[str], str]
) -> tuple[GinHouse, tuple[Convention, ...]]:
    """The house and its conventions. `read` gives a file's text."""
    sources = Sources(index, read)
    resources = resources_of(index, sources)
    sibling = _sibling(resources, sources)
    layers = layers_of(sibling, sources) if sibling is not None else ()
    guards, auth, access = access_of(index, resources, sibling, sources)
    manifest = f"{index.root}/go.mod".lstrip("/")
    versions = {
        m[1]: (int(m[2]), int(m[3]), int(m[4])) for m in _REQUIRED.finditer(index.texts.get(manifest, read(manifest)))
    }
    database = database_of(layers, sibling, sources) if sibling is not None else ""
    house = GinHouse(
        root=index.root,
        first_party=(),
        resources=resources,
        sibling=sibling,
        layers=layers,
        database=database,
        answers=answers_of(sibling, sources) if sibling is not None else None,
        auth=auth,
        guards=guards,
        access=access,
        migrations=_migrations(index, sibling, read),
        dialect=_dialect(index, versions),
        versions=versions,
        unspelled=tuple(_unspelled(index, sibling, layers, database, manifest)),
    )
    return house, tuple(_conventions(house))


def _sibling(resources: tuple[Resource, ...], sources: Sources) -> Resource | None:
    """What is imitated: the resource with the most operations that leads to the database, users last of all."""

    def worth(resource: Resource) -> tuple[bool, bool, int, int]:
        layers = layers_of(resource, sources)
        reaches = bool(database_of(layers, resource, sources))
        user = resource.table.entity.lower() in {"user", "users", "account"}
        return reaches, not user, len(resource.endpoints), len(layers)

    return max(resources, key=worth, default=None)


def _dialect(index: FactIndex, versions: dict[str, tuple[int, int, int]]) -> str:
    """The database that the program opens, tests aside."""
    used = {i.module for p in index.files if is_code(p) for i in index.imports(p)}
    for name, drivers in _DRIVERS:
        if any(d in used for d in drivers):
            return name
    return next((name for name, drivers in _DRIVERS if any(d in versions for d in drivers)), "")


def _migrations(index: FactIndex, sibling: Resource | None, read: Callable[[str], str]) -> Migrations:
    """How the exemplar's table is made."""
    if sibling is None:
        return Migrations("")
    table = re.escape(sibling.table.table)
    creates = re.compile(rf'CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?["`]?{table}["`]?\s*\(', re.IGNORECASE)
    for path in sorted(index.paths):
        if not path.endswith(".sql") or not re.match(r"\d+_", basename(path)) or not creates.search(read(path)):
            continue
        if "-- +goose Up" in read(path):
            return Migrations("goose", dirname(path), path)
        if path.endswith(".up.sql"):
            return Migrations("migrate", dirname(path), path)
    value = model_value(sibling.table.entity)
    for path in index.files:
        if is_code(path) and "AutoMigrate(" in read(path) and value.search(read(path)):
            return Migrations("gorm", dirname(path), path)
    return Migrations("")


def _unspelled(
    index: FactIndex, sibling: Resource | None, layers: tuple[Layer, ...], database: str, manifest: str
) -> Iterator[tuple[str, str]]:
    if not any(item.module == "gorm.io/gorm" for _, item in index.imports_package("gorm.io/gorm")):
        other = next(
            (name for package, name in _OTHERS.items() if any(True for _ in index.imports_package(package))), ""
        )
        what = f"the ORM of this project is {other}" if other else "this project does not use GORM"
        yield f"{what}: on Gin only GORM 2 (gorm.io/gorm) can be planned for", manifest
    elif sibling is None:
        first = next((f"{p}:{r.loc.line}" for p, r in index.routes()), manifest)
        yield (
            "this project has no resource to imitate: an entity of GORM whose rows are created and read at an address of its name",
            first,
        )
    elif not database:
        last = layers[-1]
        yield "it was not found how the database is reached here: as a field of type *gorm.DB, or a variable", last.path
    elif any(layer.owner is not None and layer.maker is None for layer in layers):
        bare = next(layer for layer in layers if layer.owner is not None and layer.maker is None)
        assert bare.owner is not None, "it is one with a type"
        yield f"it was not found what makes a {bare.owner.name}", f"{bare.path}:{bare.owner.loc.line}"


def _conventions(house: GinHouse) -> Iterator[Convention]:
    if house.sibling is None:
        return
    handler = house.sibling.chain[0]
    span = Span(handler.path, handler.symbol.loc.line)
    said = {
        1: "handlers ask the database",
        2: "handlers call services",
        3: "handlers call services, services repositories",
    }
    yield Convention("layers", said[len(house.layers)], 1, 0, span)
    if house.migrations.kind:
        kinds = {"gorm": "AutoMigrate", "goose": "SQL files of goose", "migrate": "SQL files of golang-migrate"}
        yield Convention("migrations", kinds[house.migrations.kind], 1, 0, Span(house.migrations.exemplar, 1))
