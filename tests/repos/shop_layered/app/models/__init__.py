from app.models.base import Base
from app.models.category import Category
from app.models.supplier import Supplier, SupplierStatus
from app.models.user import User

__all__ = ["Base", "Category", "Supplier", "SupplierStatus", "User"]
