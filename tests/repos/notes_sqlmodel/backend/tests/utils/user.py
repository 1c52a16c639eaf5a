from datetime import timedelta

from sqlmodel import Session

from app import crud
from app.core.security import create_access_token
from app.models import User, UserCreate
from tests.utils.utils import random_email, random_lower_string


def create_random_user(
    session: Session, *, email: str | None = None, is_superuser: bool = False
) -> User:
    """A user who cannot log in: hashing a password takes longer than most tests."""
    user = User(
        email=email or random_email(),
        hashed_password="none",
        is_superuser=is_superuser,
    )
    session.add(user)
    session.commit()
    session.refresh(user)
    return user


def create_user_with_password(session: Session) -> tuple[User, str]:
    password = random_lower_string()
    user_in = UserCreate(email=random_email(), password=password)
    return crud.create_user(session=session, user_create=user_in), password


def user_token_headers(user: User) -> dict[str, str]:
    auth_token = create_access_token(user.id, expires_delta=timedelta(minutes=5))
    return {"Authorization": f"Bearer {auth_token}"}


def get_user(session: Session, email: str) -> User:
    user = crud.get_user_by_email(session=session, email=email)
    assert user
    return user
