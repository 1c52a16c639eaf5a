"""An action, decided, with the functions that it is made like."""

from __future__ import annotations

from dataclasses import dataclass

from backwright.core.facts import Table
from backwright.core.request import EndpointChange
from backwright.engine.spellings.endpoint_chain import Chain
from backwright.frameworks.fastapi.action import Handler
from backwright.frameworks.sqlalchemy.transition import Writing, writing_of
from backwright.kit.house import House
from backwright.kit.index import Definition, FactIndex
from backwright.kit.naming import NameForms
from backwright.kit.transitions import Transition


@dataclass(frozen=True)
class Action:
    """What is asked for, decided, with the functions it is made like."""

    change: EndpointChange
    name: NameForms
    path: str
    table: Table
    transition: Transition
    chain: Chain
    house: House
    index: FactIndex
    now: str
    now_imports: tuple[str, ...]
    handler: Handler

    @property
    def entity(self) -> Definition:
        return Definition(self.path, self.index.symbols(self.path)[self.table.entity])

    def writing(self, path: str, session: str, *, is_async: bool, text: str) -> Writing:
        """How statements of a file are written."""
        return writing_of(self.index, path, self.entity, self.transition, session, is_async=is_async, text=text)
