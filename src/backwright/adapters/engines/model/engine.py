"""`model` as an engine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from backwright.adapters.engines.keeping import Transcript
from backwright.adapters.engines.model.asking import Asker
from backwright.adapters.engines.model.conversing import Conversation
from backwright.adapters.engines.model.providers import host_of, open_model
from backwright.adapters.engines.model.tools import TOOLS, schema_of
from backwright.adapters.engines.model.workshop import Workshop
from backwright.adapters.engines.proposing import proposed
from backwright.adapters.engines.spending import Meter
from backwright.adapters.engines.wording import task_of
from backwright.adapters.engines.workplace import Workplace
from backwright.core.acting import Assignment, Proposal, Told

if TYPE_CHECKING:
    from pydantic_ai.models import Model, ModelRequestParameters

_WRITING = ("write_edit", "delete_file")


@dataclass(frozen=True)
class ModelEngine:
    """A model at a provider."""

    place: Workplace
    name: str = "model"

    @cached_property
    def model(self) -> Model:
        """Raises as `open_model`."""
        return open_model(self.place.chosen)

    def describe(self) -> str:
        """Which model, at which host. Raises as `open_model`."""
        return f"model {self.place.chosen.model} at {host_of(self.model)}"

    def act(self, assignment: Assignment, told: Told) -> Proposal:
        """As `core.acting.Engine`. Raises as `open_model`, and `StalePlan` as `proposed`."""
        meter = Meter(assignment.limits)
        asker = Asker(self.model, _parameters(assignment), meter, told)
        shop = Workshop(self.place.ground, assignment, self.place.senses, told)
        path = self.place.kept / f"act-{assignment.attempt}.jsonl" if self.place.kept else None
        talk = Conversation(asker, shop, Transcript(path, self.place.redact), self.place.redact)
        ended, message, retry_after = asyncio.run(talk.hold(_system(assignment), task_of(assignment)))
        change, dropped = proposed(self.place.ground, assignment, f"model:{self.place.chosen.model}")
        return Proposal(
            ended=ended,
            change=change,
            message=message,
            usage=meter.usage(),
            dropped=dropped,
            questions=tuple(shop.questions),
            retry_after=retry_after,
        )


def _system(assignment: Assignment) -> str:
    own = Path(__file__).with_name("system.md").read_text(encoding="utf-8")
    return f"{own}\n{assignment.protocol}" if assignment.protocol else own


def _parameters(assignment: Assignment) -> ModelRequestParameters:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.tools import ToolDefinition

    offered = {name: tool for name, tool in TOOLS.items() if not (assignment.read_only and name in _WRITING)}
    return ModelRequestParameters(
        function_tools=[
            ToolDefinition(
                name=name,
                parameters_json_schema=schema_of(tool),
                description=" ".join((tool.__doc__ or "").split()),
                strict=False,
            )
            for name, tool in offered.items()
        ]
    )
