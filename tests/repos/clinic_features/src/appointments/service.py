from typing import Any
from uuid import UUID

from sqlalchemy import UnaryExpression, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from src.appointments.exceptions import PractitionerNotFound, SlotTaken
from src.appointments.models import Appointment, AppointmentStatus
from src.appointments.schemas import AppointmentCreate, AppointmentUpdate
from src.auth import service as auth_service
from src.pagination import PageParams, paginate
from src.patients import service as patients_service
from src.patients.exceptions import PatientNotFound

WITH_PEOPLE = (joinedload(Appointment.patient), joinedload(Appointment.practitioner))

ORDERINGS: dict[str, UnaryExpression[Any]] = {
    "starts_at": Appointment.starts_at.asc(),
    "-starts_at": Appointment.starts_at.desc(),
    "minutes": Appointment.minutes.asc(),
    "-minutes": Appointment.minutes.desc(),
}


async def get_by_id(session: AsyncSession, appointment_id: UUID) -> Appointment | None:
    return await session.get(Appointment, appointment_id, options=WITH_PEOPLE)


async def get_page(
    session: AsyncSession,
    params: PageParams,
    *,
    ordering: str = "starts_at",
    patient_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    status: AppointmentStatus | None = None,
) -> tuple[list[Appointment], int]:
    query = select(Appointment).options(*WITH_PEOPLE).order_by(ORDERINGS[ordering], Appointment.id)
    if patient_id:
        query = query.where(Appointment.patient_id == patient_id)
    if practitioner_id:
        query = query.where(Appointment.practitioner_id == practitioner_id)
    if status:
        query = query.where(Appointment.status == status)
    appointments, total = await paginate(session, query, params)
    return list(appointments), total


async def create(session: AsyncSession, data: AppointmentCreate) -> Appointment:
    if await patients_service.get_by_id(session, data.patient_id) is None:
        raise PatientNotFound
    await _ensure_practitioner(session, data.practitioner_id)
    appointment = Appointment(**data.model_dump())
    session.add(appointment)
    return await _save(session, appointment)


async def update(session: AsyncSession, appointment: Appointment, data: AppointmentUpdate) -> Appointment:
    if data.practitioner_id:
        await _ensure_practitioner(session, data.practitioner_id)
    for field, value in data.model_dump(exclude_unset=True).items():
        setattr(appointment, field, value)
    return await _save(session, appointment)


async def delete(session: AsyncSession, appointment: Appointment) -> None:
    await session.delete(appointment)
    await session.commit()


async def _ensure_practitioner(session: AsyncSession, practitioner_id: UUID) -> None:
    if await auth_service.get_user(session, practitioner_id) is None:
        raise PractitionerNotFound


async def _save(session: AsyncSession, appointment: Appointment) -> Appointment:
    try:
        await session.commit()
    except IntegrityError as exc:
        await session.rollback()
        raise SlotTaken from exc
    await session.refresh(appointment)
    await session.refresh(appointment, ["patient", "practitioner"])
    return appointment
