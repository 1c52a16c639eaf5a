"""Names of constraints, as `MetaData(naming_convention=…)` gives them."""

from __future__ import annotations

import re

_INDEX_DEFAULT = "ix_%(column_0_label)s"


def constraint_name(
    naming: dict[str, str], kind: str, table: str, columns: tuple[str, ...], *, referred: str = ""
) -> str | None:
    """The name of a constraint of `kind` (ix, uq, fk, pk), None where the database chooses."""
    template = naming.get(kind) or (_INDEX_DEFAULT if kind == "ix" else None)
    if template is None:
        return None
    values = {
        "table_name": table,
        "column_0_name": columns[0],
        "column_0_key": columns[0],
        "column_0_label": f"{table}_{columns[0]}",
        "column_0_N_name": "".join(columns),
        "column_0_N_label": "".join(f"{table}_{c}" for c in columns),
        "column_0N_name": "".join(columns),
        "column_0_N_key": "".join(columns),
        "referred_table_name": referred,
        "referred_column_0_name": "id",
        "constraint_name": "_".join(columns),
        "all_column_names": "_".join(columns),
    }
    underscored = (
        re.sub(r"%\(column_0_N_name\)s", "_".join(columns), template) if "_column_0_N" not in template else template
    )
    return underscored % values
