"""One call of a tool: the verb in a process of its own, the person asked where one must be, the answer cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import msgspec
from mcp.server import ServerRequestContext
from mcp_types import CallToolRequestParams, CallToolResult, TextContent

from backwright.adapters.child import Ended, call_verb
from backwright.adapters.trust import key_of
from backwright.core.errors import BackwrightError, MachineError, NotAllowed, UsageError
from backwright.report.envelope import error_envelope
from backwright.report.sanitize import clean
from backwright.surfaces.mcp.asking import ask, consent_schema, questions_schema
from backwright.surfaces.mcp.paging import cut
from backwright.surfaces.mcp.shapes import Arguments, Tool, inside

_ALLOWING = "a person has to allow them: with `backwright verify` in a terminal, once; do not do it for them"
_AT_ONCE = 4  # verbs that run at the same time; the others wait


@dataclass(frozen=True)
class Service:
    """What is served: one repository. With `allowed` its own commands run unasked, with `python`; `read_only` tools are all there is."""

    root: Path
    read_only: bool = False
    allowed: bool = False
    python: str = ""
    slots: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_AT_ONCE))


@dataclass(frozen=True)
class Call:
    """A call of a tool with arguments that were understood."""

    service: Service
    tool: Tool
    arguments: Arguments
    context: ServerRequestContext[Any]
    params: CallToolRequestParams

    async def answer(self) -> dict[str, Any]:
        """The envelope, cut. Raises `asking.Pending`, and `BackwrightError` for what is wrong with the arguments."""
        argv = list(self.tool.argv(self._confined()))
        if self.tool.proves and self.service.python:
            argv.insert(1, f"--python={self.service.python}")
        envelope = await self._envelope(argv)
        if told := _problem(envelope, NotAllowed.code):
            commands = told["hint"].rpartition("\n")[0]  # without how one says yes on the command line
            if await self._consents(told["where"] or "the repository", commands):
                # The commands may be others by now: the yes is to those that were shown.
                envelope = await self._envelope([argv[0], f"--yes-to={key_of(commands)}", *argv[1:]])
            else:
                told["hint"] = f"{commands}\n{_ALLOWING}"
        elif questions := _questions(envelope):
            answers = await self._answers(questions)
            if answers:
                sets = [f"--set={key}={value}" for key, value in answers.items()]
                envelope = await self._envelope([argv[0], *sets, *argv[1:]])
        if envelope["data"]:
            shown = await anyio.to_thread.run_sync(self.tool.view, envelope["data"], self.arguments, self.service.root)
            envelope = {**envelope, "data": shown}
        return cut(envelope, self.tool.pages, self.arguments.max_tokens, self.arguments.cursor)

    def _confined(self) -> Arguments:
        """The arguments with every path inside the repository. Raises `UsageError`."""
        root = self.service.root
        named = {"path": str(root / inside(root, self.arguments.path))} if self.arguments.path else {"path": str(root)}
        paths = getattr(self.arguments, "paths", ())
        if paths:
            named["paths"] = tuple(str(root / inside(root, path)) for path in paths)  # type: ignore[assignment]
        return msgspec.structs.replace(self.arguments, **named)

    async def _envelope(self, argv: list[str]) -> dict[str, Any]:
        async with self.service.slots:
            ended = await call_verb(argv, root=self.service.root, hear=self._told())
        return _read(ended)

    def _told(self) -> Any:
        count = 0

        async def hear(line: str) -> None:
            nonlocal count
            count += 1
            await self.context.session.report_progress(count, None, clean(line))

        return hear

    async def _consents(self, where: str, commands: str) -> bool:
        if self.service.allowed:
            return True
        message = f"To verify, these commands of {where} run on this machine:\n{commands}"
        said = await ask(self.context, self.params, "consent", message, consent_schema())
        return said is not None and said.get("allow") is True

    async def _answers(self, questions: list[dict[str, Any]]) -> Mapping[str, Any] | None:
        message = "The request leaves something open that must not be guessed."
        return await ask(self.context, self.params, "questions", message, questions_schema(questions))


def understood(tool: Tool, given: Mapping[str, Any] | None) -> Arguments:
    """The arguments. Raises `UsageError` that says what is wrong with which of them."""
    try:
        return msgspec.convert(dict(given or {}), tool.takes)
    except msgspec.ValidationError as error:
        raise UsageError(f"the arguments are not right: {clean(str(error))[:300]}") from error


def result_of(envelope: Mapping[str, Any]) -> CallToolResult:
    """An envelope as the protocol has it. A no of ours (findings, a failed verification) is an answer and no error of the tool."""
    text = msgspec.json.encode(envelope).decode()
    failed = envelope["exit_code"] not in (0, 1)
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=dict(envelope), is_error=failed
    )


def failure(verb: str, error: BackwrightError) -> CallToolResult:
    """An expected failure as the envelope that every verb has for it."""
    return result_of(msgspec.to_builtins(error_envelope(verb, error)))


def _read(ended: Ended) -> dict[str, Any]:
    try:
        envelope = msgspec.json.decode(ended.output, type=dict[str, Any])
    except msgspec.DecodeError as error:
        said = clean(ended.words.rpartition("\n")[2])
        raise MachineError(f"the verb ended with {ended.exit_code} and gave no answer: {said}") from error
    return envelope


def _problem(envelope: Mapping[str, Any], code: str) -> dict[str, Any] | None:
    return next((p for p in envelope["problems"] if p["code"] == code), None)


def _questions(envelope: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = envelope["data"]
    change = data.get("change") if isinstance(data, dict) else None
    return list(change["questions"]) if isinstance(change, dict) else []
