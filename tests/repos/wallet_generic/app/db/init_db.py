from sqlalchemy.orm import Session

from app import crud, schemas
from app.db import base  # noqa: F401

# make sure all SQL Alchemy models are imported (app.db.base) before initializing DB
# otherwise, SQL Alchemy might fail to initialize relationships properly


def init_db(db: Session, email: str, password: str) -> None:
    # Tables are created with Alembic migrations
    user = crud.user.get_by_email(db, email=email)
    if not user:
        user_in = schemas.UserCreate(email=email, password=password, is_superuser=True)
        crud.user.create(db, obj_in=user_in)
