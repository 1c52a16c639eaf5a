from .account import Account, AccountBalance, AccountCreate, AccountUpdate
from .token import Token, TokenPayload
from .transaction import Transaction, TransactionCreate, TransactionUpdate
from .user import User, UserCreate, UserRegister, UserUpdate

__all__ = [
    "Account",
    "AccountBalance",
    "AccountCreate",
    "AccountUpdate",
    "Token",
    "TokenPayload",
    "Transaction",
    "TransactionCreate",
    "TransactionUpdate",
    "User",
    "UserCreate",
    "UserRegister",
    "UserUpdate",
]
