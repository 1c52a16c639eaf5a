from typing import Any, List

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response
from sqlalchemy.orm import Session

from app import crud, models, schemas
from app.api import deps

router = APIRouter()


@router.get("/", response_model=List[schemas.Account])
def read_accounts(
    response: Response,
    db: Session = Depends(deps.get_db),
    skip: int = Query(0, ge=0, le=deps.MAX_ID),
    limit: int = Query(100, ge=1, le=100),
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Retrieve accounts.
    """
    if crud.user.is_superuser(current_user):
        total = crud.account.count(db)
        accounts = crud.account.get_multi(db, skip=skip, limit=limit)
    else:
        total = crud.account.count_by_owner(db, owner_id=current_user.id)
        accounts = crud.account.get_multi_by_owner(
            db, owner_id=current_user.id, skip=skip, limit=limit
        )
    response.headers["X-Total-Count"] = str(total)
    return accounts


@router.post("/", response_model=schemas.Account, status_code=201)
def create_account(
    *,
    db: Session = Depends(deps.get_db),
    account_in: schemas.AccountCreate,
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Create new account.
    """
    if crud.account.get_by_iban(db, iban=account_in.iban):
        raise HTTPException(status_code=409, detail="IBAN is already registered")
    return crud.account.create_with_owner(
        db, obj_in=account_in, owner_id=current_user.id
    )


@router.put("/{id}", response_model=schemas.Account)
def update_account(
    *,
    db: Session = Depends(deps.get_db),
    id: int = Path(ge=1, le=deps.MAX_ID),
    account_in: schemas.AccountUpdate,
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Update an account.
    """
    account = crud.account.get(db, id=id)
    if not account:
        raise HTTPException(status_code=404, detail="Account not found")
    if not crud.user.is_superuser(current_user) and (
        account.owner_id != current_user.id
    ):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    if account_in.iban and account_in.iban != account.iban:
        if crud.account.get_by_iban(db, iban=account_in.iban):
            raise HTTPException(status_code=409, detail="IBAN is already registered")
    return crud.account.update(db, db_obj=account, obj_in=account_in)


@router.get("/{id}", response_model=schemas.Account)
def read_account(
    *,
    db: Session = Depends(deps.get_db),
    id: int = Path(ge=1, le=deps.MAX_ID),
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Get account by ID.
    """
    account = crud.account.get(db, id=id)
    if not account:
        raise HTTPException(status_code=404, detail="Account not found")
    if not crud.user.is_superuser(current_user) and (
        account.owner_id != current_user.id
    ):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return account


@router.get("/{id}/balance", response_model=schemas.AccountBalance)
def read_account_balance(
    *,
    db: Session = Depends(deps.get_db),
    id: int = Path(ge=1, le=deps.MAX_ID),
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Get what is left on an account.
    """
    account = crud.account.get(db, id=id)
    if not account:
        raise HTTPException(status_code=404, detail="Account not found")
    if not crud.user.is_superuser(current_user) and (
        account.owner_id != current_user.id
    ):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return {
        "account_id": account.id,
        "balance": crud.account.get_balance(db, account_id=account.id),
        "currency": account.currency,
    }


@router.delete("/{id}", response_model=schemas.Account)
def delete_account(
    *,
    db: Session = Depends(deps.get_db),
    id: int = Path(ge=1, le=deps.MAX_ID),
    current_user: models.User = Depends(deps.get_current_active_user),
) -> Any:
    """
    Delete an account and its transactions.
    """
    account = crud.account.get(db, id=id)
    if not account:
        raise HTTPException(status_code=404, detail="Account not found")
    if not crud.user.is_superuser(current_user) and (
        account.owner_id != current_user.id
    ):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return crud.account.remove(db, db_obj=account)
