"""The examples on a rule's page, and the runner that makes tests of them.

A page has the headings in `HEADINGS`. Under `## Flagged` and `## Allowed` every `###` heading is one example: the code
fences below it are the files of a small tree, each with its path as the title::

    ### A handler that queries

    ```python title="app/api/orders.py"
    def list_orders(session: Session = Depends(get_session)):
        return session.execute(select(Order)).all()  # BW101
    ```

Fences between the `##` heading and its first `###` belong to every example of that section (unless an example has a
file of the same path). A line that must be found ends in a comment with the rule's id, `# BW101`, once for each finding
on that line; the mark is taken out before the code is read. Every marked line must be found and no other: an example
without marks must be silent.

Under `## Fix` every `###` heading is a fix that is made by machine: its first fence of a path is the file before, with its
marks, the second one of that path the file after. The fences that belong to every example of `## Flagged` are there too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from backwright.core.archmap import ArchMap
from backwright.core.findings import Finding
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule

HEADINGS = ("What it does", "Why it matters", "Flagged", "Allowed", "Fix", "Known limits", "References")
_TITLE = re.compile(r'title="([^"]+)"')
_MARK = re.compile(r"\s*(?:#|//|--)((?:\s*BW\d{3}\b,?)+)\s*$")
_ID = re.compile(r"BW\d{3}")

Build = Callable[[Mapping[str, str]], tuple[FactIndex, ArchMap]]
Place = tuple[str, int]  # path, line


@dataclass(frozen=True)
class Example:
    """A small tree with the places where its rule must speak."""

    section: str  # "Flagged" | "Allowed"
    title: str
    files: Mapping[str, str]
    expected: tuple[tuple[str, Place], ...]  # rule id, place; repeated where several are expected


@dataclass(frozen=True)
class FixExample:
    """What a fix makes of a small tree: the files before, with the marked places, and those that are others after."""

    title: str
    before: Example
    after: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    """A rule's page: its title, its sections in order, its examples, what its fixes do."""

    title: str
    sections: Mapping[str, str]
    examples: tuple[Example, ...]
    fixes: tuple[FixExample, ...] = ()


def read_page(markdown: str) -> Page:
    """A page from its Markdown. Raises `ValueError` for a fence without a title among the examples."""
    title = next((line[2:].strip() for line in markdown.splitlines() if line.startswith("# ")), "")
    sections = {name: text for name, text in _split(markdown, "## ") if name}
    examples = [e for name in ("Flagged", "Allowed") for e in _examples(name, sections.get(name, ""))]
    return Page(title, sections, tuple(examples), tuple(_fixes(sections.get("Flagged", ""), sections.get("Fix", ""))))


def _split(markdown: str, sign: str) -> Iterator[tuple[str, str]]:
    """Headings of one level with the text below; `""` for what stands before the first. Fences are not read."""
    name, lines, fenced = "", list[str](), False
    for line in markdown.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        if line.startswith(sign) and not fenced:
            yield name, "\n".join(lines)
            name, lines = line[len(sign) :].strip(), []
        else:
            lines.append(line)
    yield name, "\n".join(lines)


def _examples(section: str, text: str) -> Iterator[Example]:
    ground: dict[str, str] = {}
    for title, body in _split(text, "### "):
        files = _fences(section, title, body)
        if not title:
            ground = files
            continue
        yield _example(section, title, {**ground, **files})


def _example(section: str, title: str, tree: Mapping[str, str]) -> Example:
    bare, expected = dict[str, str](), list[tuple[str, Place]]()
    for path, source in tree.items():
        bare[path], found = _unmarked(path, source)
        expected += found
    return Example(section, title, bare, tuple(expected))


def _fixes(flagged: str, text: str) -> Iterator[FixExample]:
    ground = next((_fences("Flagged", "", body) for title, body in _split(flagged, "### ") if not title), {})
    for title, body in _split(text, "### "):
        if title:
            parts = f"{body}\n".split("\n```\n")
            before, after = dict[str, str](), dict[str, str]()
            for part in parts[:-1]:
                for path, source in _fences("Fix", title, f"{part}\n```").items():
                    (after if path in before else before)[path] = source
            yield FixExample(title, _example("Fix", title, {**ground, **before}), after)


def _fences(section: str, title: str, text: str) -> dict[str, str]:
    files: dict[str, str] = {}
    path, lines = "", list[str]()
    for line in text.splitlines():
        if not line.startswith("```"):
            lines.append(line)
        elif path:
            files[path] = "\n".join(lines) + "\n"
            path = ""
        else:
            named = _TITLE.search(line)
            if named is None:
                raise ValueError(f'{section}, "{title}": a fence without title="path"')
            path, lines = named[1], []
    return files


def _unmarked(path: str, source: str) -> tuple[str, list[tuple[str, Place]]]:
    lines, expected = list[str](), list[tuple[str, Place]]()
    for number, line in enumerate(source.splitlines(), 1):
        mark = _MARK.search(line)
        if mark is not None:
            expected += [(rule, (path, number)) for rule in _ID.findall(mark[1])]
            line = line[: mark.start()]
        lines.append(line)
    return "\n".join(lines) + "\n", expected


def run_example(rule: Rule, example: Example, build: Build) -> list[str]:
    """What is wrong with a rule's answer to an example, in sentences; nothing where all is as marked."""
    index, archmap = build(example.files)
    found = list(rule.check(index, archmap))
    wanted = Counter(place for id_, place in example.expected if id_ == rule.id)
    got = Counter((f.span.path, f.span.line) for f in found)
    wrong = [f"{path}:{line}: {rule.id} was expected" for path, line in (wanted - got).elements()]
    surplus = got - wanted
    for finding in found:
        place = finding.span.path, finding.span.line
        if surplus[place] > 0:
            surplus[place] -= 1
            wrong.append(f"{finding.span}: not expected: {finding.message}")
    return wrong + list(_faults(rule, found))


def _faults(rule: Rule, found: Iterable[Finding]) -> Iterator[str]:
    for finding in found:
        if (finding.rule, finding.name) != (rule.id, rule.name):
            yield f"{finding.span}: says it is {finding.rule} {finding.name}"
        if not finding.fingerprint.startswith(f"{rule.id}:"):
            yield f"{finding.span}: has no fingerprint"
        if not finding.help:
            yield f"{finding.span}: says not what to do"
