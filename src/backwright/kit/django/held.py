"""Rows of a model, with the relations that came with them."""

from __future__ import annotations

from dataclasses import dataclass

from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop
from backwright.kit.django.models import Model

EVERYTHING = "*"  # `select_related()` follows every foreign key


@dataclass(frozen=True)
class Held:
    """Rows of a model: `loaded` are the relations that came with them as `a__b`, None where that cannot be told."""

    model: Model
    loaded: frozenset[str] | None
    query: Hop
    body: Body
    many: bool = True
    by: Hop | None = None  # the project's own method that says what is loaded
    own: frozenset[str] = frozenset()  # what is known without any loader: the row that these were read from
    related: bool = False  # rows of a relation: what is filtered of them is asked anew, whatever was prefetched

    def beyond(self, name: str, model: Model, *, many: bool) -> Held:
        """The rows on the other side of a relation; they know the row that they were read from."""
        loaded = self.loaded
        if loaded is not None:
            prefix = f"{name}__"
            loaded = frozenset(p[len(prefix) :] for p in loaded if p.startswith(prefix))
        relation = self.model.relations.get(name)
        back = relation.back if relation is not None else ""
        own = frozenset({back, f"{back}__{EVERYTHING}"}) if back else frozenset()
        return Held(
            model, loaded | own if loaded is not None else None, self.query, self.body, many, own=own, related=many
        )

    def has(self, path: tuple[str, ...]) -> bool | None:
        """Whether a relation came with the rows; None where that cannot be told."""
        if self.loaded is None:
            return None
        joined = "__".join(path)
        return joined in self.loaded or any(p.startswith(f"{joined}__") for p in self.loaded)
