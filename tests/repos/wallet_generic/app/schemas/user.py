from typing import Annotated, Optional

from pydantic import BaseModel, ConfigDict, EmailStr, Field, field_validator

# bcrypt reads no more than 72 bytes
Password = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[\x20-\x7e]+$")]


# Shared properties
class UserBase(BaseModel):
    email: Optional[EmailStr] = Field(default=None, max_length=254)
    is_active: Optional[bool] = True
    is_superuser: bool = False
    full_name: Optional[str] = Field(default=None, max_length=100)


# Properties to receive via API on registration
class UserRegister(BaseModel):
    email: EmailStr = Field(max_length=254)
    password: Password
    full_name: Optional[str] = Field(default=None, max_length=100)


# Properties to receive via API on creation
class UserCreate(UserBase):
    email: EmailStr = Field(max_length=254)
    password: Password


# Properties to receive via API on update
class UserUpdate(BaseModel):
    full_name: Optional[str] = Field(default=None, max_length=100)
    password: Optional[Password] = None

    @field_validator("password")
    @classmethod
    def not_none(cls, value: Optional[str]) -> Optional[str]:
        if value is None:
            raise ValueError("may not be null")
        return value


# Additional properties to return via API
class User(UserBase):
    model_config = ConfigDict(from_attributes=True)

    id: int
