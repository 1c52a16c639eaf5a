"""A provider on 127.0.0.1 that plays a script: OpenAI chat and responses, Anthropic messages, Gemini.

The step that is played is the number of tool results in the request, so that a request that is repeated gets the same
step. Requests that offer no tools (titles, summaries) get "ok". Steps that fail a number of `times` go on afterwards.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_HERE = re.compile(r"[Ww]orking (?:in the )?directory:? (?:is )?`?(/[^\s\"\\`<]+)")
TOKENS = 7  # of every prompt and every reply


@dataclass(frozen=True)
class Step:
    """One reply. `status` answers with an error, of which `error` says more; `raw` is sent as it is.

    In what is given to a tool, `@HERE@/` is the folder that the agent says it works in, where it says so.

    `cut` ends a stream in the middle: "broken" against what was announced, "quiet" as if that were all.
    """

    tool: str = ""
    args: dict[str, Any] | str = field(default_factory=dict)
    text: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, str] = field(default_factory=dict)
    cut: str = ""
    raw: str = ""
    hang: float = 0.0
    custom: bool = False  # a tool of the responses protocol whose input is a text
    times: int = 0  # how often an error or a cut is played before the same step is a good one


def use(tool: str, /, **args: Any) -> Step:
    return Step(tool=tool, args=args)


def say(text: str) -> Step:
    return Step(text=text)


@dataclass
class Played:
    """What was asked so far."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def everything(self) -> str:
        return json.dumps(self.requests)


