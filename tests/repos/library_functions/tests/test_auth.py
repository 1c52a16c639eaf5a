import pytest

NEW_USER = {
    "username": "ada",
    "email": "ada@example.com",
    "password": "analytical engine",
}


@pytest.fixture
def registered(client):
    response = client.post("/auth/register", json=NEW_USER)
    assert response.status_code == 201
    return response.json()


def test_register(registered):
    assert registered["username"] == "ada"
    assert registered["role"] == "member"
    assert "password" not in registered


def test_register_taken_email(client, registered):
    response = client.post("/auth/register", json={**NEW_USER, "username": "ada2"})
    assert response.status_code == 409


@pytest.mark.parametrize(
    "changes",
    [{"username": "a"}, {"username": "A B"}, {"email": "ada"}, {"password": "short"}],
)
def test_register_invalid(client, changes):
    assert (
        client.post("/auth/register", json={**NEW_USER, **changes}).status_code == 422
    )


def test_login(client, registered):
    response = client.post(
        "/auth/token",
        data={"username": "ada", "password": NEW_USER["password"]},
    )
    assert response.status_code == 200
    token = response.json()["access_token"]
    me = client.get("/users/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["id"] == registered["id"]


@pytest.mark.parametrize("username", ["ada", "nobody"])
def test_login_failure(client, registered, username):
    response = client.post(
        "/auth/token", data={"username": username, "password": "wrong"}
    )
    assert response.status_code == 401
    assert response.json() == {"detail": "Incorrect username or password"}


def test_invalid_token(client):
    response = client.get("/users/me", headers={"Authorization": "Bearer nonsense"})
    assert response.status_code == 401


def test_read_users(client, admin_headers, member_headers):
    response = client.get("/users/", headers=admin_headers)
    assert [user["username"] for user in response.json()] == ["admin", "member"]
    assert client.get("/users/", headers=member_headers).status_code == 403
