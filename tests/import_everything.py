"""Imports every module of the package, each as if it were the first, and complains of whatever that changes."""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "backwright"
GUESTS = f"{PACKAGE}.adapters.guest."  # programs that other interpreters run by path; never imported


def names() -> Iterator[str]:
    package = importlib.import_module(PACKAGE)
    yield PACKAGE
    for found in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
        if not found.name.startswith(GUESTS):
            yield found.name


def surroundings() -> dict[str, object]:
    """What an import has no business to change."""
    return {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "path": list(sys.path),
        "signals": [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)],
        "threads": threading.active_count(),
        "umask": _umask(),
        "recursion limit": sys.getrecursionlimit(),
        "exception hook": sys.excepthook,
    }


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def main() -> int:
    wrong = False
    for name in list(names()):
        for loaded in [m for m in sys.modules if m.split(".")[0] == PACKAGE]:
            del sys.modules[loaded]
        before = surroundings()
        importlib.import_module(name)
        after = surroundings()
        for what in (key for key in before if before[key] != after[key]):
            print(f"importing {name} changes the {what}: {before[what]} -> {after[what]}", file=sys.stderr)  # noqa: T201
            wrong = True
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
