from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from src.pagination import PageParams, paginate
from src.patients.exceptions import PatientInUse, RecordNumberTaken
from src.patients.models import Patient
from src.patients.schemas import PatientCreate, PatientUpdate


async def get_by_id(session: AsyncSession, patient_id: UUID) -> Patient | None:
    return await session.get(Patient, patient_id)


async def get_page(
    session: AsyncSession, params: PageParams, *, search: str | None = None
) -> tuple[list[Patient], int]:
    query = select(Patient).order_by(Patient.name, Patient.id)
    if search:
        query = query.where(Patient.name.icontains(search, autoescape=True))
    patients, total = await paginate(session, query, params)
    return list(patients), total


async def create(session: AsyncSession, data: PatientCreate) -> Patient:
    patient = Patient(**data.model_dump())
    session.add(patient)
    await _commit(session)
    return patient


async def update(session: AsyncSession, patient: Patient, data: PatientUpdate) -> Patient:
    for field, value in data.model_dump(exclude_unset=True).items():
        setattr(patient, field, value)
    await _commit(session)
    return patient


async def delete(session: AsyncSession, patient: Patient) -> None:
    await session.delete(patient)
    try:
        await session.commit()
    except IntegrityError as exc:
        await session.rollback()
        raise PatientInUse from exc


async def _commit(session: AsyncSession) -> None:
    try:
        await session.commit()
    except IntegrityError as exc:
        await session.rollback()
        raise RecordNumberTaken from exc
