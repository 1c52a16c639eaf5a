"""A repository that is served, starting the server as a client does, and reading its answers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

_SHOP = Path(__file__).parents[2] / "repos" / "shop_layered"
_LEFT = shutil.ignore_patterns("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv")
_STACK = """language: python
framework: fastapi
verify:
  say: python -c "print(42)"
"""


def committed_shop(root: Path) -> Path:
    """The layered sample with a contract of one quick command."""
    shutil.copytree(_SHOP, root, ignore=_LEFT)
    (root / "stack").mkdir(exist_ok=True)
    (root / "stack/stack.yaml").write_text(_STACK)
    (root / "backwright.toml").write_text('[backwright.verify]\nsteps = ["say"]\n')
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.email=a@b.c", "-c", "user.name=a", "commit", "-qm", "1"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


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
