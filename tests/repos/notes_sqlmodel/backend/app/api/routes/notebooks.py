import uuid
from typing import Any

from fastapi import APIRouter, HTTPException

from app import crud
from app.api.deps import CurrentUser, Limit, SessionDep, Skip
from app.models import (
    Message,
    NotebookCreate,
    NotebookPublic,
    NotebooksPublic,
    NotebookUpdate,
)

router = APIRouter(prefix="/notebooks", tags=["notebooks"])


@router.get("/", response_model=NotebooksPublic)
def read_notebooks(
    session: SessionDep, current_user: CurrentUser, skip: Skip = 0, limit: Limit = 100
) -> Any:
    """
    Retrieve notebooks.
    """
    owner_id = None if current_user.is_superuser else current_user.id
    notebooks, count = crud.get_notebooks(
        session=session, skip=skip, limit=limit, owner_id=owner_id
    )
    notebooks_public = [NotebookPublic.model_validate(row) for row in notebooks]
    return NotebooksPublic(data=notebooks_public, count=count)


@router.get("/{id}", response_model=NotebookPublic)
def read_notebook(session: SessionDep, current_user: CurrentUser, id: uuid.UUID) -> Any:
    """
    Get notebook by ID.
    """
    notebook = crud.get_notebook(session=session, notebook_id=id)
    if not notebook:
        raise HTTPException(status_code=404, detail="Notebook not found")
    if not current_user.is_superuser and notebook.owner_id != current_user.id:
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return notebook


@router.post("/", response_model=NotebookPublic)
def create_notebook(
    *, session: SessionDep, current_user: CurrentUser, notebook_in: NotebookCreate
) -> Any:
    """
    Create new notebook.
    """
    return crud.create_notebook(
        session=session, notebook_in=notebook_in, owner_id=current_user.id
    )


@router.patch("/{id}", response_model=NotebookPublic)
def update_notebook(
    *,
    session: SessionDep,
    current_user: CurrentUser,
    id: uuid.UUID,
    notebook_in: NotebookUpdate,
) -> Any:
    """
    Update a notebook.
    """
    notebook = crud.get_notebook(session=session, notebook_id=id)
    if not notebook:
        raise HTTPException(status_code=404, detail="Notebook not found")
    if not current_user.is_superuser and notebook.owner_id != current_user.id:
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return crud.update_notebook(
        session=session, db_notebook=notebook, notebook_in=notebook_in
    )


@router.delete("/{id}")
def delete_notebook(
    session: SessionDep, current_user: CurrentUser, id: uuid.UUID
) -> Message:
    """
    Delete a notebook and its notes.
    """
    notebook = crud.get_notebook(session=session, notebook_id=id)
    if not notebook:
        raise HTTPException(status_code=404, detail="Notebook not found")
    if not current_user.is_superuser and notebook.owner_id != current_user.id:
        raise HTTPException(status_code=403, detail="Not enough permissions")
    crud.delete_notebook(session=session, db_notebook=notebook)
    return Message(message="Notebook deleted successfully")
