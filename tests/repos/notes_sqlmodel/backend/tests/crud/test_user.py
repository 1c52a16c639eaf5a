from sqlmodel import Session

from app import crud
from app.core.db import init_db
from app.models import UserCreate
from tests.utils.user import create_user_with_password
from tests.utils.utils import random_email, random_lower_string


def test_create_user(session: Session) -> None:
    email = random_email()
    user_in = UserCreate(email=email, password=random_lower_string())
    user = crud.create_user(session=session, user_create=user_in)
    assert user.email == email
    assert user.hashed_password.startswith("$argon2id$")
    assert user.is_superuser is False


def test_authenticate_user(session: Session) -> None:
    user, password = create_user_with_password(session)
    authenticated = crud.authenticate(
        session=session, email=user.email, password=password
    )
    assert authenticated
    assert authenticated.id == user.id


def test_not_authenticate_user(session: Session) -> None:
    user, password = create_user_with_password(session)
    assert not crud.authenticate(session=session, email=user.email, password="wrong")
    email = random_email()
    assert not crud.authenticate(session=session, email=email, password=password)


def test_init_db_creates_the_superuser_once(session: Session) -> None:
    email = random_email()
    password = random_lower_string()
    init_db(session, email=email, password=password)
    init_db(session, email=email, password=random_lower_string())
    user = crud.authenticate(session=session, email=email, password=password)
    assert user
    assert user.is_superuser
