from decimal import Decimal

from sqlalchemy.orm import Session

from app import crud
from app.models import TransactionKind
from app.schemas.account import AccountUpdate
from app.tests.utils.account import create_random_account, create_transaction


def test_get_account(db: Session) -> None:
    account = create_random_account(db)
    stored = crud.account.get(db, id=account.id)
    assert stored
    assert stored.name == account.name
    assert stored.currency == "EUR"


def test_update_account(db: Session) -> None:
    account = create_random_account(db)
    iban = account.iban
    updated = crud.account.update(
        db, db_obj=account, obj_in=AccountUpdate(name="Savings")
    )
    assert updated.name == "Savings"
    assert updated.iban == iban


def test_get_multi_by_owner(db: Session) -> None:
    account = create_random_account(db)
    create_random_account(db)
    owner_id = account.owner_id
    assert crud.account.get_multi_by_owner(db, owner_id=owner_id) == [account]
    assert crud.account.count_by_owner(db, owner_id=owner_id) == 1
    assert crud.account.count(db) == 2


def test_balance(db: Session) -> None:
    account = create_random_account(db)
    assert crud.account.get_balance(db, account_id=account.id) == 0
    create_transaction(db, account, "100.10")
    create_transaction(db, account, "30.05", TransactionKind.withdrawal)
    balance = crud.account.get_balance(db, account_id=account.id)
    assert balance == Decimal("70.05")


def test_remove_account_removes_its_transactions(db: Session) -> None:
    account = create_random_account(db)
    transaction_id = create_transaction(db, account).id
    crud.account.remove(db, db_obj=account)
    db.expire_all()
    assert crud.transaction.get(db, id=transaction_id) is None
