from app.models.author import Author
from app.models.book import Book
from app.models.loan import Loan
from app.models.user import User

__all__ = ["Author", "Book", "Loan", "User"]
