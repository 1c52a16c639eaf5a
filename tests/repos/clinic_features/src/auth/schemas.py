from pydantic import EmailStr, Field

from src.auth.models import Role
from src.schemas import EntityResponse, Schema


class Credentials(Schema):
    email: EmailStr
    password: str = Field(min_length=1, max_length=128)


class TokenResponse(Schema):
    access_token: str
    token_type: str = "bearer"


class UserCreate(Schema):
    email: EmailStr = Field(max_length=254)
    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=8, max_length=128)
    role: Role = Role.staff


class UserResponse(EntityResponse):
    email: EmailStr
    name: str
    role: Role
