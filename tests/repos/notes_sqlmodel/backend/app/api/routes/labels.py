import uuid
from typing import Any

from fastapi import APIRouter, Depends, HTTPException

from app import crud
from app.api.deps import (
    CurrentUser,
    Limit,
    SessionDep,
    Skip,
    get_current_active_superuser,
)
from app.models import LabelCreate, LabelPublic, LabelsPublic, LabelUpdate, Message

router = APIRouter(prefix="/labels", tags=["labels"])


@router.get("/", response_model=LabelsPublic)
def read_labels(
    session: SessionDep,
    current_user: CurrentUser,  # noqa: ARG001
    skip: Skip = 0,
    limit: Limit = 100,
) -> Any:
    """
    Retrieve labels.
    """
    labels, count = crud.get_labels(session=session, skip=skip, limit=limit)
    labels_public = [LabelPublic.model_validate(label) for label in labels]
    return LabelsPublic(data=labels_public, count=count)


@router.get("/{id}", response_model=LabelPublic)
def read_label(
    session: SessionDep,
    current_user: CurrentUser,  # noqa: ARG001
    id: uuid.UUID,
) -> Any:
    """
    Get label by ID.
    """
    label = crud.get_label(session=session, label_id=id)
    if not label:
        raise HTTPException(status_code=404, detail="Label not found")
    return label


@router.post(
    "/",
    dependencies=[Depends(get_current_active_superuser)],
    response_model=LabelPublic,
)
def create_label(*, session: SessionDep, label_in: LabelCreate) -> Any:
    """
    Create new label.
    """
    if crud.get_label_by_name(session=session, name=label_in.name):
        raise HTTPException(
            status_code=409, detail="A label with this name already exists"
        )
    return crud.create_label(session=session, label_in=label_in)


@router.patch(
    "/{id}",
    dependencies=[Depends(get_current_active_superuser)],
    response_model=LabelPublic,
)
def update_label(*, session: SessionDep, id: uuid.UUID, label_in: LabelUpdate) -> Any:
    """
    Update a label.
    """
    label = crud.get_label(session=session, label_id=id)
    if not label:
        raise HTTPException(status_code=404, detail="Label not found")
    if label_in.name:
        existing = crud.get_label_by_name(session=session, name=label_in.name)
        if existing and existing.id != id:
            raise HTTPException(
                status_code=409, detail="A label with this name already exists"
            )
    return crud.update_label(session=session, db_label=label, label_in=label_in)


@router.delete("/{id}", dependencies=[Depends(get_current_active_superuser)])
def delete_label(session: SessionDep, id: uuid.UUID) -> Message:
    """
    Delete a label.
    """
    label = crud.get_label(session=session, label_id=id)
    if not label:
        raise HTTPException(status_code=404, detail="Label not found")
    crud.delete_label(session=session, db_label=label)
    return Message(message="Label deleted successfully")
