from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Depends, status

from src.appointments import service
from src.appointments.dependencies import ValidAppointment
from src.appointments.models import Appointment, AppointmentStatus
from src.appointments.schemas import AppointmentCreate, AppointmentResponse, AppointmentUpdate
from src.auth.dependencies import get_current_user
from src.database import DBSession
from src.pagination import Page, Pagination

router = APIRouter(prefix="/appointments", tags=["Appointments"], dependencies=[Depends(get_current_user)])


@router.get("", response_model=Page[AppointmentResponse])
async def list_appointments(
    session: DBSession,
    pagination: Pagination,
    ordering: Literal["starts_at", "-starts_at", "minutes", "-minutes"] = "starts_at",
    patient_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    status: AppointmentStatus | None = None,
) -> dict[str, object]:
    appointments, total = await service.get_page(
        session, pagination, ordering=ordering, patient_id=patient_id, practitioner_id=practitioner_id, status=status
    )
    return {"results": appointments, "total": total, "page": pagination.page, "size": pagination.size}


@router.post("", response_model=AppointmentResponse, status_code=status.HTTP_201_CREATED)
async def create_appointment(data: AppointmentCreate, session: DBSession) -> Appointment:
    return await service.create(session, data)


@router.get("/{appointment_id}", response_model=AppointmentResponse)
async def get_appointment(appointment: ValidAppointment) -> Appointment:
    return appointment


@router.patch("/{appointment_id}", response_model=AppointmentResponse)
async def update_appointment(appointment: ValidAppointment, data: AppointmentUpdate, session: DBSession) -> Appointment:
    return await service.update(session, appointment, data)


@router.delete("/{appointment_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_appointment(appointment: ValidAppointment, session: DBSession) -> None:
    await service.delete(session, appointment)
