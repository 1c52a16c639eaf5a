from datetime import date

from pydantic import Field

from src.schemas import EntityResponse, Schema, not_null


class PatientCreate(Schema):
    record_number: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    born_on: date | None = None
    phone: str | None = Field(default=None, max_length=30)
    notes: str | None = Field(default=None, max_length=5000)


class PatientUpdate(Schema):
    record_number: str | None = Field(default=None, min_length=1, max_length=20)
    name: str | None = Field(default=None, min_length=1, max_length=100)
    born_on: date | None = None
    phone: str | None = Field(default=None, max_length=30)
    notes: str | None = Field(default=None, max_length=5000)

    check_not_null = not_null("record_number", "name")


class PatientResponse(EntityResponse):
    record_number: str
    name: str
    born_on: date | None
    phone: str | None
    notes: str | None
