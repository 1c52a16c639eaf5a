"""The pages beside `stack/stack.yaml`: what the stack is in words, and how this repository writes its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from posixpath import splitext

from backwright.core.stack import Detected, Stack
from backwright.engine.stack_knowledge import Ecosystem, ecosystems
from backwright.engine.stack_paths import is_test, place_of

_TITLES = {
    "route": "Route with its guard",
    "schema": "Schema",
    "model": "Model",
    "dependency": "Dependency injection",
    "repository": "Repository",
    "pagination": "Paginated query",
    "migration": "Migration",
    "test": "Test",
}
_GUARD = re.compile(r"(?i)auth|current_user|permission|jwt|guard|login_required|session|authorize|secured|middleware")
_CONTINUES = re.compile(r"\s*([)\]}]|end\b|\{|async |def |@|public |export |fun |pub |func |#\[)")
_LONGEST, _SHORTEST, _TEMPLATE_LINES = 45, 3, 160
_KINDS = (
    ("framework", "Framework"), ("api", "API layer"), ("style", "API style"), ("orm", "ORM"), ("queries", "Query layer"),
    ("database", "Database"), ("migrations", "Migrations"), ("validation", "Validation"), ("auth", "Authentication"), ("queue", "Queue"),
    ("cache", "Cache"), ("mail", "Mail"), ("tests", "Tests"), ("package_manager", "Packages"), ("linter", "Linter"),
    ("formatter", "Formatter"), ("types", "Types"),
)  # fmt: skip


@dataclass(frozen=True)
class Snippet:
    """A piece of the repository that shows how a part is written here."""

    role: str
    path: str
    line: int
    text: str


def tech_stack(stack: Stack) -> str:
    """`tech-stack.md`: each part with version and evidence."""
    language = next((p for p in stack.parts if p.kind == "language"), None)
    lines = [
        "# Tech stack",
        "",
        "Written by `backwright stack set` from the project's own files. `stack.yaml` wins where they differ.",
        "",
    ]
    if language is not None:
        lines += [f"- **Language**: {_words(language)}"]
    for kind, title in _KINDS:
        parts = [part for part in stack.parts if part.kind == kind]
        if parts:
            lines.append(f"- **{title}**: {'; '.join(map(_words, parts))}")
    if stack.unused:
        lines += ["", "Declared, but not used by production code: " + ", ".join(p.name for p in stack.unused) + "."]
    return "\n".join(lines) + "\n"


def snippets(stack: Stack, files: Iterable[str], read: Callable[[str], str | None]) -> tuple[Snippet, ...]:
    """The best example of each part in these files, as they stand there."""
    ecosystem = ecosystem_of(stack)
    if ecosystem is None:
        return ()
    chosen: dict[str, tuple[float, Snippet]] = {}
    patterns = {role: [re.compile(p, re.MULTILINE) for p in found] for role, found in ecosystem.snippets.items()}
    for path in files:
        code = splitext(path)[1] in ecosystem.suffixes
        if not code and not path.endswith(".sql"):
            continue
        text = read(path) or ""
        lines = text.splitlines()
        place = place_of(path)
        for role, expressions in patterns.items():
            if not _fits(role, place, path, code=code):
                continue
            found = _best(role, path, lines, text, expressions)
            if found is not None and (role not in chosen or found[0] > chosen[role][0]):
                chosen[role] = found
    return tuple(chosen[role][1] for role in _TITLES if role in chosen)


def snippets_page(found: Sequence[Snippet], ecosystem: Ecosystem | None) -> str:
    """`snippets.md`."""
    lines = [
        "# Snippets",
        "",
        "How this repository writes its parts; each is copied from the file that is named. Written by `backwright stack set`.",
    ]
    fence = {".py": "python", ".ts": "typescript", ".rb": "ruby", ".rs": "rust", ".ex": "elixir", ".cs": "csharp"}
    by_role = {s.role: s for s in found}
    for role, title in _TITLES.items():
        snippet = by_role.get(role)
        lines += ["", f"## {title}", ""]
        if snippet is None:
            lines.append("This repository has none yet.")
            continue
        ending = splitext(snippet.path)[1]
        lines += [
            f"`{snippet.path}:{snippet.line}`",
            "",
            f"```{fence.get(ending, ending.lstrip('.'))}",
            snippet.text,
            "```",
        ]
    return "\n".join(lines) + "\n"


def api_template(
    found: Sequence[Snippet], ecosystem: Ecosystem | None, read: Callable[[str], str | None]
) -> tuple[str, str]:
    """Name and text of `api-template.*`: the file with the best route, to be copied; nothing where there is none."""
    route = next((s for s in found if s.role == "route"), None)
    if route is None or ecosystem is None:
        return "", ""
    text = read(route.path) or ""
    lines = text.splitlines()[:_TEMPLATE_LINES]
    comment = ecosystem.template.get("comment", "#")
    opening = ["<?php", ""] if route.path.endswith(".php") and lines and lines[0].startswith("<?php") else []
    head = [*opening, f"{comment} A router of this repository, to start the next one from: {route.path}"]
    body = lines[1:] if opening else lines
    return f"api-template{splitext(route.path)[1]}", "\n".join([*head, *body]) + "\n"


def ecosystem_of(stack: Stack) -> Ecosystem | None:
    """The ecosystem of a stack's language."""
    language = next(iter(stack.ids("language")), "")
    return next((e for e in ecosystems() if language in e.suffixes.values()), None)


