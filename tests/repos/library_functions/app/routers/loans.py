from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, status
from sqlalchemy.orm import Session

from app import models
from app.crud import book as crud_book
from app.crud import loan as crud_loan
from app.dependencies import get_current_user, get_db
from app.schemas.loan import Loan, LoanCreate

router = APIRouter(prefix="/loans", tags=["loans"])


@router.get("/", response_model=list[Loan])
def read_loans(
    skip: int = Query(0, ge=0, le=1_000_000),
    limit: int = Query(100, ge=1, le=100),
    db: Session = Depends(get_db),
    current_user: models.User = Depends(get_current_user),
):
    user_id = None if current_user.role == "admin" else current_user.id
    return crud_loan.get_loans(db, skip=skip, limit=limit, user_id=user_id)


@router.post("/", response_model=Loan, status_code=status.HTTP_201_CREATED)
def create_loan(
    loan: LoanCreate,
    db: Session = Depends(get_db),
    current_user: models.User = Depends(get_current_user),
):
    book = crud_book.get_book_for_update(db, loan.book_id)
    if book is None:
        raise HTTPException(status_code=404, detail="Book not found")
    if crud_loan.count_open_loans(db, book.id) >= book.copies:
        raise HTTPException(status_code=409, detail="All copies are lent out")
    return crud_loan.create_loan(db, book_id=book.id, user_id=current_user.id)


@router.post("/{loan_id}/return", response_model=Loan)
def return_loan(
    loan_id: UUID,
    db: Session = Depends(get_db),
    current_user: models.User = Depends(get_current_user),
):
    db_loan = crud_loan.get_loan(db, loan_id)
    if db_loan is None:
        raise HTTPException(status_code=404, detail="Loan not found")
    if db_loan.user_id != current_user.id and current_user.role != "admin":
        raise HTTPException(status_code=403, detail="Not your loan")
    if db_loan.returned_on is not None:
        raise HTTPException(status_code=409, detail="Loan already returned")
    return crud_loan.return_loan(db, db_loan)
