from decimal import Decimal
from typing import List, Optional

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.crud.base import CRUDBase
from app.models.account import Account
from app.models.transaction import Transaction, TransactionKind
from app.schemas.account import AccountCreate, AccountUpdate


class CRUDAccount(CRUDBase[Account, AccountCreate, AccountUpdate]):
    def get_by_iban(self, db: Session, *, iban: str) -> Optional[Account]:
        return db.scalars(select(Account).where(Account.iban == iban)).first()

    def create_with_owner(
        self, db: Session, *, obj_in: AccountCreate, owner_id: int
    ) -> Account:
        db_obj = Account(**obj_in.model_dump(), owner_id=owner_id)
        db.add(db_obj)
        db.commit()
        db.refresh(db_obj)
        return db_obj

    def get_multi_by_owner(
        self, db: Session, *, owner_id: int, skip: int = 0, limit: int = 100
    ) -> List[Account]:
        statement = (
            select(Account)
            .where(Account.owner_id == owner_id)
            .order_by(Account.id)
            .offset(skip)
            .limit(limit)
        )
        return list(db.scalars(statement))

    def count_by_owner(self, db: Session, *, owner_id: int) -> int:
        statement = (
            select(func.count())
            .select_from(Account)
            .where(Account.owner_id == owner_id)
        )
        return db.scalar(statement) or 0

    def get_balance(self, db: Session, *, account_id: int) -> Decimal:
        signed = case(
            (Transaction.kind == TransactionKind.deposit, Transaction.amount),
            else_=-Transaction.amount,
        )
        statement = select(func.sum(signed)).where(Transaction.account_id == account_id)
        return db.scalar(statement) or Decimal("0.00")


account = CRUDAccount(Account)
