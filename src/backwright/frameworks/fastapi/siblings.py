"""What is already offered for an existing entity."""

from __future__ import annotations

import re

from backwright.core.facts import Catch
from backwright.kit.imitation import mentions
from backwright.kit.index import FactIndex
from backwright.kit.naming import NameForms


def has_delete_route(index: FactIndex, name: NameForms) -> bool:
    """Whether rows of this entity can be deleted over the API."""
    own = {name.snake, name.snake_plural, name.kebab, name.kebab_plural}
    return any(r.method == "DELETE" and own & set(r.path.lower().split("/")) for _, r in index.routes())


def delete_is_guarded(index: FactIndex, name: NameForms, tests: frozenset[str] = frozenset()) -> bool:
    """Whether deleting rows of this entity already answers what the database refuses."""
    for path in index.files:
        if path in tests or not (mentions(path, name) or any(mentions(s, name) for s in index.symbols(path))):
            continue
        for fact in (f for f in index.facts(path) if isinstance(f, Catch)):
            caught = any(t.endswith("IntegrityError") for t in fact.types)
            if caught and re.search(r"delete|remove|destroy", fact.scope.rpartition(".")[2]):
                return True
    return False
