"""The rules of the security filter chain that the new addresses need: first of all, since the first that matches decides."""

from __future__ import annotations

import re

from backwright.core.errors import Unsupported
from backwright.stacks.spring.access import level_at
from backwright.stacks.spring.controller import is_reserved, verb_of
from backwright.stacks.spring.decide import SpringPlan

_IMPORT = "import org.springframework.http.HttpMethod;"


def guarded(plan: SpringPlan) -> tuple[str, str, str] | None:
    """The path, text before and text after of the class with the filter chain; None where it needs no change.

    Raises Unsupported for a chain to which no rule can be added.
    """
    rules = _rules(plan)
    if not rules:
        return None
    security = plan.house.security
    if not security.path:
        return None
    if security.at < 0 or any(level not in security.grants for _, _, level in rules):
        lacking = next((level for _, _, level in rules if level not in security.grants), "")
        raise Unsupported(
            f"the security filter chain has no rule for {lacking or 'requests'} that could be imitated",
            where=security.path,
        )
    before = plan.sources.read(security.path)
    texts = [_rule(plan, verb, patterns, level) for verb, patterns, level in rules]
    joint = security.indent
    added = "".join(f"{text}{joint}" for text in texts)
    body = before.encode()
    after = (body[: security.at] + added.encode() + body[security.at :]).decode()
    if any(verb for verb, _, _ in rules) and not re.search(
        r"import org\.springframework\.http\.(HttpMethod|\*);", after
    ):
        after = _with_import(after)
    return security.path, before, after


def _with_import(text: str) -> str:
    """The import in its place among the others."""
    lines = text.splitlines(keepends=True)
    imports = [n for n, line in enumerate(lines) if re.match(r"import (?!static)", line)]
    at = next((n for n in imports if lines[n].startswith("import org.") and lines[n] > _IMPORT), None)
    at = at if at is not None else imports[-1] + 1 if imports else 1
    lines.insert(at, f"{_IMPORT}\n")
    return "".join(lines)


def _rules(plan: SpringPlan) -> list[tuple[str, tuple[str, ...], str]]:
    """Verb, patterns and level of each rule that is missing; what annotations of handlers refuse the chain may let pass."""
    wanted: dict[tuple[str, bool], str] = {}
    for op in plan.operations:
        item = op not in {"list", "create"}
        address = f"{plan.base}/1" if item else plan.base
        level = "user" if plan.access[op] == "owner" else plan.access[op]
        held = level_at(plan.house.security, verb_of(plan, op), address, surely=True)
        if held != level and not is_reserved(plan, op):
            wanted[(verb_of(plan, op), item)] = level
    if not plan.house.security.rules:
        return []
    rules: list[tuple[str, tuple[str, ...], str]] = []
    for verb in dict.fromkeys(v for v, _ in wanted):
        one, all_ = wanted.get((verb, True)), wanted.get((verb, False))
        both = verb == "GET" and {"list", "get"} <= set(plan.operations)
        if both and one != all_:
            rules += [(verb, (plan.base,), all_)] if all_ else []
            rules += [(verb, (f"{plan.base}/*",), one)] if one else []
        else:
            rules.append((verb, (f"{plan.base}/**",) if one or verb == "GET" else (plan.base,), one or all_ or ""))
    return rules


def _rule(plan: SpringPlan, verb: str, patterns: tuple[str, ...], level: str) -> str:
    shown = ", ".join(f'"{p}"' for p in patterns)
    return f".{plan.house.security.matcher}(HttpMethod.{verb}, {shown}){plan.house.security.grants[level]}"
