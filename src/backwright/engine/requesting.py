"""From a request to what it is understood as: one `Feature`, whether it came as grammar, file or plain words.

The three ways in are `parse_grammar` (or `parse_resource` for what a command line has split already), `parse_file` and
`parse_words`; `apply_settings` answers what they left open. Assumptions are LOW, questions MEDIUM or HIGH. Of a MEDIUM
question the feature already contains the first option, so that it can be planned and shown before it is answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from backwright.core.request import Understood
from backwright.engine.request_answers import apply_settings, setting_keys
from backwright.engine.request_audit import parse_audit
from backwright.engine.request_checks import check_feature
from backwright.engine.request_endpoint import parse_endpoint
from backwright.engine.request_fields import parse_field
from backwright.engine.request_fix import asks_for_fixes, parse_fix
from backwright.engine.request_grammar import ResourceOptions, parse_grammar, parse_resource
from backwright.engine.request_health import parse_health
from backwright.engine.request_listing import parse_list
from backwright.engine.request_migration import parse_migration
from backwright.engine.request_rate_limit import parse_rate_limit
from backwright.engine.request_relation import parse_relation
from backwright.engine.request_soft_delete import parse_soft_delete
from backwright.engine.request_types import spell
from backwright.engine.request_words import parse_words

__all__ = [
    "CHANGES",
    "ResourceOptions",
    "apply_settings",
    "asks_for_fixes",
    "check_feature",
    "parse_file",
    "parse_grammar",
    "parse_resource",
    "parse_words",
    "setting_keys",
    "spell",
    "understand",
]


# What can be asked of what exists, by the first word of its grammar.
CHANGES: dict[str, Callable[[Sequence[str], Sequence[str]], Understood]] = {
    "field": parse_field,
    "endpoint": parse_endpoint,
    "list": parse_list,
    "migration": parse_migration,
    "audit": parse_audit,
    "relation": parse_relation,
    "soft-delete": parse_soft_delete,
    "health": parse_health,
    "fix": parse_fix,
    "rate-limit": parse_rate_limit,
}


def parse_file(text: str, path: str) -> Understood:
    """What a feature file is understood as. Raises UsageError with `path:line` of what is wrong."""
    from backwright.engine.request_file import parse_file as read  # YAML takes 20 ms to import, and only files need it

    return read(text, path)


def understand(words: Sequence[str], known_entities: Sequence[str] = ()) -> Understood:
    """The words after `plan`: grammar when they begin with `resource NAME`, else plain words. Raises UsageError."""
    first, *rest = words or [""]
    if first in CHANGES and rest:
        return CHANGES[first](rest, known_entities)
    if first == "resource" and rest:
        return parse_grammar(words, known_entities)
    if not rest and re.match(r"resource\s+\w+\s+\w+\??:\S", first):  # the whole grammar in one argument
        return parse_grammar(["resource", first.removeprefix("resource")], known_entities)
    return parse_words(" ".join(words), known_entities)
