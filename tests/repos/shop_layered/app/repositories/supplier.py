from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.models import Supplier, SupplierStatus

SORT_COLUMNS = {
    "name": Supplier.name,
    "credit_limit": Supplier.credit_limit,
    "created_at": Supplier.created_at,
}


class SupplierRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, supplier_id: int) -> Supplier | None:
        result = await self.session.scalars(
            select(Supplier)
            .options(joinedload(Supplier.category))
            .where(Supplier.id == supplier_id)
        )
        return result.one_or_none()

    async def get_by_name(self, name: str) -> Supplier | None:
        result = await self.session.scalars(select(Supplier).where(Supplier.name == name))
        return result.one_or_none()

    async def list_page(
        self,
        *,
        limit: int,
        offset: int,
        sort: str = "name",
        category_id: int | None = None,
        status: SupplierStatus | None = None,
    ) -> tuple[Sequence[Supplier], int]:
        conditions = []
        if category_id is not None:
            conditions.append(Supplier.category_id == category_id)
        if status is not None:
            conditions.append(Supplier.status == status)
        column = SORT_COLUMNS[sort.removeprefix("-")]
        rows = await self.session.scalars(
            select(Supplier)
            .options(joinedload(Supplier.category))
            .where(*conditions)
            .order_by(column.desc() if sort.startswith("-") else column.asc(), Supplier.id)
            .limit(limit)
            .offset(offset)
        )
        total = await self.session.scalar(
            select(func.count()).select_from(Supplier).where(*conditions)
        )
        return rows.all(), total or 0

    async def add(self, supplier: Supplier) -> Supplier:
        self.session.add(supplier)
        return await self.save(supplier)

    async def save(self, supplier: Supplier) -> Supplier:
        await self.session.flush()
        await self.session.refresh(supplier)
        await self.session.refresh(supplier, ["category"])
        return supplier

    async def delete(self, supplier_id: int) -> bool:
        deleted = await self.session.scalar(
            delete(Supplier).where(Supplier.id == supplier_id).returning(Supplier.id)
        )
        return deleted is not None
