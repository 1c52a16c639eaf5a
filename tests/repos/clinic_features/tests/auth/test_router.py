import pytest
from httpx import AsyncClient

pytestmark = pytest.mark.anyio

NEW_USER = {"email": "nurse@example.com", "name": "Nurse", "password": "a long password"}


async def test_created_user_can_log_in(admin_client: AsyncClient, client: AsyncClient) -> None:
    created = await admin_client.post("/auth/users", json=NEW_USER)
    assert created.status_code == 201
    assert created.json()["role"] == "staff"
    assert "password_hash" not in created.json()

    credentials = {"email": NEW_USER["email"].upper(), "password": NEW_USER["password"]}
    login = await client.post("/auth/login", json=credentials)
    assert login.status_code == 200

    me = await client.get("/auth/me", headers={"Authorization": f"Bearer {login.json()['access_token']}"})
    assert me.status_code == 200
    assert me.json() == created.json()


async def test_email_is_unique(admin_client: AsyncClient) -> None:
    await admin_client.post("/auth/users", json=NEW_USER)
    response = await admin_client.post("/auth/users", json=NEW_USER)

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "email_taken"


@pytest.mark.parametrize("email", ["nurse@example.com", "nobody@example.com"])
async def test_wrong_credentials(admin_client: AsyncClient, client: AsyncClient, email: str) -> None:
    await admin_client.post("/auth/users", json=NEW_USER)
    response = await client.post("/auth/login", json={"email": email, "password": "wrong"})

    assert response.status_code == 401
    assert response.json() == {"error": {"code": "invalid_credentials", "message": "Wrong email or password"}}


async def test_staff_cannot_manage_users(staff_client: AsyncClient) -> None:
    assert (await staff_client.get("/auth/users")).status_code == 403
    assert (await staff_client.post("/auth/users", json=NEW_USER)).status_code == 403


async def test_admin_lists_users(admin_client: AsyncClient, staff_client: AsyncClient) -> None:
    response = await admin_client.get("/auth/users", params={"page": 2, "size": 1})

    assert response.status_code == 200
    assert response.json()["total"] == 2
    assert [user["name"] for user in response.json()["results"]] == ["staff"]


async def test_no_token(client: AsyncClient) -> None:
    response = await client.get("/auth/me")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["error"]["code"] == "not_authenticated"


async def test_broken_token(client: AsyncClient) -> None:
    response = await client.get("/auth/me", headers={"Authorization": "Bearer nonsense"})

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_token"
