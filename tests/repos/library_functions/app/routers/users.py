from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session

from app import models
from app.crud import user as crud_user
from app.dependencies import get_current_admin, get_current_user, get_db
from app.schemas.user import User

router = APIRouter(prefix="/users", tags=["users"])


@router.get("/me", response_model=User)
def read_me(current_user: models.User = Depends(get_current_user)):
    return current_user


@router.get("/", response_model=list[User], dependencies=[Depends(get_current_admin)])
def read_users(
    skip: int = Query(0, ge=0, le=1_000_000),
    limit: int = Query(100, ge=1, le=100),
    db: Session = Depends(get_db),
):
    return crud_user.get_users(db, skip=skip, limit=limit)
