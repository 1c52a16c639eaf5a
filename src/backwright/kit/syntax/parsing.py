"""Parses within a limit: on some broken texts a grammar tries out endless ways to go on."""

from __future__ import annotations

import time

from tree_sitter import Node, Parser

SECONDS = 3.0  # processor time; real files of a megabyte take a tenth of it
GAVE_UP = "its parser finds no end"
_CHUNK = 1024 * 1024


def parsed(parser: Parser, source: bytes) -> Node | None:
    """The root of the syntax tree, None where the parser was stopped."""
    ends = time.process_time() + SECONDS
    try:
        return parser.parse(
            lambda offset, _: source[offset : offset + _CHUNK],
            progress_callback=lambda _, __: time.process_time() > ends,
        ).root_node
    except ValueError:
        parser.reset()  # else it would go on with this text
        return None
