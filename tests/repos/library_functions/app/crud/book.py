from typing import Optional
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.models import Book
from app.schemas.book import BookCreate, BookUpdate

SORTABLE = {
    "title": Book.title,
    "published_year": Book.published_year,
    "created_at": Book.created_at,
}


def get_book(db: Session, book_id: UUID) -> Optional[Book]:
    query = select(Book).options(joinedload(Book.author)).where(Book.id == book_id)
    return db.scalars(query).first()


def get_book_for_update(db: Session, book_id: UUID) -> Optional[Book]:
    """The book, locked until the transaction ends."""
    query = select(Book).where(Book.id == book_id).with_for_update()
    return db.scalars(query).first()


def get_book_by_isbn(db: Session, isbn: str) -> Optional[Book]:
    return db.scalars(select(Book).where(Book.isbn == isbn)).first()


def get_books(
    db: Session,
    skip: int = 0,
    limit: int = 100,
    author_id: Optional[UUID] = None,
    sort_by: str = "title",
    order: str = "asc",
) -> list[Book]:
    query = select(Book).options(joinedload(Book.author))
    if author_id is not None:
        query = query.where(Book.author_id == author_id)
    column = SORTABLE[sort_by]
    query = query.order_by(column.desc() if order == "desc" else column, Book.id)
    return list(db.scalars(query.offset(skip).limit(limit)))


def create_book(db: Session, book: BookCreate) -> Book:
    db_book = Book(**book.model_dump())
    db.add(db_book)
    db.commit()
    db.refresh(db_book)
    return db_book


def update_book(db: Session, db_book: Book, book: BookUpdate) -> Book:
    for key, value in book.model_dump().items():
        setattr(db_book, key, value)
    db.commit()
    db.refresh(db_book)
    return db_book


def delete_book(db: Session, db_book: Book) -> None:
    db.delete(db_book)
    db.commit()
