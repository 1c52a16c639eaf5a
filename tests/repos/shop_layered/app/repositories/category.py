from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Category


class CategoryRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, category_id: int) -> Category | None:
        return await self.session.get(Category, category_id)

    async def get_by_name(self, name: str) -> Category | None:
        result = await self.session.scalars(select(Category).where(Category.name == name))
        return result.one_or_none()

    async def list_page(self, *, limit: int, offset: int) -> tuple[Sequence[Category], int]:
        rows = await self.session.scalars(
            select(Category).order_by(Category.name, Category.id).limit(limit).offset(offset)
        )
        total = await self.session.scalar(select(func.count()).select_from(Category))
        return rows.all(), total or 0

    async def add(self, category: Category) -> Category:
        self.session.add(category)
        await self.session.flush()
        await self.session.refresh(category)
        return category

    async def save(self, category: Category) -> Category:
        await self.session.flush()
        await self.session.refresh(category)
        return category

    async def delete(self, category_id: int) -> bool:
        deleted = await self.session.scalar(
            delete(Category).where(Category.id == category_id).returning(Category.id)
        )
        return deleted is not None