def _words(part: Detected) -> str:
    evidence = f" (`{part.evidence[0]}`)" if part.evidence else ""
    return f"{part.name} {part.version}".strip() + evidence


def _fits(role: str, place: str, path: str, *, code: bool) -> bool:
    if role == "test":
        return code and (place == "test" or path.endswith(".rs"))
    if role == "migration":
        return place == "migration" or "schema" in path or "sqldelight" in path or "db/" in path
    return code and place == "production" and not is_test(path)


def _best(
    role: str, path: str, lines: list[str], text: str, expressions: Sequence[re.Pattern[str]]
) -> tuple[float, Snippet] | None:
    found = [(rank, m) for rank, expression in enumerate(expressions) for m in list(expression.finditer(text))[:6]]
    best: tuple[float, Snippet] | None = None
    for rank, match in found:
        line = text.count("\n", 0, match.start()) + (1 if text[match.start() : match.start() + 1] == "\n" else 0)
        start, end = _block(lines, line, whole=role in {"migration"})
        size = end - start
        if size < (1 if role in {"pagination", "dependency", "migration"} else _SHORTEST):
            continue
        body = "\n".join(lines[start : min(end, start + _LONGEST)])
        score = min(len(found), 5) - rank - (2 if size > _LONGEST else 0) - abs(size - 14) / 20 - len(lines) / 800
        score += 2 if role == "route" and _GUARD.search(body) else 0
        if best is None or score > best[0]:
            best = (score, Snippet(role, path, start + 1, body))
    return best


def _block(lines: list[str], number: int, *, whole: bool) -> tuple[int, int]:
    """The lines of the definition that line `number` (from 0) begins or lies in, decorators and comments included."""
    if whole or not lines:
        return 0, len(lines)
    number = min(number, len(lines) - 1)
    indent = _indent(lines[number])
    start = number
    while (
        start > 0
        and re.match(r"\s*(@|#\[|\[|///|//|\*|/\*\*|#(?!include))", lines[start - 1])
        and _indent(lines[start - 1]) <= indent
    ):
        start -= 1
    end = number + 1
    depth = _depth(lines[number])
    while end < len(lines):
        line = lines[end]
        if depth <= 0 and line.strip():
            begun = any(lines[n].strip() and _indent(lines[n]) > indent for n in range(number + 1, end))
            closes = re.match(r"\s*([)\]}]|end\b)", line) is not None and _indent(line) == indent
            if _indent(line) < indent or (_indent(line) == indent and (begun or not _CONTINUES.match(line))):
                end += closes
                break
        depth += _depth(line)
        end += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return start, end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _depth(line: str) -> int:
    return sum(line.count(c) for c in "([{") - sum(line.count(c) for c in ")]}")
