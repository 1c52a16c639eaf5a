from typing import Annotated
from uuid import UUID

from fastapi import Depends

from src.database import DBSession
from src.patients import service
from src.patients.exceptions import PatientNotFound
from src.patients.models import Patient


async def valid_patient_id(patient_id: UUID, session: DBSession) -> Patient:
    patient = await service.get_by_id(session, patient_id)
    if patient is None:
        raise PatientNotFound
    return patient


ValidPatient = Annotated[Patient, Depends(valid_patient_id)]
