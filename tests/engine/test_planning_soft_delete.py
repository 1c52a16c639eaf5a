"""Rows marked instead of deleted, planned in the sample services: every read is narrowed, or the place is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from changed_scene import flat, lines, migration, planned
from sample_scene import REPOS, Samples

from backwright.core.errors import NeedsPerson, Unsupported, UsageError
from backwright.core.request import SoftDelete
from backwright.engine.requesting import parse_file, parse_words

CRUD = "tracker/crud.py"


def test_every_query_is_narrowed_and_deleting_marks(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "soft-delete", "Supplier")
    text = "\n".join(lines(change)["app/repositories/supplier.py"])
    assert text.count("Supplier.deleted_at.is_(None)") == 5  # get, by name, rows, their count, the delete
    assert "update(Supplier)" in text
    assert ".values(deleted_at=func.now())" in text
    assert "deleted_at: Mapped[datetime | None]" in "\n".join(lines(change)["app/models/supplier.py"])
    assert 'op.drop_column("suppliers", "deleted_at")' in migration(change)
    assert not any("deleted_at" in line for path, found in lines(change).items() if "schemas" in path for line in found)
    assert [a.key for a in change.assumptions] == ["unique"]
    assert any(
        "test_a_deleted_supplier_is_read_no_more" in line for line in lines(change)["tests/api/test_suppliers.py"]
    )


def test_a_row_by_its_key_is_asked_for_by_a_query(samples: Samples) -> None:
    text = "\n".join(lines(planned(samples, "tracker_flat", "soft-delete", "Ticket"))[CRUD])
    assert "models.Ticket.id == ticket_id, models.Ticket.deleted_at.is_(None)" in text
    assert "+    ticket.deleted_at = datetime.now(UTC)" in text
    assert "-    db.delete(ticket)" in text


def test_what_is_loaded_with_a_row_stays(samples: Samples) -> None:
    text = "\n".join(
        lines(planned(samples, "clinic_features", "soft-delete", "Appointment"))["src/appointments/service.py"]
    )
    assert "+            .options(*WITH_PEOPLE)" in text


def test_no_base_of_requests_and_answers_gets_the_column(samples: Samples) -> None:
    found = lines(planned(samples, "notes_sqlmodel", "soft-delete", "Note"))["backend/app/models.py"]
    assert [line for line in found if "deleted_at" in line] == [
        "+    deleted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))"
    ]


def test_rows_that_refer_to_it_are_asked_about(samples: Samples) -> None:
    with pytest.raises(NeedsPerson) as caught:
        planned(samples, "shop_layered", "soft-delete", "Category")
    assert "suppliers.category_id refer to categories" in caught.value.hints[0]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "def spent(db):\n    return db.scalars(select(func.max(models.Project.id)).where(models.Ticket.id > 1))\n",
            "reads here",
        ),
        ("def first_of(project: models.Project):\n    return project.tickets[0]\n", "gives all rows"),
        ('def raw(db):\n    return db.execute(text("SELECT id FROM tickets"))\n', "SQL that is written out"),
        (
            "class Rows:\n    def __init__(self, m): ...\n\n\ntickets = Rows(models.Ticket)\n",
            "what `Rows` reads",
        ),
        (
            "class Base:\n    def all(self, db):\n        return db.query(self.model).all()\n\n\n"
            "class Tickets(Base):\n    model = models.Ticket\n",
            "for the rows of more than",
        ),
        (
            "def both(db):\n    return db.scalars(select(func.count(models.Ticket.id)).select_from(models.Project))\n",
            "from something else",
        ),
        ("def old(db):\n    return db.query(models.Ticket).get(1)\n", "cannot be narrowed"),
    ],
)
def test_a_read_that_is_not_known_is_refused_by_its_place(tmp_path: Path, code: str, message: str) -> None:
    imports = "from sqlalchemy import func, select, text\nfrom . import models\n\n\n"
    samples = flat(tmp_path, {"tracker/report.py": f"{imports}{code}"})
    with pytest.raises(Unsupported, match=message) as caught:
        planned(samples, "tracker_flat", "soft-delete", "Ticket")
    assert caught.value.where.startswith("tracker/report.py:")


def test_what_is_marked_already_or_never_deleted(samples: Samples, tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="nothing deletes rows of Loan"):
        planned(samples, "library_functions", "soft-delete", "Loan")
    with pytest.raises(UsageError, match="is not an entity"):
        planned(samples, "tracker_flat", "soft-delete", "Invoice")


@pytest.mark.parametrize(
    "sentence", ["soft delete tickets", "add soft delete to tickets", "tickets should be soft deleted",
                 "archive tickets instead of deleting them"]
)  # fmt: skip
def test_words_and_a_file_say_the_same(sentence: str) -> None:
    assert parse_words(sentence, ["Ticket"]).soft_delete == SoftDelete("Ticket")
    assert parse_file("soft_delete: Ticket\n", "f.yaml").soft_delete == SoftDelete("Ticket")


def test_its_test_asks_for_the_row_as_the_projects_tests_do(samples: Samples) -> None:
    shop = planned(samples, "shop_layered", "soft-delete", "Supplier")
    assert '+    url = f"/suppliers/{key}"' in lines(shop)["tests/api/test_suppliers.py"]
    notes = planned(samples, "notes_sqlmodel", "soft-delete", "Note")
    tests = lines(notes)["backend/tests/api/routes/test_notes.py"]
    assert '+    url = f"{settings.API_V1_STR}/notes/{key}"' in tests
    assert notes.title == "mark notes as deleted instead of deleting them"


def test_rows_that_refer_to_their_own_kind_are_asked_about(tmp_path: Path) -> None:
    models = (REPOS / "tracker_flat/tracker/models.py").read_text()
    name = '    __tablename__ = "tickets"\n'
    column = '    parent_id = Column(Integer, ForeignKey("tickets.id", ondelete="CASCADE"))\n'
    samples = flat(tmp_path, {"tracker/models.py": models.replace(name, name + column)})
    with pytest.raises(NeedsPerson) as caught:
        planned(samples, "tracker_flat", "soft-delete", "Ticket")
    assert "tickets.parent_id refer to tickets" in caught.value.hints[0]


@pytest.mark.parametrize(
    "sentence", ["make tickets soft deletable", "tickets should not be deleted, just marked as deleted"]
)
def test_more_ways_to_say_it(sentence: str) -> None:
    assert parse_words(sentence, ["Ticket"]).soft_delete == SoftDelete("Ticket")
