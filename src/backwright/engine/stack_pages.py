"""The pages beside `stack/stack.yaml`: what the stack is in words, and how this repository writes its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from posixpath import splitext

from backwright.core.stack import Detected, Stack
from backwright.engine.stack_knowledge import Ecosystem, ecosystems
from backwright.engine.stack_paths import is_test, place_of
from backwright.engine.stack_templates import templates

_FENCES = {
    ".py": "python", ".ts": "typescript", ".rb": "ruby", ".rs": "rust", ".ex": "elixir", ".exs": "elixir", ".cs": "csharp",
    ".kt": "kotlin", ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".mts": "typescript",
}  # fmt: skip
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
_DEFINES = re.compile(
    r"\s*(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|open|suspend|data|pub(?:\([a-z]+\))?)\s+)*"
    r"(?:(?:defp?|fun|func|fn|function|class|record|interface|trait|impl|struct|module|object|constructor)\b|[\w<>\[\], ?.]+ \w+\()"
)
_MARK = re.compile(r"\s*(?:@[\w.]+(?:\([^()]*\))?|#\[.*\]|\[\w.*\])\s*$")
_CLOSES = re.compile(r"\s*[)\]}]")
_PARAMETER = re.compile(r"@\w+(?:\([^)]*\))? [\w<>\[\], ?.]+ \w+[,)]")
_LONGEST, _SHORTEST, _CONTEXT, _TEMPLATE_LINES = 45, 3, 5, 160
_KINDS = (
    ("runtime", "Runtime"), ("framework", "Framework"), ("api", "API layer"), ("style", "API style"), ("orm", "ORM"),
    ("queries", "Query layer"), ("database", "Database"), ("migrations", "Migrations"), ("validation", "Validation"),
    ("auth", "Authentication"), ("queue", "Queue"), ("cache", "Cache"), ("mail", "Mail"), ("tests", "Tests"),
    ("package_manager", "Packages"), ("linter", "Linter"), ("formatter", "Formatter"), ("types", "Types"),
)  # fmt: skip


@dataclass(frozen=True)
class Snippet:
    """A piece of the repository that shows how a part is written here."""

    role: str
    path: str
    line: int
    text: str
    cut: bool = False  # it goes on


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
        if kind == "framework" and (core := _core(stack)):
            lines.append(f"- **Core API**: {core}")
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


def snippets_page(found: Sequence[Snippet], language: str) -> str:
    """`snippets.md`: the repository's own, and a template for what it has none of."""
    lines = [
        "# Snippets",
        "",
        "How this repository writes its parts: each is copied from the file that is named. Written by `backwright stack set`.",
    ]
    by_role = {s.role: s for s in found}
    known = templates(language)
    for role, title in _TITLES.items():
        lines += ["", f"## {title}", ""]
        if snippet := by_role.get(role):
            cut = f" (its first {_LONGEST} lines)" if snippet.cut else ""
            ending = splitext(snippet.path)[1]
            lines += [f"`{snippet.path}:{snippet.line}`{cut}", "", f"```{_FENCES.get(ending, ending.lstrip('.'))}"]
            lines += [snippet.text, "```"]
        elif role in known.parts:
            fence, text = known.parts[role]
            lines += [
                f"Template for {known.title}: nothing like it was found in this repository.",
                "",
                f"```{fence}",
                text,
                "```",
            ]
        else:
            lines.append("Nothing like it was found in this repository.")
    return "\n".join(lines) + "\n"


