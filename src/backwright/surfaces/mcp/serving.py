"""Starting the server, on standard input and output or on a port of this machine."""

from __future__ import annotations

import hmac
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from backwright.app.config import find_root
from backwright.core.errors import UsageError
from backwright.surfaces.mcp.calling import Service
from backwright.surfaces.mcp.server import build

HOST = "127.0.0.1"
TOKEN = "BACKWRIGHT_MCP_TOKEN"  # noqa: S105 - the name of the variable
_SHORTEST_TOKEN = 16  # characters
_BODY = 1024 * 1024  # bytes of one request

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def serve(path: Path, *, port: int | None, read_only: bool, allowed: bool, python: str) -> None:
    """Serve the repository that `path` is in until the client goes away or we are interrupted.

    Without a port on standard input and output. On a port only who knows the token is answered: that of the environment
    variable `BACKWRIGHT_MCP_TOKEN`, else a new one, which is told on standard error. Raises `UsageError`.
    """
    root = (find_root(path) or path).resolve()
    if not root.is_dir():
        raise UsageError("there is no folder to serve", where=str(path))
    server = build(Service(root, read_only=read_only, allowed=allowed, python=python))
    if port is None:
        anyio.run(_over_streams, server)
        return
    token = os.environ.get(TOKEN) or secrets.token_urlsafe(32)
    if len(token) < _SHORTEST_TOKEN:
        raise UsageError(f"{TOKEN} is too short", hints=(f"at least {_SHORTEST_TOKEN} characters that nobody guesses",))
    told = "" if os.environ.get(TOKEN) else f"\nAuthorization: Bearer {token}"
    sys.stderr.write(f"Backwright serves {root.name} on http://{HOST}:{port}/mcp{told}\n")
    sys.stderr.flush()
    anyio.run(_over_http, server, port, token)


async def _over_streams(server: Server[Any]) -> None:
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


async def _over_http(server: Server[Any], port: int, token: str) -> None:
    import uvicorn

    app = guarded(http_app(server, port), token)
    config = uvicorn.Config(app, host=HOST, port=port, log_level="warning", access_log=False, server_header=False)
    await uvicorn.Server(config).serve()


def http_app(server: Server[Any], port: int) -> App:
    """The transport. Only requests to this machine by its own names are taken, and none that a web page sends."""
    names = [f"{host}:{port}" for host in (HOST, "localhost")]
    security = TransportSecuritySettings(allowed_hosts=names, allowed_origins=[])
    app: App = server.streamable_http_app(  # type: ignore[assignment]  # an ASGI application, typed more narrowly there
        streamable_http_path="/mcp", host=HOST, transport_security=security, max_request_body_size=_BODY
    )
    return app


def guarded(app: App, token: str) -> App:
    """The application for those who know the token; everybody else gets 401 and not a word more."""
    expected = f"Bearer {token}".encode()

    async def guard(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(given, expected):
                headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
                await send({"type": "http.response.start", "status": 401, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
        await app(scope, receive, send)

    return guard
