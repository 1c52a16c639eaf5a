from collections.abc import Sequence

from app.errors import ConflictError, NotFoundError
from app.models import Category
from app.repositories.category import CategoryRepository
from app.schemas.category import CategoryCreate, CategoryUpdate


class CategoryService:
    def __init__(self, categories: CategoryRepository) -> None:
        self.categories = categories

    async def list_page(self, *, limit: int, offset: int) -> tuple[Sequence[Category], int]:
        return await self.categories.list_page(limit=limit, offset=offset)

    async def get(self, category_id: int) -> Category:
        category = await self.categories.get(category_id)
        if category is None:
            raise NotFoundError("Category", category_id)
        return category

    async def create(self, data: CategoryCreate) -> Category:
        await self._ensure_name_is_free(data.name)
        return await self.categories.add(Category(**data.model_dump()))

    async def update(self, category_id: int, data: CategoryUpdate) -> Category:
        category = await self.get(category_id)
        changes = data.model_dump(exclude_unset=True)
        if "name" in changes and changes["name"] != category.name:
            await self._ensure_name_is_free(changes["name"])
        for field, value in changes.items():
            setattr(category, field, value)
        return await self.categories.save(category)

    async def delete(self, category_id: int) -> None:
        if not await self.categories.delete(category_id):
            raise NotFoundError("Category", category_id)

    async def _ensure_name_is_free(self, name: str) -> None:
        if await self.categories.get_by_name(name) is not None:
            raise ConflictError(f"Category {name!r} already exists")
