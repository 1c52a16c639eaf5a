import uuid

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from app.core.security import get_password_hash, verify_password
from app.models import (
    Label,
    LabelCreate,
    LabelUpdate,
    Note,
    Notebook,
    NotebookCreate,
    NotebookUpdate,
    NoteCreate,
    NoteUpdate,
    User,
    UserCreate,
    UserUpdateMe,
)

# Users


def create_user(*, session: Session, user_create: UserCreate) -> User:
    db_obj = User.model_validate(
        user_create, update={"hashed_password": get_password_hash(user_create.password)}
    )
    session.add(db_obj)
    session.commit()
    session.refresh(db_obj)
    return db_obj


def update_user(*, session: Session, db_user: User, user_in: UserUpdateMe) -> User:
    db_user.sqlmodel_update(user_in.model_dump(exclude_unset=True))
    session.add(db_user)
    session.commit()
    session.refresh(db_user)
    return db_user


def get_user(*, session: Session, user_id: uuid.UUID) -> User | None:
    return session.get(User, user_id)


def get_user_by_email(*, session: Session, email: str) -> User | None:
    statement = select(User).where(User.email == email)
    return session.exec(statement).first()


def get_users(*, session: Session, skip: int, limit: int) -> tuple[list[User], int]:
    count = session.exec(select(func.count()).select_from(User)).one()
    statement = select(User).order_by(col(User.email)).offset(skip).limit(limit)
    return list(session.exec(statement).all()), count


def authenticate(*, session: Session, email: str, password: str) -> User | None:
    db_user = get_user_by_email(session=session, email=email)
    if not db_user:
        # Spend the time that a wrong password takes, so that it does not tell which users exist
        get_password_hash(password)
        return None
    if not verify_password(password, db_user.hashed_password):
        return None
    return db_user


# Labels


def create_label(*, session: Session, label_in: LabelCreate) -> Label:
    db_label = Label.model_validate(label_in)
    session.add(db_label)
    session.commit()
    session.refresh(db_label)
    return db_label


def get_label(*, session: Session, label_id: uuid.UUID) -> Label | None:
    return session.get(Label, label_id)


def get_label_by_name(*, session: Session, name: str) -> Label | None:
    statement = select(Label).where(Label.name == name)
    return session.exec(statement).first()


def get_labels(*, session: Session, skip: int, limit: int) -> tuple[list[Label], int]:
    count = session.exec(select(func.count()).select_from(Label)).one()
    statement = select(Label).order_by(col(Label.name)).offset(skip).limit(limit)
    return list(session.exec(statement).all()), count


def update_label(*, session: Session, db_label: Label, label_in: LabelUpdate) -> Label:
    db_label.sqlmodel_update(label_in.model_dump(exclude_unset=True))
    session.add(db_label)
    session.commit()
    session.refresh(db_label)
    return db_label


def delete_label(*, session: Session, db_label: Label) -> None:
    session.delete(db_label)
    session.commit()


# Notebooks


def create_notebook(
    *, session: Session, notebook_in: NotebookCreate, owner_id: uuid.UUID
) -> Notebook:
    db_notebook = Notebook.model_validate(notebook_in, update={"owner_id": owner_id})
    session.add(db_notebook)
    session.commit()
    session.refresh(db_notebook)
    return db_notebook


def get_notebook(*, session: Session, notebook_id: uuid.UUID) -> Notebook | None:
    return session.get(Notebook, notebook_id)


def get_notebooks(
    *, session: Session, skip: int, limit: int, owner_id: uuid.UUID | None = None
) -> tuple[list[Notebook], int]:
    count_statement = select(func.count()).select_from(Notebook)
    statement = select(Notebook)
    if owner_id is not None:
        count_statement = count_statement.where(Notebook.owner_id == owner_id)
        statement = statement.where(Notebook.owner_id == owner_id)
    count = session.exec(count_statement).one()
    statement = (
        statement.order_by(col(Notebook.created_at).desc(), col(Notebook.id))
        .offset(skip)
        .limit(limit)
    )
    return list(session.exec(statement).all()), count


def update_notebook(
    *, session: Session, db_notebook: Notebook, notebook_in: NotebookUpdate
) -> Notebook:
    db_notebook.sqlmodel_update(notebook_in.model_dump(exclude_unset=True))
    session.add(db_notebook)
    session.commit()
    session.refresh(db_notebook)
    return db_notebook


def delete_notebook(*, session: Session, db_notebook: Notebook) -> None:
    session.delete(db_notebook)
    session.commit()


# Notes


def create_note(*, session: Session, note_in: NoteCreate) -> Note:
    db_note = Note.model_validate(note_in)
    session.add(db_note)
    session.commit()
    session.refresh(db_note)
    return db_note


def get_note(*, session: Session, note_id: uuid.UUID) -> Note | None:
    return session.get(Note, note_id)


def get_notes(
    *,
    session: Session,
    skip: int,
    limit: int,
    owner_id: uuid.UUID | None = None,
    notebook_id: uuid.UUID | None = None,
    label_id: uuid.UUID | None = None,
) -> tuple[list[Note], int]:
    conditions: list[ColumnElement[bool]] = []
    if owner_id is not None:
        owned = select(Notebook.id).where(Notebook.owner_id == owner_id)
        conditions.append(col(Note.notebook_id).in_(owned))
    if notebook_id is not None:
        conditions.append(col(Note.notebook_id) == notebook_id)
    if label_id is not None:
        conditions.append(col(Note.label_id) == label_id)
    count_statement = select(func.count()).select_from(Note).where(*conditions)
    count = session.exec(count_statement).one()
    statement = (
        select(Note)
        .where(*conditions)
        .order_by(col(Note.is_pinned).desc(), col(Note.created_at).desc(), col(Note.id))
        .offset(skip)
        .limit(limit)
    )
    return list(session.exec(statement).all()), count


def update_note(*, session: Session, db_note: Note, note_in: NoteUpdate) -> Note:
    db_note.sqlmodel_update(note_in.model_dump(exclude_unset=True))
    session.add(db_note)
    session.commit()
    session.refresh(db_note)
    return db_note


def delete_note(*, session: Session, db_note: Note) -> None:
    session.delete(db_note)
    session.commit()
