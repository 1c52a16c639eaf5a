"""The conversation: the model asks for tools, the tools answer, until it has finished or something is spent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backwright.adapters.engines.keeping import Transcript
from backwright.adapters.engines.model.asking import Asker, StoppedError
from backwright.adapters.engines.model.shortening import MAX_TALK, shorten, size_of
from backwright.adapters.engines.model.tools import call
from backwright.adapters.engines.model.workshop import ToolRefusedError, Workshop
from backwright.adapters.shell import printable
from backwright.core.acting import Ended

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart, ToolReturnPart

MAX_CALLS = 12  # in one reply; more are answered unheard
REPEATS = 3  # times the very same call is answered
PATIENCE = 8  # calls in a row that came to nothing, then it ends


@dataclass
class Conversation:
    """One conversation about one assignment. `redact` takes secrets out of whatever leaves the machine."""

    asker: Asker
    shop: Workshop
    kept: Transcript
    redact: Callable[[str], str]
    messages: list[ModelMessage] = field(default_factory=list)
    said: str = ""  # the last words of the model
    _same: dict[tuple[str, str], int] = field(default_factory=dict)
    _wasted: int = 0

    async def hold(self, system: str, task: str) -> tuple[Ended, str, float]:
        """Hold it: how it ended, what is said of that, after how many seconds to try again."""
        from pydantic_ai.messages import ModelRequest, SystemPromptPart, UserPromptPart

        system, task = self.redact(system), self.redact(task)
        self.kept.add("prompt", system=system, task=task)
        self.messages.append(ModelRequest(parts=[SystemPromptPart(system), UserPromptPart(task)]))
        try:
            while True:
                response = await self._asked()
                self.messages.append(response)
                self._note(response)
                calls = response.tool_calls
                if not calls:
                    return "finished", self.said, 0.0
                self.messages.append(ModelRequest(parts=[self._answer(n, one) for n, one in enumerate(calls)]))
                if self._wasted >= PATIENCE:
                    return "limit", f"the last {self._wasted} calls of tools came to nothing", 0.0
        except StoppedError as stopped:
            self.kept.add("stopped", ended=stopped.ended, why=str(stopped))
            return stopped.ended, str(stopped), stopped.retry_after

    async def _asked(self) -> ModelResponse:
        """The next reply. Where the talk has grown too long, for us or for the model, old answers of tools give way once."""
        self._shorten(MAX_TALK)
        try:
            return await self.asker.ask(self.messages)
        except StoppedError as stopped:
            if not stopped.too_long or not self._shorten(size_of(self.messages) // 2):
                raise
        return await self.asker.ask(self.messages)

    def _shorten(self, most: int) -> int:
        gone = shorten(self.messages, most)
        if gone:
            self._same.clear()  # what was left out may be asked for again
            self.kept.add("shortened", characters=gone)
            self.asker.told("shortened", {"characters": gone})
        return gone

    def _note(self, response: ModelResponse) -> None:
        text = printable((response.text or "").strip())
        calls = [{"tool": one.tool_name, "args": one.args_as_json_str()} for one in response.tool_calls]
        self.kept.add("reply", text=text, calls=calls, usage=vars(response.usage))
        if text:
            self.said = text
            self.asker.told("text", {"text": text[:2000]})

    def _answer(self, number: int, one: ToolCallPart) -> ToolReturnPart:
        from pydantic_ai.messages import ToolReturnPart

        arguments = one.args_as_json_str()
        try:
            if number >= MAX_CALLS:
                raise ToolRefusedError(f"more than {MAX_CALLS} calls at once; call it again")
            text, ok = self._called(one.tool_name, arguments), True
        except ToolRefusedError as refused:
            text, ok = str(refused), False
        self._wasted = 0 if ok else self._wasted + 1
        text = self.redact(printable(text) if not ok else text)
        self.asker.told("tool", {"tool": printable(one.tool_name)[:60], "ok": ok, "about": _about(arguments)})
        self.kept.add("tool", tool=one.tool_name, ok=ok, answer=text)
        return ToolReturnPart(one.tool_name, text, tool_call_id=one.tool_call_id, outcome="success" if ok else "failed")

    def _called(self, name: str, arguments: str) -> str:
        """The answer; the same question about the same files is answered a few times only."""
        key = (name, arguments)
        self._same[key] = self._same.get(key, 0) + 1
        if self._same[key] > REPEATS:
            raise ToolRefusedError("you have had this answer several times, and nothing changed: do something else")
        edits = len(self.shop.edited), sum(len(text or "") for text in self.shop.edited.values())
        answer = call(self.shop, name, arguments)
        if edits != (len(self.shop.edited), sum(len(text or "") for text in self.shop.edited.values())):
            self._same.clear()
        return answer


def _about(arguments: str) -> str:
    """What a call is about, in a few words for people: the path, the name or the text that it names."""
    try:
        given = json.loads(arguments)
    except ValueError:
        return ""
    if not isinstance(given, dict):
        return ""
    found = next((given[key] for key in ("path", "name", "text", "role", "glob", "question") if given.get(key)), "")
    return printable(str(found))[:120]
