"""The schema that revisions of Alembic lead to."""

from __future__ import annotations

import pytest

from backwright.kit.cases import Build
from backwright.kit.migrated import MigratedSchema, migrated_schema

REVISION = """import sqlalchemy as sa
from alembic import op

revision = "{own}"
down_revision = {down}


def helper():
    op.add_column("orders", sa.Column("total", sa.Integer()))


def upgrade() -> None:
    {body}
"""
ORDERS = 'op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("day", sa.Date()))'


def schema(build: Build, *bodies: str, downs: tuple[str, ...] = ("None", '"0"', '"1"')) -> MigratedSchema | None:
    """What one revision for each body leads to, each on the one before."""
    texts = [REVISION.format(own=n, down=downs[n], body=body.replace("\n", "\n    ")) for n, body in enumerate(bodies)]
    return migrated_schema(build({f"alembic/versions/{n}.py": text for n, text in enumerate(texts)})[0])


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('op.add_column("orders", sa.Column("total", sa.Integer(), nullable=False))', {"id": False, "day": True, "total": False}),
        ('op.drop_column("orders", "day")', {"id": False}),
        ('op.alter_column("orders", "day", nullable=False)', {"id": False, "day": False}),
        ('op.alter_column("orders", "day", new_column_name="date")', {"id": False, "date": True}),
        ('op.drop_column("orders", "day")\nop.add_column("orders", sa.Column("day", sa.Time()))', {"id": False, "day": True}),
        ('op.execute("update orders set day = now()")', {"id": False, "day": True}),
        ('op.execute(sa.text("update orders set day = now()"))', {"id": False, "day": True}),
        ('op.execute(sa.update(sa.table("orders")).values(day=None))', {"id": False, "day": True}),
        ('op.create_index("one", "orders", ["day"])', {"id": False, "day": True}),
    ],
)  # fmt: skip
def test_columns_that_are_known(build: Build, body: str, wanted: dict[str, bool | None]) -> None:
    found = schema(build, ORDERS, body)
    assert found is not None
    assert found.knows("orders")
    assert found.tables == {"orders": wanted}


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("alter table orders add column total int")',
        'for sql in ["alter table orders add column total int"]:\n    op.execute(sql)',
        'if True:\n    op.add_column("orders", sa.Column("total", sa.Integer()))',
        "helper()",
        'op.add_column("orders", made())',
        ORDERS,
    ],
)
def test_a_table_that_is_unsure(build: Build, body: str) -> None:
    found = schema(build, ORDERS, body)
    assert found is not None
    assert not found.knows("orders")


@pytest.mark.parametrize(
    "body",
    [
        "Base.metadata.create_all(op.get_bind())",
        "op.execute(open('orders.sql').read())",
        "op.execute()",
        'op.drop_column(TABLE, "day")',
        'op.rename_table("orders", NEW)',
        "made_by(op)",
        'op.execute(f"alter table {name} add column total int")',
    ],
)
def test_what_cannot_be_read(build: Build, body: str) -> None:
    assert schema(build, ORDERS, body) is None


def test_a_table_is_renamed_and_dropped(build: Build) -> None:
    found = schema(build, ORDERS, 'op.rename_table("orders", "carts")')
    assert found is not None
    assert found.tables == {"carts": {"id": False, "day": True}}
    found = schema(build, ORDERS, 'op.drop_table("orders")')
    assert found is not None
    assert found.tables == {}


@pytest.mark.parametrize("downs", [("None", "None"), ("None", '"gone"'), ('"1"', '"0"'), ("None", "PARENT")])
def test_an_order_that_cannot_be_told(build: Build, downs: tuple[str, str]) -> None:
    assert schema(build, ORDERS, "pass", downs=downs) is None


def test_branches_meet_again(build: Build) -> None:
    first = 'op.add_column("orders", sa.Column("a", sa.Integer()))'
    found = schema(build, ORDERS, first, 'op.drop_column("orders", "a")', downs=("None", '"0"', '("0", "1")'))
    assert found is not None
    assert (found.tables, found.head) == ({"orders": {"id": False, "day": True}}, "alembic/versions/2.py")


def test_a_project_without_revisions_has_none(build: Build) -> None:
    assert schema(build) is None
