from decimal import Decimal
from typing import Any, Optional

from pydantic import BaseModel, ConfigDict, Field, field_validator


# Shared properties
class AccountBase(BaseModel):
    name: Optional[str] = Field(default=None, min_length=1, max_length=80)
    iban: Optional[str] = Field(default=None, pattern=r"^[A-Z]{2}[0-9A-Z]{13,32}$")
    currency: Optional[str] = Field(default=None, pattern=r"^[A-Z]{3}$")

    @field_validator("name", "iban", "currency")
    @classmethod
    def not_none(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("may not be null")
        return value


# Properties to receive on account creation
class AccountCreate(AccountBase):
    name: str = Field(min_length=1, max_length=80)
    iban: str = Field(pattern=r"^[A-Z]{2}[0-9A-Z]{13,32}$")
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")


# Properties to receive on account update
class AccountUpdate(AccountBase):
    pass


# Properties shared by models stored in DB
class AccountInDBBase(AccountBase):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    iban: str
    currency: str
    owner_id: int


# Properties to return to client
class Account(AccountInDBBase):
    pass


class AccountBalance(BaseModel):
    account_id: int
    balance: Decimal
    currency: str
