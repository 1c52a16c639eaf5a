"""The private copy as a model's tools see it: files by their paths, facts, what proves things."""

from __future__ import annotations

from dataclasses import dataclass, field

from backwright.adapters.engines.proposing import why_not
from backwright.adapters.engines.workplace import Ground, Senses
from backwright.adapters.landing_tree import NotPlainError, Root
from backwright.adapters.shell import printable
from backwright.adapters.workcopy import write
from backwright.core.acting import Assignment, Told
from backwright.core.change import Edit, Question
from backwright.core.errors import BackwrightError
from backwright.kit.index import FactIndex

MAX_FILE = 256 * 1024  # characters of a file that a model may write
MARK = "[redacted"  # how what stands for a secret begins


class ToolRefusedError(Exception):
    """A tool that cannot do what was asked; the model is told why, and goes on."""


@dataclass
class Workshop:
    """What one conversation works on, and what it has done so far."""

    ground: Ground
    assignment: Assignment
    senses: Senses
    told: Told
    edited: dict[str, str | None] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    _index: FactIndex | None = None

    def paths(self) -> list[str]:
        """The files of the copy that can be read, sorted."""
        known = set(self.ground.copy.files) | {path for path, text in self.edited.items() if text is not None}
        return sorted(known - {path for path, text in self.edited.items() if text is None})

    def find(self, path: str) -> str | None:
        """A file's text, None where there is none. Raises `ToolRefusedError` for what is no text of the copy."""
        plain = path.removeprefix("./")
        try:
            with Root(self.ground.copy.root) as root:
                content = root.read(plain)
        except (NotPlainError, OSError, ValueError):
            raise ToolRefusedError(f"{printable(path)} is not a path inside the workspace") from None
        if content is None:
            return None
        try:
            if isinstance(content, bytes):
                return content.decode()
        except UnicodeDecodeError:
            pass
        raise ToolRefusedError(f"{printable(path)} is not a text file")

    def text(self, path: str) -> str:
        """As `find`, for a file that must be there."""
        found = self.find(path)
        if found is None:
            raise ToolRefusedError(f"there is no file {printable(path)}; list_files shows what there is")
        return found

    def write(self, path: str, text: str | None) -> None:
        """Write a file of the copy, or remove it. Raises `ToolRefusedError` for what may not be changed."""
        path = path.removeprefix("./")
        links = self.ground.copy.links
        refused = why_not(Edit(path, None, None), self.assignment, links)
        if not refused and text is not None and len(text) > MAX_FILE:
            refused = f"a file of more than {MAX_FILE} characters"
        before = None if refused else self.find(path)
        refused = refused or why_not(Edit(path, before, text), self.assignment, links)
        if not refused and text is not None and text.count(MARK) > (before or "").count(MARK):
            refused = f"{MARK}…] stands for a secret that you cannot see: leave its line as it is"
        if refused:
            self.told("dropped", {"path": printable(path), "why": refused})
            raise ToolRefusedError(f"{printable(path)} is not changed: {refused}")
        try:
            write(self.ground.copy, [Edit(path, before, text)])
        except BackwrightError as error:
            self.told("dropped", {"path": printable(path), "why": error.message})
            raise ToolRefusedError(f"{printable(path)} is not changed: {error.message}") from error
        self.edited[path] = text
        self._index = None
        self.told("edit", {"path": path, "lines": 0 if text is None else text.count("\n") + 1})

    def index(self) -> FactIndex:
        """The facts of the copy as it is now."""
        if self._index is None:
            self._index = self.senses.index(dict(self.edited))
        return self._index
