from httpx import AsyncClient

from app.models import User


async def test_read_current_user(
    client: AsyncClient, user: User, user_headers: dict[str, str]
) -> None:
    response = await client.get("/users/me", headers=user_headers)

    assert response.status_code == 200
    assert response.json()["id"] == user.id
    assert "hashed_password" not in response.json()


async def test_read_current_user_without_token(client: AsyncClient) -> None:
    response = await client.get("/users/me")

    assert response.status_code == 401
    assert response.json() == {"code": "unauthorized", "detail": "Not authenticated"}


async def test_list_users_as_admin(
    client: AsyncClient, admin: User, user: User, admin_headers: dict[str, str]
) -> None:
    response = await client.get("/users", params={"limit": 1}, headers=admin_headers)

    assert response.status_code == 200
    body = response.json()
    assert body["total"] == 2
    assert len(body["items"]) == 1


async def test_list_users_as_user(client: AsyncClient, user_headers: dict[str, str]) -> None:
    response = await client.get("/users", headers=user_headers)

    assert response.status_code == 403
    assert response.json()["code"] == "forbidden"
