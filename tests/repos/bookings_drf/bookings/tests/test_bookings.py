import pytest
from rest_framework.test import APIClient

from bookings.models import Booking
from venues.tests.factories import UserFactory, VenueFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def client(owner):
    client = APIClient()
    client.force_authenticate(owner)
    return client


def booked(user):
    return Booking.objects.create(venue=VenueFactory(), owner=user, day="2030-01-01", guests=2)


def test_who_books_owns_it(client, owner):
    answer = client.post(
        "/api/bookings/", {"venue": VenueFactory().pk, "day": "2030-01-01", "guests": 2}
    )
    assert answer.status_code == 201
    assert answer.json()["owner"] == owner.pk


def test_only_the_owner_changes_it(client):
    booking = booked(UserFactory())
    answer = client.patch(f"/api/bookings/{booking.pk}/", {"guests": 3})
    assert answer.status_code == 403


def test_nobody_books_without_signing_in():
    assert APIClient().post("/api/bookings/", {}).status_code == 401
