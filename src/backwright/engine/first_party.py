"""Whether the project's import sorter takes its folder of migrations, `alembic/`, for the library of that name."""

from __future__ import annotations

import tomllib
from typing import Any

from backwright.kit.index import FactIndex


def alembic_is_ours(index: FactIndex) -> bool:
    """ruff calls every folder beside its configuration first-party, unless it is told otherwise."""
    prefix = f"{index.root}/" if index.root else ""
    if not any(p.startswith(f"{prefix}alembic/") for p in index.paths):
        return False
    settings = _ruff(index, prefix)
    lint: dict[str, Any] = {**settings, **settings.get("lint", {})}
    selected = [*lint.get("select", ()), *lint.get("extend-select", ())]
    known = lint.get("isort", {}).get("known-third-party", ())
    return bool({"I", "I0", "I00", "I001", "ALL"} & set(selected)) and "src" not in settings and "alembic" not in known


def _ruff(index: FactIndex, prefix: str) -> dict[str, Any]:
    """The settings of ruff: of its own file, which counts first, or of pyproject.toml."""
    for name, keys in ((".ruff.toml", ()), ("ruff.toml", ()), ("pyproject.toml", ("tool", "ruff"))):
        text = index.texts.get(f"{prefix}{name}")
        if text is None:
            continue
        try:
            found: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return {}
        for key in keys:
            found = found.get(key, {})
        return found
    return {}
