"""One request to a model, with the patience that providers need: streamed, timed, tried again where that can help."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backwright.adapters.engines.spending import Meter
from backwright.adapters.shell import printable
from backwright.core.acting import Ended, Told

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters

WAITS = (1.0, 2.0, 4.0, 8.0)  # seconds before each further try
LONGEST_WAIT = 60.0  # a provider that asks for more is not waited for
MAX_REPLY = 400_000  # characters of one reply; a model that does not stop is stopped
FIRST_EVENT = 300.0  # seconds that a model may be silent for
_TELL_EVERY = 2.0  # seconds between two words on how long a reply is


class StoppedError(Exception):
    """No reply came, and none will: how ACT ends, why, and after how many seconds another try makes sense.

    `too_long`: a shorter conversation could have had one.
    """

    def __init__(self, ended: Ended, why: str, retry_after: float = 0.0, *, too_long: bool = False) -> None:
        super().__init__(why)
        self.too_long = too_long
        self.ended = ended
        self.retry_after = retry_after


@dataclass
class Asker:
    """Asks one model; what is spent goes to `meter`, what happens to `told`."""

    model: Model
    parameters: ModelRequestParameters
    meter: Meter
    told: Told

    async def ask(self, messages: Sequence[ModelMessage]) -> ModelResponse:
        """The whole reply. Raises `StoppedError`."""
        tries = 0
        while True:
            spent = self.meter.spent()
            if spent:
                raise StoppedError("limit", f"the limit of {spent} is reached")
            self.meter.requests += 1
            self.told("request", {"number": self.meter.requests})
            failed = await self._once(messages)
            if not isinstance(failed, _Failed):
                return failed
            if self.meter.left < 1:
                raise StoppedError("limit", f"the limit of {self.meter.limits.seconds:g} seconds is reached")
            wait = failed.retry_after or WAITS[min(tries, len(WAITS) - 1)]
            tries += 1
            if not failed.again or tries > len(WAITS) or wait > min(LONGEST_WAIT, self.meter.left):
                raise StoppedError(failed.ended, failed.why, failed.retry_after, too_long=failed.too_long)
            self.told("retry", {"why": failed.why, "seconds": wait})
            await asyncio.sleep(wait)

    async def _once(self, messages: Sequence[ModelMessage]) -> ModelResponse | _Failed:
        from pydantic_ai import exceptions
        from pydantic_ai.direct import model_request_stream
        from pydantic_ai.settings import ModelSettings

        settings = ModelSettings(max_retries=0, first_event_timeout=FIRST_EVENT)
        if self.meter.limits.seconds:
            settings["request_timeout"] = max(1.0, self.meter.left)
            settings["first_event_timeout"] = max(1.0, min(FIRST_EVENT, self.meter.left))
        try:
            async with model_request_stream(
                self.model, messages, model_settings=settings, model_request_parameters=self.parameters
            ) as stream:
                await self._read(stream)
                response = stream.get()
        except exceptions.ModelAPIError as error:
            return _failed(error)
        except exceptions.UnexpectedModelBehavior as error:
            return _Failed("unreachable", f"the reply cannot be read: {_short(error)}", again=True)
        except (OSError, EOFError) as error:
            return _Failed("unreachable", f"the connection broke: {_short(error)}", again=True)
        except exceptions.AgentRunError as error:
            return _Failed("refused", _short(error), again=False)
        self._count(response)
        if response.finish_reason is None:  # the connection ended as if that were all
            return _Failed("unreachable", "the reply ended in the middle", again=True)
        return response

    async def _read(self, stream: Any) -> None:
        """Follow the reply to its end. Raises `StoppedError` for one without end."""
        size, next_word = 0, time.monotonic() + _TELL_EVERY
        async for event in stream:
            delta = getattr(event, "delta", None) or getattr(event, "part", None)
            if type(event).__name__ != "PartEndEvent":
                size += _size(delta)
            if size > MAX_REPLY:
                raise StoppedError("limit", f"a reply of more than {MAX_REPLY} characters was cut off")
            if time.monotonic() >= next_word:
                next_word = time.monotonic() + _TELL_EVERY
                self.told("writing", {"characters": size})

    def _count(self, response: ModelResponse) -> None:
        self.meter.input_tokens += response.usage.input_tokens
        self.meter.output_tokens += response.usage.output_tokens
        try:
            price = float(response.cost().total_price)
        except (LookupError, AssertionError, ValueError):
            return  # no price is known for this model
        self.meter.dollars = (self.meter.dollars or 0.0) + price


@dataclass(frozen=True)
class _Failed:
    ended: Ended
    why: str
    again: bool
    retry_after: float = 0.0
    too_long: bool = False


def _failed(error: Any) -> _Failed:
    """What an error of the library means for us."""
    from pydantic_ai import exceptions as known

    why, after = _short(error), float(error.retry_after or 0.0)
    if isinstance(error, known.ModelQuotaExceededError):
        return _Failed("quota", f"the quota is used up: {why}", again=False, retry_after=after)
    if isinstance(error, known.ModelRateLimitError):
        return _Failed("quota", f"too many requests: {why}", again=True, retry_after=after)
    if isinstance(error, known.ModelContextWindowExceededError):
        said = f"the conversation is longer than the model can read: {why}"
        return _Failed("limit", said, again=False, too_long=True)
    if isinstance(error, known.ModelRequestRejectedError):
        return _Failed("refused", f"the provider refuses the request: {why}", again=False)
    if isinstance(error, known.ModelRequestTimeout):
        return _Failed("unreachable", f"no answer in time: {why}", again=True)
    status = getattr(error, "status_code", 0)
    again = status in (0, 408, 409, 425, 429) or status >= 500
    return _Failed("unreachable" if again else "refused", why, again=again, retry_after=after)


def _size(part: Any) -> int:
    texts = (getattr(part, name, None) for name in ("content_delta", "args_delta", "content", "args"))
    return sum(len(text) for text in texts if isinstance(text, str))


def _short(error: Exception) -> str:
    return printable(str(error) or type(error).__name__)[:300]
