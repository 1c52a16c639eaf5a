from datetime import datetime
from typing import Optional
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.author import Author


class BookBase(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    isbn: str = Field(min_length=10, max_length=13)
    published_year: Optional[int] = Field(default=None, ge=1000, le=2100)
    copies: int = Field(default=1, ge=0, le=10000)
    author_id: UUID


class BookCreate(BookBase):
    pass


class BookUpdate(BookBase):
    pass


class Book(BookBase):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: datetime


class BookWithAuthor(Book):
    author: Author
