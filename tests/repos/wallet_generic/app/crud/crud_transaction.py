from typing import List, Optional, Tuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.crud.base import CRUDBase
from app.models.account import Account
from app.models.transaction import Transaction, TransactionKind
from app.schemas.transaction import TransactionCreate, TransactionUpdate


class CRUDTransaction(CRUDBase[Transaction, TransactionCreate, TransactionUpdate]):
    def get_with_account(self, db: Session, id: int) -> Optional[Transaction]:
        return db.get(Transaction, id, options=[joinedload(Transaction.account)])

    def search(
        self,
        db: Session,
        *,
        owner_id: Optional[int] = None,
        account_id: Optional[int] = None,
        kind: Optional[TransactionKind] = None,
        skip: int = 0,
        limit: int = 100,
    ) -> Tuple[List[Transaction], int]:
        statement = select(Transaction)
        if owner_id is not None:
            statement = statement.join(Account).where(Account.owner_id == owner_id)
        if account_id is not None:
            statement = statement.where(Transaction.account_id == account_id)
        if kind is not None:
            statement = statement.where(Transaction.kind == kind)
        total = db.scalar(select(func.count()).select_from(statement.subquery()))
        statement = statement.order_by(
            Transaction.booked_on.desc(), Transaction.id.desc()
        )
        return list(db.scalars(statement.offset(skip).limit(limit))), total or 0


transaction = CRUDTransaction(Transaction)
