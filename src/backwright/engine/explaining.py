"""Pages about rules, and which rule claims which language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files

from backwright.core.errors import UsageError
from backwright.core.findings import Severity
from backwright.engine.checking import IGNORE_WITHOUT_REASON, UNUSED_IGNORE
from backwright.kit.shapes import Rule

_ABOUT_IGNORES = (UNUSED_IGNORE, IGNORE_WITHOUT_REASON)


@dataclass(frozen=True)
class Explained:
    """A page about a rule. `title` is its first heading, `markdown` all of it."""

    id: str
    name: str
    severity: Severity
    title: str
    markdown: str


@dataclass(frozen=True)
class Claim:
    """One row of the matrix: a rule and the languages that it is written for."""

    id: str
    name: str
    severity: Severity
    languages: tuple[str, ...]


def explain(subject: str, rules: Sequence[Rule], page: Callable[[Rule], str]) -> Explained:
    """The page of the rule with this id or name; `page` reads a rule's page. Raises `UsageError` for an unknown one."""
    wanted = subject.strip()
    for rule in rules:
        if wanted.lower() in (rule.id.lower(), rule.name):
            return _explained(rule.id, rule.name, rule.severity, page(rule))
    for voice in _ABOUT_IGNORES:
        if wanted.lower() in (voice.id.lower(), voice.name):
            text = files(__package__).joinpath("ignores.md").read_text(encoding="utf-8")
            return _explained(voice.id, voice.name, voice.severity, text)
    raise _unknown(wanted, rules)


def rules_named(names: Sequence[str], rules: Sequence[Rule]) -> set[str]:
    """The ids of the rules that are called so, by id, prefix or name. Raises `UsageError` for one that nothing is called."""
    out: set[str] = set()
    for name in names:
        hits = {r.id for r in rules if name == r.name or (name.startswith("BW") and r.id.startswith(name))}
        if not hits:
            raise _unknown(name, rules)
        out |= hits
    return out


def claims(rules: Sequence[Rule]) -> tuple[Claim, ...]:
    """Every rule with what it claims, by id."""
    return tuple(Claim(r.id, r.name, r.severity, r.languages) for r in sorted(rules, key=lambda r: r.id))


def matrix(rules: Sequence[Rule]) -> str:
    """All rules and the languages that they claim, as a Markdown table."""
    rows = claims(rules)
    languages = sorted({language for row in rows for language in row.languages})
    lines = [f"| rule | name | severity | {' | '.join(languages)} |", f"|---|---|---|{'---|' * len(languages)}"]
    for row in rows:
        marks = " | ".join("yes" if language in row.languages else "" for language in languages)
        lines.append(f"| {row.id} | {row.name} | {row.severity} | {marks} |")
    return "\n".join(lines) + "\n"


def _explained(id_: str, name: str, severity: Severity, markdown: str) -> Explained:
    title = next((line[2:].strip() for line in markdown.splitlines() if line.startswith("# ")), f"{id_} {name}")
    return Explained(id_, name, severity, title, markdown)


def _unknown(wanted: str, rules: Sequence[Rule]) -> UsageError:
    known = {key: r for r in rules for key in (r.id, r.name)}
    close = get_close_matches(wanted.upper() if wanted[:2].lower() == "bw" else wanted, list(known), n=1, cutoff=0.5)
    hints = [f"did you mean {known[close[0]].id} ({known[close[0]].name})?"] if close else []
    return UsageError(f"no rule is called `{wanted}`", hints=(*hints, "all rules: backwright explain rules"))
