from .crud_account import account
from .crud_transaction import transaction
from .crud_user import user

__all__ = ["account", "transaction", "user"]

# For a new basic set of CRUD operations you could just do

# from .base import CRUDBase
# from app.models.item import Item
# from app.schemas.item import ItemCreate, ItemUpdate

# item = CRUDBase[Item, ItemCreate, ItemUpdate](Item)
