"""How a file that is there already calls the things of REST framework that new code in it needs."""

from __future__ import annotations

from backwright.stacks.django.decide import DjangoPlan


def is_free(plan: DjangoPlan, path: str, name: str, origin: str) -> bool:
    """Whether a name means this in a file, or nothing yet."""
    bound = any(item.alias == name for item in plan.index.imports(path)) or name in plan.index.symbols(path)
    return not bound or plan.index.origin(path, name) == origin


def called(plan: DjangoPlan, path: str, module: str, name: str) -> tuple[str, str]:
    """A thing of REST framework as a file may call it, and its import: `filters.OrderingFilter`, or the bare name."""
    short = module.rpartition(".")[2]
    if is_free(plan, path, short, module):
        return f"{short}.{name}", f"from {module.rpartition('.')[0]} import {short}"
    return name, f"from {module} import {name}"


def unless_bound(plan: DjangoPlan, path: str, name: str, line: str) -> str:
    """An import for a file; nothing where the name is bound there already."""
    return "" if any(item.alias == name for item in plan.index.imports(path)) else line
