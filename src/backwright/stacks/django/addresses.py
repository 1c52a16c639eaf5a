"""Under which address a resource is reached: what stands before its segment, followed through `include`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from backwright.kit.django.house import Mount
from backwright.kit.index import FactIndex
from backwright.kit.testfiles import is_test_file

Read = Callable[[str], str]
_DEPTH = 6
_PATH = r"""(?:re_)?path\(\s*r?["']\^?([^"']*)["'],\s*"""


def prefix_of(index: FactIndex, mount: Mount, read: Read) -> str | None:
    """`/api/v1/` before the segment of a mount; None where it cannot be followed to the root of all addresses."""
    inside = ""
    if mount.router:
        text = read(mount.path)
        router = re.escape(mount.router)
        included = re.search(_PATH + rf"include\(\s*\(?{router}\.urls", text)
        if included is not None:
            inside = included.group(1)
        elif not re.search(rf"urlpatterns\s*(?::[^=]*)?\+?=[^\n]*\b{router}\.urls|\*{router}\.urls", text):
            return _imported(index, mount, read)
    above = _above(index, mount.path, read, _DEPTH)
    return f"/{above}{inside}" if above is not None else None


def _above(index: FactIndex, path: str, read: Read, depth: int) -> str | None:
    """What stands before the addresses of a file: `""` for the root's own."""
    module = index.module(path)
    if any(
        symbol.value is not None and symbol.value.text == module
        for p in index.files
        if (symbol := index.symbols(p).get("ROOT_URLCONF")) is not None
    ):
        return ""
    if not depth:
        return None
    named = re.compile(_PATH + rf"""include\(\s*\(?\s*["']{re.escape(module)}["']""")
    for other in index.files:
        if is_test_file(other) or other == path:
            continue
        text = read(other)
        found = named.search(text) if module in text else None
        if found is not None:
            above = _above(index, other, read, depth - 1)
            if above is not None:
                return above + found.group(1)
    return None


def _imported(index: FactIndex, mount: Mount, read: Read) -> str | None:
    """Of a router that another file includes: `from .routers import router`."""
    for other in index.files:
        for item in index.imports(other):
            if item.name == mount.router and index.imported_file(other, item) == mount.path and not is_test_file(other):
                found = re.search(_PATH + rf"include\(\s*\(?{re.escape(item.alias)}\.urls", read(other))
                above = _above(index, other, read, _DEPTH) if found is not None else None
                if found is not None and above is not None:
                    return f"/{above}{found.group(1)}"
    return None


def ends_with_slash(mounts: Sequence[Mount], read: Read) -> bool:
    """Whether addresses below these mounts end with a slash."""
    first = mounts[0]
    if not first.router:
        return any(mount.segment.endswith("/") for mount in mounts)
    return not re.search(rf"\b{re.escape(first.router)}\s*=[^\n]*trailing_slash\s*=\s*False", read(first.path))
