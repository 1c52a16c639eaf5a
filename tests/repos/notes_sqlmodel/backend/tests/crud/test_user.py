from sqlmodel import Session

from app import crud
from app.models import UserCreate
from tests.utils.user import create_random_user
from tests.utils.utils import random_email, random_lower_string


def test_create_user(session: Session) -> None:
    email = random_email()
    user_in = UserCreate(email=email, password=random_lower_string())
    user = crud.create_user(session=session, user_create=user_in)
    assert user.email == email
    assert user.hashed_password.startswith("$argon2id$")
    assert user.is_superuser is False


def test_authenticate_user(session: Session) -> None:
    email = random_email()
    password = random_lower_string()
    user_in = UserCreate(email=email, password=password)
    user = crud.create_user(session=session, user_create=user_in)
    authenticated = crud.authenticate(session=session, email=email, password=password)
    assert authenticated
    assert authenticated.id == user.id


def test_not_authenticate_user(session: Session) -> None:
    user = create_random_user(session)
    password = random_lower_string()
    assert not crud.authenticate(session=session, email=user.email, password=password)
    email = random_email()
    assert not crud.authenticate(session=session, email=email, password=password)
