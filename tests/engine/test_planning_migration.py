"""Indexes, constraints and backfills, planned in the sample services: model and migration agree, both ways."""

from __future__ import annotations

import pytest
from changed_scene import lines, migration, planned
from sample_scene import Samples

from backwright.core.errors import Unsupported, UsageError


def test_an_index_of_one_column_is_declared_where_the_column_is(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "migration", "index", "suppliers.email")
    assert (
        "+    email: Mapped[str | None] = mapped_column(String(254), index=True)"
        in lines(change)["app/models/supplier.py"]
    )
    assert 'op.create_index(op.f("ix_suppliers_email"), "suppliers", ["email"], unique=False)' in migration(change)
    assert 'op.drop_index(op.f("ix_suppliers_email"), table_name="suppliers")' in migration(change)
    assert any("lets nobody write to `suppliers`" in note for note in change.notes)


def test_an_index_of_several_joins_what_the_table_has(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "migration", "index", "suppliers(status, created_at)")
    text = "\n".join(lines(change)["app/models/supplier.py"])
    assert '+        CheckConstraint("credit_limit >= 0", name="credit_limit_not_negative"),' in text
    assert '+        Index("ix_suppliers_status_created_at", "status", "created_at"),' in text


def test_a_column_that_a_base_brings_gets_its_index_with_the_table(samples: Samples) -> None:
    change = planned(samples, "notes_sqlmodel", "migration", "index", "note.is_pinned")
    assert '+    __table_args__ = (Index("ix_note_is_pinned", "is_pinned"),)' in lines(change)["backend/app/models.py"]


def test_big_tables_are_not_locked(samples: Samples) -> None:
    text = migration(planned(samples, "shop_layered", "migration", "index", "suppliers.email", "--concurrently"))
    assert text.count("with op.get_context().autocommit_block():") == 2
    assert "postgresql_concurrently=True,\n            if_exists=True" in text


def test_rows_are_compared_before_they_have_to_be_unique(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "migration", "unique", "suppliers(email)")
    assert "if not context.is_offline_mode():" in migration(change)
    assert "having(sa.func.count() > 1)" in migration(change)


def test_a_check_has_the_name_that_conventions_give_it(samples: Samples) -> None:
    change = planned(samples, "clinic_features", "migration", "check", "appointment(minutes > 0)")
    assert (
        '+        CheckConstraint("minutes > 0", name="minutes_above"),' in lines(change)["src/appointments/models.py"]
    )
    assert '"minutes > 0"' in migration(change)
    assert "drop_constraint(" in migration(change)


def test_a_backfill_goes_through_the_rows_by_their_key(samples: Samples) -> None:
    change = planned(samples, "wallet_generic", "migration", "backfill", "transaction.note=none", "batch=50")
    assert [e.before for e in change.edits] == [None]
    text = migration(change)
    assert "chosen = rows.c.note.is_(None)" in text
    assert ".limit(50)" in text
    assert "rows.c.id > keys[-1]" in text


def test_values_of_an_enumeration_are_written_as_the_database_has_them(samples: Samples) -> None:
    rows = ("where", "email is null")
    text = migration(planned(samples, "shop_layered", "migration", "backfill", "suppliers.status=suspended", *rows))
    assert """sa.literal_column("'suspended'")""" in text


@pytest.mark.parametrize(
    ("name", "tokens", "message"),
    [
        ("shop_layered", ("index", "suppliers(name)"), "has an index already"),
        ("shop_layered", ("unique", "suppliers(name)"), "is unique already"),
        ("shop_layered", ("check", "suppliers(colour > 0)"), "names no column"),
        ("shop_layered", ("check", "suppliers(id > 0; drop table suppliers)"), "more than a condition"),
        ("shop_layered", ("backfill", "suppliers.status=gone", "where", "id > 0"), "has no 'gone'"),
        ("shop_layered", ("backfill", "suppliers.status=active"), "which rows get active"),
        ("shop_layered", ("index", "widgets(name)"), "is not an entity"),
    ],
)
def test_mistakes(samples: Samples, name: str, tokens: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        planned(samples, name, "migration", *tokens)


def test_a_backfill_asks_again_before_it_writes_and_keeps_its_condition_together(samples: Samples) -> None:
    where = ("where", "email is null or email = ''")
    text = migration(planned(samples, "shop_layered", "migration", "backfill", "suppliers.email=none", *where))
    assert "chosen = sa.text(\"(email is null or email = '')\")" in text
    assert "sa.update(rows).where(rows.c.id.in_(keys), chosen)" in text


def test_an_index_becomes_unique_and_plain_again(samples: Samples) -> None:
    change = planned(samples, "clinic_features", "migration", "unique", "patient(name)")
    assert any("index=True, unique=True" in line for line in lines(change)["src/patients/models.py"])
    up, _, down = migration(change).partition("def downgrade")
    for body, unique in ((up, "True"), (down, "False")):
        assert body.index("op.drop_index(") < body.index(f'["name"], unique={unique})')


def test_a_unique_constraint_is_not_built_concurrently(samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backwright.engine.spellings.migration.sqlite", lambda index: False)
    with pytest.raises(Unsupported, match="not built concurrently"):
        planned(samples, "shop_layered", "migration", "unique", "suppliers(email, status)", "--concurrently")
