"""What the project's linter is told to look for, as far as it decides how new code is spelled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from posixpath import basename


@dataclass(frozen=True)
class Linting:
    """The selection of ruff: rules by their prefixes, as ruff's settings name them. Empty where the project uses none."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file: tuple[tuple[str, tuple[str, ...]], ...] = ()  # glob to the rules that do not count there
    folder: str = ""  # where the settings stand: globs are relative to it
    max_args: int = 5

    def selects(self, rule: str, path: str) -> bool:
        """Whether this rule (`PLR2004`) counts in a file: the longest prefix that names it decides."""
        chosen = _deepest(self.select, rule)
        if chosen < 0 or _deepest(self.ignore, rule) >= chosen:
            return False
        return not any(
            _matches(glob, path, self.folder) and any(_names(p, rule) for p in rules) for glob, rules in self.per_file
        )


def _deepest(prefixes: tuple[str, ...], rule: str) -> int:
    """The length of the longest prefix that names the rule, 0 for `ALL`, -1 where none does."""
    return max((len(p) if p != "ALL" else 0 for p in prefixes if _names(p, rule)), default=-1)


def _names(prefix: str, rule: str) -> bool:
    """`PL` names PLR2004; the letters of a linter are whole: `E` is pycodestyle's, and no part of `ERA001`."""
    if prefix == "ALL":
        return True
    if not rule.startswith(prefix):
        return False
    letters = re.match(r"[A-Z]+", rule)
    assert letters is not None
    return len(prefix) >= len(letters.group()) or (prefix == "PL" and letters.group().startswith("PL"))


def _matches(glob: str, path: str, folder: str) -> bool:
    wanted = not glob.startswith("!")
    glob = glob.removeprefix("!").removeprefix("./")
    inside = path.removeprefix(f"{folder}/") if folder else path
    pattern = glob.replace("**/", "*").replace("**", "*")
    hit = fnmatch(basename(path), glob) or fnmatch(inside, pattern) or fnmatch(inside, f"{pattern.rstrip('/*')}/*")
    return hit == wanted
