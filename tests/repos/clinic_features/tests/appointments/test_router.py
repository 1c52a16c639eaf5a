from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from src.appointments.models import Appointment
from src.auth.models import User
from src.patients.models import Patient

pytestmark = pytest.mark.anyio

NINE = datetime(2030, 5, 2, 9, tzinfo=UTC)


@pytest.fixture
async def appointment(session: AsyncSession, patient: Patient, staff: User) -> Appointment:
    appointment = Appointment(patient_id=patient.id, practitioner_id=staff.id, starts_at=NINE, minutes=20)
    session.add(appointment)
    await session.commit()
    return appointment


def booking(patient: Patient, practitioner: User, **changes: Any) -> dict[str, Any]:
    data = {
        "patient_id": str(patient.id),
        "practitioner_id": str(practitioner.id),
        "starts_at": "2030-05-02T11:30:00+02:00",
    }
    return data | changes


async def test_book(staff_client: AsyncClient, patient: Patient, staff: User) -> None:
    response = await staff_client.post("/appointments", json=booking(patient, staff))

    assert response.status_code == 201
    body = response.json()
    assert body["starts_at"] == "2030-05-02T09:30:00Z"
    assert body["minutes"] == 20
    assert body["status"] == "booked"
    assert body["patient"] == {"id": str(patient.id), "name": patient.name}
    assert (await staff_client.get(f"/appointments/{body['id']}")).json() == body


async def test_slot_is_taken(
    staff_client: AsyncClient, patient: Patient, staff: User, appointment: Appointment
) -> None:
    response = await staff_client.post("/appointments", json=booking(patient, staff, starts_at=NINE.isoformat()))

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "slot_taken"


@pytest.mark.parametrize(
    ("field", "code"), [("patient_id", "patient_not_found"), ("practitioner_id", "practitioner_not_found")]
)
async def test_book_for_nobody(staff_client: AsyncClient, patient: Patient, staff: User, field: str, code: str) -> None:
    response = await staff_client.post("/appointments", json=booking(patient, staff, **{field: str(uuid4())}))

    assert response.status_code == 404
    assert response.json()["error"]["code"] == code


@pytest.mark.parametrize("changes", [{"starts_at": "2030-05-02T09:30:00"}, {"minutes": 4}, {"patient_id": "x"}])
async def test_invalid_booking(
    staff_client: AsyncClient, patient: Patient, staff: User, changes: dict[str, Any]
) -> None:
    response = await staff_client.post("/appointments", json=booking(patient, staff, **changes))

    assert response.status_code == 422


async def test_book_without_login(client: AsyncClient, patient: Patient, staff: User) -> None:
    assert (await client.post("/appointments", json=booking(patient, staff))).status_code == 401


async def test_list_filters_and_orders(
    staff_client: AsyncClient, session: AsyncSession, patient: Patient, admin: User, staff: User
) -> None:
    for hours, practitioner in ((2, staff), (1, staff), (0, admin)):
        session.add(
            Appointment(
                patient_id=patient.id,
                practitioner_id=practitioner.id,
                starts_at=NINE + timedelta(hours=hours),
                minutes=20,
            )
        )
    await session.commit()

    response = await staff_client.get(
        "/appointments", params={"practitioner_id": str(staff.id), "ordering": "-starts_at"}
    )

    assert [item["starts_at"] for item in response.json()["results"]] == [
        "2030-05-02T11:00:00Z",
        "2030-05-02T10:00:00Z",
    ]
    assert response.json()["total"] == 2
    assert (await staff_client.get("/appointments", params={"status": "done"})).json()["total"] == 0
    assert (await staff_client.get("/appointments", params={"ordering": "password_hash"})).status_code == 422


async def test_list_loads_people_in_one_statement(
    staff_client: AsyncClient, session: AsyncSession, patient: Patient, staff: User
) -> None:
    statements: list[str] = []
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for n in range(3):
        session.add(
            Appointment(patient_id=patient.id, practitioner_id=staff.id, starts_at=NINE + timedelta(days=n), minutes=20)
        )
        await session.commit()
        statements.clear()
        response = await staff_client.get("/appointments")
        assert len(response.json()["results"]) == n + 1
        counts.append(len(statements))

    assert len(set(counts)) == 1


async def test_cancel(staff_client: AsyncClient, appointment: Appointment) -> None:
    response = await staff_client.patch(f"/appointments/{appointment.id}", json={"status": "cancelled"})

    assert response.status_code == 200
    assert response.json()["status"] == "cancelled"
    assert response.json()["starts_at"] == "2030-05-02T09:00:00Z"


async def test_delete(staff_client: AsyncClient, appointment: Appointment) -> None:
    path = f"/appointments/{appointment.id}"

    assert (await staff_client.delete(path)).status_code == 204
    response = await staff_client.get(path)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "appointment_not_found"


async def test_patients_with_appointments_stay(
    admin_client: AsyncClient, patient: Patient, appointment: Appointment
) -> None:
    response = await admin_client.delete(f"/patients/{patient.id}")

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "patient_in_use"
