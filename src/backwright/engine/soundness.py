"""Whether a planned change can be imported: refused by name where it could not, never handed over broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from backwright.core.change import Edit
from backwright.core.errors import Unsupported
from backwright.core.facts import FileFacts, Import
from backwright.core.ports import Formatter
from backwright.kit.house import Manner
from backwright.kit.index import FactIndex
from backwright.kit.modules import module_of
from backwright.languages.python.extract import extract

_REPORT = "the plan is not handed over, since it would not run; please report it with these lines"


def refuse_unsound(edits: Sequence[Edit], house: Manner, index: FactIndex, formatter: Formatter) -> None:
    """Raises Unsupported naming the first name that a changed file would use and nothing defines, or import in vain."""
    python = [e for e in edits if e.after is not None and e.path.endswith(".py")]
    states = {f"before/{e.path}": e.before or "" for e in python} | {f"after/{e.path}": e.after or "" for e in python}
    found = formatter.faults(states, target=house.target)
    for edit in python:
        new = Counter(found.get(f"after/{edit.path}", ())) - Counter(found.get(f"before/{edit.path}", ()))
        for fault in new:
            raise _unspelled(edit, fault)
    for edit in python:
        package = f"{edit.path.removesuffix('.py')}/__init__.py"
        if edit.before is None and package in index.files:
            raise _unspelled(edit, f"a module of this name would hide behind the package {package}")
    changed = {e.path: extract(e.path, (e.after or "").encode(), module_of(e.path, index)) for e in python}
    after = FactIndex({**index.files, **{p: _module(p, f) for p, f in changed.items()}}, root=index.root)
    for edit in python:
        before = {_spelling(i) for i in index.imports(edit.path)} if edit.before is not None else set()
        for item in after.imports(edit.path):
            if _spelling(item) in before or _reaches(after, house, edit.path, item):
                continue
            if not _elsewhere(index, house, after.absolute(edit.path, item)):
                raise _unspelled(edit, f"`{_statement(item)}` finds nothing")


def _module(path: str, facts: FileFacts) -> FileFacts:
    """A package is imported by the name of its folder."""
    if path.endswith("/__init__.py") and facts.module.endswith(".__init__"):
        return msgspec.structs.replace(facts, module=facts.module.removesuffix(".__init__"))
    return facts


def _unspelled(edit: Edit, fault: str) -> Unsupported:
    hints = (f"it was to be written like {edit.like}",) if edit.like else ()
    return Unsupported(
        f"this project's way of writing cannot be imitated: {fault}", where=edit.path, hints=(*hints, _REPORT)
    )


def _spelling(item: Import) -> tuple[int, str, str]:
    return item.level, item.module, item.name


def _statement(item: Import) -> str:
    module = "." * item.level + item.module
    return f"from {module} import {item.name}" if item.name else f"import {module}"


def _reaches(index: FactIndex, house: Manner, path: str, item: Import) -> bool:
    """Whether an import finds what it names. What other packages hold is not known here, and trusted."""
    module = index.absolute(path, item)
    if item.level == 0 and module.partition(".")[0] not in house.first_party:
        return True
    target = index.path_of(module)
    if not target:
        return _is_package(index, module) and (not item.name or _is_package(index, f"{module}.{item.name}"))
    if (
        not item.name
        or item.name == "*"
        or index.path_of(f"{module}.{item.name}")
        or _is_package(index, f"{module}.{item.name}")
    ):
        return True
    bound = {i.alias for i in index.imports(target)} | set(index.symbols(target))
    bound |= {a.target.dotted() for a in index.assigns(target)}
    return item.name in bound or "*" in bound


def _elsewhere(index: FactIndex, house: Manner, module: str) -> bool:
    """Whether the project's own files find the module where this index does not look: `alembic` beside `alembic/`."""
    return any(
        index.absolute(path, item) == module and not _reaches(index, house, path, item)
        for path in index.files
        for item in index.imports(path)
    )


def _is_package(index: FactIndex, module: str) -> bool:
    """A folder, or a module, of the project."""
    return any(f.module == module or f.module.startswith(f"{module}.") for f in index.files.values())
