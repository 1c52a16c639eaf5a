from datetime import datetime

from pydantic import BaseModel, Field, field_validator

from app.schemas.base import ReadSchema, Text, reject_null


class CategoryCreate(BaseModel):
    name: Text = Field(min_length=1, max_length=50)
    description: Text | None = Field(default=None, max_length=2000)


class CategoryUpdate(BaseModel):
    name: Text | None = Field(default=None, min_length=1, max_length=50)
    description: Text | None = Field(default=None, max_length=2000)

    _not_null = field_validator("name")(reject_null)


class CategoryRead(ReadSchema):
    id: int
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime
