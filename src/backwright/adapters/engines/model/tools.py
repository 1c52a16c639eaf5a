"""The tools of a model: each a type of its arguments, whose docstring is what the model reads about it."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar

import msgspec

from backwright.adapters.engines.model.workshop import ToolRefusedError, Workshop
from backwright.adapters.engines.proposing import proposed
from backwright.core.change import Question
from backwright.core.facts import Route, Symbol
from backwright.kit.index import FactIndex

MAX_ANSWER = 20_000  # characters of a tool's answer
_MAX_HITS = 60
_MAX_QUESTIONS = 5

Path = Annotated[str, msgspec.Meta(description="relative to the top of the repository, with /", max_length=500)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Tool(msgspec.Struct, frozen=True):
    """What all tools have: a name, and an answer."""

    called: ClassVar[str] = ""

    @abstractmethod
    def answer(self, shop: Workshop) -> str:
        """What the model gets. Raises `ToolRefusedError`."""


class ListFiles(Tool, frozen=True):
    """The files of the repository whose path matches a glob such as app/**/models.py."""

    called = "list_files"
    glob: Name = "**"

    def answer(self, shop: Workshop) -> str:
        found = [path for path in shop.paths() if _matches(path, self.glob)]
        return _listed(iter(found), 400) or "no file matches"


class FindSymbol(Tool, frozen=True):
    """Where the classes, functions, methods and variables of a name are defined."""

    called = "find_symbol"
    name: Name

    def answer(self, shop: Workshop) -> str:
        wanted = self.name.rpartition(".")[2]
        symbols = list(_symbols(shop.index()))
        found = [(path, s) for path, s in symbols if s.name == wanted and s.qualname.endswith(self.name)]
        found = found or [(path, s) for path, s in symbols if s.name.lower() == wanted.lower()]
        if found:
            return _listed((_shown(path, symbol) for path, symbol in found), _MAX_HITS)
        close = get_close_matches(wanted, {s.name for _, s in symbols}, 5)
        return f"nothing is called {self.name}" + (f"; there is {', '.join(close)}" if close else "")


class Outline(Tool, frozen=True):
    """What one file defines, in order: symbols with their lines, and routes."""

    called = "outline"
    path: Path

    def answer(self, shop: Workshop) -> str:
        text = shop.text(self.path)
        index, path = shop.index(), self.path.removeprefix("./")
        file = index.files.get(path)
        rows = [(s.loc.line, _shown(path, s)) for s in (file.facts if file else ()) if isinstance(s, Symbol)]
        routes = [f for f in index.added.get(path, ()) if isinstance(f, Route)]
        rows += [(route.loc.line, f"{path}:{route.loc.line} route {route.method} {route.path}") for route in routes]
        listed = _listed((row for _, row in sorted(rows)), 200)
        return listed or f"{path}: {text.count(chr(10)) + 1} lines, nothing defined that is known"


class ReadSpan(Tool, frozen=True):
    """The text of a file, or some of its lines. Without start and end all of it."""

    called = "read_span"
    path: Path
    start: Annotated[int, msgspec.Meta(ge=1, description="first line")] = 1
    end: Annotated[int, msgspec.Meta(ge=0, description="last line, 0 for the end of the file")] = 0

    def answer(self, shop: Workshop) -> str:
        lines = shop.text(self.path).splitlines(keepends=True)
        end = min(self.end or len(lines), len(lines))
        return f"{self.path} lines {self.start}-{end} of {len(lines)}\n" + "".join(lines[self.start - 1 : end])


class References(Tool, frozen=True):
    """The lines of the repository in which a name stands as a word."""

    called = "references"
    name: Name

    def answer(self, shop: Workshop) -> str:
        word = re.compile(rf"(?<!\w){re.escape(self.name)}(?!\w)")
        return _listed(_lines(shop, "**", lambda line: word.search(line) is not None), _MAX_HITS) or "no line has it"


class Search(Tool, frozen=True):
    """The lines of the repository that contain a text, whatever its case, in files that match a glob."""

    called = "search"
    text: Name
    glob: Name = "**"

    def answer(self, shop: Workshop) -> str:
        wanted = self.text.lower()
        return _listed(_lines(shop, self.glob, lambda line: wanted in line.lower()), _MAX_HITS) or "no line has it"


class Exemplar(Tool, frozen=True):
    """A good example of how this repository writes a role: router, service, repository, model, schema, test, migration."""

    called = "exemplar"
    role: Name

    def answer(self, shop: Workshop) -> str:
        known = set(shop.paths())
        paths = [path for path in shop.senses.exemplars(self.role.lower()) if path in known]
        if not paths:
            raise ToolRefusedError(f"no file is known to be a {self.role}; search and list_files look by text and name")
        others = f"\n\nothers: {', '.join(paths[1:6])}" if paths[1:] else ""
        return f"{paths[0]}\n{shop.text(paths[0])}{others}"


class WriteEdit(Tool, frozen=True):
    """Changes a file: `old`, which must stand in it exactly once, becomes `new`. An empty `old` makes a new file, or appends to one."""

    called = "write_edit"
    path: Path
    new: str
    old: str = ""

    def answer(self, shop: Workshop) -> str:
        before = shop.find(self.path) if not self.path.startswith("/") else None
        if not self.old:
            joined = self.new if before is None else before + ("" if before.endswith("\n") else "\n") + self.new
            shop.write(self.path, joined)
            return f"{'appended to' if before is not None else 'made'} {self.path}"
        count = (before or "").count(self.old)
        if before is None or count != 1:
            what = "does not exist" if before is None else f"has `old` {count} times, not once"
            raise ToolRefusedError(f"{self.path} {what}; read_span shows the text as it is")
        shop.write(self.path, before.replace(self.old, self.new))
        return f"changed {self.path}"


class DeleteFile(Tool, frozen=True):
    """Removes a file."""

    called = "delete_file"
    path: Path

    def answer(self, shop: Workshop) -> str:
        shop.text(self.path)
        shop.write(self.path, None)
        return f"removed {self.path}"


class RunCheck(Tool, frozen=True):
    """The guardrails on what you changed: only findings that are new."""

    called = "run_check"

    def answer(self, shop: Workshop) -> str:
        broken = [f for path, f in shop.index().files.items() if path in shop.edited and f.errors]
        rows = [f"{file.path}: does not parse as {file.language}" for file in broken]
        rows += [f"{f.span}: {f.rule} {f.message}. {f.help}" for f in shop.senses.findings(shop.index())]
        return _listed(iter(rows), _MAX_HITS) or "nothing new"


class RunTests(Tool, frozen=True):
    """Runs the repository's own verification on what you changed and says what failed that passed before. Slow: use it last."""

    called = "run_tests"

    def answer(self, shop: Workshop) -> str:
        if shop.senses.tests is None:
            raise ToolRefusedError("the tests cannot be run from here; they are run when you have finished")
        change, _ = proposed(shop.ground, shop.assignment, "model")
        if change is None:
            raise ToolRefusedError("nothing is changed yet")
        return shop.senses.tests(change)


class Ask(Tool, frozen=True):
    """Asks the person who gave the task, only for what cannot be found out and must not be guessed. The answer comes in a later run."""

    called = "ask"
    question: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    options: Annotated[list[str], msgspec.Meta(max_length=8)] = []

    def answer(self, shop: Workshop) -> str:
        if len(shop.questions) >= _MAX_QUESTIONS:
            raise ToolRefusedError("that is enough questions")
        level = "medium" if self.options else "high"
        key = f"answer-{len(shop.questions) + 1}"
        shop.questions.append(Question(key, self.question, level, tuple(self.options)))
        return "noted; finish what does not depend on the answer, then end"


TOOLS: dict[str, type[Tool]] = {tool.called: tool for tool in Tool.__subclasses__()}


def schema_of(tool: type[Tool]) -> dict[str, Any]:
    """The JSON schema of a tool's arguments, on its own."""
    plain: dict[str, Any] = msgspec.json.schema(tool)["$defs"][tool.__name__]
    return {key: value for key, value in plain.items() if key not in ("title", "description")}


def call(shop: Workshop, name: str, arguments: str) -> str:
    """The answer of a tool to arguments as a model wrote them. Raises `ToolRefusedError`."""
    tool = TOOLS.get(name)
    if tool is None:
        raise ToolRefusedError(f"there is no tool {name[:60]!r}; there are {', '.join(TOOLS)}")
    try:
        wanted = msgspec.json.decode(arguments or "{}", type=tool)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise ToolRefusedError(f"the arguments are not what {name} takes: {str(error)[:300]}") from error
    answer = wanted.answer(shop)
    if len(answer) <= MAX_ANSWER:
        return answer
    return f"{answer[:MAX_ANSWER]}\n[cut: {len(answer) - MAX_ANSWER} more characters; ask for less]"


def _matches(path: str, glob: str) -> bool:
    below = f"{glob}*" if glob.endswith("/") else f"*/{glob}"
    return glob in ("*", "**") or fnmatchcase(path, glob) or fnmatchcase(path, below)


def _lines(shop: Workshop, glob: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    for path in shop.paths():
        if _matches(path, glob):
            try:
                text = shop.text(path)
            except ToolRefusedError:
                continue
            for number, line in enumerate(text.splitlines(), 1):
                if wanted(line):
                    yield f"{path}:{number}: {line.strip()[:300]}"


def _listed(rows: Iterator[str], most: int) -> str:
    shown: list[str] = []
    for row in rows:
        if len(shown) == most:
            shown.append("[more are not shown: ask more narrowly]")
            break
        shown.append(row)
    return "\n".join(shown)


def _symbols(index: FactIndex) -> Iterator[tuple[str, Symbol]]:
    for path, file in index.files.items():
        for fact in file.facts:
            if isinstance(fact, Symbol):
                yield path, fact


def _shown(path: str, symbol: Symbol) -> str:
    end = (symbol.body or symbol.loc).end_line
    params = f"({', '.join(p.name for p in symbol.params)})" if symbol.kind in ("function", "method") else ""
    return f"{path}:{symbol.loc.line}-{max(end, symbol.loc.end_line)} {symbol.kind} {symbol.qualname}{params}"
