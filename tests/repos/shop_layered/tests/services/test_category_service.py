import pytest

from app.errors import ConflictError, NotFoundError
from app.models import Category
from app.schemas.category import CategoryCreate, CategoryUpdate
from app.services.category import CategoryService
from tests.services.fakes import FakeCategoryRepository


@pytest.fixture
def service() -> CategoryService:
    return CategoryService(
        FakeCategoryRepository(Category(id=1, name="Wheels"), Category(id=2, name="Locks"))
    )


async def test_create(service: CategoryService) -> None:
    category = await service.create(CategoryCreate(name="Bells"))

    assert category.id == 3
    assert await service.get(3) is category


async def test_create_with_taken_name(service: CategoryService) -> None:
    with pytest.raises(ConflictError):
        await service.create(CategoryCreate(name="Wheels"))


async def test_update_with_the_name_of_another(service: CategoryService) -> None:
    with pytest.raises(ConflictError):
        await service.update(1, CategoryUpdate(name="Locks"))


async def test_update_changes_only_what_was_sent(service: CategoryService) -> None:
    category = await service.update(1, CategoryUpdate(description="Round"))

    assert (category.name, category.description) == ("Wheels", "Round")


async def test_missing(service: CategoryService) -> None:
    with pytest.raises(NotFoundError):
        await service.get(9)
    with pytest.raises(NotFoundError):
        await service.update(9, CategoryUpdate(name="X"))
    with pytest.raises(NotFoundError):
        await service.delete(9)
