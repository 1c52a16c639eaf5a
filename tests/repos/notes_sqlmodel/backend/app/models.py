import uuid
from datetime import UTC, datetime

from pydantic import EmailStr, field_validator
from sqlalchemy import DateTime
from sqlmodel import Field, Relationship, SQLModel


def get_datetime_utc() -> datetime:
    return datetime.now(UTC)


# Shared properties
class UserBase(SQLModel):
    email: EmailStr = Field(unique=True, index=True, max_length=255)
    is_active: bool = True
    is_superuser: bool = False
    full_name: str | None = Field(default=None, max_length=255)


# Properties to receive via API on creation
class UserCreate(UserBase):
    password: str = Field(min_length=8, max_length=128)


class UserRegister(SQLModel):
    email: EmailStr = Field(max_length=255)
    password: str = Field(min_length=8, max_length=128)
    full_name: str | None = Field(default=None, max_length=255)


class UserUpdateMe(SQLModel):
    full_name: str | None = Field(default=None, max_length=255)


# Database model, database table inferred from class name
class User(UserBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    hashed_password: str
    created_at: datetime = Field(
        default_factory=get_datetime_utc,
        sa_type=DateTime(timezone=True),
    )
    notebooks: list["Notebook"] = Relationship(
        back_populates="owner", cascade_delete=True, passive_deletes=True
    )


# Properties to return via API, id is always required
class UserPublic(UserBase):
    id: uuid.UUID
    created_at: datetime


class UsersPublic(SQLModel):
    data: list[UserPublic]
    count: int


# Shared properties
class LabelBase(SQLModel):
    name: str = Field(min_length=1, max_length=40, unique=True, index=True)
    color: str | None = Field(default=None, max_length=20)


class LabelCreate(LabelBase):
    pass


class LabelUpdate(SQLModel):
    name: str | None = Field(default=None, min_length=1, max_length=40)
    color: str | None = Field(default=None, max_length=20)

    @field_validator("name")
    @classmethod
    def required_fields_not_null(cls, value: str | None) -> str:
        if value is None:
            raise ValueError("must not be null")
        return value


class Label(LabelBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    created_at: datetime = Field(
        default_factory=get_datetime_utc,
        sa_type=DateTime(timezone=True),
    )
    notes: list["Note"] = Relationship(back_populates="label", passive_deletes="all")


class LabelPublic(LabelBase):
    id: uuid.UUID
    created_at: datetime


class LabelsPublic(SQLModel):
    data: list[LabelPublic]
    count: int


# Shared properties
class NotebookBase(SQLModel):
    title: str = Field(min_length=1, max_length=120)
    description: str | None = Field(default=None, max_length=500)


class NotebookCreate(NotebookBase):
    pass


class NotebookUpdate(SQLModel):
    title: str | None = Field(default=None, min_length=1, max_length=120)
    description: str | None = Field(default=None, max_length=500)

    @field_validator("title")
    @classmethod
    def required_fields_not_null(cls, value: str | None) -> str:
        if value is None:
            raise ValueError("must not be null")
        return value


class Notebook(NotebookBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    created_at: datetime = Field(
        default_factory=get_datetime_utc,
        sa_type=DateTime(timezone=True),
    )
    owner_id: uuid.UUID = Field(
        foreign_key="user.id", nullable=False, index=True, ondelete="CASCADE"
    )
    owner: User | None = Relationship(back_populates="notebooks")
    notes: list["Note"] = Relationship(
        back_populates="notebook", cascade_delete=True, passive_deletes=True
    )


class NotebookPublic(NotebookBase):
    id: uuid.UUID
    owner_id: uuid.UUID
    created_at: datetime


class NotebooksPublic(SQLModel):
    data: list[NotebookPublic]
    count: int


# Shared properties
class NoteBase(SQLModel):
    title: str = Field(min_length=1, max_length=200)
    body: str | None = Field(default=None, max_length=20000)
    is_pinned: bool = False


class NoteCreate(NoteBase):
    notebook_id: uuid.UUID
    label_id: uuid.UUID | None = None


class NoteUpdate(SQLModel):
    title: str | None = Field(default=None, min_length=1, max_length=200)
    body: str | None = Field(default=None, max_length=20000)
    is_pinned: bool | None = None
    notebook_id: uuid.UUID | None = None
    label_id: uuid.UUID | None = None

    @field_validator("title", "is_pinned", "notebook_id")
    @classmethod
    def required_fields_not_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("must not be null")
        return value


class Note(NoteBase, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    created_at: datetime = Field(
        default_factory=get_datetime_utc,
        sa_type=DateTime(timezone=True),
    )
    notebook_id: uuid.UUID = Field(
        foreign_key="notebook.id", nullable=False, index=True, ondelete="CASCADE"
    )
    label_id: uuid.UUID | None = Field(
        default=None,
        foreign_key="label.id",
        nullable=True,
        index=True,
        ondelete="SET NULL",
    )
    notebook: Notebook | None = Relationship(back_populates="notes")
    label: Label | None = Relationship(back_populates="notes")


class NotePublic(NoteBase):
    id: uuid.UUID
    notebook_id: uuid.UUID
    label_id: uuid.UUID | None
    created_at: datetime


class NotesPublic(SQLModel):
    data: list[NotePublic]
    count: int


# Generic message
class Message(SQLModel):
    message: str


# JSON payload containing access token
class Token(SQLModel):
    access_token: str
    token_type: str = "bearer"


# Contents of JWT token
class TokenPayload(SQLModel):
    sub: uuid.UUID
