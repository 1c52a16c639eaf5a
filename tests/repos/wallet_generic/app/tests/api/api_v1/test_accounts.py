from typing import Any, Dict

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core.config import settings
from app.tests.utils.account import create_random_account, create_transaction
from app.tests.utils.user import create_random_user, get_token_headers
from app.tests.utils.utils import random_iban

URL = f"{settings.API_V1_STR}/accounts/"


def test_create_account(
    client: TestClient, normal_user_token_headers: Dict[str, str]
) -> None:
    data = {"name": "Household", "iban": random_iban()}
    response = client.post(URL, headers=normal_user_token_headers, json=data)
    assert response.status_code == 201
    content = response.json()
    assert content["name"] == data["name"]
    assert content["iban"] == data["iban"]
    assert content["currency"] == "EUR"
    assert "id" in content
    assert "owner_id" in content


def test_create_account_duplicate_iban(
    client: TestClient, normal_user_token_headers: Dict[str, str], db: Session
) -> None:
    account = create_random_account(db)
    data = {"name": "Household", "iban": account.iban}
    response = client.post(URL, headers=normal_user_token_headers, json=data)
    assert response.status_code == 409


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "Household"},
        {"name": "", "iban": "XX00000000000000"},
        {"name": "Household", "iban": "nonsense"},
        {"name": "Household", "iban": "XX00000000000000", "currency": "euro"},
    ],
)
def test_create_account_invalid(
    client: TestClient, normal_user_token_headers: Dict[str, str], data: Dict[str, Any]
) -> None:
    response = client.post(URL, headers=normal_user_token_headers, json=data)
    assert response.status_code == 422


def test_create_account_not_authenticated(client: TestClient) -> None:
    response = client.post(URL, json={"name": "Household", "iban": random_iban()})
    assert response.status_code == 401


def test_read_accounts(client: TestClient, db: Session) -> None:
    user = create_random_user(db)
    for _ in range(3):
        create_random_account(db, owner_id=user.id)
    create_random_account(db)
    response = client.get(
        URL, headers=get_token_headers(user), params={"skip": 1, "limit": 1}
    )
    assert response.status_code == 200
    assert len(response.json()) == 1
    assert response.headers["X-Total-Count"] == "3"


def test_read_accounts_superuser(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    create_random_account(db)
    create_random_account(db)
    response = client.get(URL, headers=superuser_token_headers)
    assert len(response.json()) == 2


def test_read_accounts_limit(
    client: TestClient, superuser_token_headers: Dict[str, str]
) -> None:
    response = client.get(f"{URL}?limit=101", headers=superuser_token_headers)
    assert response.status_code == 422


def test_read_account(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    account = create_random_account(db)
    response = client.get(f"{URL}{account.id}", headers=superuser_token_headers)
    assert response.status_code == 200
    assert response.json()["iban"] == account.iban


def test_read_account_not_found(
    client: TestClient, superuser_token_headers: Dict[str, str]
) -> None:
    response = client.get(f"{URL}999", headers=superuser_token_headers)
    assert response.status_code == 404
    assert response.json() == {"detail": "Account not found"}


def test_read_account_of_other(
    client: TestClient, normal_user_token_headers: Dict[str, str], db: Session
) -> None:
    account = create_random_account(db)
    for url in (f"{URL}{account.id}", f"{URL}{account.id}/balance"):
        response = client.get(url, headers=normal_user_token_headers)
        assert response.status_code == 403
        assert response.json() == {"detail": "Not enough permissions"}


def test_read_account_balance(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    account = create_random_account(db)
    create_transaction(db, account, "12.34")
    response = client.get(f"{URL}{account.id}/balance", headers=superuser_token_headers)
    assert response.status_code == 200
    assert response.json() == {
        "account_id": account.id,
        "balance": "12.34",
        "currency": "EUR",
    }


def test_update_account(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    account = create_random_account(db)
    response = client.put(
        f"{URL}{account.id}", headers=superuser_token_headers, json={"name": "Savings"}
    )
    assert response.status_code == 200
    assert response.json()["name"] == "Savings"
    assert response.json()["iban"] == account.iban


def test_update_account_duplicate_iban(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    account = create_random_account(db)
    other = create_random_account(db)
    response = client.put(
        f"{URL}{account.id}", headers=superuser_token_headers, json={"iban": other.iban}
    )
    assert response.status_code == 409


def test_update_account_null(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    account = create_random_account(db)
    response = client.put(
        f"{URL}{account.id}", headers=superuser_token_headers, json={"name": None}
    )
    assert response.status_code == 422


def test_delete_account(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    account_id = create_random_account(db).id
    url = f"{URL}{account_id}"
    response = client.delete(url, headers=superuser_token_headers)
    assert response.status_code == 200
    assert response.json()["id"] == account_id
    assert client.delete(url, headers=superuser_token_headers).status_code == 404
