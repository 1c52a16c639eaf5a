import uuid

from fastapi.testclient import TestClient
from sqlmodel import Session

from app.core.config import settings
from tests.utils.note import create_random_label


def test_create_label(
    client: TestClient, superuser_token_headers: dict[str, str]
) -> None:
    data = {"name": "urgent", "color": "red"}
    response = client.post(
        f"{settings.API_V1_STR}/labels/", headers=superuser_token_headers, json=data
    )
    assert response.status_code == 200
    content = response.json()
    assert content["name"] == data["name"]
    assert content["color"] == data["color"]
    assert "id" in content


def test_create_label_normal_user(
    client: TestClient, normal_user_token_headers: dict[str, str]
) -> None:
    response = client.post(
        f"{settings.API_V1_STR}/labels/",
        headers=normal_user_token_headers,
        json={"name": "urgent"},
    )
    assert response.status_code == 403
    assert response.json()["detail"] == "The user doesn't have enough privileges"


def test_create_label_existing_name(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    label = create_random_label(session)
    response = client.post(
        f"{settings.API_V1_STR}/labels/",
        headers=superuser_token_headers,
        json={"name": label.name},
    )
    assert response.status_code == 409


def test_read_labels(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    for _ in range(3):
        create_random_label(session)
    response = client.get(
        f"{settings.API_V1_STR}/labels/?skip=2&limit=2",
        headers=normal_user_token_headers,
    )
    assert response.status_code == 200
    content = response.json()
    assert len(content["data"]) == 1
    assert content["count"] == 3


def test_read_labels_limit_too_high(
    client: TestClient, normal_user_token_headers: dict[str, str]
) -> None:
    response = client.get(
        f"{settings.API_V1_STR}/labels/?limit=101", headers=normal_user_token_headers
    )
    assert response.status_code == 422


def test_read_label_not_found(
    client: TestClient, normal_user_token_headers: dict[str, str]
) -> None:
    response = client.get(
        f"{settings.API_V1_STR}/labels/{uuid.uuid4()}",
        headers=normal_user_token_headers,
    )
    assert response.status_code == 404
    assert response.json()["detail"] == "Label not found"


def test_update_label(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    label = create_random_label(session)
    response = client.patch(
        f"{settings.API_V1_STR}/labels/{label.id}",
        headers=superuser_token_headers,
        json={"color": None},
    )
    assert response.status_code == 200
    content = response.json()
    assert content["name"] == label.name
    assert content["color"] is None


def test_update_label_existing_name(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    label = create_random_label(session)
    other = create_random_label(session)
    response = client.patch(
        f"{settings.API_V1_STR}/labels/{label.id}",
        headers=superuser_token_headers,
        json={"name": other.name},
    )
    assert response.status_code == 409


def test_update_label_null_name(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    label = create_random_label(session)
    response = client.patch(
        f"{settings.API_V1_STR}/labels/{label.id}",
        headers=superuser_token_headers,
        json={"name": None},
    )
    assert response.status_code == 422


def test_delete_label(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    label_id = create_random_label(session).id
    url = f"{settings.API_V1_STR}/labels/{label_id}"
    response = client.delete(url, headers=superuser_token_headers)
    assert response.status_code == 200
    assert response.json()["message"] == "Label deleted successfully"
    assert client.delete(url, headers=superuser_token_headers).status_code == 404
