"""The one way for foreign text into a report: what could steer a terminal or mislead a reader is shown as an escape.

Foreign is all that comes from a repository, a child process or a model.
"""

from __future__ import annotations

import re

# C0 and C1 controls, delete; line and paragraph separators; bidirectional marks, embeddings, overrides and isolates;
# invisible operators, the byte order mark, interlinear annotations, lone surrogates, and the tag characters.
_HOSTILE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f"
)
_IN_BLOCK = re.compile(f"[{_HOSTILE}]")
_IN_LINE = re.compile(f"[{_HOSTILE}\n\t]")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\x1b": "\\x1b"}


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


_COLORS = re.compile(r"\x1b\[[0-9;:]*m")


def without_colors(text: str) -> str:
    """`text` without the colour codes that programs put into their output; other escape codes stay."""
    return _COLORS.sub("", text)


def clean(text: str) -> str:
    """`text` for one line: controls, newlines and tabs included, as visible escapes."""
    return _IN_LINE.sub(_escape, text)


def clean_block(text: str) -> str:
    """`text` of several lines: newlines and tabs stay, `\\r\\n` becomes a newline."""
    return _IN_BLOCK.sub(_escape, text.replace("\r\n", "\n"))


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def clean_json(text: str) -> str:
    """JSON text that means the same, with the characters that could steer a terminal written as `\\uXXXX`.

    A newline between tokens stays; within strings JSON has escaped it already.
    """
    return _IN_BLOCK.sub(_json_escape, text)
