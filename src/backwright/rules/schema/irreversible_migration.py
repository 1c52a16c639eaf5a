"""BW902: a downgrade takes back what its upgrade did."""

from __future__ import annotations

from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Loc
from backwright.core.findings import Finding
from backwright.kit.callgraph import Hop
from backwright.kit.django.migrations import Operation as DjangoOperation
from backwright.kit.django.migrations import migrations_of_django
from backwright.kit.findings import Voice, heading, place
from backwright.kit.index import FactIndex
from backwright.kit.operations import Migration, Operation, migrations
from backwright.kit.rendering import source_of
from backwright.kit.shapes import Rule
from backwright.rules.schema._paired_files import pairs
from backwright.rules.schema._ways_back import one_way

_VOICE = Voice("BW902", "irreversible-migration", "warning")
_DATA = frozenset({"execute", "bulk_insert"})
_STYLE = 3
_BACK = {"RunPython": "reverse_code", "RunSQL": "reverse_sql"}


def check(index: FactIndex, archmap: ArchMap) -> Iterator[Finding]:
    """Downgrades that do nothing, each, or one finding where that is the style; and those that forget something."""
    yield from _of_django(index)
    yield from _of_files(index)
    yield from one_way(index, _VOICE)
    found = migrations(index).all
    changing = [m for m in found if any(o.name not in _DATA for o in m.up)]
    without = [m for m in changing if _does_nothing(m)]
    good = [m for m in changing if m.down and m.certain and not list(_forgotten(m))]
    exemplar = f"; {good[-1].path} does" if good else ""
    each = [_missing(m, exemplar) for m in without]
    if len(without) >= _STYLE and len(without) * 2 > len(changing):
        yield _VOICE.style(
            each,
            f"{len(without)} of {len(changing)} migrations have no downgrade",
            help="a release that fails is taken back faster with one",
        )
    else:
        yield from each
    for migration in changing:
        left = list(_forgotten(migration)) if migration.certain and migration.down else []
        if left:
            yield _left(migration, left, exemplar)


def _of_files(index: FactIndex) -> Iterator[Finding]:
    """Files that lead forward and have no file that leads back, where others have one."""
    found = pairs(index)
    each = [
        _VOICE.finding(
            path,
            Loc(1, 1, 1, 1, 0, 0),
            "this migration has no file that takes it back",
            text="no file",
            help=f"write `{path.rpartition('/')[2].removesuffix('up.sql')}down.sql` beside it; {found.back[-1]} is one",
        )
        for path in found.without
    ]
    each += [
        _VOICE.finding(
            path,
            Loc(1, 1, 1, 1, 0, 0),
            "this file is there to take a migration back, and is empty",
            text="empty file",
            help=f"take back what the other file does, or say in a comment why not; {found.back[-1]} does",
        )
        for path in found.empty
    ]
    if len(each) >= _STYLE and len(each) > len(found.back):
        message = f"{len(each)} of {len(each) + len(found.back)} migrations are taken back by no file"
        yield _VOICE.style(each, message, help="a release that fails is taken back faster with one")
    else:
        yield from each


def _of_django(index: FactIndex) -> Iterator[Finding]:
    """Operations of Django that run code or SQL and do not say how that is taken back."""
    there: list[Finding] = []
    back: list[str] = []
    for migration in migrations_of_django(index).all():
        for operation in migration.operations:
            key = _BACK.get(operation.name, "")
            if not key or not operation.in_database:
                continue
            if operation.argument(key) is not None or any(k in {"*", "**"} for k in operation.call.keys):
                back.append(place(migration.path, operation.call.loc))
            else:
                there.append(_one_way(migration.path, operation, key, back))
    if len(there) >= _STYLE and len(there) > len(back):
        message = f"{len(there)} of {len(there) + len(back)} `RunPython` and `RunSQL` operations cannot be taken back"
        yield _VOICE.style(there, message, help="a release that fails is taken back faster where they can")
    else:
        yield from there


def _one_way(path: str, operation: DjangoOperation, key: str, back: list[str]) -> Finding:
    return _VOICE.finding(
        path,
        operation.call.loc,
        f"this `{operation.name}` has no `{key}`: the migration cannot be taken back, nor any before it",
        scope="Migration",
        text=source_of(operation.call)[:80],
        help=f"say how it is taken back; `migrations.{operation.name}.noop` where nothing has to be"
        + (f"; {back[-1]} does" if back else ""),
    )


def _does_nothing(migration: Migration) -> bool:
    """`pass`, or no function; one that raises says that there is no way back."""
    body = migration.downgrade
    return body is None or not (body.calls or body.raises or body.assigns)


def _missing(migration: Migration, exemplar: str) -> Finding:
    first = next(o for o in migration.up if o.name not in _DATA)
    body = migration.downgrade or migration.upgrade
    assert body.symbol is not None
    what = f"`{first.table}`" if first.table else "the schema"
    return _VOICE.finding(
        migration.path,
        heading(body.symbol),
        f"this migration changes {what} and its downgrade does nothing",
        scope="downgrade",
        text="nothing",
        help=f"take back what `upgrade` does, or raise where that cannot be done{exemplar}",
    )


def _forgotten(migration: Migration) -> Iterator[tuple[Operation, str]]:
    """What the upgrade made and the downgrade leaves, and what it dropped and the downgrade does not make again."""
    dropped = {o.table for o in migration.down if o.name == "drop_table"}
    made = {o.table for o in migration.down if o.name == "create_table"}
    down = {(o.name, o.table, o.column) for o in migration.down}
    created = {o.table for o in migration.up if o.name == "create_table"}
    renamed = any(o.name == "rename_table" for o in (*migration.up, *migration.down))
    if renamed or any(o.name in {"add_column", "drop_column"} and not o.column for o in migration.down):
        return
    for op in migration.up:
        at, column = (op.table, op.column), f"`{op.table}.{op.column}`"
        lost = op.name == "drop_column" and at[1] and op.table not in made | created and ("add_column", *at) not in down
        kept = (
            op.name == "add_column" and at[1] and op.table not in dropped | created and ("drop_column", *at) not in down
        )
        if not op.table:
            continue
        if op.name == "create_table" and op.table not in dropped and not _is_dropped_later(migration, op):
            yield op, f"create the table `{op.table}` and the downgrade does not drop it"
        elif op.name == "drop_table" and op.table not in made and op.table not in created:
            yield op, f"drop the table `{op.table}` and the downgrade does not create it"
        elif kept and not _is_dropped_later(migration, op):
            yield op, f"add {column} and the downgrade does not drop it"
        elif lost and not _was_added(migration, op):
            yield op, f"drop {column} and the downgrade does not add it"


def _is_dropped_later(migration: Migration, op: Operation) -> bool:
    after = [o for o in migration.up if o.expr.loc.start > op.expr.loc.start]
    names = {"drop_table"} if op.name == "create_table" else {"drop_column"}
    renames = {o.column for o in after if o.name == "alter_column" and o.expr.keyword("new_column_name") is not None}
    return op.column in renames or any(o.name in names and (o.table, o.column) == (op.table, op.column) for o in after)


def _was_added(migration: Migration, op: Operation) -> bool:
    """Added by the same upgrade: also under another name, when a column is replaced."""
    renamed = [o.expr.keyword("new_column_name") for o in migration.up if o.table == op.table]
    names = {n.text for n in renamed if n is not None} | {
        o.column for o in migration.up if o.name == "add_column" and o.table == op.table
    }
    return op.column in names


def _left(migration: Migration, left: list[tuple[Operation, str]], exemplar: str) -> Finding:
    """One finding for a migration, at the first line that is not taken back."""
    (op, what), others = left[0], left[1:]
    more = f"; {len(others)} more {'is' if len(others) == 1 else 'are'} left as well" if others else ""
    return _VOICE.finding(
        migration.path,
        op.expr.loc,
        f"these lines {what}{more}",
        scope="upgrade",
        text=what,
        help=f"take {'them' if others else 'it'} back in `downgrade`{exemplar}",
        related=[Hop(migration.path, o.expr.loc, f"these lines {said}").related() for o, said in others],
    )


RULE = Rule(_VOICE.id, _VOICE.name, _VOICE.severity, ("python", "typescript", "go", "rust"), check)
