from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, EmailStr, Field

from app.schemas.base import ReadSchema, Text

Password = Annotated[str, Field(min_length=8, max_length=128)]


class UserCreate(BaseModel):
    email: EmailStr = Field(max_length=254)
    password: Password
    full_name: Text | None = Field(default=None, max_length=100)


class UserRead(ReadSchema):
    id: int
    email: EmailStr
    full_name: str | None
    is_active: bool
    is_admin: bool
    created_at: datetime
