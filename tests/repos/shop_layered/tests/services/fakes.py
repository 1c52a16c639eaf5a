"""Repositories that keep their rows in a dictionary."""

from collections.abc import Sequence

from app.models import Category, Supplier, SupplierStatus
from app.repositories.category import CategoryRepository
from app.repositories.supplier import SupplierRepository


class FakeCategoryRepository(CategoryRepository):
    def __init__(self, *categories: Category) -> None:
        self.rows = {category.id: category for category in categories}

    async def get(self, category_id: int) -> Category | None:
        return self.rows.get(category_id)

    async def get_by_name(self, name: str) -> Category | None:
        return next((row for row in self.rows.values() if row.name == name), None)

    async def list_page(self, *, limit: int, offset: int) -> tuple[Sequence[Category], int]:
        return list(self.rows.values())[offset : offset + limit], len(self.rows)

    async def add(self, category: Category) -> Category:
        category.id = max(self.rows, default=0) + 1
        self.rows[category.id] = category
        return category

    async def save(self, category: Category) -> Category:
        return category

    async def delete(self, category_id: int) -> bool:
        return self.rows.pop(category_id, None) is not None


class FakeSupplierRepository(SupplierRepository):
    def __init__(self, *suppliers: Supplier) -> None:
        self.rows = {supplier.id: supplier for supplier in suppliers}

    async def get(self, supplier_id: int) -> Supplier | None:
        return self.rows.get(supplier_id)

    async def get_by_name(self, name: str) -> Supplier | None:
        return next((row for row in self.rows.values() if row.name == name), None)

    async def list_page(
        self,
        *,
        limit: int,
        offset: int,
        sort: str = "name",
        category_id: int | None = None,
        status: SupplierStatus | None = None,
    ) -> tuple[Sequence[Supplier], int]:
        rows = [
            row
            for row in self.rows.values()
            if category_id in (None, row.category_id) and status in (None, row.status)
        ]
        return rows[offset : offset + limit], len(rows)

    async def add(self, supplier: Supplier) -> Supplier:
        supplier.id = max(self.rows, default=0) + 1
        self.rows[supplier.id] = supplier
        return supplier

    async def save(self, supplier: Supplier) -> Supplier:
        return supplier

    async def delete(self, supplier_id: int) -> bool:
        return self.rows.pop(supplier_id, None) is not None
