"""The five shapes an extension can have: language, framework, rule, blueprint, stack that changes are planned for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backwright.core.archmap import ArchMap, Component, Convention
from backwright.core.change import ChangeSet
from backwright.core.facts import Fact, FileFacts
from backwright.core.findings import Finding, Severity
from backwright.core.request import Understood
from backwright.core.stack import Detected

if TYPE_CHECKING:
    from backwright.kit.house import Manner
    from backwright.kit.index import FactIndex
    from backwright.kit.linking import Naming, Tree

Extract = Callable[[str, bytes, str], FileFacts]


@dataclass(frozen=True)
class Language:
    """A language: `extract(path, source, module)` turns one file into facts. Bump `version` when facts change shape.

    `naming` says how files of a project name each other; None for dotted names by place, as Python has them.
    """

    name: str
    suffixes: tuple[str, ...]
    version: int
    extract: Extract
    manifests: tuple[str, ...] = ()
    naming: Callable[[Tree], Naming] | None = None


@dataclass(frozen=True)
class Framework:
    """A framework, ORM or tool: how it is recognised, the facts it adds, the habits it can name.

    `packages` maps import name to distribution name, `entries` are ends of paths that show it where nothing is imported.
    `facts` adds Route, Table or Setting facts per file.
    """

    name: str
    kind: str
    packages: Mapping[str, str]
    entries: tuple[str, ...] = ()
    detect: Callable[[FactIndex], Iterable[Detected]] | None = None
    facts: Callable[[FactIndex], Mapping[str, tuple[Fact, ...]]] | None = None
    conventions: Callable[[FactIndex, ArchMap], Iterable[Convention]] | None = None
    emit: Mapping[str, Any] = field(default_factory=dict)
    last: bool = False  # its tables count only where no other framework has found any


@dataclass(frozen=True)
class Rule:
    """A guardrail. `check` is a generator over the facts; its page (`<name>.md` beside it) holds its examples and its help.

    `step` says what is wrong with the way from one state (the first index) to the next and with neither alone.
    """

    id: str
    name: str
    severity: Severity
    languages: tuple[str, ...]
    check: Callable[[FactIndex, ArchMap], Iterable[Finding]]
    step: Callable[[FactIndex, FactIndex, ArchMap], Iterable[Finding]] | None = None


@dataclass(frozen=True)
class Blueprint:
    """A kind of change: `decide` turns what was asked into decided artifacts for this house.

    It gets the requests that it `accepts`; `usage` is an example of one. `engine.spellings` has a module of its name.
    """

    name: str
    title: str
    decide: Callable[..., Any]
    accepts: Callable[[Understood], bool]
    usage: str = ""


@dataclass(frozen=True)
class PlannedStack:
    """A combination of frameworks that changes are planned for. `packages` are the import names that show it, tests aside.

    `house(index, components, read)` reads how the project writes a resource; `plan(understood, house, index, *, blueprint,
    components, read, formatter, settings)` turns a request into a change, and raises `Unsupported` for what it cannot spell.
    `blueprints` are the kinds of change that it plans.
    """

    name: str
    packages: tuple[str, ...]
    house: Callable[[FactIndex, tuple[Component, ...], Callable[[str], str]], tuple[Manner, tuple[Convention, ...]]]
    plan: Callable[..., ChangeSet]
    blueprints: tuple[str, ...] = ("resource",)
