from datetime import date, timedelta
from typing import Optional
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.config import LOAN_DAYS
from app.models import Loan


def get_loan(db: Session, loan_id: UUID) -> Optional[Loan]:
    return db.get(Loan, loan_id)


def get_loans(
    db: Session, skip: int = 0, limit: int = 100, user_id: Optional[UUID] = None
) -> list[Loan]:
    query = select(Loan).order_by(Loan.due_on, Loan.id)
    if user_id is not None:
        query = query.where(Loan.user_id == user_id)
    return list(db.scalars(query.offset(skip).limit(limit)))


def count_open_loans(db: Session, book_id: UUID) -> int:
    query = (
        select(func.count())
        .select_from(Loan)
        .where(Loan.book_id == book_id, Loan.returned_on.is_(None))
    )
    return db.scalar(query) or 0


def create_loan(db: Session, book_id: UUID, user_id: UUID) -> Loan:
    db_loan = Loan(
        book_id=book_id,
        user_id=user_id,
        due_on=date.today() + timedelta(days=LOAN_DAYS),
    )
    db.add(db_loan)
    db.commit()
    db.refresh(db_loan)
    return db_loan


def return_loan(db: Session, db_loan: Loan) -> Loan:
    db_loan.returned_on = date.today()
    db.commit()
    db.refresh(db_loan)
    return db_loan
