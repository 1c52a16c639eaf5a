from fastapi.testclient import TestClient
from sqlmodel import Session

from app.core.config import settings
from tests.utils.user import create_random_user
from tests.utils.utils import USER_EMAIL, random_email, random_lower_string


def test_signup(client: TestClient) -> None:
    data = {"email": random_email(), "password": random_lower_string()}
    r = client.post(f"{settings.API_V1_STR}/users/signup", json=data)
    assert r.status_code == 200
    assert r.json()["email"] == data["email"]
    assert r.json()["is_superuser"] is False
    assert "hashed_password" not in r.json()


def test_signup_does_not_make_superusers(client: TestClient) -> None:
    data = {
        "email": random_email(),
        "password": random_lower_string(),
        "is_superuser": True,
    }
    r = client.post(f"{settings.API_V1_STR}/users/signup", json=data)
    assert r.json()["is_superuser"] is False


def test_signup_existing_email(client: TestClient, session: Session) -> None:
    user = create_random_user(session)
    data = {"email": user.email, "password": random_lower_string()}
    r = client.post(f"{settings.API_V1_STR}/users/signup", json=data)
    assert r.status_code == 409


def test_update_user_me(
    client: TestClient, normal_user_token_headers: dict[str, str]
) -> None:
    r = client.patch(
        f"{settings.API_V1_STR}/users/me",
        headers=normal_user_token_headers,
        json={"full_name": "Ada"},
    )
    assert r.status_code == 200
    assert r.json()["email"] == USER_EMAIL
    assert r.json()["full_name"] == "Ada"


def test_read_users_superuser(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    create_random_user(session)
    r = client.get(
        f"{settings.API_V1_STR}/users/?limit=1", headers=superuser_token_headers
    )
    assert r.status_code == 200
    assert len(r.json()["data"]) == 1
    assert r.json()["count"] == 2


def test_read_users_normal_user(
    client: TestClient, normal_user_token_headers: dict[str, str]
) -> None:
    r = client.get(f"{settings.API_V1_STR}/users/", headers=normal_user_token_headers)
    assert r.status_code == 403
