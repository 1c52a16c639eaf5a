"""The tools over standard input and output, with the official client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_scene import committed_shop, server, told
from mcp_types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult

from backwright.engine.handbook import pages
from backwright.surfaces.mcp.tools import page, tools

_READ_ONLY = {"apply", "undo", "verify"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return committed_shop(tmp_path / "shop")


def test_tools_and_their_answers(shop: Path) -> None:
    async def talk() -> None:
        async with Client(server(shop)) as client:
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(listed) == set(tools())
            for name, tool in listed.items():
                Draft202012Validator.check_schema(tool.input_schema)
                assert tool.description == page(name)
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint is (name not in _READ_ONLY)
            found = await told(client, "map")
            assert found["ok"]
            assert {"kind": "framework", "name": "FastAPI", "version": "0.121"} in found["data"]["stack"]
            routes = (await told(client, "routes", contains="categor"))["data"]["routes"]
            assert [r["method"] for r in routes] == ["GET", "GET", "POST", "PATCH", "DELETE"]
            entity = (await told(client, "entities", name="Category"))["data"]["entities"][0]
            assert "name String(50) unique" in entity["columns"]
            assert "suppliers -> many Supplier" in entity["relations"]
            style = (await told(client, "house_style", topic="session"))["data"]["conventions"]
            assert style[0]["example"].startswith("app/api/deps.py:")
            service = (await told(client, "exemplar", role="service", like="suppliers"))["data"]
            assert service["path"] == "app/services/supplier.py"
            assert service["text"] == (shop / "app/services/supplier.py").read_text()
            pack = (await told(client, "context_pack", request="let customers review a category"))["data"]
            texts = {part["title"].partition(":")[0]: part["text"] for part in pack["parts"]}
            assert "class Category(" in texts["app/models/category.py"]
            assert "async def create" in texts["app/services/category.py"]
            assert {part["kind"] for part in pack["parts"]} >= {"task", "house", "symbol", "outline", "around"}
            rule = (await told(client, "explain", subject="BW101"))["data"]
            assert rule["title"] == "BW101 query-in-router"
            assert (await told(client, "stack"))["data"]["backends"] == [""]
            assert (await told(client, "run_status"))["data"]["stack"].startswith("Python")

    anyio.run(talk)


def test_broken_guardrail_is_told(shop: Path) -> None:
    router = shop / "app/api/routes/categories.py"
    broken = (
        "\n\n@router.get('/broken')\nasync def broken(session: SessionDep, name: str) -> None:\n"
        "    await session.execute(text(f\"SELECT * FROM categories WHERE name = '{name}'\"))\n"
    )
    imports = "from sqlalchemy import text\nfrom app.api.deps import SessionDep\n"
    router.write_text(imports + router.read_text() + broken)

    async def talk() -> None:
        async with Client(server(shop)) as client:
            result = await client.call_tool("check", {"since": "HEAD", "paths": ["app/api"]})
            assert not result.is_error  # a no is an answer
            found = result.structured_content
            assert found is not None
            assert not found["ok"]
            rules = {finding["rule"] for finding in found["data"]["findings"]}
            assert {"BW101 query-in-router", "BW301 interpolated-sql"} <= rules
            only = await told(client, "check", since="HEAD", select="BW301")
            assert {finding["rule"] for finding in only["data"]["findings"]} == {"BW301 interpolated-sql"}

    anyio.run(talk)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_planned_allowed_by_a_person_applied_and_undone(shop: Path, mode: str) -> None:
    asked: list[str] = []
    heard: list[str] = []

    async def person(context: object, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"allow": len(asked) > 1})

    async def heard_of(progress: float, total: float | None = None, message: str | None = None) -> None:
        heard.append(message or "")

    async def talk() -> None:
        before = _content(shop)
        async with Client(server(shop), mode=mode, elicitation_callback=person) as client:
            planned = await told(client, "plan", request="resource Review rating:int body:text")
            assert {file["what"] for file in planned["data"]["files"]} == {"new", "changed"}
            assert _content(shop) == before
            change = planned["data"]["id"]
            refused = await told(client, "apply", plan=change)
            assert refused["exit_code"] == 4
            assert _content(shop) == before
            result = await client.call_tool("apply", {"plan": change}, progress_callback=heard_of)
            applied = result.structured_content
            assert applied is not None
            assert applied["ok"], applied
            assert "class Review" in (shop / "app/models/review.py").read_text()
            assert len(asked) == 2
            assert "print(42)" in asked[0]
            assert (await told(client, "undo", change=change))["ok"]
            assert _content(shop) == before

    anyio.run(talk)
    assert any("say" in line for line in heard)


def test_a_yes_is_to_what_was_shown(shop: Path) -> None:
    stack = shop / "stack/stack.yaml"
    other = shop / "other.txt"

    async def person(context: object, params: ElicitRequestParams) -> ElicitResult:
        assert "print(42)" in params.message
        stack.write_text(stack.read_text().replace("print(42)", f"open('{other}', 'w')"))  # while the person reads
        return ElicitResult(action="accept", content={"allow": True})

    async def talk() -> None:
        async with Client(server(shop), mode="legacy", elicitation_callback=person) as client:
            refused = await told(client, "verify")
            assert [problem["code"] for problem in refused["problems"]] == ["BW-E008"]

    anyio.run(talk)
    assert not other.exists()


def test_nobody_to_ask(shop: Path) -> None:
    async def talk() -> None:
        async with Client(server(shop)) as client:
            result = await client.call_tool("verify", {})
            assert result.is_error
            assert result.structured_content is not None
            assert [p["code"] for p in result.structured_content["problems"]] == ["BW-E008"]
            assert "print(42)" in result.structured_content["problems"][0]["hint"]
        async with Client(server(shop, "--allow-commands")) as client:
            assert (await told(client, "verify"))["ok"]

    anyio.run(talk)


def test_open_questions_are_data_and_are_asked(shop: Path) -> None:
    forms: list[dict[str, Any]] = []

    async def person(context: object, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        forms.append(params.requested_schema["properties"])
        answers = {"fields": "title:str(80)", "status": "enum(draft,active,archived)"}
        return ElicitResult(action="accept", content={key: answers[key] for key in forms[-1]})

    async def talk() -> None:
        async with Client(server(shop)) as client:
            asked = await told(client, "plan", request="add an orders API")
            assert [question["key"] for question in asked["data"]["questions"]] == ["fields"]
            answered = await told(client, "plan", request="add an orders API", answers={"fields": "number:str(20)"})
            assert "number" in answered["data"]["files"][0]["text"]
        async with Client(server(shop), elicitation_callback=person) as client:
            planned = await told(client, "plan", request="add an orders API")
            assert "title: Mapped[str]" in planned["data"]["files"][0]["text"]
            planned = await told(client, "plan", request="add a ticket resource with title and status")
            assert planned["data"]["questions"] == []

    anyio.run(talk)
    assert "enum" not in forms[0]["fields"]
    assert forms[1]["status"]["enum"] == ["str(50)", "enum(draft,active,archived)"]


def test_read_only(shop: Path) -> None:
    async def talk() -> None:
        async with Client(server(shop, "--read-only")) as client:
            assert not _READ_ONLY & {tool.name for tool in (await client.list_tools()).tools}
            with pytest.raises(MCPError, match="there is no tool 'apply'"):
                await client.call_tool("apply", {"plan": "abcd"})

    anyio.run(talk)


def test_cut_and_paged(shop: Path) -> None:
    async def talk() -> None:
        async with Client(server(shop)) as client:
            whole = (await told(client, "map"))["data"]["components"]
            got: list[Any] = []
            cursor = ""
            for _ in range(50):
                part = await told(client, "map", max_tokens=1200, cursor=cursor)
                assert len(json.dumps(part, separators=(",", ":"))) / 3.5 < 1250
                got += part["data"]["components"]
                if "more" not in part:
                    break
                cursor = part["more"]["cursor"]
            assert got == whole
            (shop / "app/models/extra.py").write_text("class Extra:\n    pass\n")
            gone = await told(client, "map", max_tokens=1200, cursor=cursor)
            assert gone["problems"][0]["message"] == "the answer is another one by now"

    anyio.run(talk)


def test_resources_and_prompts(shop: Path) -> None:
    async def talk() -> None:
        async with Client(server(shop)) as client:
            listed = {str(r.uri) for r in (await client.list_resources()).resources}
            assert listed == {
                "backwright://map",
                "backwright://rules",
                *(f"backwright://handbook/{p}" for p in pages()),
            }
            read = await client.read_resource("backwright://handbook/playbook/import")
            assert getattr(read.contents[0], "text", "") == pages()["playbook/import"].text
            read = await client.read_resource("backwright://rules/BW301")
            assert "# BW301 interpolated-sql" in getattr(read.contents[0], "text", "")
            mapped = await client.read_resource("backwright://map")
            assert json.loads(getattr(mapped.contents[0], "text", ""))["schema"] == "backwright.map/1"
            for uri in ("backwright://rules/../../etc/passwd", "file:///etc/passwd", "backwright://rules/BW999"):
                with pytest.raises(MCPError):
                    await client.read_resource(uri)
            prompts = (await client.list_prompts()).prompts
            assert [prompt.name for prompt in prompts] == ["fix_finding", "implement", "review"]
            assert prompts[0].description == "Fix the finding … in …."
            prompt = await client.get_prompt("implement", {"request": "a products API"})
            assert "a products API" in getattr(prompt.messages[0].content, "text", "")
            with pytest.raises(MCPError, match="needs request"):
                await client.get_prompt("implement", {})

    anyio.run(talk)


def _content(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".git", ".backwright", "__pycache__"} & set(path.relative_to(root).parts)
    }
