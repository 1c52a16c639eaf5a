from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, status

from app.api.deps import MAX_ID, PageDep, PathId, SupplierServiceDep, require_admin
from app.models import Supplier, SupplierStatus
from app.schemas.base import Page
from app.schemas.supplier import SupplierCreate, SupplierRead, SupplierUpdate

router = APIRouter(prefix="/suppliers", tags=["suppliers"])

SupplierSort = Literal[
    "name", "-name", "credit_limit", "-credit_limit", "created_at", "-created_at"
]


@router.get("", response_model=Page[SupplierRead])
async def list_suppliers(
    service: SupplierServiceDep,
    page: PageDep,
    sort: SupplierSort = "name",
    category_id: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    status: SupplierStatus | None = None,
) -> Page[SupplierRead]:
    suppliers, total = await service.list_page(
        limit=page.limit, offset=page.offset, sort=sort, category_id=category_id, status=status
    )
    return Page(
        items=[SupplierRead.model_validate(supplier) for supplier in suppliers],
        total=total,
        limit=page.limit,
        offset=page.offset,
    )


@router.get("/{supplier_id}", response_model=SupplierRead)
async def read_supplier(supplier_id: PathId, service: SupplierServiceDep) -> Supplier:
    return await service.get(supplier_id)


@router.post(
    "",
    response_model=SupplierRead,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(require_admin)],
)
async def create_supplier(data: SupplierCreate, service: SupplierServiceDep) -> Supplier:
    return await service.create(data)


@router.patch("/{supplier_id}", response_model=SupplierRead, dependencies=[Depends(require_admin)])
async def update_supplier(
    supplier_id: PathId, data: SupplierUpdate, service: SupplierServiceDep
) -> Supplier:
    return await service.update(supplier_id, data)


@router.delete(
    "/{supplier_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(require_admin)],
)
async def delete_supplier(supplier_id: PathId, service: SupplierServiceDep) -> None:
    await service.delete(supplier_id)
