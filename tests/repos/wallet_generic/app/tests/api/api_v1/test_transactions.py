from typing import Any, Dict

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.core.config import settings
from app.models import TransactionKind
from app.tests.utils.account import create_random_account, create_transaction
from app.tests.utils.user import create_random_user, get_token_headers

URL = f"{settings.API_V1_STR}/transactions/"


def test_create_transaction(client: TestClient, db: Session) -> None:
    user = create_random_user(db)
    account = create_random_account(db, owner_id=user.id)
    data = {
        "kind": "withdrawal",
        "amount": "19.90",
        "booked_on": "2024-05-17",
        "account_id": account.id,
    }
    response = client.post(URL, headers=get_token_headers(user), json=data)
    assert response.status_code == 201
    content = response.json()
    assert content.pop("id")
    assert content == {**data, "note": None}


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "0"},
        {"amount": "1.001"},
        {"kind": "gift"},
        {"booked_on": "today"},
        {"account_id": 2**40},
        {"account_id": None},
    ],
)
def test_create_transaction_invalid(
    client: TestClient,
    superuser_token_headers: Dict[str, str],
    db: Session,
    changes: Dict[str, Any],
) -> None:
    account = create_random_account(db)
    data = {
        "kind": "deposit",
        "amount": "1.00",
        "booked_on": "2024-05-17",
        "account_id": account.id,
    }
    response = client.post(
        URL, headers=superuser_token_headers, json={**data, **changes}
    )
    assert response.status_code == 422


@pytest.mark.parametrize("exists, status_code", [(True, 403), (False, 404)])
def test_create_transaction_wrong_account(
    client: TestClient,
    normal_user_token_headers: Dict[str, str],
    db: Session,
    exists: bool,
    status_code: int,
) -> None:
    account_id = create_random_account(db).id if exists else 999
    data = {
        "kind": "deposit",
        "amount": "1.00",
        "booked_on": "2024-05-17",
        "account_id": account_id,
    }
    response = client.post(URL, headers=normal_user_token_headers, json=data)
    assert response.status_code == status_code


def test_read_transactions(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    account = create_random_account(db)
    deposit = create_transaction(db, account)
    create_transaction(db, account, kind=TransactionKind.withdrawal)
    create_transaction(db, create_random_account(db))
    response = client.get(
        URL,
        headers=superuser_token_headers,
        params={"account_id": account.id, "kind": "deposit"},
    )
    assert response.status_code == 200
    assert [row["id"] for row in response.json()] == [deposit.id]
    assert response.headers["X-Total-Count"] == "1"


def test_read_transactions_only_own(client: TestClient, db: Session) -> None:
    user = create_random_user(db)
    own = create_transaction(db, create_random_account(db, owner_id=user.id))
    create_transaction(db, create_random_account(db))
    response = client.get(URL, headers=get_token_headers(user))
    assert [row["id"] for row in response.json()] == [own.id]


def test_read_transaction_of_other(
    client: TestClient, normal_user_token_headers: Dict[str, str], db: Session
) -> None:
    transaction = create_transaction(db, create_random_account(db))
    for method in ("GET", "PUT", "DELETE"):
        response = client.request(
            method,
            f"{URL}{transaction.id}",
            headers=normal_user_token_headers,
            json={} if method == "PUT" else None,
        )
        assert response.status_code == 403


def test_update_transaction(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    transaction = create_transaction(db, create_random_account(db))
    response = client.put(
        f"{URL}{transaction.id}",
        headers=superuser_token_headers,
        json={"amount": "11.50", "note": "Refund"},
    )
    assert response.status_code == 200
    assert response.json()["amount"] == "11.50"
    assert response.json()["note"] == "Refund"
    assert response.json()["kind"] == "deposit"


def test_delete_transaction(
    client: TestClient, superuser_token_headers: Dict[str, str], db: Session
) -> None:
    transaction_id = create_transaction(db, create_random_account(db)).id
    url = f"{URL}{transaction_id}"
    response = client.delete(url, headers=superuser_token_headers)
    assert response.status_code == 200
    response = client.get(url, headers=superuser_token_headers)
    assert response.status_code == 404
    assert response.json() == {"detail": "Transaction not found"}
