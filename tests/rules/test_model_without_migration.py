"""What `check --since` says of models that change while no migration comes."""

from __future__ import annotations

from collections.abc import Mapping

from backwright.engine.checking import check
from backwright.kit.cases import Build
from backwright.rules.schema.model_without_migration import RULE

MODELS = """from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
TOTAL = MODELS + "    total: Mapped[int]\n"
INVOICE = MODELS + (
    '\n\nclass Invoice(Base):\n    __tablename__ = "invoices"\n\n'
    "    id: Mapped[int] = mapped_column(primary_key=True)\n    total: Mapped[int]\n"
)
REVISION = """from alembic import op

revision = "{own}"
down_revision = {down}


def upgrade() -> None:
    op.execute(open("orders.sql").read())


def downgrade() -> None:
    pass
"""
FIRST = {"alembic/versions/1.py": REVISION.format(own="1", down="None")}
SECOND = FIRST | {"alembic/versions/2.py": REVISION.format(own="2", down='"1"')}
FIELD = "    {} = models.IntegerField()\n"
DJANGO = "from django.db import models\n\n\nclass Order(models.Model):\n" + FIELD.format("number")
UNREADABLE = {
    "shop/migrations/0001_initial.py": (
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    operations = made_elsewhere()\n"
    )
}


def said(build: Build, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    index, archmap = build(dict(now))
    found = check([RULE], index, archmap, before=build(dict(before))[0])
    return [f"{f.span.line} {f.message}" for f in found.findings]


def test_a_column_comes_and_no_migration(build: Build) -> None:
    assert said(build, {"app/models.py": MODELS, **FIRST}, {"app/models.py": TOTAL, **FIRST}) == [
        "12 `Order.total` comes with this change, and no migration does"
    ]


def test_a_migration_comes_too(build: Build) -> None:
    assert said(build, {"app/models.py": MODELS, **FIRST}, {"app/models.py": TOTAL, **SECOND}) == []


def test_a_model_is_said_once(build: Build) -> None:
    assert said(build, {"app/models.py": MODELS, **FIRST}, {"app/models.py": INVOICE, **FIRST}) == [
        "17 `Invoice` comes with this change, and no migration does"
    ]


def test_a_model_that_moves_is_not_new(build: Build) -> None:
    assert said(build, {"app/models.py": TOTAL, **FIRST}, {"app/orders/models.py": TOTAL, **FIRST}) == []


def test_a_project_without_migrations_makes_none(build: Build) -> None:
    assert said(build, {"app/models.py": MODELS}, {"app/models.py": TOTAL}) == []


def test_django(build: Build) -> None:
    now = {"shop/models.py": DJANGO + FIELD.format("total"), **UNREADABLE}
    assert said(build, {"shop/models.py": DJANGO, **UNREADABLE}, now) == [
        "6 `Order.total` comes with this change, and no migration does"
    ]


def test_without_an_earlier_state_nothing_is_said(build: Build) -> None:
    index, archmap = build({"app/models.py": TOTAL, **FIRST})
    assert check([RULE], index, archmap).findings == ()
