"""What a project is written in, and what runs it: a version that a manifest asks for may be of either."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Span
from backwright.core.stack import Detected
from backwright.engine.manifests import short
from backwright.engine.stack_claims import Subject
from backwright.engine.stack_entries import line_of
from backwright.engine.stack_knowledge import language_titles
from backwright.engine.stack_units import version_of


def language(subject: Subject) -> Iterator[Detected]:
    """The language of most of the production code; after it, where that is not the language itself, what runs it.

    Each has the version that the project asks for.
    """
    counts = subject.main.usage.languages.copy()
    for unit in subject.own[1:]:
        counts.update(unit.usage.languages)
    if not counts:
        return
    name = counts.most_common(1)[0][0]
    if name in {"typescript", "javascript"} and counts["typescript"] >= counts["javascript"] / 2:
        name = "typescript" if counts["typescript"] else name
    ecosystem = subject.main.ecosystem
    asked, span = version_of(subject.main, subject.paths, subject.read)
    asked = short(asked) or asked
    runtime = ecosystem.runtimes.get(name)
    version, shown = _compiler(subject, name) if runtime else (asked, span)
    first = next((p for u in subject.own for p in u.sources if ecosystem.suffixes[p[p.rfind(".") :]] == name), "")
    spans = [s for s in (shown, Span(first, 1) if first else None) if s]
    yield Detected("language", language_titles().get(name, name.title()), version, 1.0, tuple(spans), name)
    if runtime and asked:
        yield Detected("runtime", runtime["name"], asked, 1.0, (span,) if span else (), runtime["id"])


def _compiler(subject: Subject, name: str) -> tuple[str, Span | None]:
    """The version of a language as the package that compiles it has it, of the project or of what is around it."""
    packages = subject.main.ecosystem.compilers.get(name, ())
    for unit in (*subject.own, *subject.around):
        for path, manifest in unit.read.items():
            for entry in manifest.entries:
                if entry.name in packages and entry.version:
                    return short(entry.version), Span(path, line_of(subject.read(path) or "", entry.version))
    return "", None
