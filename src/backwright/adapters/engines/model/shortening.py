"""What makes room in a long conversation: the oldest answers of tools give way, what was said and done stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelRequestPart, ModelResponsePart

MAX_TALK = 400_000  # characters of a conversation, some 100,000 tokens
_RECENT = 4  # messages at the end that stay as they are
_WORTH = 300  # characters; what is shorter stays
_NOTE = "[{count} characters of this answer were left out to make room; call the tool again if they are needed]"


def size_of(messages: list[ModelMessage]) -> int:
    """Characters of a conversation, about."""
    return sum(_size(part) for message in messages for part in message.parts)


def shorten(messages: list[ModelMessage], most: int) -> int:
    """Leave the oldest answers of tools out, in place, until no more than `most` characters are left; how many went."""
    from pydantic_ai.messages import ModelRequest, ToolReturnPart

    left, gone = size_of(messages), 0
    for place, message in enumerate(messages[:-_RECENT]):
        if left <= most:
            break
        if not isinstance(message, ModelRequest):
            continue
        parts: list[ModelRequestPart] = []
        for part in message.parts:
            if type(part) is ToolReturnPart and _size(part) > _WORTH:
                note = _NOTE.format(count=_size(part))
                gone += _size(part)
                left -= _size(part) - len(note)
                parts.append(ToolReturnPart(part.tool_name, note, part.tool_call_id, outcome=part.outcome))
            else:
                parts.append(part)
        messages[place] = replace(message, parts=parts)
    return gone


def _size(part: ModelRequestPart | ModelResponsePart) -> int:
    return sum(len(str(getattr(part, name, None) or "")) for name in ("content", "args"))
