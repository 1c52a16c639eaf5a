from sqlalchemy.orm import Session

from app import crud
from app.db.init_db import init_db
from app.schemas.user import UserCreate, UserUpdate
from app.tests.utils.utils import random_email, random_lower_string


def test_authenticate_user(db: Session) -> None:
    email = random_email()
    password = random_lower_string()
    user = crud.user.create(db, obj_in=UserCreate(email=email, password=password))
    assert user.hashed_password.startswith("$2b$12$")
    authenticated = crud.user.authenticate(db, email=email, password=password)
    assert authenticated
    assert authenticated.id == user.id
    assert crud.user.authenticate(db, email=email, password="wrong") is None


def test_not_authenticate_unknown_user(db: Session) -> None:
    assert crud.user.authenticate(db, email=random_email(), password="wrong") is None


def test_update_password(db: Session) -> None:
    email = random_email()
    user_in = UserCreate(email=email, password=random_lower_string())
    user = crud.user.create(db, obj_in=user_in)
    new_password = random_lower_string()
    crud.user.update(db, db_obj=user, obj_in=UserUpdate(password=new_password))
    assert crud.user.authenticate(db, email=email, password=new_password)


def test_init_db_creates_superuser_once(db: Session) -> None:
    email = random_email()
    init_db(db, email, random_lower_string())
    init_db(db, email, random_lower_string())
    assert crud.user.count(db) == 1
    user = crud.user.get_by_email(db, email=email)
    assert user
    assert crud.user.is_superuser(user)
