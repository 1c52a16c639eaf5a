from typing import Annotated

from fastapi import APIRouter, Depends, Query, status

from src.auth.dependencies import get_current_user, require_role
from src.auth.models import Role
from src.database import DBSession
from src.pagination import Page, Pagination
from src.patients import service
from src.patients.dependencies import ValidPatient
from src.patients.models import Patient
from src.patients.schemas import PatientCreate, PatientResponse, PatientUpdate

router = APIRouter(prefix="/patients", tags=["Patients"], dependencies=[Depends(get_current_user)])


@router.get("", response_model=Page[PatientResponse])
async def list_patients(
    session: DBSession, pagination: Pagination, search: Annotated[str | None, Query(max_length=100)] = None
) -> dict[str, object]:
    patients, total = await service.get_page(session, pagination, search=search)
    return {"results": patients, "total": total, "page": pagination.page, "size": pagination.size}


@router.post("", response_model=PatientResponse, status_code=status.HTTP_201_CREATED)
async def create_patient(data: PatientCreate, session: DBSession) -> Patient:
    return await service.create(session, data)


@router.get("/{patient_id}", response_model=PatientResponse)
async def get_patient(patient: ValidPatient) -> Patient:
    return patient


@router.patch("/{patient_id}", response_model=PatientResponse)
async def update_patient(patient: ValidPatient, data: PatientUpdate, session: DBSession) -> Patient:
    return await service.update(session, patient, data)


@router.delete(
    "/{patient_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[Depends(require_role(Role.admin))]
)
async def delete_patient(patient: ValidPatient, session: DBSession) -> None:
    await service.delete(session, patient)
