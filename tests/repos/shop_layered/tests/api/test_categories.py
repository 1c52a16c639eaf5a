import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Category


async def test_create_category(client: AsyncClient, admin_headers: dict[str, str]) -> None:
    response = await client.post("/categories", json={"name": "Helmets"}, headers=admin_headers)

    assert response.status_code == 201
    body = response.json()
    assert body["name"] == "Helmets"
    assert body["description"] is None
    read = await client.get(f"/categories/{body['id']}")
    assert read.json() == body


async def test_create_category_with_taken_name(
    client: AsyncClient, category: Category, admin_headers: dict[str, str]
) -> None:
    response = await client.post("/categories", json={"name": category.name}, headers=admin_headers)

    assert response.status_code == 409
    assert response.json() == {"code": "conflict", "detail": "Category 'Bicycles' already exists"}


@pytest.mark.parametrize(
    "payload",
    [{}, {"name": ""}, {"name": "x" * 51}, {"name": None}, {"name": 5}, {"name": "a\x00b"}],
)
async def test_create_category_with_invalid_data(
    client: AsyncClient, admin_headers: dict[str, str], payload: dict[str, object]
) -> None:
    response = await client.post("/categories", json=payload, headers=admin_headers)

    assert response.status_code == 422
    assert response.json()["code"] == "validation_error"


async def test_create_category_without_token(client: AsyncClient) -> None:
    response = await client.post("/categories", json={"name": "Helmets"})

    assert response.status_code == 401


async def test_create_category_as_user(client: AsyncClient, user_headers: dict[str, str]) -> None:
    response = await client.post("/categories", json={"name": "Helmets"}, headers=user_headers)

    assert response.status_code == 403


async def test_list_categories(client: AsyncClient, session: AsyncSession) -> None:
    session.add_all([Category(name=name) for name in ("Wheels", "Bells", "Locks")])
    await session.commit()

    response = await client.get("/categories", params={"limit": 2, "offset": 1})

    assert response.status_code == 200
    body = response.json()
    assert [item["name"] for item in body["items"]] == ["Locks", "Wheels"]
    assert (body["total"], body["limit"], body["offset"]) == (3, 2, 1)


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}]
)
async def test_list_categories_with_invalid_page(
    client: AsyncClient, params: dict[str, int]
) -> None:
    response = await client.get("/categories", params=params)

    assert response.status_code == 422


@pytest.mark.parametrize("category_id", ["999", "0", "abc", str(2**63)])
async def test_read_missing_category(client: AsyncClient, category_id: str) -> None:
    response = await client.get(f"/categories/{category_id}")

    assert response.status_code == (404 if category_id == "999" else 422)


async def test_update_category(
    client: AsyncClient, category: Category, admin_headers: dict[str, str]
) -> None:
    response = await client.patch(
        f"/categories/{category.id}", json={"description": "Two wheels"}, headers=admin_headers
    )

    assert response.status_code == 200
    assert response.json()["name"] == category.name
    assert response.json()["description"] == "Two wheels"


async def test_update_category_keeps_its_own_name(
    client: AsyncClient, category: Category, admin_headers: dict[str, str]
) -> None:
    response = await client.patch(
        f"/categories/{category.id}", json={"name": category.name}, headers=admin_headers
    )

    assert response.status_code == 200


async def test_update_category_with_null_name(
    client: AsyncClient, category: Category, admin_headers: dict[str, str]
) -> None:
    response = await client.patch(
        f"/categories/{category.id}", json={"name": None}, headers=admin_headers
    )

    assert response.status_code == 422


async def test_update_missing_category(client: AsyncClient, admin_headers: dict[str, str]) -> None:
    response = await client.patch("/categories/999", json={"name": "X"}, headers=admin_headers)

    assert response.status_code == 404
    assert response.json() == {"code": "not_found", "detail": "Category 999 not found"}


async def test_delete_category(
    client: AsyncClient, category: Category, admin_headers: dict[str, str]
) -> None:
    first = await client.delete(f"/categories/{category.id}", headers=admin_headers)
    second = await client.delete(f"/categories/{category.id}", headers=admin_headers)

    assert first.status_code == 204
    assert second.status_code == 404


async def test_delete_category_as_user(
    client: AsyncClient, category: Category, user_headers: dict[str, str]
) -> None:
    response = await client.delete(f"/categories/{category.id}", headers=user_headers)

    assert response.status_code == 403
    assert (await client.get(f"/categories/{category.id}")).status_code == 200
