from decimal import Decimal

import pytest

from app.errors import ConflictError, InvalidReferenceError, NotFoundError
from app.models import Category, Supplier
from app.schemas.supplier import SupplierCreate, SupplierUpdate
from app.services.supplier import SupplierService
from tests.services.fakes import FakeCategoryRepository, FakeSupplierRepository


@pytest.fixture
def service() -> SupplierService:
    return SupplierService(
        FakeSupplierRepository(
            Supplier(id=1, name="Spokes & Co", credit_limit=Decimal(100), category_id=1)
        ),
        FakeCategoryRepository(Category(id=1, name="Wheels")),
    )


def new_supplier(name: str = "Rims Ltd", category_id: int = 1) -> SupplierCreate:
    return SupplierCreate(name=name, credit_limit=Decimal("10.00"), category_id=category_id)


async def test_create(service: SupplierService) -> None:
    supplier = await service.create(new_supplier())

    assert supplier.id == 2
    assert supplier.credit_limit == Decimal("10.00")


async def test_create_with_taken_name(service: SupplierService) -> None:
    with pytest.raises(ConflictError):
        await service.create(new_supplier(name="Spokes & Co"))


async def test_create_with_missing_category(service: SupplierService) -> None:
    with pytest.raises(InvalidReferenceError):
        await service.create(new_supplier(category_id=9))


async def test_update_to_missing_category(service: SupplierService) -> None:
    with pytest.raises(InvalidReferenceError):
        await service.update(1, SupplierUpdate(category_id=9))


async def test_missing(service: SupplierService) -> None:
    with pytest.raises(NotFoundError):
        await service.get(9)
    with pytest.raises(NotFoundError):
        await service.delete(9)
