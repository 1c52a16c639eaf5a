from sqlalchemy.orm import Session

from . import models, schemas


def get_user(db: Session, user_id: int):
    return db.get(models.User, user_id)


def get_user_by_name(db: Session, name: str):
    return db.query(models.User).filter(models.User.name == name).first()


def create_user(db: Session, name: str, password_hash: str, is_admin: bool = False):
    user = models.User(name=name, password_hash=password_hash, is_admin=is_admin)
    db.add(user)
    db.commit()
    return user


def get_project(db: Session, project_id: int):
    return db.get(models.Project, project_id)


def get_project_by_key(db: Session, key: str):
    return db.query(models.Project).filter(models.Project.key == key).first()


def get_projects(db: Session, limit: int = 50, offset: int = 0):
    query = db.query(models.Project).order_by(models.Project.key)
    return query.limit(limit).offset(offset).all()


def create_project(db: Session, data: schemas.ProjectIn):
    project = models.Project(**data.model_dump())
    db.add(project)
    db.commit()
    return project


def update_project(db: Session, project: models.Project, data: schemas.ProjectPatch):
    for name, value in data.model_dump(exclude_unset=True).items():
        setattr(project, name, value)
    db.commit()
    return project


def delete_project(db: Session, project: models.Project):
    db.delete(project)
    db.commit()


def get_ticket(db: Session, ticket_id: int):
    return db.get(models.Ticket, ticket_id)


def get_tickets(
    db: Session,
    limit: int = 50,
    offset: int = 0,
    project_id: int | None = None,
    is_open: bool | None = None,
):
    query = db.query(models.Ticket)
    if project_id is not None:
        query = query.filter(models.Ticket.project_id == project_id)
    if is_open is not None:
        query = query.filter(models.Ticket.is_open == is_open)
    query = query.order_by(models.Ticket.priority, models.Ticket.id)
    return query.limit(limit).offset(offset).all()


def create_ticket(db: Session, data: schemas.TicketIn, author: models.User):
    ticket = models.Ticket(**data.model_dump(), author_id=author.id)
    db.add(ticket)
    db.commit()
    return ticket


def update_ticket(db: Session, ticket: models.Ticket, data: schemas.TicketPatch):
    for name, value in data.model_dump(exclude_unset=True).items():
        setattr(ticket, name, value)
    db.commit()
    return ticket


def delete_ticket(db: Session, ticket: models.Ticket):
    db.delete(ticket)
    db.commit()
