from typing import Any, List, Optional

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from sqlalchemy.orm import Session

from app import crud, models, schemas
from app.api import deps

router = APIRouter()


@router.get("/", response_model=List[schemas.Transaction])
def read_transactions(
    response: Response,
    db: Session = Depends(deps.get_db),
    skip: int = Query(0, ge=0, le=deps.MAX_ID),
    limit: int = Query(100, ge=1, le=100),
    account_id: Optional[int] = Query(None, ge=1, le=deps.MAX_ID),
    kind: Optional[models.TransactionKind] = None,
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Retrieve transactions, latest first.
    """
    transactions, total = crud.transaction.search(
        db,
        owner_id=None if crud.user.is_superuser(current_user) else current_user.id,
        account_id=account_id,
        kind=kind,
        skip=skip,
        limit=limit,
    )
    response.headers["X-Total-Count"] = str(total)
    return transactions


@router.post("/", response_model=schemas.Transaction, status_code=201)
def create_transaction(
    *,
    db: Session = Depends(deps.get_db),
    transaction_in: schemas.TransactionCreate,
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Create new transaction.
    """
    account = crud.account.get(db, id=transaction_in.account_id)
    if not account:
        raise HTTPException(status_code=404, detail="Account not found")
    if not crud.user.is_superuser(current_user) and (
        account.owner_id != current_user.id
    ):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return crud.transaction.create(db, obj_in=transaction_in)


@router.put("/{id}", response_model=schemas.Transaction)
def update_transaction(
    *,
    db: Session = Depends(deps.get_db),
    id: int = Path(ge=1, le=deps.MAX_ID),
    transaction_in: schemas.TransactionUpdate,
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Update a transaction.
    """
    transaction = crud.transaction.get_with_account(db, id=id)
    if not transaction:
        raise HTTPException(status_code=404, detail="Transaction not found")
    if not crud.user.is_superuser(current_user) and (
        transaction.account.owner_id != current_user.id
    ):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return crud.transaction.update(db, db_obj=transaction, obj_in=transaction_in)


@router.get("/{id}", response_model=schemas.Transaction)
def read_transaction(
    *,
    db: Session = Depends(deps.get_db),
    id: int = Path(ge=1, le=deps.MAX_ID),
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Get transaction by ID.
    """
    transaction = crud.transaction.get_with_account(db, id=id)
    if not transaction:
        raise HTTPException(status_code=404, detail="Transaction not found")
    if not crud.user.is_superuser(current_user) and (
        transaction.account.owner_id != current_user.id
    ):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return transaction


@router.delete("/{id}", response_model=schemas.Transaction)
def delete_transaction(
    *,
    db: Session = Depends(deps.get_db),
    id: int = Path(ge=1, le=deps.MAX_ID),
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Delete a transaction.
    """
    transaction = crud.transaction.get_with_account(db, id=id)
    if not transaction:
        raise HTTPException(status_code=404, detail="Transaction not found")
    if not crud.user.is_superuser(current_user) and (
        transaction.account.owner_id != current_user.id
    ):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return crud.transaction.remove(db, db_obj=transaction)
