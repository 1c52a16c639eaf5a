"""Starting the server as a client does, and reading its answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters


def server(root: Path, *options: str) -> StdioServerParameters:
    """How a client starts ours."""
    words = ["-m", "backwright.surfaces.cli", "serve", "mcp", str(root), "--python", sys.executable, *options]
    return StdioServerParameters(command=sys.executable, args=words)


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The envelope that a tool answers with."""
    result = await client.call_tool(tool, arguments)
    envelope = result.structured_content
    assert isinstance(envelope, dict)
    return envelope
