"""Relations between resources that exist, planned in the sample services: every layer, the other side, who asks, tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from changed_scene import flat, lines, migration, planned
from sample_scene import REPOS, Samples

from backwright.core.errors import Unsupported, UsageError


def joined(found: dict[str, list[str]], path: str) -> str:
    return "\n".join(found[path])


def test_a_second_relation_leaves_none_unclear(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "relation", "Supplier", "belongs-to", "Category", "as:fallback")
    found = lines(change)
    model, other = joined(found, "app/models/supplier.py"), joined(found, "app/models/category.py")
    assert 'ForeignKey("categories.id", ondelete="SET NULL"), index=True' in model
    assert 'lazy="raise", foreign_keys="Supplier.category_id"' in model, "what was clear by itself is said now"
    assert 'passive_deletes="all", foreign_keys="Supplier.category_id"' in other
    assert "fallback_suppliers: Mapped[list[Supplier]] = relationship(" in other
    assert 'lazy="raise"' in model.partition("fallback: Mapped")[2], "loaded as the relation beside it"
    assert 'op.f("fk_suppliers_fallback_id_categories")' in migration(change)
    assert any("lets nobody write" in note for note in change.notes)


def test_who_refers_to_what_is_not_there_is_told_where_the_house_tells(samples: Samples) -> None:
    found = lines(planned(samples, "shop_layered", "relation", "Supplier", "belongs-to", "Category", "as:fallback"))
    service = joined(found, "app/services/supplier.py")
    assert service.count("not await self.suppliers.fallback_exists(") == 2
    assert "async def fallback_exists(self, fallback_id: int) -> bool:" in joined(found, "app/repositories/supplier.py")
    tests = joined(found, "tests/api/test_suppliers.py")
    for name in ("with_fallback_id", "with_unknown_fallback_id", "without_fallback_id"):
        assert f"test_create_supplier_{name}(" in tests
    assert "assert unknown.status_code == 404" in tests
    assert "test_list_of_supplier_by_fallback_id" in tests


def test_the_answer_of_another_reference_is_imitated(samples: Samples) -> None:
    found = lines(planned(samples, "tracker_flat", "relation", "Ticket", "belongs-to", "User", "as:reviewer"))
    main = joined(found, "tracker/main.py")
    assert main.count('raise HTTPException(400, "No such user")') == 2
    assert main.count("not crud.ticket_reviewer_exists(") == 2
    assert "return db.get(models.User, reviewer_id) is not None" in joined(found, "tracker/crud.py")
    assert "response.status_code == 400" in joined(found, "tests/test_tickets.py")


def test_the_key_in_an_answer_that_is_imitated_is_the_new_one(tmp_path: Path) -> None:
    main = (REPOS / "tracker_flat/tracker/main.py").read_text()
    told = main.replace('400, "No such project"', '400, f"No project {data.project_id}"')
    samples = flat(tmp_path, {"tracker/main.py": told})
    found = lines(planned(samples, "tracker_flat", "relation", "Ticket", "belongs-to", "User", "as:reviewer"))
    assert joined(found, "tracker/main.py").count('raise HTTPException(400, f"No user {data.reviewer_id}")') == 2


def test_a_list_is_asked_by_it(samples: Samples) -> None:
    found = lines(planned(samples, "wallet_generic", "relation", "Transaction", "belongs-to", "User", "as:payer"))
    assert "statement.where(Transaction.payer_id == payer_id)" in joined(found, "app/crud/crud_transaction.py")
    assert "def payer_exists(self, db: Session, *, payer_id: int) -> bool:" in joined(
        found, "app/crud/crud_transaction.py"
    ), "in the class of the resource, not in the base of all"
    assert "app/crud/base.py" not in found


def test_entities_of_one_file_name_what_comes_later_in_quotes(samples: Samples) -> None:
    found = lines(planned(samples, "notes_sqlmodel", "relation", "Label", "belongs-to", "Notebook"))
    model = joined(found, "backend/app/models.py")
    assert 'notebook: Optional["Notebook"] = Relationship(back_populates="labels")' in model
    assert 'labels: list["Label"] = Relationship(' in model


def test_a_row_may_refer_to_its_own_kind(samples: Samples) -> None:
    found = lines(planned(samples, "shop_layered", "relation", "Category", "belongs-to", "Category", "as:parent"))
    assert 'relationship(remote_side="Category.id")' in joined(found, "app/models/category.py")


def test_pairs_are_a_resource_of_their_own(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "relation", "Supplier", "many-to-many", "User")
    text = migration(change)
    assert 'sa.UniqueConstraint("supplier_id", "user_id"' in text
    assert text.count('ondelete="CASCADE"') == 2
    assert {a.key for a in change.assumptions} >= {"pairs", "filter", "on_delete"}


def test_deleting_what_is_referred_to_never_ends_as_an_error(tmp_path: Path) -> None:
    main = (REPOS / "tracker_flat/tracker/main.py").read_text()
    start, end = main.index("@app.exception_handler(IntegrityError)"), main.index('@app.post("/token")')
    silent = f"{main[:start]}{main[end:]}".replace("from sqlalchemy.exc import IntegrityError\n", "")
    words = ("relation", "Ticket", "belongs-to", "Project", "as:origin")
    samples = flat(tmp_path, {"tracker/main.py": silent})
    with pytest.raises(Unsupported, match="deleting a project that is referred to") as caught:
        planned(samples, "tracker_flat", *words, "on-delete:restrict")
    assert caught.value.where.startswith("tracker/main.py:")
    assert 'ondelete="SET NULL"' in migration(planned(samples, "tracker_flat", *words))


def test_what_is_there_or_not_there_is_refused(samples: Samples) -> None:
    with pytest.raises(UsageError, match="already"):
        planned(samples, "shop_layered", "relation", "Supplier", "belongs-to", "Category")
    with pytest.raises(UsageError, match="not an entity"):
        planned(samples, "shop_layered", "relation", "Supplier", "belongs-to", "Warehouse")


def test_a_second_way_that_an_explicit_relation_leaves_open(tmp_path: Path) -> None:
    models = (REPOS / "tracker_flat/tracker/models.py").read_text()
    column = '    tester_id = Column(Integer, ForeignKey("users.id"))\n'
    other = models.replace("    project_id = Column(", f"{column}    project_id = Column(", 1)
    samples = flat(tmp_path, {"tracker/models.py": other})
    with pytest.raises(Unsupported, match="leaves open which one `author` is"):
        planned(samples, "tracker_flat", "relation", "Ticket", "belongs-to", "User", "as:reviewer")


def test_a_join_that_does_not_say_by_which_key_is_refused_by_its_place(samples: Samples) -> None:
    with pytest.raises(Unsupported, match="joins Account without a key") as caught:
        planned(samples, "wallet_generic", "relation", "Transaction", "belongs-to", "Account", "as:origin")
    assert caught.value.where.startswith("app/crud/crud_transaction.py:")
