from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, EmailStr, Field, field_validator

from app.models.supplier import SupplierStatus
from app.schemas.base import ReadSchema, Text, reject_null
from app.schemas.category import CategoryRead


class SupplierCreate(BaseModel):
    name: Text = Field(min_length=1, max_length=100)
    email: EmailStr | None = Field(default=None, max_length=254)
    credit_limit: Decimal = Field(ge=0, max_digits=10, decimal_places=2)
    status: SupplierStatus = SupplierStatus.ACTIVE
    category_id: int = Field(ge=1, le=2**31 - 1)


class SupplierUpdate(BaseModel):
    name: Text | None = Field(default=None, min_length=1, max_length=100)
    email: EmailStr | None = Field(default=None, max_length=254)
    credit_limit: Decimal | None = Field(default=None, ge=0, max_digits=10, decimal_places=2)
    status: SupplierStatus | None = None
    category_id: int | None = Field(default=None, ge=1, le=2**31 - 1)

    _not_null = field_validator("name", "credit_limit", "status", "category_id")(reject_null)


class SupplierRead(ReadSchema):
    id: int
    name: str
    email: str | None
    credit_limit: Decimal
    status: SupplierStatus
    category_id: int
    category: CategoryRead
    created_at: datetime
    updated_at: datetime
