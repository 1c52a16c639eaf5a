from datetime import date, datetime
from typing import Optional
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class LoanCreate(BaseModel):
    book_id: UUID


class Loan(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    book_id: UUID
    user_id: UUID
    due_on: date
    returned_on: Optional[date]
    created_at: datetime
