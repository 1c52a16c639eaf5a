"""A name together with where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Ref:
    """A (dotted) name, or a call of one, and the module its first part is imported from; `""` for a builtin."""

    name: str
    module: str = ""
    whole: bool = False  # its module is imported: `import uuid` for `uuid.UUID`
    original: str = ""  # what the module calls it, where that is not `name`: `from db import session as get_db`

    @property
    def line(self) -> str:
        """The import statement, `""` for a builtin."""
        if self.whole:
            return f"import {self.module}"
        head = re.match(r"\w*", self.name)
        used = head.group() if head is not None else self.name
        renamed = f"{self.original} as {used}" if self.original else used
        return f"from {self.module} import {renamed}" if self.module else ""
