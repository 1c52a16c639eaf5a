"""The server: which tools, resources and prompts there are, and how each is answered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from mcp.server import Server, ServerRequestContext
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool

from backwright.adapters.child import call_verb
from backwright.core.errors import BackwrightError
from backwright.engine.handbook import pages
from backwright.report.tool import NAME, version
from backwright.surfaces.mcp.asking import Pending
from backwright.surfaces.mcp.calling import Call, Service, failure, result_of, understood
from backwright.surfaces.mcp.shapes import Tool
from backwright.surfaces.mcp.tools import page, tools

_HERE = Path(__file__).parent
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_SCHEME = "backwright://"
_SUBJECT = re.compile(r"backwright://(?:rules|plans|runs|handbook)/([A-Za-z0-9-]{1,60}(?:/[A-Za-z0-9-]{1,60})?)")

Context = ServerRequestContext[Any]


def build(service: Service) -> Server[Any]:
    """The server of one repository."""
    answers = _Answers(service)
    server: Server[Any] = Server(
        NAME,
        version=version(),
        title="Backwright",
        instructions=(_HERE / "instructions.md").read_text(encoding="utf-8"),
        on_list_tools=answers.list_tools,
        on_call_tool=answers.call_tool,
        on_list_resources=answers.list_resources,
        on_list_resource_templates=answers.list_templates,
        on_read_resource=answers.read_resource,
        on_list_prompts=answers.list_prompts,
        on_get_prompt=answers.get_prompt,
    )
    # What a client sends back with an answer is sealed: it cannot make up the question that it answers.
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=NAME))
    return server


class _Answers:
    """One method a request of the protocol."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def _tools(self) -> dict[str, Tool]:
        return {name: tool for name, tool in tools().items() if not (tool.acts and self._service.read_only)}

    async def list_tools(self, context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_listed(name, tool) for name, tool in self._tools().items()])

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult | InputRequiredResult:
        tool = self._tools().get(params.name)
        if tool is None:
            raise MCPError(code=INVALID_PARAMS, message=f"there is no tool {params.name[:60]!r}")
        try:
            call = Call(self._service, tool, understood(tool, params.arguments), context, params)
            return result_of(await call.answer())
        except Pending as pending:
            return pending.result
        except BackwrightError as error:
            return failure(params.name, error)

    async def list_resources(self, context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        listed = [
            ("map", "The map of the backend", "application/json"),
            ("rules", "All guardrails and the languages they speak of", "text/markdown"),
            *((f"handbook/{page.name}", page.title, "text/markdown") for page in pages().values()),
        ]
        return ListResourcesResult(
            resources=[Resource(uri=_SCHEME + n, name=n, title=t, mime_type=m) for n, t, m in listed]
        )

    async def list_templates(
        self, context: Context, params: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        listed = [("rules/{id}", "The page of a guardrail"), ("plans/{id}", "A plan"), ("runs/{id}", "What a run did")]
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(
                    uri_template=_SCHEME + uri, name=uri.partition("/")[0], title=t, mime_type="text/markdown"
                )
                for uri, t in listed
            ]
        )

    async def read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        uri = str(params.uri)
        if uri == f"{_SCHEME}map":
            return _resource(uri, await self._said(["map", "--json"]), "application/json")
        subject = "rules" if uri == f"{_SCHEME}rules" else ""
        if found := _SUBJECT.fullmatch(uri):
            subject = found.group(1)
        if not subject:
            raise MCPError(code=INVALID_PARAMS, message=f"there is no resource {uri[:100]!r}")
        answer = msgspec.json.decode(await self._said(["explain", "--json", "--", subject]))
        if answer["exit_code"] != 0:
            raise MCPError(code=INVALID_PARAMS, message=answer["problems"][0]["message"])
        return _resource(uri, answer["data"]["markdown"], "text/markdown")

    async def _said(self, argv: list[str]) -> str:
        async def hear(line: str) -> None:
            return None

        async with self._service.slots:
            ended = await call_verb(argv, root=self._service.root, hear=hear)
        return ended.output.decode("utf-8", "replace")

    async def list_prompts(self, context: Context, params: PaginatedRequestParams | None) -> ListPromptsResult:
        return ListPromptsResult(prompts=[_prompt(path) for path in sorted((_HERE / "prompts").glob("*.md"))])

    async def get_prompt(self, context: Context, params: GetPromptRequestParams) -> GetPromptResult:
        path = next((p for p in (_HERE / "prompts").glob("*.md") if p.stem == params.name), None)
        if path is None:
            raise MCPError(code=INVALID_PARAMS, message=f"there is no prompt {params.name[:60]!r}")
        title, _, body = path.read_text(encoding="utf-8").partition("\n")
        given = params.arguments or {}
        missing = [name for name in _names(body) if not given.get(name)]
        if missing:
            raise MCPError(code=INVALID_PARAMS, message=f"the prompt {path.stem} needs {', '.join(missing)}")
        text = _PLACEHOLDER.sub(lambda match: str(given[match.group(1)]), body).strip()
        message = PromptMessage(role="user", content=TextContent(type="text", text=text))
        return GetPromptResult(description=title, messages=[message])


def _listed(name: str, tool: Tool) -> ListedTool:
    (schema,), parts = msgspec.json.schema_components([tool.takes])
    flat = parts[schema["$ref"].rpartition("/")[2]]
    hints = ToolAnnotations(
        title=tool.title, read_only_hint=not tool.acts, destructive_hint=tool.acts, idempotent_hint=not tool.acts,
        open_world_hint=False,
    )  # fmt: skip
    return ListedTool(
        name=name,
        title=tool.title,
        description=page(name),
        input_schema={key: value for key, value in flat.items() if key not in ("title", "description")},
        output_schema=_OUTPUT,
        annotations=hints,
    )


_OUTPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "schema": {"type": "string"},
        "ok": {"type": "boolean"},
        "exit_code": {"type": "integer"},
        "summary": {"type": "object"},
        "data": {"type": "object"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("code", "message", "hint", "where")},
                "required": ["code", "message"],
            },
        },
        "next": {"type": "array", "items": {"type": "object"}},
        "meta": {"type": "object"},
        "more": {
            "type": "object",
            "properties": {"cursor": {"type": "string"}, "total": {"type": "integer"}},
            "required": ["cursor", "total"],
        },
    },
    "required": ["schema", "ok", "exit_code", "summary", "data", "problems", "next", "meta"],
}


def _prompt(path: Path) -> Prompt:
    title, _, body = path.read_text(encoding="utf-8").partition("\n")
    arguments = [PromptArgument(name=name, required=True) for name in _names(body)]
    first = body.strip().partition("\n")[0]
    return Prompt(name=path.stem, title=title, description=_PLACEHOLDER.sub("…", first), arguments=arguments)


def _names(body: str) -> list[str]:
    return list(dict.fromkeys(_PLACEHOLDER.findall(body)))


def _resource(uri: str, text: str, kind: str) -> ReadResourceResult:
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=text, mime_type=kind)])
