from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class Patch(BaseModel):
    """A change of some fields; those that need a value cannot be set to null."""

    @field_validator("key", "title", "priority", "is_open", check_fields=False)
    @classmethod
    def has_value(cls, value):
        if value is None:
            raise ValueError("must have a value")
        return value


class UserOut(Out):
    name: str
    is_admin: bool


class ProjectIn(BaseModel):
    key: str = Field(pattern=r"^[A-Z]{2,10}$")
    title: str = Field(min_length=1, max_length=100)


class ProjectPatch(Patch):
    key: str | None = Field(None, pattern=r"^[A-Z]{2,10}$")
    title: str | None = Field(None, min_length=1, max_length=100)


class ProjectOut(Out):
    key: str
    title: str


class TicketIn(BaseModel):
    title: str = Field(min_length=1, max_length=150)
    text: str | None = Field(None, max_length=10000)
    priority: int = Field(3, ge=1, le=5)
    project_id: int = Field(ge=1, le=2**31 - 1)


class TicketPatch(Patch):
    title: str | None = Field(None, min_length=1, max_length=150)
    text: str | None = Field(None, max_length=10000)
    priority: int | None = Field(None, ge=1, le=5)
    is_open: bool | None = None


class TicketOut(Out):
    title: str
    text: str | None
    priority: int
    is_open: bool
    created_at: datetime
    project_id: int
    author_id: int
