"""What BW902 says of migrations in TypeScript and JavaScript: a `down` that does nothing, or that forgets something."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.core.findings import Finding
from backwright.kit.bodies import Body, bodies
from backwright.kit.callgraph import Hop
from backwright.kit.chains import links, name_of
from backwright.kit.findings import Voice, heading
from backwright.kit.index import FactIndex
from backwright.rules.schema._sql_changes import Change
from backwright.rules.schema._written_migrations import Written, written

_STYLE = 3
_NOTHING = frozenset({"resolve"})  # `return Promise.resolve()`
_CHANGING = frozenset({"create", "drop", "rename", "add", "lose", "move"})


def one_way(index: FactIndex, voice: Voice) -> Iterator[Finding]:
    """Downgrades that do nothing, each, or one finding where that is the style; and those that forget something."""
    changing = [m for m in written(index) if any(change.kind in _CHANGING for change, _ in m.done)]
    without = [m for m in changing if _does_nothing(index, m.down)]
    good = [m for m in changing if m not in without and m.certain and not list(forgotten(m))]
    exemplar = f"; {good[-1].path} does" if good else ""
    each = [_missing(voice, m, exemplar) for m in without]
    if len(without) >= _STYLE and len(without) * 2 > len(changing):
        message = f"{len(without)} of {len(changing)} migrations have no way back"
        yield voice.style(each, message, help="a release that fails is taken back faster with one", of="in code")
    else:
        yield from each
    for migration in changing:
        left = list(forgotten(migration)) if migration.certain and migration not in without else []
        if left:
            yield _left(voice, migration, left, exemplar)


def _does_nothing(index: FactIndex, body: Body | None) -> bool:
    """An empty function, or none; one that throws says that there is no way back."""
    for one in bodies(index).with_inner(body) if body is not None else ():
        called = {name_of(link) for call in one.calls for link in links(call.expr)}
        if one.raises or one.assigns or called - _NOTHING:
            return False
        if any(item.value is not None and item.value.kind not in {"constant", "call"} for item in one.returns):
            return False
    return True


def _missing(voice: Voice, migration: Written, exemplar: str) -> Finding:
    first = next(change for change, _ in migration.done if change.kind in _CHANGING)
    body = migration.down or migration.up
    assert body.symbol is not None
    what = "its `down` does nothing" if migration.down is not None else "it has no `down`"
    return voice.finding(
        migration.path,
        heading(body.symbol),
        f"this migration changes `{first.table}` and {what}",
        scope=body.scope,
        text="nothing",
        help=f"take back what `up` does, or throw where that cannot be done{exemplar}",
    )


def forgotten(migration: Written) -> Iterator[tuple[Expr, str]]:
    """What `up` made and `down` leaves, and what it dropped and `down` does not make again."""
    done = [change for change, _ in migration.done]
    undone = [change for change, _ in migration.undone]
    if any(change.kind in {"rename", "move", "unsure"} for change in (*done, *undone)):
        return
    made, dropped = _tables(undone, "create"), _tables(undone, "drop")
    created = _tables(done, "create")
    for number, (change, place) in enumerate(migration.done):
        later, earlier = done[number + 1 :], done[:number]
        at, column = change[1:3], f"`{change.table}.{change.column}`"
        if change.kind == "create" and change.table not in dropped | _tables(later, "drop"):
            yield place, f"create the table `{change.table}` and `down` does not drop it"
        elif change.kind == "drop" and change.table not in made | _tables(earlier, "create"):
            yield place, f"drop the table `{change.table}` and `down` does not create it"
        elif change.kind == "add" and change.table not in dropped | created | made:
            if not _has([*done, *undone], "lose", at):
                yield place, f"add {column} and `down` does not drop it"
        elif change.kind == "lose" and change.table not in made | created and not _has([*done, *undone], "add", at):
            yield place, f"drop {column} and `down` does not add it"


def _tables(found: list[Change], kind: str) -> set[str]:
    return {change.table for change in found if change.kind == kind}


def _has(found: list[Change], kind: str, at: tuple[str, ...]) -> bool:
    return any(change.kind == kind and change[1:3] == at for change in found)


def _left(voice: Voice, migration: Written, left: list[tuple[Expr, str]], exemplar: str) -> Finding:
    """One finding for a migration, at the first line that is not taken back."""
    (place, what), others = left[0], left[1:]
    more = f"; {len(others)} more {'is' if len(others) == 1 else 'are'} left as well" if others else ""
    return voice.finding(
        migration.path,
        place.loc,
        f"these lines {what}{more}",
        scope=migration.up.scope,
        text=what,
        help=f"take {'them' if others else 'it'} back in `down`{exemplar}",
        related=[Hop(migration.path, one.loc, f"these lines {said}").related() for one, said in others],
    )
