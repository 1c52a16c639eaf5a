from uuid import uuid4

import pytest


def test_create_author(client, admin_headers):
    response = client.post(
        "/authors/", json={"name": "Stanisław Lem"}, headers=admin_headers
    )
    assert response.status_code == 201
    data = response.json()
    assert data["name"] == "Stanisław Lem"
    assert data["biography"] is None
    assert client.get(f"/authors/{data['id']}").json() == data


def test_create_author_duplicate(client, admin_headers, author):
    response = client.post(
        "/authors/", json={"name": author.name}, headers=admin_headers
    )
    assert response.status_code == 409
    assert response.json() == {"detail": "Author already exists"}


@pytest.mark.parametrize("data", [{}, {"name": ""}, {"name": "x" * 121}, {"name": 1}])
def test_create_author_invalid(client, admin_headers, data):
    assert client.post("/authors/", json=data, headers=admin_headers).status_code == 422


def test_create_author_needs_admin(client, member_headers):
    data = {"name": "Stanisław Lem"}
    assert client.post("/authors/", json=data).status_code == 401
    assert (
        client.post("/authors/", json=data, headers=member_headers).status_code == 403
    )


def test_read_authors(client, admin_headers):
    for name in ("C", "A", "B"):
        client.post("/authors/", json={"name": name}, headers=admin_headers)
    response = client.get("/authors/", params={"skip": 1, "limit": 1})
    assert response.status_code == 200
    assert [author["name"] for author in response.json()] == ["B"]


def test_read_authors_limit_is_bounded(client):
    assert client.get("/authors/", params={"limit": 101}).status_code == 422


def test_read_author_not_found(client):
    response = client.get(f"/authors/{uuid4()}")
    assert response.status_code == 404
    assert response.json() == {"detail": "Author not found"}


def test_update_author(client, admin_headers, author):
    response = client.put(
        f"/authors/{author.id}",
        json={"name": "U. K. Le Guin", "biography": "American"},
        headers=admin_headers,
    )
    assert response.status_code == 200
    assert response.json()["name"] == "U. K. Le Guin"


def test_update_author_duplicate(client, admin_headers, author):
    other = client.post("/authors/", json={"name": "Lem"}, headers=admin_headers).json()
    response = client.put(
        f"/authors/{other['id']}", json={"name": author.name}, headers=admin_headers
    )
    assert response.status_code == 409
    assert client.get(f"/authors/{other['id']}").json()["name"] == "Lem"


def test_delete_author(client, admin_headers, author):
    url = f"/authors/{author.id}"
    assert client.delete(url, headers=admin_headers).status_code == 204
    assert client.delete(url, headers=admin_headers).status_code == 404


def test_delete_author_with_books(client, admin_headers, book):
    response = client.delete(f"/authors/{book.author_id}", headers=admin_headers)
    assert response.status_code == 409
    assert client.get(f"/books/{book.id}").status_code == 200
