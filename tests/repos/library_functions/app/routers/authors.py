from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, status
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.crud import author as crud_author
from app.dependencies import get_current_admin, get_db
from app.schemas.author import Author, AuthorCreate, AuthorUpdate

router = APIRouter(prefix="/authors", tags=["authors"])


@router.get("/", response_model=list[Author])
def read_authors(
    skip: int = Query(0, ge=0, le=1_000_000),
    limit: int = Query(100, ge=1, le=100),
    db: Session = Depends(get_db),
):
    return crud_author.get_authors(db, skip=skip, limit=limit)


@router.get("/{author_id}", response_model=Author)
def read_author(author_id: UUID, db: Session = Depends(get_db)):
    db_author = crud_author.get_author(db, author_id)
    if db_author is None:
        raise HTTPException(status_code=404, detail="Author not found")
    return db_author


@router.post(
    "/",
    response_model=Author,
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(get_current_admin)],
)
def create_author(author: AuthorCreate, db: Session = Depends(get_db)):
    try:
        return crud_author.create_author(db, author)
    except IntegrityError as exc:
        raise HTTPException(status_code=409, detail="Author already exists") from exc


@router.put(
    "/{author_id}",
    response_model=Author,
    dependencies=[Depends(get_current_admin)],
)
def update_author(author_id: UUID, author: AuthorUpdate, db: Session = Depends(get_db)):
    db_author = crud_author.get_author(db, author_id)
    if db_author is None:
        raise HTTPException(status_code=404, detail="Author not found")
    try:
        return crud_author.update_author(db, db_author, author)
    except IntegrityError as exc:
        raise HTTPException(status_code=409, detail="Author already exists") from exc


@router.delete(
    "/{author_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    dependencies=[Depends(get_current_admin)],
)
def delete_author(author_id: UUID, db: Session = Depends(get_db)):
    db_author = crud_author.get_author(db, author_id)
    if db_author is None:
        raise HTTPException(status_code=404, detail="Author not found")
    try:
        crud_author.delete_author(db, db_author)
    except IntegrityError as exc:
        raise HTTPException(status_code=409, detail="Author is in use") from exc
