"""How entities are declared where there is none yet: as an example that is made up on the project's own base."""

from __future__ import annotations

from msgspec.structs import replace

from backwright.core.archmap import EntityInfo
from backwright.core.facts import Column, Table
from backwright.engine.housing_database import DatabaseFound
from backwright.frameworks.sqlalchemy.style import model_style
from backwright.frameworks.sqlalchemy.tables import tables
from backwright.kit.house import ModelStyle, Ref
from backwright.kit.index import FactIndex
from backwright.kit.modules import module_of
from backwright.kit.naming import forms
from backwright.languages.python.extract import extract

_EXAMPLE = "backwright_example.py"


def model_of(index: FactIndex, present: ModelStyle, found: DatabaseFound, home: str, orm: str) -> ModelStyle:
    """As the entities are declared; without any, as one on the project's base would be."""
    if any(True for _ in index.tables()):
        return present
    if orm == "sqlmodel":
        return ModelStyle("sqlmodel", table_inherited=True, table_name="{flat}")
    if found.base is None:
        return ModelStyle("sqlalchemy", base=Ref("Base", module_of(home, index)), back_references=False)
    return _on_base(index, found.base)


def _on_base(index: FactIndex, base: Ref) -> ModelStyle:
    """The style of an example that is made up on this base: what it inherits is read as it is of real entities."""
    named = any(s.qualname == f"{base.name}.__tablename__" for p in index.files for s in index.symbols(p).values())
    table = "" if named else '    __tablename__ = "examples"\n'
    text = f"from sqlalchemy.orm import Mapped\n{base.line}\n\n\nclass Example({base.name}):\n{table}    example: Mapped[str]\n"
    files = {**index.files, _EXAMPLE: extract(_EXAMPLE, text.encode(), _EXAMPLE.removesuffix(".py"))}
    extended = FactIndex(files, root=index.root, texts=index.texts, added=index.added, paths=index.paths)
    facts = tables(extended).get(_EXAMPLE, ())
    entity = next((EntityInfo(_EXAMPLE, f) for f in facts if isinstance(f, Table)), None)
    if entity is None:
        return ModelStyle("sqlalchemy", base=base, back_references=False)
    style, _ = model_style(extended.with_added({_EXAMPLE: facts}), entity, forms("example"), (entity,))
    source = "id: Mapped[int] = mapped_column(init=False, primary_key=True)"
    key = (
        Column("id", "", "int", entity.table.loc, primary_key=True, source=source)
        if style.dataclass and style.key is None
        else style.key
    )
    return replace(style, key=key)
