"""The fields of `stack.yaml`, and what a person must say where a project does not decide one."""

from __future__ import annotations

from backwright.core.change import Question
from backwright.core.stack import Stack

FIELDS = {  # of the manifest, as a stack calls them
    "language": ("language",),
    "framework": ("framework", "api"),
    "orm": ("orm", "queries"),
    "database": ("database",),
    "validation": ("validation",),
    "migration": ("migrations",),
    "auth": ("auth",),
    "test": ("tests",),
    "package_manager": ("package_manager",),
}


def questions(stack: Stack) -> tuple[Question, ...]:
    """What a person must say about a stack, each under the field of the manifest that answers it."""
    found = []
    for group in stack.undecided:
        field = next(field for field, kinds in FIELDS.items() if group[0].kind in kinds)
        shown = " and ".join(f"{c.name} ({c.evidence[0]})" if c.evidence else c.name for c in group)
        text = f"which {field.replace('_', ' ')} does this project use? {shown} speak equally"
        found.append(Question(field, text, "medium", tuple(c.id for c in group)))
    return tuple(found)
