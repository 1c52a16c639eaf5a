from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from src.patients.models import Patient

pytestmark = pytest.mark.anyio


async def test_create_patient(staff_client: AsyncClient) -> None:
    response = await staff_client.post(
        "/patients", json={"record_number": "P-002", "name": "Ada Lovelace", "born_on": "1815-12-10"}
    )

    assert response.status_code == 201
    body = response.json()
    assert body["born_on"] == "1815-12-10"
    assert body["phone"] is None
    assert (await staff_client.get(f"/patients/{body['id']}")).json() == body


async def test_record_number_is_unique(staff_client: AsyncClient, patient: Patient) -> None:
    response = await staff_client.post(
        "/patients", json={"record_number": patient.record_number, "name": "Someone else"}
    )

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "record_number_taken"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"record_number": "", "name": "Ada"},
        {"record_number": "P-002", "name": "x" * 101},
        {"record_number": "P-002", "name": "Ada", "born_on": "yesterday"},
        {"record_number": "P-002", "name": "Ada", "unknown": 1},
    ],
)
async def test_invalid_patient(staff_client: AsyncClient, data: dict[str, Any]) -> None:
    response = await staff_client.post("/patients", json=data)

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "validation_error"
    assert response.json()["error"]["fields"]


async def test_patients_need_login(client: AsyncClient, patient: Patient) -> None:
    for method, path in [
        ("GET", "/patients"),
        ("POST", "/patients"),
        ("GET", f"/patients/{patient.id}"),
        ("PATCH", f"/patients/{patient.id}"),
        ("DELETE", f"/patients/{patient.id}"),
    ]:
        assert (await client.request(method, path)).status_code == 401


async def test_list_patients(staff_client: AsyncClient, session: AsyncSession) -> None:
    session.add_all(Patient(record_number=f"P-{n}", name=f"Patient {n}") for n in range(5))
    await session.commit()

    response = await staff_client.get("/patients", params={"page": 2, "size": 2})

    assert response.status_code == 200
    body = response.json()
    assert [patient["name"] for patient in body["results"]] == ["Patient 2", "Patient 3"]
    assert (body["total"], body["page"], body["size"]) == (5, 2, 2)


async def test_search_takes_percent_signs_literally(staff_client: AsyncClient, session: AsyncSession) -> None:
    session.add_all([Patient(record_number="1", name="100% Ada"), Patient(record_number="2", name="Adam")])
    await session.commit()

    names = [
        [
            patient["name"]
            for patient in (await staff_client.get("/patients", params={"search": text})).json()["results"]
        ]
        for text in ("ada", "0%", "%d")
    ]

    assert names == [["100% Ada", "Adam"], ["100% Ada"], []]


@pytest.mark.parametrize("params", [{"size": 0}, {"size": 101}, {"page": 0}, {"page": 10**9}])
async def test_page_is_bounded(staff_client: AsyncClient, params: dict[str, int]) -> None:
    assert (await staff_client.get("/patients", params=params)).status_code == 422


async def test_patient_not_found(staff_client: AsyncClient) -> None:
    response = await staff_client.get(f"/patients/{uuid4()}")

    assert response.status_code == 404
    assert response.json() == {"error": {"code": "patient_not_found", "message": "There is no such patient"}}


async def test_update_patient(staff_client: AsyncClient, patient: Patient) -> None:
    response = await staff_client.patch(f"/patients/{patient.id}", json={"phone": "555 0100"})

    assert response.status_code == 200
    assert response.json()["phone"] == "555 0100"
    assert response.json()["name"] == patient.name
    assert response.json()["updated_at"] > response.json()["created_at"]


async def test_update_patient_to_null_name(staff_client: AsyncClient, patient: Patient) -> None:
    assert (await staff_client.patch(f"/patients/{patient.id}", json={"name": None})).status_code == 422


async def test_delete_patient(admin_client: AsyncClient, patient: Patient) -> None:
    assert (await admin_client.delete(f"/patients/{patient.id}")).status_code == 204
    assert (await admin_client.delete(f"/patients/{patient.id}")).status_code == 404


async def test_staff_cannot_delete_patients(staff_client: AsyncClient, patient: Patient) -> None:
    response = await staff_client.delete(f"/patients/{patient.id}")

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "permission_denied"
