"""What statements of SQL do to tables in use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit.ddl import is_careful, risks

WORDS = [
    "ALTER TABLE t",
    "ADD COLUMN",
    "c",
    "integer",
    "NOT NULL",
    "DEFAULT",
    "now()",
    "(",
    ")",
    ",",
    ";",
    "'",
    '"',
    "$$",
    "--",
    "\n",
    "CREATE INDEX",
]


def kinds(sql: str, *, transaction: bool = False) -> list[str]:
    return [risk.kind for risk in risks(sql, transaction=transaction)]


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("alter table shop.orders add total integer not null", ["required"]),
        ("alter table orders add column a int, add column b int not null", ["required"]),
        ("alter table orders add column total integer default null not null", ["required"]),
        ("alter table orders add column total numeric(10, 2) not null default 0", []),
        ("alter table orders add column id bigserial not null", []),
        ("alter table orders add column code text default md5(random()::text)", ["rewrite"]),
        ("alter table orders add column code varchar(9) default 'a'::varchar(9)", []),
        ("alter table orders alter column day type timestamptz", ["rewrite"]),
        ("alter table orders add constraint one unique (code)", ["constraint"]),
        ("alter table orders add constraint one unique using index one", []),
        ("alter table orders drop constraint one", []),
        ("create unique index one on only orders (code)", ["index"]),
        ("-- alter table orders add total integer not null\nselect 1", []),
        ("insert into notes values ('; alter table orders add total integer not null')", []),
        ("create function f() returns trigger as $x$ begin; alter table t add c int not null; end $x$", []),
        ("create table orders (id int); alter table orders add total integer not null", []),
        ("create temp table new (id int); create index one on new (id); drop index one", []),
    ],
)
def test_statements(sql: str, wanted: list[str]) -> None:
    assert kinds(sql) == wanted


def test_a_lock_is_held_to_the_end_of_its_transaction() -> None:
    added = "alter table orders add constraint paid check (total > 0) not valid;"
    proved = "alter table orders validate constraint paid;"
    assert kinds(added + proved) == []
    assert kinds(added + proved, transaction=True) == ["constraint"]
    assert kinds(f"begin; {added} commit; {proved}") == []


def test_null_is_forbidden_after_a_check() -> None:
    check = "alter table orders add constraint there check (total is not null) not valid;"
    strict = "alter table orders alter column total set not null;"
    assert kinds(strict) == ["null"]
    assert kinds(f"{check} alter table orders validate constraint there; {strict}") == []
    assert kinds(f"{check} {strict}") == ["null"]


def test_an_index_cannot_be_built_concurrently_in_a_transaction() -> None:
    index = "create index concurrently one on orders (day);"
    assert kinds(index, transaction=True) == []  # alone: the tool is told to run it so
    assert kinds(f"alter table orders add day date; {index}", transaction=True) == ["index"]


def test_what_was_made_elsewhere_has_no_rows() -> None:
    assert risks("create index one on tags (name)", made=["tags"]) == []


def test_places_are_those_of_the_statements() -> None:
    sql = "select 1;\n\n  alter table t add c int not null;"
    assert [sql[risk.start :].startswith("alter") for risk in risks(sql)] == [True]


def test_who_minds() -> None:
    assert is_careful("set lock_timeout = '2s'; create index concurrently a on b (c)")
    assert not is_careful("create index a on b (c)")


@given(st.lists(st.sampled_from(WORDS)).map(" ".join), st.booleans())
def test_any_text_is_read(sql: str, transaction: bool) -> None:
    assert all(0 <= risk.start <= len(sql) for risk in risks(sql, transaction=transaction))


def test_tables_that_were_emptied_or_renamed_are_new() -> None:
    assert not risks("TRUNCATE TABLE carts; ALTER TABLE carts ADD COLUMN day date NOT NULL")
    assert not risks("CREATE TABLE new (id int); ALTER TABLE new RENAME TO carts; CREATE INDEX a ON carts (id)")
    assert risks("DELETE FROM carts WHERE day IS NULL; ALTER TABLE carts ADD COLUMN day date NOT NULL")


def test_what_somebody_has_thought_of_is_left_alone() -> None:
    found = risks("-- squawk-ignore all\nCREATE INDEX a ON carts (id);\nCREATE INDEX b ON carts (day);")
    assert [risk.start for risk in found] == [51]
