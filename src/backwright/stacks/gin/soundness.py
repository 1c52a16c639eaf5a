"""Whether new Go can be read: refused by place where it cannot, never handed over broken."""

from __future__ import annotations

from collections.abc import Sequence
from posixpath import dirname

from backwright.core.change import Edit
from backwright.core.errors import Unsupported
from backwright.core.facts import Import, Symbol
from backwright.languages.go.extract import extract
from backwright.stacks.gin.decide import GinPlan

_REPORT = "the plan is not handed over, since it would not run; please report it with these lines"


def refuse_unsound(edits: Sequence[Edit], plan: GinPlan) -> None:
    """Raises Unsupported naming the first file that does not parse, imports nothing of ours, or declares what there is."""
    folders = {dirname(e.path) for e in edits} | {dirname(p) for p in plan.index.files}
    modules = {plan.sources.module_of(folder) for folder in folders}
    shortest = min(modules, key=len)
    for edit in edits:
        if not edit.path.endswith(".go"):
            continue
        facts = extract(edit.path, (edit.after or "").encode(), "")
        if facts.errors:
            raise _unspelled(edit, "the new text cannot be read")
        for item in (f for f in facts.facts if isinstance(f, Import)):
            own = item.module == shortest or item.module.startswith(f"{shortest}/")
            if own and item.module not in modules and edit.before is None:
                raise _unspelled(edit, f"nothing is at {item.module}")
        if edit.before is None:
            names = {f.qualname for f in facts.facts if isinstance(f, Symbol) and not f.scope}
            for path in plan.index.files:
                if (
                    dirname(path) == dirname(edit.path)
                    and plan.sources.package(path) in (edit.after or "").split("\n")[0]
                ):
                    both = names & {s.name for s in plan.index.symbols(path).values() if not s.scope and s.name != "_"}
                    if both:
                        raise _unspelled(edit, f"{path} declares {min(both)} already")


def _unspelled(edit: Edit, why: str) -> Unsupported:
    hints = (f"it was to be written like {edit.like}",) if edit.like else ()
    return Unsupported(
        f"this project's way of writing cannot be imitated: {why}", where=edit.path, hints=(*hints, _REPORT)
    )
