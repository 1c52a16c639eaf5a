"""The existing entity that a field refers to."""

from __future__ import annotations

from backwright.core.errors import UsageError
from backwright.kit.artifacts import Target
from backwright.kit.house import House, Ref
from backwright.kit.imitation import fill
from backwright.kit.index import FactIndex
from backwright.kit.naming import forms
from backwright.kit.references import ref_of


def find_target(wanted: str, house: House, index: FactIndex, field: str) -> Target:
    """The entity that a field refers to. Raises UsageError when there is none."""
    name = forms(wanted)
    known = list(index.tables())
    for path, table in known:
        bare = table.entity
        if (
            bare in {wanted, name.pascal}
            or fill(house.model.class_name, name) == bare
            or table.table in {wanted, name.snake_plural}
        ):
            key = next((c for c in table.columns if c.primary_key), None)
            text = f"{key.python} {key.type}".lower() if key is not None else _inherited_key(index, path, bare)
            kind = (
                "uuid"
                if ("uuid" in text or "guid" in text) and not (key and key.python == "str")
                else "str"
                if key and (key.python == "str" or "string" in text)
                else "int"
            )
            ref = ref_of(index, path, bare) or Ref(bare, index.module(path))
            return Target(
                bare,
                Ref(bare, ref.module),
                path,
                table.table,
                key.name if key else "id",
                kind,
                key.type if key else "",
                forms(bare_entity(bare)),
                table,
            )
    have = ", ".join(sorted(t.entity for _, t in known)) or "none"
    raise UsageError(
        f"`{field}` refers to {wanted}, which is not an entity of this project",
        hints=(f"entities: {have}", f"plan {wanted} first: backwright plan resource {name.pascal} name:str"),
    )


def _inherited_key(index: FactIndex, path: str, entity: str) -> str:
    """What a key is called by a base of another package: `SQLAlchemyBaseUserTableUUID`, `BaseTable[uuid.UUID]`."""
    symbol = index.symbols(path).get(entity)
    bases = " ".join(symbol.bases).lower() if symbol is not None else ""
    return "uuid" if "uuid" in bases else "int"


def bare_entity(entity: str) -> str:
    """`ItemModel` and `ItemORM` are the entity Item."""
    for end in ("Model", "Entity", "ORM", "Orm", "Table"):
        if entity.endswith(end) and len(entity) > len(end):
            return entity.removesuffix(end)
    return entity
