import uuid

from fastapi.testclient import TestClient
from sqlmodel import Session

from app.core.config import settings
from tests.utils.note import create_random_notebook
from tests.utils.user import get_user
from tests.utils.utils import USER_EMAIL


def test_create_notebook(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    data = {"title": "Recipes", "description": "For Sundays"}
    response = client.post(
        f"{settings.API_V1_STR}/notebooks/",
        headers=normal_user_token_headers,
        json=data,
    )
    assert response.status_code == 200
    content = response.json()
    assert content["title"] == data["title"]
    assert content["owner_id"] == str(get_user(session, USER_EMAIL).id)


def test_create_notebook_not_logged_in(client: TestClient) -> None:
    response = client.post(
        f"{settings.API_V1_STR}/notebooks/", json={"title": "Recipes"}
    )
    assert response.status_code == 401


def test_create_notebook_empty_title(
    client: TestClient, normal_user_token_headers: dict[str, str]
) -> None:
    response = client.post(
        f"{settings.API_V1_STR}/notebooks/",
        headers=normal_user_token_headers,
        json={"title": ""},
    )
    assert response.status_code == 422


def test_read_notebook(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session)
    response = client.get(
        f"{settings.API_V1_STR}/notebooks/{notebook.id}",
        headers=superuser_token_headers,
    )
    assert response.status_code == 200
    assert response.json()["title"] == notebook.title


def test_read_notebook_not_found(
    client: TestClient, superuser_token_headers: dict[str, str]
) -> None:
    response = client.get(
        f"{settings.API_V1_STR}/notebooks/{uuid.uuid4()}",
        headers=superuser_token_headers,
    )
    assert response.status_code == 404
    assert response.json()["detail"] == "Notebook not found"


def test_read_notebook_not_enough_permissions(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session)
    response = client.get(
        f"{settings.API_V1_STR}/notebooks/{notebook.id}",
        headers=normal_user_token_headers,
    )
    assert response.status_code == 403
    assert response.json()["detail"] == "Not enough permissions"


def test_read_notebooks_only_own(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    own = create_random_notebook(session, get_user(session, USER_EMAIL).id)
    create_random_notebook(session)
    response = client.get(
        f"{settings.API_V1_STR}/notebooks/", headers=normal_user_token_headers
    )
    assert response.status_code == 200
    content = response.json()
    assert content["count"] == 1
    assert content["data"][0]["id"] == str(own.id)


def test_update_notebook(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session, get_user(session, USER_EMAIL).id)
    response = client.patch(
        f"{settings.API_V1_STR}/notebooks/{notebook.id}",
        headers=normal_user_token_headers,
        json={"title": "Updated"},
    )
    assert response.status_code == 200
    assert response.json()["title"] == "Updated"


def test_update_notebook_not_enough_permissions(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session)
    response = client.patch(
        f"{settings.API_V1_STR}/notebooks/{notebook.id}",
        headers=normal_user_token_headers,
        json={"title": "Updated"},
    )
    assert response.status_code == 403


def test_delete_notebook(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session, get_user(session, USER_EMAIL).id)
    url = f"{settings.API_V1_STR}/notebooks/{notebook.id}"
    response = client.delete(url, headers=normal_user_token_headers)
    assert response.status_code == 200
    assert response.json()["message"] == "Notebook deleted successfully"
    assert client.get(url, headers=normal_user_token_headers).status_code == 404
