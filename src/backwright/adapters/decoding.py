"""What counts as readable source: size limits, text or binary, generated or written by people."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_FILE_BYTES = 1024 * 1024
MAX_LINE_BYTES = 20 * 1024

_BOM = b"\xef\xbb\xbf"
_HEADER_BYTES = 4096
# Everything before the first code: blank lines, comments of the common languages, a Python docstring.
_HEADER = re.compile(
    rb"""(?: \s+ | \#[^\n]* | //[^\n]* | --[^\n]* | /\*.*?\*/ | <!--.*?--> | \"\"\".*?\"\"\" | '''.*?''' )*""",
    re.VERBOSE | re.DOTALL,
)
_GENERATED = re.compile(rb"@generated\b|\bgenerated\b.{0,200}?\bdo not (?:edit|modify)\b", re.IGNORECASE | re.DOTALL)


class Decoded(NamedTuple):
    """Text with the encoding to write it back in, or the reason why it is left out."""

    text: str | None
    encoding: str = "utf-8"
    skipped: str = ""


def decode(data: bytes) -> Decoded:
    """Text of a file's bytes: UTF-8 (a byte order mark is kept out and noted), else Latin-1, which never fails."""
    reason = left_out_by_content(data)
    if reason:
        return Decoded(None, skipped=reason)
    if data.startswith(_BOM):
        body, encoding = data[len(_BOM) :], "utf-8-sig"
    else:
        body, encoding = data, "utf-8"
    try:
        return Decoded(body.decode("utf-8"), encoding)
    except UnicodeDecodeError:
        return Decoded(data.decode("latin-1"), "latin-1")


def left_out_by_content(data: bytes) -> str:
    """Why these bytes are not read as source, ``""`` if they are."""
    if len(data) > MAX_FILE_BYTES:
        return "larger than 1 MiB"
    if b"\0" in data:
        return "binary"
    if len(data) > MAX_LINE_BYTES and max(map(len, data.split(b"\n"))) > MAX_LINE_BYTES:
        return "has a line longer than 20 KB (minified or data)"
    if is_generated(data):
        return "generated (it says not to edit it)"
    return ""


def is_generated(data: bytes) -> bool:
    """Whether the comment at the head of the file says that a program wrote it."""
    head = data[:_HEADER_BYTES].removeprefix(_BOM)
    header = _HEADER.match(head)
    return header is not None and _GENERATED.search(header.group()) is not None
