"""When rows were made and changed, planned in the sample services: as other entities of the house have it."""

from __future__ import annotations

from pathlib import Path

import pytest
from changed_scene import flat, lines, migration, planned
from sample_scene import REPOS, Samples

from backwright.core.errors import Unsupported, UsageError
from backwright.core.request import Audit
from backwright.engine.requesting import parse_file, parse_words, understand

MODELS = "tracker/models.py"


@pytest.mark.parametrize(
    ("sentence", "columns"),
    [
        ("audit Ticket", ()),
        ("audit Ticket created_at,updated_at", ("created_at", "updated_at")),
        ("add audit fields to tickets", ()),
        ("add timestamps (created and updated_at) to tickets", ("created_at", "updated_at")),
        ("add timestamps to the tickets table", ()),
        ("Add created_at and updated_at to tickets.", ("created_at", "updated_at")),
        ("add an updated_at column to ticket", ("updated_at",)),
        ("track when tickets were last changed", ()),
        ("record who and when tickets were changed", ("created_at", "updated_at", "created_by", "updated_by")),
        ("add created_by to tickets", ("created_by",)),
    ],
)
def test_words_and_grammar(sentence: str, columns: tuple[str, ...]) -> None:
    words = sentence.split() if sentence.startswith("audit ") else [sentence]
    assert understand(words, ["Ticket"]).audit == Audit("Ticket", columns)


def test_a_file_says_the_same() -> None:
    assert parse_file("audit: Ticket created_at\n", "f.yaml").audit == Audit("Ticket", ("created_at",))
    with pytest.raises(UsageError, match="none of"):
        parse_file("audit: Ticket made_at\n", "f.yaml")


@pytest.mark.parametrize("sentence", ["add audit logs to tickets", "add timestamps to invoices", "add a created field",
                                      "add timestamps (published_at) to tickets"])  # fmt: skip
def test_what_is_about_something_else(sentence: str) -> None:
    assert parse_words(sentence, ["Ticket"]).audit is None


def test_columns_are_made_like_those_of_other_entities(samples: Samples) -> None:
    change = planned(samples, "tracker_flat", "audit", "Project")
    found = "\n".join(lines(change)[MODELS])
    assert "+    created_at = Column(DateTime(timezone=True), default=now, nullable=False)" in found
    assert "default=now, nullable=False, onupdate=now" in found, "what fills the one follows changes in the other"
    assert lines(change)["tracker/schemas.py"] == ["+    created_at: datetime", "+    updated_at: datetime"]
    text = migration(change)
    assert text.count("server_default=sa.func.now()") == 2
    assert text.index('drop_column("updated_at")') < text.index('drop_column("created_at")')
    assert [a.key for a in change.assumptions] == ["backfill"]
    assert any("tests/test_projects.py:" in note and "compares an answer" in note for note in change.notes)


def test_no_base_of_requests_gets_them(samples: Samples) -> None:
    found = lines(planned(samples, "notes_sqlmodel", "audit", "Note"))["backend/app/models.py"]
    assert "+    updated_at: datetime" in found
    assert '+        sa_column_kwargs={"onupdate": get_datetime_utc},' in found
    assert len([line for line in found if "updated_at" in line]) == 2, "the table and its answer"


def test_the_class_that_an_empty_answer_inherits_from_shows_them(samples: Samples) -> None:
    change = planned(samples, "wallet_generic", "audit", "Account")
    found = lines(change)["app/schemas/account.py"]
    assert [line for line in found if "_at" in line] == ["+    created_at: datetime", "+    updated_at: datetime"]
    assert any("notes_the_moment" in line for path, ls in lines(change).items() if "tests" in path for line in ls)


def test_a_comment_behind_the_arguments_of_the_exemplar_stays_on_its_line(tmp_path: Path) -> None:
    models = (REPOS / "tracker_flat" / MODELS).read_text()
    had = "created_at = Column(DateTime(timezone=True), default=now, nullable=False)"
    assert models.count(had) == 1
    said = "created_at = Column(\n        DateTime(timezone=True),\n        default=now,  # in UTC\n    )"
    samples = flat(tmp_path, {MODELS: models.replace(had, said)})
    found = lines(planned(samples, "tracker_flat", "audit", "Project", "updated_at"))[MODELS]
    assert found[-3:] == ["+        default=now,  # in UTC", "+        onupdate=now,", "+    )"]


def test_a_mixin_is_taken_up(tmp_path: Path) -> None:
    models = (REPOS / MODELS.replace("tracker/", "tracker_flat/tracker/")).read_text()
    stamped = "class Stamped:\n    created_at = Column(DateTime(timezone=True), default=now, nullable=False)\n" \
              "    updated_at = Column(DateTime(timezone=True), default=now, onupdate=now, nullable=False)\n"  # fmt: skip
    head = "from datetime import datetime, timezone\n\nfrom sqlalchemy import Column, DateTime\n\n\n"
    now = "def now():\n    return datetime.now(timezone.utc)\n\n\n"
    base = models.replace("class Ticket(Base):", "class Ticket(Stamped, Base):").replace(
        "    created_at = Column(DateTime(timezone=True), default=now, nullable=False)\n", ""
    )
    base = base.replace("from .database import Base\n", "from .database import Base\nfrom .stamped import Stamped\n")
    samples = flat(tmp_path, {"tracker/stamped.py": f"{head}{now}{stamped}", MODELS: base})
    found = lines(planned(samples, "tracker_flat", "audit", "Project"))[MODELS]
    assert found == ["-class Project(Base):", "+class Project(Stamped, Base):"]


def test_what_is_there_already_and_what_is_not_planned(samples: Samples) -> None:
    with pytest.raises(UsageError, match="has created_at and updated_at already"):
        planned(samples, "shop_layered", "audit", "Supplier")
    with pytest.raises(Unsupported, match="signed-in user") as caught:
        planned(samples, "tracker_flat", "audit", "Ticket", "created_by")
    assert caught.value.where.startswith(MODELS)
