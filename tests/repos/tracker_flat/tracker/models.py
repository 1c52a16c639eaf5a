from datetime import datetime, timezone

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import relationship

from .database import Base


def now():
    return datetime.now(timezone.utc)


class User(Base):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    name = Column(String(40), unique=True, nullable=False)
    password_hash = Column(String(120), nullable=False)
    is_admin = Column(Boolean, default=False, nullable=False)


class Project(Base):
    __tablename__ = "projects"

    id = Column(Integer, primary_key=True)
    key = Column(String(10), unique=True, nullable=False)
    title = Column(String(100), nullable=False)

    tickets = relationship("Ticket", back_populates="project", passive_deletes="all")


class Ticket(Base):
    __tablename__ = "tickets"

    id = Column(Integer, primary_key=True)
    title = Column(String(150), nullable=False)
    text = Column(Text)
    priority = Column(Integer, default=3, nullable=False)
    is_open = Column(Boolean, default=True, nullable=False)
    created_at = Column(DateTime(timezone=True), default=now, nullable=False)
    project_id = Column(
        Integer,
        ForeignKey("projects.id", ondelete="RESTRICT"),
        index=True,
        nullable=False,
    )
    author_id = Column(
        Integer, ForeignKey("users.id", ondelete="CASCADE"), index=True, nullable=False
    )

    project = relationship("Project", back_populates="tickets")
    author = relationship("User")
