from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Category, Supplier, SupplierStatus


@pytest.fixture
async def supplier(session: AsyncSession, category: Category) -> Supplier:
    supplier = Supplier(name="Spokes & Co", credit_limit=Decimal("500"), category_id=category.id)
    session.add(supplier)
    await session.commit()
    return supplier


def payload(category: Category, **changes: object) -> dict[str, Any]:
    return {"name": "Rims Ltd", "credit_limit": "120.50", "category_id": category.id, **changes}


async def test_create_supplier(
    client: AsyncClient, category: Category, admin_headers: dict[str, str]
) -> None:
    response = await client.post("/suppliers", json=payload(category), headers=admin_headers)

    assert response.status_code == 201
    body = response.json()
    assert body["credit_limit"] == "120.50"
    assert body["status"] == "active"
    assert body["category"]["name"] == category.name


async def test_create_supplier_with_taken_name(
    client: AsyncClient, category: Category, supplier: Supplier, admin_headers: dict[str, str]
) -> None:
    response = await client.post(
        "/suppliers", json=payload(category, name=supplier.name), headers=admin_headers
    )

    assert response.status_code == 409


async def test_create_supplier_with_missing_category(
    client: AsyncClient, category: Category, admin_headers: dict[str, str]
) -> None:
    response = await client.post(
        "/suppliers", json=payload(category, category_id=999), headers=admin_headers
    )

    assert response.status_code == 422
    assert response.json() == {
        "code": "invalid_reference",
        "detail": "Category 999 does not exist",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"credit_limit": "-0.01"},
        {"credit_limit": "1.005"},
        {"credit_limit": "123456789.00"},
        {"status": "unknown"},
        {"email": "not an address"},
        {"category_id": None},
        {"category_id": 2**40},
    ],
)
async def test_create_supplier_with_invalid_data(
    client: AsyncClient,
    category: Category,
    admin_headers: dict[str, str],
    changes: dict[str, object],
) -> None:
    response = await client.post(
        "/suppliers", json=payload(category, **changes), headers=admin_headers
    )

    assert response.status_code == 422
    assert response.json()["code"] == "validation_error"


async def test_create_supplier_as_user(
    client: AsyncClient, category: Category, user_headers: dict[str, str]
) -> None:
    response = await client.post("/suppliers", json=payload(category), headers=user_headers)

    assert response.status_code == 403


async def test_list_suppliers_filters_and_sorts(
    client: AsyncClient, session: AsyncSession, category: Category
) -> None:
    other = Category(name="Tools")
    session.add(other)
    await session.flush()
    session.add_all(
        [
            Supplier(name="A", credit_limit=Decimal(30), category_id=category.id),
            Supplier(name="B", credit_limit=Decimal(10), category_id=category.id),
            Supplier(name="C", credit_limit=Decimal(20), category_id=other.id),
            Supplier(
                name="D",
                credit_limit=Decimal(5),
                category_id=category.id,
                status=SupplierStatus.SUSPENDED,
            ),
        ]
    )
    await session.commit()

    response = await client.get(
        "/suppliers",
        params={"category_id": category.id, "status": "active", "sort": "-credit_limit"},
    )

    assert response.status_code == 200
    assert [item["name"] for item in response.json()["items"]] == ["A", "B"]
    assert response.json()["total"] == 2


async def test_list_suppliers_with_unknown_sort(client: AsyncClient) -> None:
    response = await client.get("/suppliers", params={"sort": "hashed_password"})

    assert response.status_code == 422


async def test_list_suppliers_needs_as_many_statements_for_many_rows_as_for_one(
    client: AsyncClient,
    session: AsyncSession,
    category: Category,
    supplier: Supplier,
    statements: list[str],
) -> None:
    statements.clear()
    await client.get("/suppliers")
    for_one = len(statements)
    session.add_all(
        [
            Supplier(name=f"S{n}", credit_limit=Decimal(n), category_id=category.id)
            for n in range(10)
        ]
    )
    await session.commit()
    statements.clear()

    response = await client.get("/suppliers")

    assert len(response.json()["items"]) == 11
    assert len(statements) == for_one


async def test_read_supplier(client: AsyncClient, supplier: Supplier) -> None:
    response = await client.get(f"/suppliers/{supplier.id}")

    assert response.status_code == 200
    assert response.json()["credit_limit"] == "500.00"


async def test_read_missing_supplier(client: AsyncClient) -> None:
    response = await client.get("/suppliers/999")

    assert response.status_code == 404


async def test_update_supplier(
    client: AsyncClient, session: AsyncSession, supplier: Supplier, admin_headers: dict[str, str]
) -> None:
    other = Category(name="Tools")
    session.add(other)
    await session.commit()

    response = await client.patch(
        f"/suppliers/{supplier.id}", json={"category_id": other.id}, headers=admin_headers
    )

    assert response.status_code == 200
    assert response.json()["category"]["name"] == "Tools"
    assert response.json()["name"] == supplier.name


async def test_delete_supplier(
    client: AsyncClient, supplier: Supplier, admin_headers: dict[str, str]
) -> None:
    response = await client.delete(f"/suppliers/{supplier.id}", headers=admin_headers)

    assert response.status_code == 204
    assert (await client.get(f"/suppliers/{supplier.id}")).status_code == 404


async def test_a_category_with_suppliers_cannot_be_deleted(
    client: AsyncClient, category: Category, supplier: Supplier, admin_headers: dict[str, str]
) -> None:
    response = await client.delete(f"/categories/{category.id}", headers=admin_headers)

    assert response.status_code == 409
    assert (await client.get(f"/suppliers/{supplier.id}")).status_code == 200
