"""How rules say what they found: findings with fingerprints that survive moved lines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backwright.core.facts import Loc, Span, Symbol
from backwright.core.findings import Finding, Fix, Related, Severity

_DIGITS_OF_PRINT = 12
_SPACE = re.compile(r"\s+")


def span_of(path: str, loc: Loc) -> Span:
    return Span(path, loc.line, loc.col, loc.end_line, loc.end_col)


def fingerprint(rule: str, path: str, scope: str, text: str) -> str:
    """`BW301:3f9a1c…` of rule, path, enclosing symbol and what was found; no line numbers, spaces do not count."""
    normal = _SPACE.sub(" ", text).strip()
    digest = hashlib.sha256("\0".join((rule, path, scope, normal)).encode()).hexdigest()
    return f"{rule}:{digest[:_DIGITS_OF_PRINT]}"


@dataclass(frozen=True)
class Voice:
    """How one rule speaks."""

    id: str
    name: str
    severity: Severity

    def finding(
        self,
        path: str,
        loc: Loc,
        message: str,
        *,
        scope: str = "",
        text: str = "",
        help: str = "",
        related: Iterable[Related] = (),
        fix: Fix | None = None,
    ) -> Finding:
        """A finding of this rule. `text` is what identifies it within its scope; the message where there is none."""
        return Finding(
            rule=self.id,
            name=self.name,
            severity=self.severity,
            message=message,
            span=span_of(path, loc),
            help=help,
            related=tuple(related),
            fix=fix,
            fingerprint=fingerprint(self.id, path, scope, text or message),
            scope=scope,
        )

    def style(self, instances: Sequence[Finding], message: str, *, help: str, of: str = "") -> Finding:
        """An advice said once for a project whose style these findings are; it stands at the first and notes the place of each.

        `of` tells it from another style that the same rule speaks of.
        """
        first = instances[0]
        return Finding(
            rule=self.id,
            name=self.name,
            severity="advice",
            message=message,
            span=first.span,
            help=f"this is the style of the project, so it is said once; {help}",
            related=tuple(Related(f.message, f.span) for f in instances),
            fingerprint=fingerprint(self.id, "", "", f"style of the project {of}".rstrip()),
            covers=tuple(sorted({f.fingerprint for f in instances})),
        )


def place(path: str, loc: Loc) -> str:
    """`app/api/users.py:22`, as messages name a place."""
    return f"{path}:{loc.line}"


def heading(symbol: Symbol) -> Loc:
    """The place of a definition's first line: its keyword and its name, not its body."""
    loc = symbol.loc
    keyword = "class " if symbol.kind == "class" else "async def " if symbol.is_async else "def "
    width = len(keyword) + len(symbol.name)
    return Loc(loc.line, loc.col, loc.line, loc.col + width, loc.start, loc.start + width)
