from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from . import auth, crud, models, schemas
from .database import get_db

app = FastAPI(title="Tracker")

MAX_INT = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=MAX_INT)]
Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0, le=MAX_INT)]


@app.exception_handler(IntegrityError)
def integrity_error(request: Request, exc: IntegrityError):
    return JSONResponse({"detail": "Conflicts with other data"}, status_code=409)


@app.post("/token")
def login(form: OAuth2PasswordRequestForm = Depends(), db: Session = Depends(get_db)):
    user = auth.authenticate(db, form.username, form.password)
    if user is None:
        raise HTTPException(401, "Wrong name or password")
    return {"access_token": auth.create_token(user), "token_type": "bearer"}


@app.get("/me", response_model=schemas.UserOut)
def read_me(user: models.User = Depends(auth.current_user)):
    return user


# Projects


@app.get("/projects", response_model=list[schemas.ProjectOut])
def list_projects(limit: Limit = 50, offset: Offset = 0, db: Session = Depends(get_db)):
    return crud.get_projects(db, limit=limit, offset=offset)


@app.post("/projects", response_model=schemas.ProjectOut, status_code=201)
def create_project(
    data: schemas.ProjectIn,
    db: Session = Depends(get_db),
    admin: models.User = Depends(auth.admin_user),
):
    if crud.get_project_by_key(db, data.key):
        raise HTTPException(409, "Project key is taken")
    return crud.create_project(db, data)


@app.get("/projects/{project_id}", response_model=schemas.ProjectOut)
def read_project(project_id: Id, db: Session = Depends(get_db)):
    project = crud.get_project(db, project_id)
    if project is None:
        raise HTTPException(404, "Project not found")
    return project


@app.patch("/projects/{project_id}", response_model=schemas.ProjectOut)
def update_project(
    project_id: Id,
    data: schemas.ProjectPatch,
    db: Session = Depends(get_db),
    admin: models.User = Depends(auth.admin_user),
):
    project = crud.get_project(db, project_id)
    if project is None:
        raise HTTPException(404, "Project not found")
    if data.key and data.key != project.key and crud.get_project_by_key(db, data.key):
        raise HTTPException(409, "Project key is taken")
    return crud.update_project(db, project, data)


@app.delete("/projects/{project_id}", status_code=204)
def delete_project(
    project_id: Id,
    db: Session = Depends(get_db),
    admin: models.User = Depends(auth.admin_user),
):
    project = crud.get_project(db, project_id)
    if project is None:
        raise HTTPException(404, "Project not found")
    crud.delete_project(db, project)


# Tickets


@app.get("/tickets", response_model=list[schemas.TicketOut])
def list_tickets(
    limit: Limit = 50,
    offset: Offset = 0,
    project_id: Annotated[int | None, Query(ge=1, le=MAX_INT)] = None,
    is_open: bool | None = None,
    db: Session = Depends(get_db),
):
    return crud.get_tickets(
        db, limit=limit, offset=offset, project_id=project_id, is_open=is_open
    )


@app.post("/tickets", response_model=schemas.TicketOut, status_code=201)
def create_ticket(
    data: schemas.TicketIn,
    db: Session = Depends(get_db),
    user: models.User = Depends(auth.current_user),
):
    if crud.get_project(db, data.project_id) is None:
        raise HTTPException(400, "No such project")
    return crud.create_ticket(db, data, user)


@app.get("/tickets/{ticket_id}", response_model=schemas.TicketOut)
def read_ticket(ticket_id: Id, db: Session = Depends(get_db)):
    ticket = crud.get_ticket(db, ticket_id)
    if ticket is None:
        raise HTTPException(404, "Ticket not found")
    return ticket


@app.patch("/tickets/{ticket_id}", response_model=schemas.TicketOut)
def update_ticket(
    ticket_id: Id,
    data: schemas.TicketPatch,
    db: Session = Depends(get_db),
    user: models.User = Depends(auth.current_user),
):
    ticket = crud.get_ticket(db, ticket_id)
    if ticket is None:
        raise HTTPException(404, "Ticket not found")
    if ticket.author_id != user.id and not user.is_admin:
        raise HTTPException(403, "Not your ticket")
    return crud.update_ticket(db, ticket, data)


@app.delete("/tickets/{ticket_id}", status_code=204)
def delete_ticket(
    ticket_id: Id,
    db: Session = Depends(get_db),
    user: models.User = Depends(auth.current_user),
):
    ticket = crud.get_ticket(db, ticket_id)
    if ticket is None:
        raise HTTPException(404, "Ticket not found")
    if ticket.author_id != user.id and not user.is_admin:
        raise HTTPException(403, "Not your ticket")
    crud.delete_ticket(db, ticket)
