"""What an engine is given by the application: where it works, whom it may talk to, what only the project knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backwright.adapters.workcopy import WorkCopy
from backwright.core.change import ChangeSet
from backwright.core.findings import Finding
from backwright.core.permissions import Permissions
from backwright.kit.index import FactIndex

DEFAULT = Permissions()


@dataclass(frozen=True)
class Ground:
    """What an engine works on: the private copy with its snapshot, and the tree that it was made from.

    `ignored` gives those of some paths that the repository's own rules leave out: caches, products of a build.
    """

    copy: WorkCopy
    original: Path
    ignored: Callable[[Iterable[str]], set[str]] = lambda paths: set()


@dataclass(frozen=True)
class Senses:
    """What only the project knows, as functions.

    `index` gives the facts with other texts of some files (None takes one out), `findings` what the guardrails find in
    such a state that the tree has not, `exemplars` paths of good examples of a role, the best first, `tests` what the
    repository's own verification says of a change (None where it may not run).
    """

    index: Callable[[Mapping[str, str | None]], FactIndex]
    findings: Callable[[FactIndex], Sequence[Finding]]
    exemplars: Callable[[str], Sequence[str]]
    tests: Callable[[ChangeSet], str] | None = None


@dataclass(frozen=True)
class Chosen:
    """Which model at which provider, and at which address where that is not the provider's own. From the user, never the repository."""

    model: str = ""
    base_url: str = ""

    @property
    def provider(self) -> str:
        return self.model.partition(":")[0]

    @property
    def name(self) -> str:
        return self.model.partition(":")[2]


@dataclass(frozen=True)
class Workplace:
    """Everything that an engine is opened with, for one attempt of one run.

    `kept` is the folder where prompts and replies stay, None to keep none; `redact` takes secrets out of a text;
    `permissions` are those of commands that an engine starts.
    """

    ground: Ground
    senses: Senses
    chosen: Chosen = Chosen()
    kept: Path | None = None
    redact: Callable[[str], str] = str
    permissions: Permissions = DEFAULT
