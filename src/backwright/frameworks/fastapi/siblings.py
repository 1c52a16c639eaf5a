"""What is already offered for an existing entity."""

from __future__ import annotations

from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms


def has_delete_route(index: FactIndex, name: NameForms) -> bool:
    """Whether rows of this entity can be deleted over the API."""
    own = {name.snake, name.snake_plural, name.kebab, name.kebab_plural}
    return any(r.method == "DELETE" and own & set(r.path.lower().split("/")) for _, r in index.routes())
