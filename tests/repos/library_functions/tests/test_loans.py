from datetime import date, timedelta
from uuid import uuid4

from app.config import LOAN_DAYS


def lend(client, book_id, headers):
    return client.post("/loans/", json={"book_id": str(book_id)}, headers=headers)


def test_create_loan(client, book, member, member_headers):
    response = lend(client, book.id, member_headers)
    assert response.status_code == 201
    data = response.json()
    assert data["user_id"] == str(member.id)
    assert data["due_on"] == str(date.today() + timedelta(days=LOAN_DAYS))
    assert data["returned_on"] is None


def test_create_loan_not_logged_in(client, book):
    assert lend(client, book.id, {}).status_code == 401


def test_create_loan_unknown_book(client, member_headers):
    assert lend(client, uuid4(), member_headers).status_code == 404


def test_create_loan_all_copies_out(client, book, member_headers, admin_headers):
    assert lend(client, book.id, member_headers).status_code == 201
    response = lend(client, book.id, admin_headers)
    assert response.status_code == 409
    assert response.json() == {"detail": "All copies are lent out"}


def test_read_loans(client, book, member_headers, admin_headers):
    loan = lend(client, book.id, admin_headers).json()
    assert client.get("/loans/", headers=member_headers).json() == []
    assert client.get("/loans/", headers=admin_headers).json() == [loan]


def test_return_loan(client, book, member_headers):
    loan = lend(client, book.id, member_headers).json()
    url = f"/loans/{loan['id']}/return"
    response = client.post(url, headers=member_headers)
    assert response.status_code == 200
    assert response.json()["returned_on"] == str(date.today())
    assert client.post(url, headers=member_headers).status_code == 409
    assert lend(client, book.id, member_headers).status_code == 201


def test_return_loan_of_someone_else(client, book, member_headers, admin_headers):
    loan = lend(client, book.id, admin_headers).json()
    response = client.post(f"/loans/{loan['id']}/return", headers=member_headers)
    assert response.status_code == 403


def test_return_unknown_loan(client, member_headers):
    response = client.post(f"/loans/{uuid4()}/return", headers=member_headers)
    assert response.status_code == 404


def test_delete_book_with_loans(client, book, member_headers, admin_headers):
    lend(client, book.id, member_headers)
    response = client.delete(f"/books/{book.id}", headers=admin_headers)
    assert response.status_code == 409
