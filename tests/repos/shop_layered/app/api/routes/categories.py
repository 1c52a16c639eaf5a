from fastapi import APIRouter, Depends, status

from app.api.deps import CategoryServiceDep, PageDep, PathId, require_admin
from app.models import Category
from app.schemas.base import Page
from app.schemas.category import CategoryCreate, CategoryRead, CategoryUpdate

router = APIRouter(prefix="/categories", tags=["categories"])


@router.get("", response_model=Page[CategoryRead])
async def list_categories(service: CategoryServiceDep, page: PageDep) -> Page[CategoryRead]:
    categories, total = await service.list_page(limit=page.limit, offset=page.offset)
    return Page(
        items=[CategoryRead.model_validate(category) for category in categories],
        total=total,
        limit=page.limit,
        offset=page.offset,
    )


@router.get("/{category_id}", response_model=CategoryRead)
async def read_category(category_id: PathId, service: CategoryServiceDep) -> Category:
    return await service.get(category_id)


@router.post(
    "",
    response_model=CategoryRead,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(require_admin)],
)
async def create_category(data: CategoryCreate, service: CategoryServiceDep) -> Category:
    return await service.create(data)


@router.patch("/{category_id}", response_model=CategoryRead, dependencies=[Depends(require_admin)])
async def update_category(
    category_id: PathId, data: CategoryUpdate, service: CategoryServiceDep
) -> Category:
    return await service.update(category_id, data)


@router.delete(
    "/{category_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(require_admin)],
)
async def delete_category(category_id: PathId, service: CategoryServiceDep) -> None:
    await service.delete(category_id)
