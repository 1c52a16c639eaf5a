from .account import Account
from .transaction import Transaction, TransactionKind
from .user import User

__all__ = ["Account", "Transaction", "TransactionKind", "User"]
