"""Which kinds of interface a backend offers: REST, GraphQL, gRPC, pages made on the server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from backwright.core.facts import Span
from backwright.core.stack import Detected
from backwright.engine.stack_claims import Claim, Subject
from backwright.engine.stack_knowledge import places

_SITE = 4  # pages; fewer are a landing page, an error page, an override of an administration
_SEVERAL = 3
_NO_PAGE = re.compile(
    r"(?i)mail|notification|/admin|playground|/(?:_?base|layouts?|_\w+|\d{3}|errors?|maintenance|swagger\w*)[./_]|/layouts?/"
)


def _pages(subject: Subject) -> Iterator[str]:
    """Pages that a visitor of the site is shown, each once."""
    seen = set()
    for unit in subject.own:
        for glob in places("pages"):
            for path in subject.paths.find(unit.root, glob):
                if path not in seen and not _NO_PAGE.search(path[len(unit.root) :]):
                    seen.add(path)
                    yield path


def styles(subject: Subject, standing: Sequence[Claim]) -> Iterator[Detected]:
    """Each style once, with what shows it."""
    found: dict[str, tuple[Span, ...]] = {}
    framework = next((c for c in standing if c.tool.kind == "framework"), None)
    above = [c for c in standing if c.tool.kind in {"api_framework", "api_mark"} and c.tool.style]
    above = [c for c in above if not c.tool.weak or c.uses >= _SEVERAL or c.tool.kind == "api_framework"]
    marked = {c.tool.style for c in above}
    if framework is not None and framework.tool.style and not ("GraphQL" in marked and framework.tool.id == "nestjs"):
        found[framework.tool.style] = tuple(framework.evidence[:2])
    for claim in above:
        found.setdefault(claim.tool.style, tuple(claim.evidence[:2]))
    if framework is not None and framework.tool.id in places("page_makers"):
        pages = list(islice(_pages(subject), _SITE))
        if len(pages) == _SITE:
            found.setdefault("server-rendered", (Span(pages[0], 1),))
    for style, spans in found.items():
        yield Detected("style", style, "", 0.9, spans, style)
