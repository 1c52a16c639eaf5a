from uuid import uuid4

import pytest
from sqlalchemy import event

from app.models import Author, Book
from tests.conftest import engine


def book_data(author, **changes):
    data = {
        "title": "The Left Hand of Darkness",
        "isbn": "9780441478125",
        "published_year": 1969,
        "author_id": str(author.id),
    }
    return {**data, **changes}


def test_create_book(client, admin_headers, author):
    response = client.post("/books/", json=book_data(author), headers=admin_headers)
    assert response.status_code == 201
    data = response.json()
    assert data["isbn"] == "9780441478125"
    assert data["copies"] == 1
    book = client.get(f"/books/{data['id']}").json()
    assert book["author"]["name"] == author.name


def test_create_book_duplicate_isbn(client, admin_headers, book, author):
    response = client.post(
        "/books/", json=book_data(author, isbn=book.isbn), headers=admin_headers
    )
    assert response.status_code == 409


def test_create_book_unknown_author(client, admin_headers, author):
    data = book_data(author, author_id=str(uuid4()))
    response = client.post("/books/", json=data, headers=admin_headers)
    assert response.status_code == 404
    assert response.json() == {"detail": "Author not found"}


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"isbn": "123"},
        {"published_year": 99999},
        {"copies": -1},
        {"author_id": "x"},
    ],
)
def test_create_book_invalid(client, admin_headers, author, changes):
    response = client.post(
        "/books/", json=book_data(author, **changes), headers=admin_headers
    )
    assert response.status_code == 422


def test_create_book_needs_admin(client, member_headers, author):
    response = client.post("/books/", json=book_data(author), headers=member_headers)
    assert response.status_code == 403


@pytest.fixture
def shelf(db, author):
    other = Author(name="Stanisław Lem")
    db.add(other)
    db.flush()
    for number, (title, year, writer) in enumerate(
        [("B", 1970, author), ("A", 1980, author), ("C", 1960, other)]
    ):
        db.add(
            Book(
                title=title,
                isbn=f"978000000000{number}",
                published_year=year,
                author_id=writer.id,
            )
        )
    db.commit()


def titles(response):
    assert response.status_code == 200
    return [book["title"] for book in response.json()]


def test_read_books_sorted(client, shelf):
    assert titles(client.get("/books/")) == ["A", "B", "C"]
    params = {"sort_by": "published_year", "order": "desc"}
    assert titles(client.get("/books/", params=params)) == ["A", "B", "C"]
    params["order"] = "asc"
    assert titles(client.get("/books/", params=params)) == ["C", "B", "A"]


def test_read_books_of_author(client, shelf, author):
    params = {"author_id": str(author.id)}
    assert titles(client.get("/books/", params=params)) == ["A", "B"]


def test_read_books_unknown_sort(client):
    assert client.get("/books/", params={"sort_by": "id"}).status_code == 422


def test_read_books_in_one_query(client, shelf):
    statements = []
    record = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", record)
    client.get("/books/")
    event.remove(engine, "before_cursor_execute", record)
    assert len(statements) == 1


def test_update_book(client, admin_headers, book, author):
    data = book_data(author, isbn=book.isbn, published_year=None, copies=3)
    response = client.put(f"/books/{book.id}", json=data, headers=admin_headers)
    assert response.status_code == 200
    assert response.json()["title"] == data["title"]
    assert response.json()["published_year"] is None
    assert response.json()["copies"] == 3


def test_update_book_not_found(client, admin_headers, author):
    response = client.put(
        f"/books/{uuid4()}", json=book_data(author), headers=admin_headers
    )
    assert response.status_code == 404


def test_delete_book(client, admin_headers, book):
    url = f"/books/{book.id}"
    assert client.delete(url, headers=admin_headers).status_code == 204
    assert client.get(url).status_code == 404
