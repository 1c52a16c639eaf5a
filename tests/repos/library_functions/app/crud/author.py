from typing import Optional
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Author
from app.schemas.author import AuthorCreate, AuthorUpdate


def get_author(db: Session, author_id: UUID) -> Optional[Author]:
    return db.get(Author, author_id)


def get_author_by_name(db: Session, name: str) -> Optional[Author]:
    return db.scalars(select(Author).where(Author.name == name)).first()


def get_authors(db: Session, skip: int = 0, limit: int = 100) -> list[Author]:
    query = select(Author).order_by(Author.name).offset(skip).limit(limit)
    return list(db.scalars(query))


def create_author(db: Session, author: AuthorCreate) -> Author:
    db_author = Author(**author.model_dump())
    db.add(db_author)
    db.commit()
    db.refresh(db_author)
    return db_author


def update_author(db: Session, db_author: Author, author: AuthorUpdate) -> Author:
    for key, value in author.model_dump().items():
        setattr(db_author, key, value)
    db.commit()
    db.refresh(db_author)
    return db_author


def delete_author(db: Session, db_author: Author) -> None:
    db.delete(db_author)
    db.commit()
