from typing import Annotated
from uuid import UUID

from fastapi import Depends

from src.appointments import service
from src.appointments.exceptions import AppointmentNotFound
from src.appointments.models import Appointment
from src.database import DBSession


async def valid_appointment_id(appointment_id: UUID, session: DBSession) -> Appointment:
    appointment = await service.get_by_id(session, appointment_id)
    if appointment is None:
        raise AppointmentNotFound
    return appointment


ValidAppointment = Annotated[Appointment, Depends(valid_appointment_id)]
