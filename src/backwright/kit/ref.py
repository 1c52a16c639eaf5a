"""A name together with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ref:
    """A (dotted) name and the module its first part is imported from; `module` is `""` for a builtin."""

    name: str
    module: str = ""
    whole: bool = False  # its module is imported: `import uuid` for `uuid.UUID`

    @property
    def line(self) -> str:
        """The import statement, `""` for a builtin."""
        if self.whole:
            return f"import {self.module}"
        return f"from {self.module} import {self.name.split('.')[0]}" if self.module else ""
