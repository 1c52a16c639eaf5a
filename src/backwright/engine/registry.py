"""Finds the extensions: languages, frameworks, rules, blueprints and planned stacks. A new folder is enough: no list to edit."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from backwright.core.errors import BackwrightError
from backwright.kit.shapes import Blueprint, Framework, Language, PlannedStack, Rule

GROUP = "backwright.extensions"

Extension = Language | Framework | Rule | Blueprint | PlannedStack
T = TypeVar("T", bound=Extension)

_ATTRIBUTES: dict[type, str] = {
    Language: "LANGUAGE",
    Framework: "FRAMEWORK",
    Rule: "RULE",
    Blueprint: "BLUEPRINT",
    PlannedStack: "STACK",
}


class Registry:
    """The extensions that are installed. Nothing of an extension is imported before its kind is asked for.

    Others' extensions come through the entry point group `backwright.extensions`: each entry names an extension, or a
    module that has one as `LANGUAGE`, `FRAMEWORK`, `RULE`, `BLUEPRINT` or `STACK`. All properties raise `BackwrightError` for an
    extension that cannot be imported, lacks its shape or takes a name that another has.
    """

    def __init__(self, package: str = "backwright") -> None:
        self._package = package
        self._homes: dict[int, tuple[str, str]] = {}  # by identity of a rule: package and name of its page

    @cached_property
    def languages(self) -> tuple[Language, ...]:
        """All languages, by name."""
        return self._extensions(Language, "languages", _direct, lambda language: (language.name,))

    @cached_property
    def frameworks(self) -> tuple[Framework, ...]:
        """All frameworks, ORMs and tools, by name."""
        return self._extensions(Framework, "frameworks", _direct, lambda framework: (framework.name,))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, by id."""
        return self._extensions(Rule, "rules", _in_subjects, lambda rule: (rule.id, rule.name))

    @cached_property
    def blueprints(self) -> tuple[Blueprint, ...]:
        """All blueprints, by name."""
        return self._extensions(Blueprint, "blueprints", _direct, lambda blueprint: (blueprint.name,))

    @cached_property
    def stacks(self) -> tuple[PlannedStack, ...]:
        """All stacks that changes are planned for, by name."""
        return self._extensions(PlannedStack, "stacks", _direct, lambda stack: (stack.name,))

    @property
    def has_foreign(self) -> bool:
        """Whether any extension is not our own."""
        return bool(self._installed)

    def page(self, rule: Rule) -> str:
        """The Markdown page of a rule. Raises `BackwrightError` if it has none."""
        from importlib.resources import files

        package, name = self._homes[id(rule)]
        try:
            return files(package).joinpath(f"{name}.md").read_text(encoding="utf-8")
        except (FileNotFoundError, ModuleNotFoundError) as error:
            hint = f"describe it in {name}.md beside {name}.py"
            raise BackwrightError(f"rule {rule.id} has no page", where=f"{package}.{name}", hints=(hint,)) from error

    def _extensions(
        self,
        shape: type[T],
        folder: str,
        modules_in: Callable[[ModuleType], Iterator[str]],
        keys: Callable[[T], tuple[str, ...]],
    ) -> tuple[T, ...]:
        found: dict[str, tuple[T, str]] = {}
        own = _own(shape, modules_in(_import(f"{self._package}.{folder}")))
        for extension, where in (*own, *self._foreign(shape)):
            for key in keys(extension):
                if key in found and found[key][0] is not extension:
                    message = f"two extensions are called `{key}`"
                    raise BackwrightError(message, where=where, hints=(f"the other one is {found[key][1]}",))
                found[key] = (extension, where)
            self._homes[id(extension)] = (where.rpartition(".")[0], where.rpartition(".")[2])
        unique = {id(extension): extension for extension, _ in found.values()}
        return tuple(sorted(unique.values(), key=keys))

    def _foreign(self, shape: type[T]) -> Iterator[tuple[T, str]]:
        for extension, where in self._installed:
            if isinstance(extension, shape):
                yield extension, where

    @cached_property
    def _installed(self) -> tuple[tuple[Extension, str], ...]:
        if not any(map(_declares_extensions, sys.path)):
            return ()
        from importlib.metadata import entry_points

        found: list[tuple[Extension, str]] = []
        for entry in entry_points(group=GROUP):
            where = entry.value.partition(":")[0]
            hints = (f"it comes with the package {entry.dist.name}: update or remove it",) if entry.dist else ()
            try:
                loaded = entry.load()
            except (ImportError, AttributeError) as error:
                message = f"the extension `{entry.name}` cannot be imported: {error}"
                raise BackwrightError(message, where=where, hints=hints) from error
            module = isinstance(loaded, ModuleType)
            shapes = [getattr(loaded, name, None) for name in _ATTRIBUTES.values()] if module else [loaded]
            known = [extension for extension in shapes if isinstance(extension, Extension)]
            if not known:
                message = f"the extension `{entry.name}` is no language, framework, rule, blueprint or stack"
                raise BackwrightError(message, where=entry.value, hints=hints)
            found += [(extension, where) for extension in known]
        return tuple(found)


def _declares_extensions(folder: str) -> bool:
    """Whether a distribution installed in this folder may have extensions; asking for them costs 15 ms of imports."""
    if Path(folder).is_file():  # an archive
        return True
    with suppress(OSError):
        for name in os.listdir(folder or "."):  # noqa: PTH208 - only names are needed
            if name.endswith((".dist-info", ".egg-info")):
                with suppress(OSError), open(f"{folder or '.'}/{name}/entry_points.txt", "rb") as file:
                    if GROUP.encode() in file.read():
                        return True
    return False


def _own(shape: type[T], modules: Iterable[str]) -> Iterator[tuple[T, str]]:
    attribute = _ATTRIBUTES[shape]
    for name in modules:
        extension = getattr(_import(name), attribute, None)
        if not isinstance(extension, shape):
            message = f"this module has no {attribute}"
            raise BackwrightError(message, where=name, hints=(f"{attribute} must be a {shape.__name__}",))
        yield extension, name


def _direct(package: ModuleType) -> Iterator[str]:
    """The packages in a package; names with an underscore in front are not extensions."""
    for found in pkgutil.iter_modules(package.__path__):
        if found.ispkg and not found.name.startswith("_"):
            yield f"{package.__name__}.{found.name}"


def _in_subjects(package: ModuleType) -> Iterator[str]:
    """The modules in the packages in a package."""
    for subject in _direct(package):
        for found in pkgutil.iter_modules(_import(subject).__path__):
            if not found.ispkg and not found.name.startswith("_"):
                yield f"{subject}.{found.name}"


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise BackwrightError(f"an extension cannot be imported: {error}", where=name) from error
