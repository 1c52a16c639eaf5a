"""The report that a bug writes about itself."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from backwright.kit.redaction import redacted
from backwright.report.sanitize import clean_block
from backwright.report.tool import NAME, version


def write_report(bug: BaseException, arguments: Sequence[str]) -> str:
    """Write it into the repository's state folder, or where that is not possible into a temporary file.

    Returns where it is: relative to the working directory where it is below. No values of variables are in it.
    """
    now = datetime.now(UTC)
    head = f"{NAME} {version()}, Python {platform.python_version()}, {platform.platform()}"
    trace = "".join(traceback.format_exception(bug))
    text = f"{head}, {now.isoformat(timespec='seconds')}\narguments: {list(arguments)!r}\n\n{trace}"
    data = clean_block(redacted(text, random=True)).encode("utf-8", "backslashreplace")
    folder = _state_folder()
    if folder is not None:
        path = folder / f"crash-{now:%Y%m%d}.log"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(data + b"\n")
            return os.path.relpath(path)
        except OSError:
            pass  # a folder that takes no file: the temporary file below is as good
    descriptor, name = tempfile.mkstemp(prefix=f"{NAME}-crash-", suffix=".log")
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return name


def _state_folder() -> Path | None:
    from backwright.adapters.state import open_state_if_possible
    from backwright.app.config import find_root

    try:
        root = find_root(Path.cwd())
    except OSError:  # the folder we are in is gone
        return None
    return open_state_if_possible(root) if root else None
