"""Which kinds of interface a backend offers: REST, GraphQL, gRPC, pages made on the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backwright.core.facts import Span
from backwright.core.stack import Detected
from backwright.engine.stack_claims import Claim, Subject
from backwright.engine.stack_knowledge import places


def styles(subject: Subject, standing: Sequence[Claim]) -> Iterator[Detected]:
    """Each style once, with what shows it."""
    found: dict[str, tuple[Span, ...]] = {}
    framework = next((c for c in standing if c.tool.kind == "framework"), None)
    above = [c for c in standing if c.tool.kind in {"api_framework", "api_mark"} and c.tool.style]
    marked = {c.tool.style for c in above}
    if framework is not None and framework.tool.style and not ("GraphQL" in marked and framework.tool.id == "nestjs"):
        found[framework.tool.style] = tuple(framework.evidence[:2])
    for claim in above:
        found.setdefault(claim.tool.style, tuple(claim.evidence[:2]))
    if framework is not None and framework.tool.id in places("page_makers"):
        page = next((p for unit in subject.own if (p := subject.paths.first(unit.root, places("pages")))), "")
        if page:
            found.setdefault("server-rendered", (Span(page, 1),))
    for style, spans in found.items():
        yield Detected("style", style, "", 0.9, spans, style)
