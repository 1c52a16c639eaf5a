import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from app.core.config import settings
from tests.utils.user import create_user_with_password


def test_get_access_token(client: TestClient, session: Session) -> None:
    user, password = create_user_with_password(session)
    r = client.post(
        f"{settings.API_V1_STR}/login/access-token",
        data={"username": user.email, "password": password},
    )
    assert r.status_code == 200
    assert r.json()["token_type"] == "bearer"
    headers = {"Authorization": f"Bearer {r.json()['access_token']}"}
    r = client.get(f"{settings.API_V1_STR}/users/me", headers=headers)
    assert r.json()["email"] == user.email


def test_get_access_token_incorrect_password(
    client: TestClient, session: Session
) -> None:
    user, _ = create_user_with_password(session)
    r = client.post(
        f"{settings.API_V1_STR}/login/access-token",
        data={"username": user.email, "password": "incorrect"},
    )
    assert r.status_code == 400
    assert r.json() == {"detail": "Incorrect email or password"}


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_use_wrong_token(client: TestClient, headers: dict[str, str]) -> None:
    r = client.get(f"{settings.API_V1_STR}/users/me", headers=headers)
    assert r.status_code == 401
