"""What `--show-config` says to people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from backwright.report.terminal import Canvas, Part, Screen, Styled


def render_settings(file: str, settings: Iterable[tuple[str, Any, str]], screen: Screen) -> str:
    """Every key with its value and its origin."""
    canvas = Canvas(screen)
    canvas.line(Styled("Configuration", "bold"), f"   {file or 'no file'}")
    canvas.gap()
    rows: list[list[Part]] = []
    for key, value, origin in settings:
        shown = json.dumps(value, ensure_ascii=False)
        rows.append([key, shown, Styled(origin, "dim" if origin == "default" else "")])
    canvas.table(rows)
    return canvas.text()
