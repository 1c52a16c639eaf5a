"""Asking the person behind an agent, in whichever way its protocol has; nobody is there where it has none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from mcp.server import ServerRequestContext
from mcp_types import (
    CallToolRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp_types.version import is_version_at_least

# From this version on a question is part of the answer, and the call comes again with what the person said.
_ASKS_IN_ANSWERS = "2026-07-28"

Schema = Mapping[str, Any]


class Pending(Exception):
    """The call cannot go on: `result` is what it answers now, and it comes again with what the person said."""

    def __init__(self, result: InputRequiredResult) -> None:
        super().__init__("a person was asked")
        self.result = result


async def ask(
    context: ServerRequestContext[Any], params: CallToolRequestParams, name: str, message: str, schema: Schema
) -> Mapping[str, Any] | None:
    """What the person filled in; None where nobody can be asked, or the answer is no.

    The question is bound to its words: an answer to another question counts for nothing. Raises `Pending`.
    """
    state = hashlib.sha256(f"{name}\0{message}".encode()).hexdigest()
    if params.input_responses and name in params.input_responses and params.request_state == state:
        return _accepted(params.input_responses[name])
    capabilities = context.session.client_capabilities
    if capabilities is None or capabilities.elicitation is None:
        return None
    form = ElicitRequestFormParams(message=message, requested_schema=dict(schema))
    if is_version_at_least(context.protocol_version, _ASKS_IN_ANSWERS):
        question = ElicitRequest(params=form)
        raise Pending(InputRequiredResult(input_requests={name: question}, request_state=state))
    return _accepted(
        await context.session.elicit_form(message, dict(schema), related_request_id=context.request_id),
    )


def _accepted(said: object) -> Mapping[str, Any] | None:
    return said.content or {} if isinstance(said, ElicitResult) and said.action == "accept" else None


def consent_schema() -> Schema:
    """A yes or a no."""
    allow = {"type": "boolean", "title": "Run them this once", "default": False}
    return {"type": "object", "properties": {"allow": allow}, "required": ["allow"]}


def questions_schema(questions: Sequence[Mapping[str, Any]]) -> Schema:
    """A field for each open question of a plan."""
    properties = {}
    for question in questions:
        field: dict[str, Any] = {"type": "string", "title": question["key"], "description": question["text"]}
        if question["level"] == "medium":
            field["enum"] = list(question["options"])
        elif question["options"]:
            field["description"] += f" Such as: {', '.join(question['options'])}"
        properties[question["key"]] = field
    return {"type": "object", "properties": properties, "required": list(properties)}
