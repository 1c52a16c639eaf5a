import uuid

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from app.core.config import settings
from tests.utils.note import (
    create_random_label,
    create_random_note,
    create_random_notebook,
)
from tests.utils.user import get_user
from tests.utils.utils import USER_EMAIL


def test_create_note(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session, get_user(session, USER_EMAIL).id)
    label = create_random_label(session)
    data = {
        "title": "Shopping",
        "notebook_id": str(notebook.id),
        "label_id": str(label.id),
    }
    response = client.post(
        f"{settings.API_V1_STR}/notes/", headers=normal_user_token_headers, json=data
    )
    assert response.status_code == 200
    content = response.json()
    assert content["title"] == "Shopping"
    assert content["is_pinned"] is False
    assert content["notebook_id"] == data["notebook_id"]
    assert content["label_id"] == data["label_id"]


def test_create_note_in_notebook_of_other(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session)
    response = client.post(
        f"{settings.API_V1_STR}/notes/",
        headers=normal_user_token_headers,
        json={"title": "Shopping", "notebook_id": str(notebook.id)},
    )
    assert response.status_code == 403


@pytest.mark.parametrize("field", ["notebook_id", "label_id"])
def test_create_note_missing_reference(
    client: TestClient,
    superuser_token_headers: dict[str, str],
    session: Session,
    field: str,
) -> None:
    notebook = create_random_notebook(session)
    data = {"title": "Shopping", "notebook_id": str(notebook.id)}
    response = client.post(
        f"{settings.API_V1_STR}/notes/",
        headers=superuser_token_headers,
        json=data | {field: str(uuid.uuid4())},
    )
    assert response.status_code == 404


def test_read_notes_filters(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session)
    note = create_random_note(session, notebook)
    create_random_note(session)
    response = client.get(
        f"{settings.API_V1_STR}/notes/",
        params={"notebook_id": str(notebook.id)},
        headers=superuser_token_headers,
    )
    assert response.status_code == 200
    content = response.json()
    assert [row["id"] for row in content["data"]] == [str(note.id)]
    assert content["count"] == 1


def test_read_note_not_enough_permissions(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    note = create_random_note(session)
    response = client.get(
        f"{settings.API_V1_STR}/notes/{note.id}", headers=normal_user_token_headers
    )
    assert response.status_code == 403


def test_update_note(
    client: TestClient, normal_user_token_headers: dict[str, str], session: Session
) -> None:
    notebook = create_random_notebook(session, get_user(session, USER_EMAIL).id)
    note = create_random_note(session, notebook)
    response = client.patch(
        f"{settings.API_V1_STR}/notes/{note.id}",
        headers=normal_user_token_headers,
        json={"is_pinned": True},
    )
    assert response.status_code == 200
    assert response.json()["is_pinned"] is True
    assert response.json()["title"] == note.title


def test_update_note_null_title(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    note = create_random_note(session)
    response = client.patch(
        f"{settings.API_V1_STR}/notes/{note.id}",
        headers=superuser_token_headers,
        json={"title": None},
    )
    assert response.status_code == 422


def test_delete_note(
    client: TestClient, superuser_token_headers: dict[str, str], session: Session
) -> None:
    note_id = create_random_note(session).id
    url = f"{settings.API_V1_STR}/notes/{note_id}"
    response = client.delete(url, headers=superuser_token_headers)
    assert response.status_code == 200
    assert response.json()["message"] == "Note deleted successfully"
    assert client.delete(url, headers=superuser_token_headers).status_code == 404
