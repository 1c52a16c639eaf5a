import pytest
from rest_framework.test import APIClient

from venues.tests.factories import CityFactory, UserFactory, VenueFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return APIClient()


@pytest.fixture
def staff():
    client = APIClient()
    client.force_authenticate(UserFactory(is_staff=True))
    return client


def test_everybody_lists_venues(client):
    VenueFactory.create_batch(3)
    answer = client.get("/api/venues/")
    assert answer.status_code == 200
    assert answer.json()["count"] == 3


def test_staff_makes_a_venue(staff):
    city = CityFactory()
    answer = staff.post("/api/venues/", {"name": "Arena", "seats": 10, "city": city.pk})
    assert answer.status_code == 201
    assert answer.json()["name"] == "Arena"


def test_seats_have_a_limit(staff):
    city = CityFactory()
    answer = staff.post("/api/venues/", {"name": "Arena", "seats": 0, "city": city.pk})
    assert answer.status_code == 400


def test_nobody_else_makes_a_venue(client):
    answer = client.post("/api/venues/", {"name": "Arena"})
    assert answer.status_code == 401


def test_venues_are_filtered_by_kind(client):
    VenueFactory(kind="club")
    VenueFactory(kind="hall")
    assert client.get("/api/venues/?kind=club").json()["count"] == 1
