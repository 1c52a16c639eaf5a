"""Clients that mean harm, many at once, and servers that are killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_scene import committed_shop, server, told

_TOKEN = "a-token-that-nobody-guesses"
_HELLO = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
_WANTS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
_SLEEPING = 'language: python\nframework: fastapi\nverify:\n  say: python -c "import time; time.sleep(987)"\n'
_REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("map", {"path": ".."}, "leads out of the repository"),
    ("map", {"path": "/etc"}, "leads out of the repository"),
    ("check", {"paths": ["app", "../../etc/passwd"]}, "leads out of the repository"),
    ("check", {"paths": ["link/passwd"]}, "leads out of the repository"),
    ("check", {"path": "a\0b"}, "arguments are not right"),
    ("plan", {"request": "a\0b"}, "arguments are not right"),
    ("plan", {"request": "   "}, ""),
    ("map", {"path": "loop"}, "does not exist"),
    ("map", {"path": "x" * 300}, "cannot be read"),
    ("check", {"since": "--yes"}, "is not a commit"),
    ("check", {"since": "--output=stolen"}, "is not a commit"),
    ("explain", {"subject": "--json"}, "--json"),
    ("explain", {"subject": "x" * 401}, "arguments are not right"),
    ("check", {"select": 7}, "arguments are not right"),
    ("check", {"paths": "app"}, "arguments are not right"),
    ("check", {"paths": ["a"] * 501}, "arguments are not right"),
    ("map", {"max_tokens": 1}, "arguments are not right"),
    ("map", {"cursor": "!!!"}, "no cursor"),
    ("map", {"unknown": True}, "unknown field"),
    ("plan", {"request": "y" * 20_001}, "arguments are not right"),
    ("plan", {"request": "resource --yes"}, ""),
    ("apply", {"plan": "../../x"}, "arguments are not right"),
    ("exemplar", {"role": "`id`"}, "there is no role"),
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return committed_shop(tmp_path / "shop")


def test_refused_in_our_words(shop: Path) -> None:
    (shop / "link").symlink_to("/etc")
    (shop / "loop").symlink_to("loop")

    async def talk() -> None:
        async with Client(server(shop)) as client:
            for tool, arguments, said in _REFUSED:
                result = await client.call_tool(tool, arguments)
                envelope = result.structured_content
                assert isinstance(envelope, dict)
                assert envelope["exit_code"] in (2, 4), (tool, arguments)
                assert said in envelope["problems"][0]["message"] + envelope["problems"][0]["where"], (tool, arguments)
                assert "root:" not in str(envelope)
            assert (await told(client, "run_status"))["ok"]  # the server is as well as before

    anyio.run(talk)
    assert not (shop / "stolen").exists()


def test_unknown_tool(shop: Path) -> None:
    async def talk() -> None:
        async with Client(server(shop)) as client:
            with pytest.raises(MCPError, match="there is no tool"):
                await client.call_tool("rm", {"path": "."})

    anyio.run(talk)


def test_modules_of_the_repository_are_not_ours(shop: Path) -> None:
    for name in ("click.py", "json.py", "msgspec.py"):
        (shop / name).write_text("raise SystemExit('taken over')\n")

    async def talk() -> None:
        async with Client(server(shop)) as client:
            assert (await told(client, "map"))["ok"]

    anyio.run(talk)


def test_twenty_clients_get_what_one_gets(shop: Path) -> None:
    answers: list[object] = []

    async def one(limiter: anyio.Semaphore) -> None:
        async with Client(server(shop)) as client:
            for tool in ("routes", "check"):
                envelope = await told(client, tool)
                answers.append({key: envelope[key] for key in ("ok", "summary", "data")})

    async def all_of_them() -> None:
        await one(anyio.Semaphore(1))
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(one, anyio.Semaphore(1))

    anyio.run(all_of_them)
    assert len(answers) == 42
    for number, tool in enumerate(("routes", "check")):
        mine = [a for a in answers if ("routes" in a["data"]) is (tool == "routes")]  # type: ignore[index]
        assert len(mine) == 21, number
        assert all(answer == mine[0] for answer in mine)


def test_cancelled_verb_is_gone(shop: Path) -> None:
    (shop / "stack/stack.yaml").write_text(_SLEEPING)

    async def talk() -> None:
        async with Client(server(shop, "--allow-commands")) as client:
            with anyio.move_on_after(60):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(client.call_tool, "verify", {})
                    while not _sleeping():
                        await anyio.sleep(0.1)
                    tasks.cancel_scope.cancel()
            with anyio.fail_after(30):
                while _sleeping():
                    await anyio.sleep(0.1)
            assert (await told(client, "run_status"))["ok"]

    anyio.run(talk)


def test_killed_server_leaves_nothing_behind(shop: Path) -> None:
    (shop / "stack/stack.yaml").write_text(_SLEEPING)
    with _served(shop, "--allow-commands", "--python", sys.executable) as url:

        async def talk() -> None:
            headers = {"Authorization": f"Bearer {_TOKEN}"}
            async with (
                httpx2.AsyncClient(headers=headers, timeout=60) as web,
                Client(streamable_http_client(url, http_client=web)) as client,
                anyio.create_task_group() as tasks,
            ):
                tasks.start_soon(client.call_tool, "verify", {})
                while not _sleeping():
                    await anyio.sleep(0.1)
                _kill_server(url)
                while _sleeping():
                    await anyio.sleep(0.1)
                tasks.cancel_scope.cancel()

        with suppress(BaseExceptionGroup):  # the client's connection is cut
            anyio.run(talk)
    assert not _sleeping()

    async def again() -> None:
        async with Client(server(shop)) as client:
            planned = await told(client, "plan", request="resource Review rating:int")
            assert planned["ok"]

    anyio.run(again)


def _kill_server(url: str) -> None:
    port = url.split(":")[2].split("/")[0].encode()
    for process in Path("/proc").iterdir():
        words = _command(process).split(b"\0") if process.name.isdigit() else []
        if port in words and b"serve" in words:
            os.kill(int(process.name), signal.SIGKILL)


def _sleeping() -> bool:
    return any(b"sleep(987)" in _command(process) for process in Path("/proc").iterdir() if process.name.isdigit())


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


def test_http_only_for_who_knows_the_token(shop: Path) -> None:
    with _served(shop) as url:
        origin = {"Authorization": f"Bearer {_TOKEN}", **_WANTS}
        with httpx2.Client() as web:
            assert web.post(url, json=_HELLO, headers=_WANTS).status_code == 401
            wrong = {**_WANTS, "Authorization": "Bearer a-token-that-somebody-guesses"}
            refused = web.post(url, json=_HELLO, headers=wrong)
            assert (refused.status_code, refused.content) == (401, b"")
            assert web.post(url, json=_HELLO, headers={**origin, "Host": "evil.example"}).status_code == 421
            assert web.post(url, json=_HELLO, headers={**origin, "Origin": "https://evil.example"}).status_code == 403
            assert web.post(url, content=b"x" * (2 * 1024 * 1024), headers=origin).status_code == 413
            assert web.post(url, content=b"[" * 50_000, headers=origin).status_code == 400

        async def talk() -> None:
            headers = {"Authorization": f"Bearer {_TOKEN}"}
            async with (
                httpx2.AsyncClient(headers=headers, timeout=60) as web,
                Client(streamable_http_client(url, http_client=web)) as client,
            ):
                assert len((await told(client, "routes"))["data"]["routes"]) == 15

        anyio.run(talk)


@contextmanager
def _served(root: Path, *options: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "backwright.surfaces.cli", "serve", "mcp", str(root), "--port", str(port), *options]
    process = subprocess.Popen(argv, env={**os.environ, "BACKWRIGHT_MCP_TOKEN": _TOKEN}, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, 130, -signal.SIGTERM, -signal.SIGKILL)
