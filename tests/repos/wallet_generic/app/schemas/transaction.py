from datetime import date
from decimal import Decimal
from typing import Any, Optional

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.models.transaction import TransactionKind

MAX_ID = 2**31 - 1


# Shared properties
class TransactionBase(BaseModel):
    kind: Optional[TransactionKind] = None
    amount: Optional[Decimal] = Field(
        default=None, gt=0, max_digits=12, decimal_places=2
    )
    booked_on: Optional[date] = None
    note: Optional[str] = Field(default=None, max_length=200)

    @field_validator("kind", "amount", "booked_on")
    @classmethod
    def not_none(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("may not be null")
        return value


# Properties to receive on transaction creation
class TransactionCreate(TransactionBase):
    kind: TransactionKind
    amount: Decimal = Field(gt=0, max_digits=12, decimal_places=2)
    booked_on: date
    account_id: int = Field(ge=1, le=MAX_ID)


# Properties to receive on transaction update
class TransactionUpdate(TransactionBase):
    pass


# Properties to return to client
class Transaction(TransactionBase):
    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: TransactionKind
    amount: Decimal
    booked_on: date
    account_id: int
