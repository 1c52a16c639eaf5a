from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import User
from tests.conftest import PASSWORD


async def test_login_gives_a_token_that_works(client: AsyncClient, user: User) -> None:
    response = await client.post(
        "/auth/login", data={"username": "User@example.com", "password": PASSWORD}
    )

    assert response.status_code == 200
    token = response.json()["access_token"]
    me = await client.get("/users/me", headers={"Authorization": f"Bearer {token}"})
    assert me.status_code == 200
    assert me.json()["email"] == user.email


async def test_login_with_wrong_password(client: AsyncClient, user: User) -> None:
    response = await client.post("/auth/login", data={"username": user.email, "password": "wrong"})

    assert response.status_code == 401
    assert response.json() == {"code": "unauthorized", "detail": "Incorrect email or password"}


async def test_login_with_unknown_address(client: AsyncClient) -> None:
    response = await client.post(
        "/auth/login", data={"username": "nobody@example.com", "password": PASSWORD}
    )

    assert response.status_code == 401
    assert response.json()["detail"] == "Incorrect email or password"


async def test_inactive_users_are_refused(
    client: AsyncClient, session: AsyncSession, user: User, user_headers: dict[str, str]
) -> None:
    user.is_active = False
    await session.commit()

    login = await client.post("/auth/login", data={"username": user.email, "password": PASSWORD})
    me = await client.get("/users/me", headers=user_headers)

    assert login.status_code == 401
    assert me.status_code == 401


async def test_register(client: AsyncClient) -> None:
    payload = {"email": "New@example.com", "password": PASSWORD, "full_name": "Ada"}

    response = await client.post("/auth/register", json=payload)

    assert response.status_code == 201
    body = response.json()
    assert body["email"] == "new@example.com"
    assert body["is_admin"] is False
    assert "password" not in str(body)


async def test_register_twice(client: AsyncClient, user: User) -> None:
    response = await client.post("/auth/register", json={"email": user.email, "password": PASSWORD})

    assert response.status_code == 409
    assert response.json()["code"] == "conflict"


async def test_register_with_short_password(client: AsyncClient) -> None:
    response = await client.post(
        "/auth/register", json={"email": "new@example.com", "password": "short"}
    )

    assert response.status_code == 422
    assert response.json()["code"] == "validation_error"


async def test_broken_token(client: AsyncClient) -> None:
    response = await client.get("/users/me", headers={"Authorization": "Bearer nonsense"})

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
