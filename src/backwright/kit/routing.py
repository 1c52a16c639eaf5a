"""Routes of a project by a framework's patterns."""

from __future__ import annotations

import re

import msgspec

from backwright.kit.chains import argument, by_name, joined, text_of
from backwright.kit.index import FactIndex
from backwright.kit.mounting import Mounting
from backwright.kit.patterns import Patterns
from backwright.kit.routes.called import Found, called, listed
from backwright.kit.routes.decorated import decorated
from backwright.kit.routes.filed import filed
from backwright.kit.routes.resources import resources


def routes(index: FactIndex, patterns: Patterns) -> Found:
    """Every route, with the file that registers it."""
    mounting = Mounting(index, patterns)
    everywhere = _global_prefix(index, patterns)
    seen: set[tuple[str, str, str, int]] = set()
    for path, route in _all(index, patterns, mounting):
        whole = _clean(f"{everywhere}/{route.path}")
        key = (path, route.method, whole, route.loc.start)
        if key not in seen:
            seen.add(key)
            yield path, msgspec.structs.replace(route, path=whole)


def _all(index: FactIndex, patterns: Patterns, mounting: Mounting) -> Found:
    for pattern in patterns.calls:
        yield from called(index, pattern, patterns, mounting)
    for resource in patterns.resources:
        yield from resources(index, resource, mounting)
    for decorator in patterns.decorators:
        yield from decorated(index, decorator, patterns.answers, mounting)
    for page in patterns.pages:
        yield from filed(index, page)
    if patterns.lists:
        yield from listed(index, patterns.answers)


def _clean(path: str) -> str:
    return re.sub(r"/{2,}", "/", "/" + path.strip()).rstrip("/") or "/"


def _global_prefix(index: FactIndex, patterns: Patterns) -> str:
    calls = index.derived(by_name)
    for name in patterns.globals:
        for path, _, link in calls.get(name, ()):
            text = text_of(index, path, argument(link, 0))
            if text:
                return joined("", text)
    return ""
