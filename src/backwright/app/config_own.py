"""What only the user may say, never a repository: which model is talked to, at which server, and what is granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from backwright.app.config_file import find_line, parse_table, read_config
from backwright.core.errors import UsageError

OWN = (
    "agent.model", "agent.base-url", "permissions.network", "permissions.read", "permissions.environment",
    "permissions.memory",
)  # fmt: skip


def own_file(environ: Mapping[str, str], root: Path | None) -> Path | None:
    """The user's own configuration file; None where there is none, or where it would be part of the repository."""
    named, home = Path(environ.get("XDG_CONFIG_HOME", "")), environ.get("HOME", "")
    if not named.is_absolute() and not home:
        return None
    file = (named if named.is_absolute() else Path(home) / ".config") / "backwright" / "config.toml"
    if not file.is_file() or (root is not None and file.resolve().is_relative_to(root)):
        return None
    return file


def own_values(file: Path) -> Iterator[tuple[str, Any, str]]:
    """The values of the file with their keys and places. Raises `UsageError` for keys that belong into a repository."""
    text = read_config(file) or ""
    table = parse_table(text, str(file))
    for section, values in table.values.items():
        for name, value in (values if isinstance(values, dict) else {"": values}).items():
            key = f"{section}.{name}".rstrip(".")
            place = f"{file}:{find_line(text, f'backwright.{key}')}"
            if key not in OWN:
                raise UsageError(
                    f"`{key}` is a matter of a repository", where=place, hints=(f"here: {', '.join(OWN)}",)
                )
            yield key, value, place
