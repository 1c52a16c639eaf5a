"""Actions planned in the sample services: each function made like the one that changes the row there."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from sample_scene import Samples, house_of

from backwright.adapters.formatter import RuffFormatter
from backwright.blueprints.endpoint import BLUEPRINT
from backwright.core.change import ChangeSet
from backwright.core.errors import NeedsPerson, Unsupported, UsageError
from backwright.engine.planning import plan_change
from backwright.engine.request_endpoint import parse_endpoint


def planned(samples: Samples, name: str, *tokens: str) -> ChangeSet:
    project = samples.project(name)
    return plan_change(
        parse_endpoint(tokens),
        house_of(project),
        project.index,
        blueprint=BLUEPRINT,
        read=project.read,
        formatter=RuffFormatter(),
        settings={},
        components=project.components,
    ).change


def added(change: ChangeSet) -> Mapping[str, str]:
    """What comes into each file; nothing may go but imports."""
    out = {}
    for edit in change.edits:
        before = (edit.before or "").splitlines()
        out[edit.path] = "\n".join(line for line in (edit.after or "").splitlines() if line not in before)
    return out


def test_through_service_and_repository(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "Supplier.suspend", "from:active")
    lines = added(change)
    assert (
        '"/{supplier_id}/suspend", response_model=SupplierRead, dependencies=[Depends(require_admin)]'
        in (lines["app/api/routes/suppliers.py"])
    )
    assert 'raise ConflictError("Only active suppliers can be suspended")' in lines["app/services/supplier.py"]
    assert "if not await self.suppliers.suspend(supplier):" in lines["app/services/supplier.py"]
    repository = lines["app/repositories/supplier.py"]
    assert ".where(Supplier.id == supplier.id, Supplier.status == SupplierStatus.ACTIVE)" in repository
    assert ".values(status=SupplierStatus.SUSPENDED)" in repository
    assert [(a.key, a.value) for a in change.assumptions] == [("to", "suspended")]
    assert not change.notes


def test_checks_stand_where_they_stood(samples: Samples) -> None:
    """The endpoint loads the row, asks whose it is, and answers what the function below refuses."""
    lines = added(planned(samples, "tracker_flat", "Ticket.close"))
    after = next(
        e.after or "" for e in planned(samples, "tracker_flat", "Ticket.close").edits if e.path.endswith("main.py")
    )
    made = after[after.index("def close_ticket") :].partition("@app.delete")[0]
    assert 'raise HTTPException(403, "Not your ticket")' in made
    assert 'raise HTTPException(409, "Ticket is closed already")' in made
    assert "closed = crud.close_ticket(db, ticket)" in made
    assert ".update({models.Ticket.is_open: False})" in lines["tracker/crud.py"]


def test_a_method_of_a_generic_base_becomes_one_of_the_class(samples: Samples) -> None:
    change = planned(samples, "wallet_generic", "Transaction.refund", "from:deposit", "to:withdrawal")
    made = added(change)["app/crud/crud_transaction.py"]
    assert "def refund(self, db: Session, *, db_obj: Transaction) -> Optional[Transaction]:" in made
    assert "Transaction.kind == TransactionKind.deposit" in made
    assert "app/crud/base.py" not in added(change)


def test_a_name_that_the_module_has_is_not_hidden(samples: Samples) -> None:
    made = added(planned(samples, "clinic_features", "Appointment.cancel", "from:booked"))
    assert "from sqlalchemy import update as sa_update" in made["src/appointments/service.py"]
    assert "sa_update(Appointment)" in made["src/appointments/service.py"]


def test_sqlmodel(samples: Samples) -> None:
    made = added(planned(samples, "notes_sqlmodel", "Note.pin"))
    assert ".where(col(Note.id) == db_note.id, col(Note.is_pinned).is_(False))" in made["backend/app/crud.py"]


def test_a_moment_that_is_not_there_yet(samples: Samples) -> None:
    change = planned(samples, "library_functions", "Book.archive", "to:archived_at=now")
    lines = added(change)
    assert "archived_at: Mapped[Optional[datetime]]" in lines["app/models/book.py"]
    assert lines["app/schemas/book.py"] == "    archived_at: Optional[datetime]"
    migration = next(text for path, text in lines.items() if "versions" in path)
    assert re.search(r'op\.add_column\(\s+"books", sa\.Column\("archived_at"', migration)
    assert 'op.drop_column("books", "archived_at")' in migration


def test_a_value_and_a_stamp_that_are_not_there_yet(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "Supplier.archive", "stamp:yes")
    lines = added(change)
    assert '    ARCHIVED = "archived"' in lines["app/models/supplier.py"]
    assert "status=SupplierStatus.ARCHIVED, archived_at=func.now()" in lines["app/repositories/supplier.py"]
    assert [a.key for a in change.assumptions] == ["to", "from"]
    assert 'assert response.json()["archived_at"] is not None' in lines["tests/api/test_suppliers.py"]


def test_tests_are_made_like_the_projects_own(samples: Samples) -> None:
    tests = added(planned(samples, "shop_layered", "Supplier.suspend", "from:active"))["tests/api/test_suppliers.py"]
    named = re.findall(r"def (test_\w+)\(", tests)
    assert named == [
        "test_suspend_supplier",
        "test_suspend_supplier_twice",
        "test_suspend_missing_supplier",
        "test_suspend_supplier_without_credentials",
        "test_suspend_supplier_that_another_request_changed",
    ]
    assert "Tools" not in tests, "what the action does not need is not made"


@pytest.mark.parametrize(
    ("name", "tokens", "there", "gone"),
    [
        (
            "tracker_flat",
            ("Ticket.close", "access:admin"),
            "Depends(auth.admin_user)",
            "def test_close_ticket(client, as_user, ticket)",
        ),
        (
            "shop_layered",
            ("Supplier.suspend", "access:user"),
            "dependencies=[Depends(get_current_user)]",
            "Depends(require_admin)",
        ),
        (
            "clinic_features",
            ("Appointment.cancel", "access:owner"),
            "practitioner_id != current_user.id",
            "(appointment: ValidAppointment, session: DBSession)",
        ),
    ],
)
def test_another_access(samples: Samples, name: str, tokens: tuple[str, ...], there: str, gone: str) -> None:
    usual, other = ("".join(e.after or "" for e in planned(samples, name, *t).edits) for t in (tokens[:1], tokens))
    assert other.count(there) > usual.count(there)
    assert other.count(gone) < usual.count(gone)


def test_what_is_open_is_asked(samples: Samples) -> None:
    with pytest.raises(NeedsPerson) as asked:
        planned(samples, "library_functions", "Book.archive")
    assert "archived_at=now" in asked.value.hints[0]


@pytest.mark.parametrize(
    ("name", "tokens", "says"),
    [
        ("shop_layered", ("Supplier.suspend", "from:shipped"), "never 'shipped'"),
        ("shop_layered", ("Supplier.suspend", "from:suspended", "to:suspended"), "before and afterwards"),
        ("shop_layered", ("Supplier.suspend", "to:name=x"), "holds no state"),
        ("shop_layered", ("Planet.suspend",), "not an entity"),
        ("clinic_features", ("Appointment.cancel", "until:flown"), "never 'flown'"),
    ],
)
def test_what_contradicts_the_entity(samples: Samples, name: str, tokens: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        planned(samples, name, *tokens)


@pytest.mark.parametrize(
    ("name", "tokens", "says"),
    [
        ("shop_layered", ("Supplier.suspend", "access:owner"), "belongs to no user"),
        ("shop_layered", ("Supplier.suspend", "access:wizard"), "no guard for `wizard`"),
        ("shop_layered", ("Supplier.delete", "to:suspended"), "there already"),
    ],
)
def test_what_cannot_be_spelled(samples: Samples, name: str, tokens: tuple[str, ...], says: str) -> None:
    with pytest.raises(Unsupported, match=says):
        planned(samples, name, *tokens)
