import enum
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Optional

from sqlalchemy import Enum, ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base_class import Base

if TYPE_CHECKING:
    from .account import Account  # noqa: F401


class TransactionKind(str, enum.Enum):
    deposit = "deposit"
    withdrawal = "withdrawal"


class Transaction(Base):
    id: Mapped[int] = mapped_column(primary_key=True, index=True)
    kind: Mapped[TransactionKind] = mapped_column(
        Enum(TransactionKind, native_enum=False, length=20)
    )
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    booked_on: Mapped[date] = mapped_column(index=True)
    note: Mapped[Optional[str]] = mapped_column(String(200))
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    account: Mapped["Account"] = relationship(back_populates="transactions")
