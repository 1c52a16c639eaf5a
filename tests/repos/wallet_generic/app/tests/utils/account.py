from datetime import date
from decimal import Decimal
from typing import Optional

from sqlalchemy.orm import Session

from app import crud, models
from app.schemas.account import AccountCreate
from app.schemas.transaction import TransactionCreate
from app.tests.utils.user import create_random_user
from app.tests.utils.utils import random_iban, random_lower_string


def create_random_account(
    db: Session, *, owner_id: Optional[int] = None
) -> models.Account:
    if owner_id is None:
        owner_id = create_random_user(db).id
    account_in = AccountCreate(name=random_lower_string(), iban=random_iban())
    return crud.account.create_with_owner(db, obj_in=account_in, owner_id=owner_id)


def create_transaction(
    db: Session,
    account: models.Account,
    amount: str = "10.00",
    kind: models.TransactionKind = models.TransactionKind.deposit,
) -> models.Transaction:
    transaction_in = TransactionCreate(
        kind=kind,
        amount=Decimal(amount),
        booked_on=date(2024, 5, 17),
        account_id=account.id,
    )
    return crud.transaction.create(db, obj_in=transaction_in)
