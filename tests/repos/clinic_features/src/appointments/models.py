from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Enum, ForeignKey, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from src.auth.models import User
from src.database import Entity
from src.patients.models import Patient


class AppointmentStatus(StrEnum):
    booked = "booked"
    cancelled = "cancelled"
    done = "done"


class Appointment(Entity):
    __tablename__ = "appointment"
    __table_args__ = (UniqueConstraint("practitioner_id", "starts_at"),)

    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id", ondelete="RESTRICT"), index=True)
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[AppointmentStatus] = mapped_column(
        Enum(AppointmentStatus, native_enum=False, length=20), default=AppointmentStatus.booked
    )
    reason: Mapped[str | None] = mapped_column(Text)

    patient: Mapped[Patient] = relationship(lazy="raise")
    practitioner: Mapped[User] = relationship(lazy="raise")
