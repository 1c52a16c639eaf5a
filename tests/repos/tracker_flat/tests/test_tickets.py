import pytest


@pytest.fixture
def ticket(client, as_user, project):
    data = {"title": "Broken link", "project_id": project["id"]}
    response = client.post("/tickets", json=data, headers=as_user())
    assert response.status_code == 201
    return response.json()


def test_create(client, ticket):
    assert ticket["title"] == "Broken link"
    assert ticket["priority"] == 3
    assert ticket["is_open"] is True
    assert client.get(f"/tickets/{ticket['id']}").json()["text"] is None


def test_create_needs_login(client, project):
    data = {"title": "Broken link", "project_id": project["id"]}
    assert client.post("/tickets", json=data).status_code == 401


def test_create_for_missing_project(client, as_user):
    data = {"title": "Broken link", "project_id": 999}
    response = client.post("/tickets", json=data, headers=as_user())
    assert response.status_code == 400
    assert response.json() == {"detail": "No such project"}


@pytest.mark.parametrize(
    "change", [{"title": ""}, {"priority": 6}, {"project_id": 2**40}]
)
def test_create_invalid(client, as_user, project, change):
    data = {"title": "Broken link", "project_id": project["id"], **change}
    assert client.post("/tickets", json=data, headers=as_user()).status_code == 422


def test_list(client, as_user, project):
    for title, priority in (("B", 2), ("C", 5), ("A", 1)):
        data = {"title": title, "priority": priority, "project_id": project["id"]}
        client.post("/tickets", json=data, headers=as_user())

    def titles(**params):
        return [row["title"] for row in client.get("/tickets", params=params).json()]

    assert titles() == ["A", "B", "C"]
    assert titles(limit=1, offset=1) == ["B"]
    assert titles(project_id=project["id"] + 1) == []
    assert titles(is_open=False) == []


def test_close(client, as_user, ticket):
    url = f"/tickets/{ticket['id']}"
    response = client.patch(url, json={"is_open": False}, headers=as_user())
    assert response.status_code == 200
    assert response.json() == {**ticket, "is_open": False}


def test_only_author_and_admin_may_change(client, as_user, as_admin, ticket):
    url = f"/tickets/{ticket['id']}"
    other = as_user("other")
    assert client.patch(url, json={"title": "X"}, headers=other).status_code == 403
    assert client.delete(url, headers=other).status_code == 403
    assert client.patch(url, json={"title": "X"}, headers=as_admin).status_code == 200
    assert client.delete(url, headers=as_admin).status_code == 204
    assert client.get(url).status_code == 404


def test_project_with_tickets_stays(client, as_admin, ticket):
    url = f"/projects/{ticket['project_id']}"
    assert client.delete(url, headers=as_admin).status_code == 409
    assert client.get(url).status_code == 200
