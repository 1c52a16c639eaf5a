import pytest


def test_create(client, project):
    assert project == {"id": project["id"], "key": "WEB", "title": "Website"}
    assert client.get(f"/projects/{project['id']}").json() == project


def test_create_needs_admin(client, as_user):
    data = {"key": "APP", "title": "App"}
    assert client.post("/projects", json=data).status_code == 401
    assert client.post("/projects", json=data, headers=as_user()).status_code == 403


def test_create_taken_key(client, as_admin, project):
    response = client.post("/projects", json=project, headers=as_admin)
    assert response.status_code == 409
    assert response.json() == {"detail": "Project key is taken"}


@pytest.mark.parametrize("change", [{"key": "web"}, {"title": ""}, {"title": None}])
def test_create_invalid(client, as_admin, change):
    data = {"key": "APP", "title": "App", **change}
    assert client.post("/projects", json=data, headers=as_admin).status_code == 422


def test_list(client, as_admin):
    for key in ("BB", "CC", "AA"):
        client.post("/projects", json={"key": key, "title": key}, headers=as_admin)
    response = client.get("/projects", params={"limit": 2, "offset": 1})
    assert [project["key"] for project in response.json()] == ["BB", "CC"]
    assert client.get("/projects", params={"limit": 101}).status_code == 422


def test_read_missing(client):
    response = client.get("/projects/999")
    assert response.status_code == 404
    assert response.json() == {"detail": "Project not found"}


def test_update(client, as_admin, project):
    url = f"/projects/{project['id']}"
    response = client.patch(url, json={"title": "Site"}, headers=as_admin)
    assert response.json() == {**project, "title": "Site"}
    response = client.patch(url, json={"title": None}, headers=as_admin)
    assert response.status_code == 422


def test_update_to_taken_key(client, as_admin, project):
    client.post("/projects", json={"key": "APP", "title": "App"}, headers=as_admin)
    response = client.patch(
        f"/projects/{project['id']}", json={"key": "APP"}, headers=as_admin
    )
    assert response.status_code == 409


def test_delete(client, as_admin, project):
    url = f"/projects/{project['id']}"
    assert client.delete(url, headers=as_admin).status_code == 204
    assert client.delete(url, headers=as_admin).status_code == 404
