import uuid

from sqlmodel import Session

from app import crud
from app.models import (
    Label,
    LabelCreate,
    Note,
    Notebook,
    NotebookCreate,
    NoteCreate,
)
from tests.utils.user import create_random_user
from tests.utils.utils import random_lower_string


def create_random_label(session: Session) -> Label:
    label_in = LabelCreate(name=random_lower_string(), color="teal")
    return crud.create_label(session=session, label_in=label_in)


def create_random_notebook(
    session: Session, owner_id: uuid.UUID | None = None
) -> Notebook:
    owner_id = owner_id or create_random_user(session).id
    notebook_in = NotebookCreate(title=random_lower_string())
    return crud.create_notebook(
        session=session, notebook_in=notebook_in, owner_id=owner_id
    )


def create_random_note(session: Session, notebook: Notebook | None = None) -> Note:
    notebook = notebook or create_random_notebook(session)
    note_in = NoteCreate(title=random_lower_string(), notebook_id=notebook.id)
    return crud.create_note(session=session, note_in=note_in)
