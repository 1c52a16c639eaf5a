"""Finds what does ACT by its name: the modules of `adapters.engines`, and what others installed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from backwright.adapters import engines
from backwright.adapters.workcopy import WorkCopy
from backwright.core.acting import Engine
from backwright.core.errors import BackwrightError, UsageError

BLUEPRINT = "blueprint"  # decides without a model, in PREPARE: no engine has to be opened for it
GROUP = "backwright.engines"


class Opens(Protocol):
    """Makes an engine for one attempt; nothing is started or asked by that. Heavy imports belong into the engine's `act`.

    `copy` is the private copy that it may write to, with its snapshot; `original` the tree that this was made from;
    `ignored` gives those of some paths that the repository's own rules leave out; `model` is `agent.model`.
    """

    def __call__(
        self, *, copy: WorkCopy, original: Path, ignored: Callable[[Iterable[str]], set[str]], model: str
    ) -> Engine: ...


def known_engines() -> Mapping[str, Opens]:
    """All engines but the blueprints, by name.

    A module of `adapters.engines` has `ENGINES`, a mapping of names to `Opens`; so has what an entry point of the group
    `backwright.engines` names. Raises `BackwrightError` for a name that two want.
    """
    found: dict[str, Opens] = {}
    ours = (f"{engines.__name__}.{module.name}" for module in pkgutil.iter_modules(engines.__path__))
    each = [getattr(importlib.import_module(name), "ENGINES", {}) for name in ours]
    each += [entry.load() for entry in entry_points(group=GROUP)]
    for offered in each:
        for name, opens in offered.items():
            if name in found or name == BLUEPRINT:
                raise BackwrightError(f"two engines are called `{name}`", hints=("uninstall one of them",))
            found[name] = opens
    return found


def engine_named(name: str) -> Opens:
    """How to open the engine of this name. Raises `UsageError` naming those there are."""
    known = known_engines()
    if name in known:
        return known[name]
    names = (BLUEPRINT, *sorted(known))
    close = get_close_matches(name, names, 1)
    hint = f"did you mean `{close[0]}`?" if close else f"there is: {', '.join(names)}"
    raise UsageError(f"no engine is called `{name}`", where="--engine", hints=(hint,))
