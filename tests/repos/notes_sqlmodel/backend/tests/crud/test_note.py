from sqlmodel import Session

from app import crud
from app.models import NoteCreate, NoteUpdate
from tests.utils.note import (
    create_random_label,
    create_random_note,
    create_random_notebook,
)


def test_update_note_changes_only_what_is_set(session: Session) -> None:
    note = create_random_note(session)
    title = note.title
    updated = crud.update_note(
        session=session, db_note=note, note_in=NoteUpdate(body="Milk, eggs")
    )
    assert updated.title == title
    assert updated.body == "Milk, eggs"


def test_pinned_notes_come_first(session: Session) -> None:
    notebook = create_random_notebook(session)
    pinned = crud.create_note(
        session=session,
        note_in=NoteCreate(title="Pinned", is_pinned=True, notebook_id=notebook.id),
    )
    create_random_note(session, notebook)
    notes, count = crud.get_notes(session=session, skip=0, limit=10)
    assert count == 2
    assert notes[0].id == pinned.id


def test_get_notes_of_owner(session: Session) -> None:
    note = create_random_note(session)
    create_random_note(session)
    assert note.notebook
    notes, count = crud.get_notes(
        session=session, skip=0, limit=10, owner_id=note.notebook.owner_id
    )
    assert count == 1
    assert [row.id for row in notes] == [note.id]


def test_deleting_a_label_keeps_its_notes(session: Session) -> None:
    label = create_random_label(session)
    note = create_random_note(session)
    crud.update_note(
        session=session, db_note=note, note_in=NoteUpdate(label_id=label.id)
    )
    crud.delete_label(session=session, db_label=label)
    session.refresh(note)
    assert note.label_id is None


def test_deleting_a_notebook_deletes_its_notes(session: Session) -> None:
    note = create_random_note(session)
    note_id = note.id
    assert note.notebook
    crud.delete_notebook(session=session, db_notebook=note.notebook)
    session.expire_all()
    assert crud.get_note(session=session, note_id=note_id) is None