def api_template(
    found: Sequence[Snippet], ecosystem: Ecosystem | None, language: str, read: Callable[[str], str | None]
) -> tuple[str, str]:
    """Name and text of `api-template.*`: the file with the best route, to be copied; a template where there is none."""
    if ecosystem is None:
        return "", ""
    comment = ecosystem.template.get("comment", "#")
    route = next((s for s in found if s.role == "route"), None)
    if route is None:
        known = templates(language)
        suffix = next((suffix for suffix, name in ecosystem.suffixes.items() if name == language), "")
        parts = [text for role in ("schema", "route") if role in known.parts for text in (known.parts[role][1], "")]
        head = f"{comment} Template for {known.title}: no route was found in this repository."
        opening = "<?php\n\n" if suffix == ".php" else ""
        return (f"api-template{suffix}", opening + "\n".join([head, "", *parts])) if parts else ("", "")
    text = read(route.path) or ""
    lines = text.splitlines()[:_TEMPLATE_LINES]
    opening_tag = ["<?php", ""] if route.path.endswith(".php") and lines and lines[0].startswith("<?php") else []
    first = [*opening_tag, f"{comment} A router of this repository, to start the next one from: {route.path}"]
    body = lines[1:] if opening_tag else lines
    return f"api-template{splitext(route.path)[1]}", "\n".join([*first, *body]) + "\n"


def ecosystem_of(stack: Stack) -> Ecosystem | None:
    """The ecosystem of a stack's language."""
    language = next(iter(stack.ids("language")), "")
    return next((e for e in ecosystems() if language in e.suffixes.values()), None)


def _core(stack: Stack) -> str:
    ecosystem = ecosystem_of(stack)
    tool = ecosystem.tool.get(("framework", next(iter(stack.ids("framework")), ""))) if ecosystem else None
    return tool.core if tool else ""


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
        start, end = _block(
            lines, line, whole=(role == "migration" and place_of(path) == "migration") or path.endswith(".sql")
        )
        loose = 0
        if _is_part(lines, start, end):
            start, end = _around(lines, start, end)
            if _is_part(lines, start, end):
                loose, start, end = 4, max(0, start - _CONTEXT), min(len(lines), end + _CONTEXT)
        size = end - start
        if size < _SHORTEST:
            continue
        body = "\n".join(lines[start : min(end, start + _LONGEST)])
        score = (
            min(len(found), 5)
            - 2 * rank
            - loose
            - (2 if size > _LONGEST else 0)
            - abs(size - 14) / 20
            - len(lines) / 800
        )
        score += 2 if role == "route" and _GUARD.search(body) else 0
        if best is None or score > best[0]:
            best = (score, Snippet(role, path, start + 1, body, size > _LONGEST))
    return best


def _is_part(lines: list[str], start: int, end: int) -> bool:
    """Whether these lines say little without what they stand in: a statement, a parameter, a link of a chain."""
    first, last = lines[start].strip(), lines[end - 1].strip()
    return (
        end - start < _SHORTEST
        or first.startswith((".", "return "))
        or last.endswith(",")
        or _PARAMETER.match(first) is not None
    )


def _around(lines: list[str], start: int, end: int) -> tuple[int, int]:
    """The definition that holds these lines, where it is short; else the lines themselves."""
    number = start
    while _indent(lines[number]) > 0:
        indent = _indent(lines[number])
        outer = (n for n in range(number - 1, -1, -1) if lines[n].strip() and _indent(lines[n]) < indent)
        number = next((n for n in outer if not _CLOSES.match(lines[n])), -1)
        if number < 0:
            break
        first, last = _block(lines, number, whole=False)
        if last - first > _LONGEST or last < end:
            break
        if _DEFINES.match(lines[number]) and last - first >= _SHORTEST:
            return first, last
    return start, end


def _block(lines: list[str], number: int, *, whole: bool) -> tuple[int, int]:
    """The lines of the definition that line `number` (from 0) begins or lies in, decorators and comments included."""
    if whole or not lines:
        return 0, len(lines)
    number = min(number, len(lines) - 1)
    indent = _indent(lines[number])
    start = number
    while number + 1 < len(lines) and _MARK.match(lines[number]) and _indent(lines[number + 1]) == indent:
        number += 1  # what a mark stands before is what is meant
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