@contextmanager
def provider(*steps: Step, loop: bool = False, again: Sequence[Step] = ()) -> Iterator[Played]:
    """Plays `steps`; after the last it repeats that one, or with `loop` begins again.

    `again` are played instead to who says that there was an attempt before.
    """
    server = _Server(steps, again or steps, loop=loop)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.played
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, steps: Sequence[Step], again: Sequence[Step], *, loop: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.steps, self.again, self.loop = steps, again, loop
        self.failed: dict[int, int] = {}
        self.played = Played(f"http://127.0.0.1:{self.server_port}")

    def step(self, number: int) -> Step:
        steps = self.again if "This is attempt " in json.dumps(self.played.requests[-1]) else self.steps
        index = number % len(steps) if self.loop else min(number, len(steps) - 1)
        step = steps[index]
        if step.times:
            self.failed[index] = self.failed.get(index, 0) + 1
            if self.failed[index] > step.times:
                return Step(step.tool, step.args, step.text)
        return step

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Silent."""

    def do_HEAD(self) -> None:
        self._json({})

    def do_GET(self) -> None:
        model = {"id": "scripted", "object": "model", "type": "model", "display_name": "scripted", "owned_by": "me"}
        self._json({"object": "list", "data": [model], "models": []})

    def do_POST(self) -> None:
        body = self._body()
        path = self.path.partition("?")[0]
        self.server.played.paths.append(path)
        self.server.played.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server.played.requests.append(body)
        if "count_tokens" in path or "countTokens" in path:
            return self._json({"input_tokens": TOKENS, "totalTokens": TOKENS})
        for ending, play in (
            ("/chat/completions", self._chat),
            ("/responses", self._responses),
            ("/messages", self._anthropic),
        ):
            if path.endswith(ending):
                return play(body)
        if "enerateContent" in path:
            return self._gemini(body)
        return self._json({"error": {"message": "not scripted", "type": "invalid_request_error"}}, 404)

    def _body(self) -> Any:
        size = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(size)
        if not size and "chunked" in (self.headers.get("transfer-encoding") or ""):
            while size := int(self.rfile.readline().strip() or b"0", 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        return json.loads(raw or b"{}")

    def _json(self, body: Any, code: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(body).encode(), code, {"content-type": "application/json", **(headers or {})})

    def _send(self, data: bytes, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in {**headers, "content-length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _stream(self, events: Sequence[dict[str, Any]], *, named: bool, done: bool, cut: str) -> None:
        lines = [(f"event: {e['type']}\n" if named else "") + f"data: {json.dumps(e)}\n\n" for e in events]
        data = ("".join(lines) + ("data: [DONE]\n\n" if done else "")).encode()
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        if cut != "quiet":
            self.send_header("content-length", str(len(data) * 2 if cut else len(data)))
        self.end_headers()
        self.close_connection = True
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.wfile.flush()

    def _step(self, offered: int, results: int) -> Step | None:
        """The step to play; None where it has been answered already."""
        step = self._placed(self.server.step(results)) if offered else say("ok")
        time.sleep(step.hang)
        if step.status:
            error = {"message": "scripted failure", "type": "server_error", **step.error}
            self._json({"type": "error", "error": error}, step.status, step.headers)
            return None
        if step.raw:
            self._send(step.raw.encode(), 200, {"content-type": "application/json"})
            return None
        return step

    def _placed(self, step: Step) -> Step:
        here = _HERE.search(json.dumps(self.server.played.requests[-1]))
        if isinstance(step.args, str):
            return step
        top = f"{here[1]}/" if here else ""
        args = {k: v.replace("@HERE@/", top) if isinstance(v, str) else v for k, v in step.args.items()}
        return replace(step, args=args)

    def _chat(self, body: dict[str, Any]) -> None:
        results = sum(message.get("role") == "tool" for message in body.get("messages", []))
        step = self._step(len(body.get("tools") or []), results)
        if step is None:
            return
        message: dict[str, Any] = {"role": "assistant", "content": step.text or None}
        if step.tool:
            function = {"name": step.tool, "arguments": _arguments(step)}
            message["tool_calls"] = [{"index": 0, "id": _id("call"), "type": "function", "function": function}]
        reason = "tool_calls" if step.tool else "stop"
        base = {"id": "cc_1", "created": 1, "model": body.get("model", "scripted")}
        usage = {"prompt_tokens": TOKENS, "completion_tokens": TOKENS, "total_tokens": 2 * TOKENS}
        if not body.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": reason}
            self._json({**base, "object": "chat.completion", "choices": [choice], "usage": usage})
            return
        base["object"] = "chat.completion.chunk"
        choices = (
            [{"index": 0, "delta": message, "finish_reason": None}],
            [{"index": 0, "delta": {}, "finish_reason": reason}],
        )
        events = [{**base, "choices": choice} for choice in choices] + [{**base, "choices": [], "usage": usage}]
        self._stream(events, named=False, done=True, cut=step.cut)

    def _responses(self, body: dict[str, Any]) -> None:
        given = body.get("input") if isinstance(body.get("input"), list) else []
        results = sum(str(item.get("type", "")).endswith("_call_output") for item in given or [])
        step = self._step(len(body.get("tools") or []), results)
        if step is None:
            return
        item: dict[str, Any]
        if step.tool and step.custom:
            item = {"type": "custom_tool_call", "id": "ctc_1", "call_id": _id("call"), "name": step.tool}
            item |= {"input": _arguments(step), "status": "completed"}
        elif step.tool:
            item = {"type": "function_call", "id": "fc_1", "call_id": _id("call"), "name": step.tool}
            item |= {"arguments": _arguments(step), "status": "completed"}
        else:
            content = [{"type": "output_text", "text": step.text, "annotations": []}]
            item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}
        usage: dict[str, Any] = {"input_tokens": TOKENS, "output_tokens": TOKENS, "total_tokens": 2 * TOKENS}
        usage |= {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
        response = {"id": "resp_1", "object": "response", "created_at": 1, "model": body.get("model", "scripted")}
        response |= {"status": "completed", "output": [item], "parallel_tool_calls": False, "tool_choice": "auto"}
        response |= {"tools": [], "usage": usage}
        if not body.get("stream"):
            self._json(response)
            return
        started = {**response, "status": "in_progress", "output": []}
        events: list[dict[str, Any]] = [{"type": "response.created", "response": started}]
        events.append({"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "x"}})
        events[-1]["item"]["status"] = "in_progress"
        if not step.tool:
            delta = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": step.text}
            events.append({"type": "response.output_text.delta", **delta})
        events.append({"type": "response.output_item.done", "output_index": 0, "item": item})
        events.append({"type": "response.completed", "response": response})
        numbered = [{**event, "sequence_number": n} for n, event in enumerate(events)]
        self._stream(numbered, named=True, done=False, cut=step.cut)

    def _anthropic(self, body: dict[str, Any]) -> None:
        contents = [m["content"] for m in body.get("messages", []) if isinstance(m.get("content"), list)]
        results = sum(part.get("type") == "tool_result" for content in contents for part in content)
        step = self._step(len(body.get("tools") or []), results)
        if step is None:
            return
        blocks: list[dict[str, Any]] = [{"type": "text", "text": step.text}] if step.text else []
        if step.tool:
            blocks.append({"type": "tool_use", "id": _id("toolu"), "name": step.tool, "input": step.args})
        reason = "tool_use" if step.tool else "end_turn"
        usage = {"input_tokens": TOKENS, "output_tokens": TOKENS}
        usage |= {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
        message = {"id": _id("msg"), "type": "message", "role": "assistant", "model": body.get("model", "scripted")}
        message |= {"content": blocks, "stop_reason": reason, "stop_sequence": None, "usage": usage}
        if not body.get("stream"):
            self._json(message)
            return
        started = {**message, "content": [], "stop_reason": None}
        events: list[dict[str, Any]] = [{"type": "message_start", "message": started}]
        for number, block in enumerate(blocks):
            events += _block_events(number, block)
        ended = {"stop_reason": reason, "stop_sequence": None}
        events.append({"type": "message_delta", "delta": ended, "usage": {"output_tokens": TOKENS}})
        events.append({"type": "message_stop"})
        self._stream(events, named=True, done=False, cut=step.cut)

    def _gemini(self, body: dict[str, Any]) -> None:
        parts = [part for content in body.get("contents", []) for part in content.get("parts", [])]
        offered = sum(len(tool.get("functionDeclarations", [])) for tool in body.get("tools") or [])
        step = self._step(offered, sum("functionResponse" in part for part in parts))
        if step is None:
            return
        if step.tool:
            reply: dict[str, Any] = {"functionCall": {"id": _id("f"), "name": step.tool, "args": step.args}}
        else:
            wants_json = (body.get("generationConfig") or {}).get("responseMimeType") == "application/json"
            reply = {"text": "{}" if wants_json else step.text or "ok"}
        candidate = {"content": {"role": "model", "parts": [reply]}, "finishReason": "STOP", "index": 0}
        usage = {"promptTokenCount": TOKENS, "candidatesTokenCount": TOKENS, "totalTokenCount": 2 * TOKENS}
        answer = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "scripted"}
        if "streamGenerateContent" in self.path:
            self._stream([answer], named=False, done=False, cut=step.cut)
        else:
            self._json(answer)


def _block_events(number: int, block: dict[str, Any]) -> list[dict[str, Any]]:
    if block["type"] == "text":
        empty: dict[str, Any] = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": block["text"]}
    else:
        empty = {**block, "input": {}}
        whole = block["input"] if isinstance(block["input"], str) else json.dumps(block["input"])
        delta = {"type": "input_json_delta", "partial_json": whole}
    return [
        {"type": "content_block_start", "index": number, "content_block": empty},
        {"type": "content_block_delta", "index": number, "delta": delta},
        {"type": "content_block_stop", "index": number},
    ]


def _arguments(step: Step) -> str:
    return step.args if isinstance(step.args, str) else json.dumps(step.args)


def _id(kind: str) -> str:
    return f"{kind}_{time.time_ns()}"
