"""Reading a TOML file that a stranger may have written: small, shallow, and with the line of every key."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwright.core.errors import MachineError, UsageError

MAX_BYTES = 64 * 1024
MAX_PARTS = 20  # names in a dotted key: tomllib needs minutes for one with thousands

# Possessive, and begun only where a name begins: linear whatever the text is.
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+"""
_DEEP_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}\.[ \t]*+){{{MAX_PARTS}}}")
_KEY = re.compile(rf"^[ \t]*(?P<key>{_PART}(?:\.[ \t]*+{_PART})*)=")
_HEADER = re.compile(rf"^[ \t]*\[\[?[ \t]*(?P<key>{_PART}(?:\.[ \t]*+{_PART})*)\]")
_NAME = re.compile(r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'""")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True)
class Table:
    """Our part of a file: `prefix` is the table it stands in, `backwright` or `tool.backwright`."""

    file: str
    prefix: str
    values: dict[str, Any]


def read_config(path: Path) -> str | None:
    """The text of a configuration file; None for a `pyproject.toml` that does not speak of us.

    Raises `UsageError` when it does not exist, is not a regular file of UTF-8, or is too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UsageError("is not a regular file", where=str(path))
    with os.fdopen(descriptor, "rb") as file:
        try:
            raw = file.read(16 * MAX_BYTES)
        except OSError as error:
            raise MachineError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if path.name == "pyproject.toml" and b"tool.backwright" not in raw.replace(b" ", b"").replace(b'"', b""):
        return None
    if len(raw) > MAX_BYTES:
        raise UsageError(f"is larger than {MAX_BYTES // 1024} KiB", where=str(path), hints=("use a backwright.toml",))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("is not UTF-8", where=str(path)) from error


def parse_table(text: str, file: str) -> Table:
    """Our table of a file's text. Raises `UsageError` with the line."""
    deep = _DEEP_KEY.search(text)
    if deep:
        raise UsageError("a key is too long", where=f"{file}:{text.count(chr(10), 0, deep.start()) + 1}")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        place = f"{file}:{at[1]}" if at else file
        raise UsageError(f"is not TOML: {_AT_LINE.sub('', str(error)).strip()}", where=place) from error
    except RecursionError as error:
        raise UsageError("is nested too deeply", where=file) from error
    if file.endswith("pyproject.toml"):
        return Table(file, "tool.backwright", _table(document.get("tool", {}).get("backwright", {}), file))
    for name in document:
        if name != "backwright":
            found_at = find_line(text, name)
            place = f"{file}:{found_at}" if found_at else file
            hint = "all keys stand under [backwright]"
            raise UsageError(f"`{name[:60]}` is not a table of ours", where=place, hints=(hint,))
    return Table(file, "backwright", _table(document.get("backwright", {}), file))


def parse_value(text: str) -> Any:
    """The value of `--config KEY=VALUE`: TOML where it is TOML, else the text itself."""
    if _DEEP_KEY.search(text):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def find_line(text: str, key: str) -> int:
    """The line that sets a dotted key, or the table it is in; 0 when no line does. A search, not a parse."""
    table: tuple[str, ...] = ()
    wanted = _names(key)
    around = 0
    for number, line in enumerate(text.split("\n"), 1):
        header = _HEADER.match(line)
        if header:
            table = _names(header["key"])
            full = table
        elif assignment := _KEY.match(line):
            full = (*table, *_names(assignment["key"]))
        else:
            continue
        if full == wanted:
            return number
        if full == wanted[: len(full)] or wanted == full[: len(wanted)]:
            around = number if not around or len(full) <= len(wanted) else around
    return around


def _names(key: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in _NAME.findall(key))


def _table(value: Any, file: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError("`backwright` must be a table", where=file)
    return value
