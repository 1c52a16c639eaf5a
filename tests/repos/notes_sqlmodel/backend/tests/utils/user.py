from fastapi.testclient import TestClient
from sqlmodel import Session

from app import crud
from app.core.config import settings
from app.models import User, UserCreate
from tests.utils.utils import random_email, random_lower_string


def user_token_headers(
    *, client: TestClient, email: str, password: str
) -> dict[str, str]:
    data = {"username": email, "password": password}
    r = client.post(f"{settings.API_V1_STR}/login/access-token", data=data)
    auth_token = r.json()["access_token"]
    return {"Authorization": f"Bearer {auth_token}"}


def create_random_user(session: Session) -> User:
    user_in = UserCreate(email=random_email(), password=random_lower_string())
    return crud.create_user(session=session, user_create=user_in)


def get_user(session: Session, email: str) -> User:
    user = crud.get_user_by_email(session=session, email=email)
    assert user
    return user
