"""The assignment in words, for a model as for an agent."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from backwright.core.acting import Assignment

if TYPE_CHECKING:
    from jinja2 import Template

# Kinds of a pack's parts that were read in the repository: nobody's orders.
MATERIAL = frozenset(
    {"outline", "symbol", "around", "exemplar", "finding", "house", "span", "facts", "excerpt", "lesson", "output"}
)


def task_of(assignment: Assignment) -> str:
    """The task, what is shown of the repository, and why the attempts before were not proven."""
    parts = [part for part in assignment.pack.parts if part.kind not in ("task", "protocol")]
    return _template().render(
        task=assignment.task,
        review=assignment.read_only,
        scope=() if "**" in assignment.scope else assignment.scope,
        parts=parts,
        material=MATERIAL,
        attempt=assignment.attempt,
        failures=assignment.failures,
        differently=assignment.differently,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment

    text = Path(__file__).with_name("task.md.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=False, trim_blocks=True, lstrip_blocks=True).from_string(text)  # noqa: S701 - Markdown
