"""Expected failures, each with the exit code it ends with.

Exit codes: 0 yes, 1 no, 2 usage or nothing to do, 3 us or the machine, 4 a person is needed, 130 interrupted.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what prints an answer again imports this, and `typing` is slow to import
if TYPE_CHECKING:
    from typing import ClassVar


class BackwrightError(Exception):
    """An expected failure: says what happened and where, and hints what to do.

    `where` is a path or `path:line`. Each line of `hints` is one thing that the reader can do.
    """

    code: ClassVar[str] = "BW-E000"
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, where: str = "", hints: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hints = hints


class UsageError(BackwrightError):
    """The command line, a feature file or the configuration is wrong."""

    code = "BW-E001"
    exit_code = 2


class NothingToDo(BackwrightError):
    """There is nothing to check, to map or to change: never reported as success."""

    code = "BW-E002"
    exit_code = 2


class ToolMissing(BackwrightError):
    """A program or service that is required is not on this machine."""

    code = "BW-E003"
    exit_code = 3


class MachineError(BackwrightError):
    """The machine refused: read-only tree, disk full, no permission."""

    code = "BW-E004"
    exit_code = 3


class NeedsPerson(BackwrightError):
    """Waiting for a person: open questions, approval, a request no blueprint fits."""

    code = "BW-E005"
    exit_code = 4


class StalePlan(NeedsPerson):
    """The tree changed since the plan was made, or while the change was landing."""

    code = "BW-E006"


class Unsupported(NeedsPerson):
    """A combination of stack and request that cannot be spelled, named by framework and role."""

    code = "BW-E007"


class NotAllowed(NeedsPerson):
    """Commands of a repository that no person has allowed to run; `hints` are the commands."""

    code = "BW-E008"
