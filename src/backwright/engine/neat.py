"""Changed Python files as tidy as they were: nobody else's disorder is touched, and no name is used that nothing defines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from backwright.core.errors import Unsupported
from backwright.core.ports import Formatter
from backwright.engine.housing import packages
from backwright.engine.housing_tools import formatting
from backwright.kit.index import FactIndex


def neat(
    formatter: Formatter, index: FactIndex, before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The files with imports in use, sorted, and laid out, where they were so before; and by path what is wrong with others."""
    out, wrong = dict(after), dict[str, str]()
    changed = [p for p, text in before.items() if after.get(p, text) != text and p.endswith(".py")]
    while changed:
        try:
            out |= _in_order(formatter, index, {p: before[p] for p in changed}, {p: after[p] for p in changed})
            break
        except Unsupported as broken:
            path = next((p for p in changed if broken.where.partition(":")[0].endswith(p)), changed[0])
            changed.remove(path)  # a file that ruff cannot read is left as it is
    if changed:
        target = formatting(index)[1]
        states = {f"before/{p}": before[p] for p in changed} | {f"after/{p}": out[p] for p in changed}
        found = formatter.faults(states, target=target)
        for path in changed:
            new = Counter(found.get(f"after/{path}", ())) - Counter(found.get(f"before/{path}", ()))
            if new:
                wrong[path] = next(iter(new))
    return out, wrong


def _in_order(
    formatter: Formatter, index: FactIndex, before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, str]:
    length, target = formatting(index)
    known: Sequence[str] = packages(index)[1]
    out = dict(after)
    for step in ("unused", "sorted", "laid out"):
        states = {f"before/{p}": t for p, t in before.items()} | {f"after/{p}": out[p] for p in before}
        if step == "unused":
            done = formatter.without_unused_imports(states, target=target)
        elif step == "sorted":
            done = formatter.sort_imports(states, line_length=length, first_party=known, target=target)
        else:
            done = formatter.layout(states, line_length=length, target=target)
        out |= {p: done[f"after/{p}"] for p, t in before.items() if done[f"before/{p}"] == t}
    return out
