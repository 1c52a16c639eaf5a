from typing import Dict

from fastapi.testclient import TestClient

from app.core.config import settings
from app.tests.utils.utils import random_email, random_lower_string


def test_get_access_token(client: TestClient) -> None:
    data = {"email": random_email(), "password": random_lower_string()}
    r = client.post(f"{settings.API_V1_STR}/users/open", json=data)
    assert r.status_code == 200
    login_data = {"username": data["email"], "password": data["password"]}
    r = client.post(f"{settings.API_V1_STR}/login/access-token", data=login_data)
    assert r.status_code == 200
    headers = {"Authorization": f"Bearer {r.json()['access_token']}"}
    r = client.post(f"{settings.API_V1_STR}/login/test-token", headers=headers)
    assert r.status_code == 200
    assert r.json()["email"] == data["email"]


def test_get_access_token_unknown_user(client: TestClient) -> None:
    login_data = {"username": random_email(), "password": "wrong"}
    r = client.post(f"{settings.API_V1_STR}/login/access-token", data=login_data)
    assert r.status_code == 400
    assert r.json() == {"detail": "Incorrect email or password"}


def test_invalid_token(client: TestClient) -> None:
    headers = {"Authorization": "Bearer nonsense"}
    r = client.post(f"{settings.API_V1_STR}/login/test-token", headers=headers)
    assert r.status_code == 401


def test_create_user_by_superuser(
    client: TestClient, superuser_token_headers: Dict[str, str]
) -> None:
    data = {"email": random_email(), "password": random_lower_string()}
    url = f"{settings.API_V1_STR}/users/"
    r = client.post(url, headers=superuser_token_headers, json=data)
    assert r.status_code == 200
    assert "hashed_password" not in r.json()
    r = client.post(url, headers=superuser_token_headers, json=data)
    assert r.status_code == 409
    r = client.get(url, headers=superuser_token_headers)
    assert r.headers["X-Total-Count"] == "2"
    assert r.json()[1]["email"] == data["email"]


def test_create_user_by_normal_user(
    client: TestClient, normal_user_token_headers: Dict[str, str]
) -> None:
    data = {"email": random_email(), "password": random_lower_string()}
    r = client.post(
        f"{settings.API_V1_STR}/users/", headers=normal_user_token_headers, json=data
    )
    assert r.status_code == 403


def test_update_user_me(
    client: TestClient, normal_user_token_headers: Dict[str, str]
) -> None:
    r = client.put(
        f"{settings.API_V1_STR}/users/me",
        headers=normal_user_token_headers,
        json={"full_name": "Ada Lovelace", "is_superuser": True},
    )
    assert r.status_code == 200
    assert r.json()["full_name"] == "Ada Lovelace"
    assert r.json()["is_superuser"] is False
