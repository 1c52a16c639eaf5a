import uuid
from typing import Any

from fastapi import APIRouter, HTTPException
from sqlmodel import Session

from app import crud
from app.api.deps import CurrentUser, Limit, SessionDep, Skip
from app.models import (
    Message,
    Note,
    NoteCreate,
    NotePublic,
    NotesPublic,
    NoteUpdate,
    User,
)

router = APIRouter(prefix="/notes", tags=["notes"])


def check_notebook(session: Session, user: User, notebook_id: uuid.UUID) -> None:
    notebook = crud.get_notebook(session=session, notebook_id=notebook_id)
    if not notebook:
        raise HTTPException(status_code=404, detail="Notebook not found")
    if not user.is_superuser and notebook.owner_id != user.id:
        raise HTTPException(status_code=403, detail="Not enough permissions")


def check_label(session: Session, label_id: uuid.UUID) -> None:
    if not crud.get_label(session=session, label_id=label_id):
        raise HTTPException(status_code=404, detail="Label not found")


def get_own_note(session: Session, user: User, note_id: uuid.UUID) -> Note:
    note = crud.get_note(session=session, note_id=note_id)
    if not note:
        raise HTTPException(status_code=404, detail="Note not found")
    check_notebook(session, user, note.notebook_id)
    return note


@router.get("/", response_model=NotesPublic)
def read_notes(
    session: SessionDep,
    current_user: CurrentUser,
    skip: Skip = 0,
    limit: Limit = 100,
    notebook_id: uuid.UUID | None = None,
    label_id: uuid.UUID | None = None,
) -> Any:
    """
    Retrieve notes, pinned ones first.
    """
    owner_id = None if current_user.is_superuser else current_user.id
    notes, count = crud.get_notes(
        session=session,
        skip=skip,
        limit=limit,
        owner_id=owner_id,
        notebook_id=notebook_id,
        label_id=label_id,
    )
    notes_public = [NotePublic.model_validate(note) for note in notes]
    return NotesPublic(data=notes_public, count=count)


@router.get("/{id}", response_model=NotePublic)
def read_note(session: SessionDep, current_user: CurrentUser, id: uuid.UUID) -> Any:
    """
    Get note by ID.
    """
    return get_own_note(session, current_user, id)


@router.post("/", response_model=NotePublic)
def create_note(
    *, session: SessionDep, current_user: CurrentUser, note_in: NoteCreate
) -> Any:
    """
    Create new note.
    """
    check_notebook(session, current_user, note_in.notebook_id)
    if note_in.label_id is not None:
        check_label(session, note_in.label_id)
    return crud.create_note(session=session, note_in=note_in)


@router.patch("/{id}", response_model=NotePublic)
def update_note(
    *,
    session: SessionDep,
    current_user: CurrentUser,
    id: uuid.UUID,
    note_in: NoteUpdate,
) -> Any:
    """
    Update a note.
    """
    note = get_own_note(session, current_user, id)
    if note_in.notebook_id is not None:
        check_notebook(session, current_user, note_in.notebook_id)
    if note_in.label_id is not None:
        check_label(session, note_in.label_id)
    return crud.update_note(session=session, db_note=note, note_in=note_in)


@router.delete("/{id}")
def delete_note(
    session: SessionDep, current_user: CurrentUser, id: uuid.UUID
) -> Message:
    """
    Delete a note.
    """
    note = get_own_note(session, current_user, id)
    crud.delete_note(session=session, db_note=note)
    return Message(message="Note deleted successfully")
