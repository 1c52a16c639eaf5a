from typing import Literal, Optional
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, status
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.crud import author as crud_author
from app.crud import book as crud_book
from app.dependencies import get_current_admin, get_db
from app.schemas.book import Book, BookCreate, BookUpdate, BookWithAuthor

router = APIRouter(prefix="/books", tags=["books"])


@router.get("/", response_model=list[BookWithAuthor])
def read_books(
    skip: int = Query(0, ge=0, le=1_000_000),
    limit: int = Query(100, ge=1, le=100),
    author_id: Optional[UUID] = None,
    sort_by: Literal["title", "published_year", "created_at"] = "title",
    order: Literal["asc", "desc"] = "asc",
    db: Session = Depends(get_db),
):
    return crud_book.get_books(
        db, skip=skip, limit=limit, author_id=author_id, sort_by=sort_by, order=order
    )


@router.get("/{book_id}", response_model=BookWithAuthor)
def read_book(book_id: UUID, db: Session = Depends(get_db)):
    db_book = crud_book.get_book(db, book_id)
    if db_book is None:
        raise HTTPException(status_code=404, detail="Book not found")
    return db_book


@router.post(
    "/",
    response_model=Book,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(get_current_admin)],
)
def create_book(book: BookCreate, db: Session = Depends(get_db)):
    if crud_author.get_author(db, book.author_id) is None:
        raise HTTPException(status_code=404, detail="Author not found")
    try:
        return crud_book.create_book(db, book)
    except IntegrityError as exc:
        raise HTTPException(status_code=409, detail="ISBN already exists") from exc


@router.put(
    "/{book_id}", response_model=Book, dependencies=[Depends(get_current_admin)]
)
def update_book(book_id: UUID, book: BookUpdate, db: Session = Depends(get_db)):
    db_book = crud_book.get_book(db, book_id)
    if db_book is None:
        raise HTTPException(status_code=404, detail="Book not found")
    if crud_author.get_author(db, book.author_id) is None:
        raise HTTPException(status_code=404, detail="Author not found")
    try:
        return crud_book.update_book(db, db_book, book)
    except IntegrityError as exc:
        raise HTTPException(status_code=409, detail="ISBN already exists") from exc


@router.delete(
    "/{book_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(get_current_admin)],
)
def delete_book(book_id: UUID, db: Session = Depends(get_db)):
    db_book = crud_book.get_book(db, book_id)
    if db_book is None:
        raise HTTPException(status_code=404, detail="Book not found")
    try:
        crud_book.delete_book(db, db_book)
    except IntegrityError as exc:
        raise HTTPException(status_code=409, detail="Book has loans") from exc
