"""How often a project does a thing in one way or another: the style of the house, which a part of the project cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Counts:
    """Counts by name. `here` are those of the files at hand; `whole` those of the project, where these are a part of it."""

    whole: Mapping[str, int] | None = None
    here: dict[str, int] = field(default_factory=dict)

    def of(self, name: str, here: int) -> int:
        """What a count comes to in the project, as far as that is known. `name` begins with the id of the rule that asks."""
        self.here[name] = int(here)
        return self.here[name] if self.whole is None else self.whole.get(name, self.here[name])
