from tracker import auth, crud


def test_login(client, db):
    crud.create_user(db, "ada", auth.hash_password("engine no. 1"))

    response = client.post(
        "/token", data={"username": "ada", "password": "engine no. 1"}
    )
    assert response.status_code == 200
    headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
    assert client.get("/me", headers=headers).json()["name"] == "ada"

    response = client.post("/token", data={"username": "ada", "password": "engine 2"})
    assert response.status_code == 401
    response = client.post("/token", data={"username": "bob", "password": "engine 2"})
    assert response.status_code == 401
    assert response.json() == {"detail": "Wrong name or password"}


def test_bad_token(client):
    assert client.get("/me").status_code == 401
    headers = {"Authorization": "Bearer nonsense"}
    assert client.get("/me", headers=headers).status_code == 401
