"""What a change makes the backend do otherwise."""

from __future__ import annotations

from backwright.core.facts import Column, Fact, Loc, Route, Table
from backwright.engine.behaviour import Changed, changed_behaviour
from backwright.kit.index import FactIndex

HERE = Loc(1, 1, 1, 1, 0, 0)


def index(*facts: Fact, paths: tuple[str, ...] = ()) -> FactIndex:
    return FactIndex({}, paths=paths).with_added({"app/api.py": facts})


def things(*columns: Column) -> Table:
    return Table("Thing", "things", HERE, "sqlalchemy", columns)


def test_routes_tables_columns_and_migrations() -> None:
    name = Column("name", "String(50)", "str", HERE)
    wider = Column("name", "String(80)", "str", HERE, nullable=True)
    before = index(Route("GET", "/things", "list", HERE), Route("GET", "/old", "old", HERE), things(name))
    after = index(
        Route("GET", "/things", "list", HERE, auth=("current_user",)), Route("POST", "/things", "create", HERE),
        things(wider, Column("size", "Integer", "int", HERE)), Table("Other", "others", HERE, "sqlalchemy", (name,)),
        paths=("migrations/versions/1.py",),
    )  # fmt: skip
    found = changed_behaviour(before, after, ["migrations/versions/1.py"])
    assert [(one.kind, one.how, one.name) for one in found] == [
        ("route", "removed", "GET /old"),
        ("route", "changed", "GET /things"),
        ("route", "added", "POST /things"),
        ("table", "added", "others"),
        ("column", "changed", "things.name"),
        ("column", "added", "things.size"),
        ("migration", "added", "1.py"),
    ]
    assert found[4] == Changed(
        "column", "changed", "things.name", "String(50), not null", "String(80), null", "app/api.py"
    )
    assert changed_behaviour(after, after) == ()
