from collections.abc import Sequence

from app.errors import ConflictError, InvalidReferenceError, NotFoundError
from app.models import Supplier, SupplierStatus
from app.repositories.category import CategoryRepository
from app.repositories.supplier import SupplierRepository
from app.schemas.supplier import SupplierCreate, SupplierUpdate


class SupplierService:
    def __init__(self, suppliers: SupplierRepository, categories: CategoryRepository) -> None:
        self.suppliers = suppliers
        self.categories = categories

    async def list_page(
        self,
        *,
        limit: int,
        offset: int,
        sort: str = "name",
        category_id: int | None = None,
        status: SupplierStatus | None = None,
    ) -> tuple[Sequence[Supplier], int]:
        return await self.suppliers.list_page(
            limit=limit, offset=offset, sort=sort, category_id=category_id, status=status
        )

    async def get(self, supplier_id: int) -> Supplier:
        supplier = await self.suppliers.get(supplier_id)
        if supplier is None:
            raise NotFoundError("Supplier", supplier_id)
        return supplier

    async def create(self, data: SupplierCreate) -> Supplier:
        await self._ensure_name_is_free(data.name)
        await self._ensure_category_exists(data.category_id)
        return await self.suppliers.add(Supplier(**data.model_dump()))

    async def update(self, supplier_id: int, data: SupplierUpdate) -> Supplier:
        supplier = await self.get(supplier_id)
        changes = data.model_dump(exclude_unset=True)
        if "name" in changes and changes["name"] != supplier.name:
            await self._ensure_name_is_free(changes["name"])
        if "category_id" in changes:
            await self._ensure_category_exists(changes["category_id"])
        for field, value in changes.items():
            setattr(supplier, field, value)
        return await self.suppliers.save(supplier)

    async def delete(self, supplier_id: int) -> None:
        if not await self.suppliers.delete(supplier_id):
            raise NotFoundError("Supplier", supplier_id)

    async def _ensure_name_is_free(self, name: str) -> None:
        if await self.suppliers.get_by_name(name) is not None:
            raise ConflictError(f"Supplier {name!r} already exists")

    async def _ensure_category_exists(self, category_id: int) -> None:
        if await self.categories.get(category_id) is None:
            raise InvalidReferenceError("Category", category_id)
