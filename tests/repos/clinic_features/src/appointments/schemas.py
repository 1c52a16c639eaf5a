from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from src.appointments.models import AppointmentStatus
from src.schemas import EntityResponse, Schema, not_null


class AppointmentCreate(Schema):
    patient_id: UUID
    practitioner_id: UUID
    starts_at: AwareDatetime
    minutes: int = Field(default=20, ge=5, le=240)
    reason: str | None = Field(default=None, max_length=1000)


class AppointmentUpdate(Schema):
    practitioner_id: UUID | None = None
    starts_at: AwareDatetime | None = None
    minutes: int | None = Field(default=None, ge=5, le=240)
    status: AppointmentStatus | None = None
    reason: str | None = Field(default=None, max_length=1000)

    check_not_null = not_null("practitioner_id", "starts_at", "minutes", "status")


class Person(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str


class AppointmentResponse(EntityResponse):
    patient_id: UUID
    patient: Person
    practitioner_id: UUID
    practitioner: Person
    starts_at: datetime
    minutes: int
    status: AppointmentStatus
    reason: str | None
