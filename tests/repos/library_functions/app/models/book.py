import uuid
from datetime import datetime
from typing import Optional

from sqlalchemy import DateTime, ForeignKey, Integer, String, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base


class Book(Base):
    __tablename__ = "books"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    title: Mapped[str] = mapped_column(String(200), index=True)
    isbn: Mapped[str] = mapped_column(String(13), unique=True, index=True)
    published_year: Mapped[Optional[int]] = mapped_column(Integer)
    copies: Mapped[int] = mapped_column(Integer, default=1)
    author_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("authors.id", ondelete="RESTRICT"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )

    author: Mapped["Author"] = relationship(back_populates="books")  # noqa: F821
    loans: Mapped[list["Loan"]] = relationship(  # noqa: F821
        back_populates="book", passive_deletes="all"
    )
