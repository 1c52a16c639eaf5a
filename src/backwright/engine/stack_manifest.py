"""`stack/stack.yaml` and the project: what the manifest says, where the two differ, and the manifest a project would have.

Project files come first. What they do not tell, the manifest does; where both speak and differ, that is a conflict.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import msgspec
import yaml

from backwright.core.facts import Span
from backwright.core.stack import Detected, Stack
from backwright.core.verdict import Step
from backwright.engine import contract_yaml
from backwright.engine.contract import read_contract
from backwright.engine.stack_fields import FIELDS
from backwright.engine.stack_knowledge import Ecosystem, ecosystems, language_titles

_NODE = frozenset({"node", "nodejs", "typescript", "javascript", "ts", "js", "bun", "deno"})
_SAME = {
    "next": "nextjs", "csharp": "dotnet", "c#": "dotnet", "spring": "springboot", "nest": "nestjs", "junit5": "junit",
    "golang": "go", "jvm": "java", "postgres": "postgresql", "mongo": "mongodb", "jwt": "", "session": "", "none": "",
}  # fmt: skip


class Conflict(NamedTuple):
    """A field in which the manifest and the project differ; `said` at `where`, `found` in the project."""

    field: str
    said: str
    found: tuple[str, ...]
    where: Span
    evidence: tuple[Span, ...]


class Told(NamedTuple):
    """What a manifest says, by field, with the line."""

    values: Mapping[str, tuple[str, int]]
    path: str


def read_told(text: str, path: str) -> Told:
    """The fields of a manifest. Raises `UsageError` at `path:line` where it is not one."""
    read_contract(text, path)
    node = contract_yaml.load(text, path)
    values = node.value if isinstance(node.value, dict) else {}
    found = {
        f: (str(values[f].value), node.keys.get(f, 1)) for f in FIELDS if f in values and values[f].value is not None
    }
    return Told(found, path)


def conflicts(stack: Stack, told: Told) -> tuple[Conflict, ...]:
    """Where the manifest says something else than the project shows."""
    found = []
    for field, (said, line) in told.values.items():
        claims = [*_claims(stack, field), *(c for group in stack.undecided for c in group if c.kind in FIELDS[field])]
        if claims and not any(_same(said, claim) for claim in claims) and _plain(said):
            evidence = tuple(span for claim in claims[:1] for span in claim.evidence[:2])
            found.append(Conflict(field, said, tuple(c.id for c in claims), Span(told.path, line), evidence))
    return tuple(found)


def completed(stack: Stack, told: Told) -> Stack:
    """The stack with what only the manifest tells, and with the choices that it makes."""
    for field, (said, _) in told.values.items():
        stack = settled(stack, field, said) or stack
    known = [
        Detected(FIELDS[field][0], said, "", 0.7, (Span(told.path, line),), said.lower())
        for field, (said, line) in told.values.items()
        if not _claims(stack, field)
    ]
    return msgspec.structs.replace(stack, parts=(*stack.parts, *known))


def settled(stack: Stack, field: str, said: str) -> Stack | None:
    """The stack where this answer decides between claims that speak equally; None where it is none of them."""
    for group in stack.undecided:
        chosen = next((c for c in group if c.kind in FIELDS[field] and _same(said, c)), None)
        if chosen is None:
            continue
        before = [p for p in stack.parts if p.kind != chosen.kind]
        others = [p for p in stack.parts if p.kind == chosen.kind and p.id != chosen.id]
        at = next((n for n, p in enumerate(stack.parts) if p.kind == chosen.kind), len(before))
        parts = (*before[:at], chosen, *(() if chosen.kind == "framework" else others), *before[at:])
        rest = tuple(g for g in stack.undecided if g is not group)
        return msgspec.structs.replace(stack, parts=parts, undecided=rest)
    return None


def agrees(stack: Stack, field: str, said: str) -> bool:
    """Whether the project shows this, or nothing at all about the field."""
    claims = _claims(stack, field)
    return not claims or any(_same(said, claim) for claim in claims)


def manifest_text(stack: Stack, steps: Sequence[Step]) -> str:
    """The text of `stack/stack.yaml` for a project, with the steps that prove a change in it."""
    data: dict[str, Any] = {}
    for field, kinds in FIELDS.items():
        found = stack.ids(kinds[0])
        if found:
            data[field] = ", ".join(found[:2]) if field == "auth" else found[0]
    if "orm" not in data and stack.ids("queries"):
        data["orm"] = stack.ids("queries")[0]
    data["source"] = "detected"
    data["detected_from"] = sorted({span.path for part in stack.parts for span in part.evidence[:1]})[:12]
    verify = _verify(steps, data["language"])
    if verify:
        data["verify"] = verify
    head = "# What this backend is built with, and the steps that prove a change in it. Written by `backwright stack set`;\n"
    head += "# yours to change: `backwright stack check` says where it and the project differ.\n"
    head += "# yaml-language-server: $schema=./stack.schema.json\n"
    return head + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)


def verify_steps(stack: Stack, scripts: Mapping[str, str], files: Collection[str] = ()) -> tuple[Step, ...]:
    """The steps that a project's own scripts and tools amount to. `scripts` are those of its package manifest.

    `files` are the repository's: a build tool whose wrapper is not among them is the one of the machine.
    """
    from backwright.engine.contract_commands import split_command

    language = next(iter(stack.ids("language")), "")
    ecosystem = next((e for e in ecosystems() if language in e.suffixes.values()), None)
    if ecosystem is None:
        return ()
    ids = {part.id for part in stack.parts}
    manager = next(iter(stack.ids("package_manager")), "")
    steps = []
    for name in ("format", "lint", "types", "tests", "migrations"):
        script = next((s for s in ecosystem.scripts.get(name, ()) if _runs(scripts.get(s, ""))), "")
        command = (
            f"{manager or 'npm'} run {script}" if script else _command(ecosystem.verify.get(name, ()), ids, manager)
        )
        command = command.replace("{build}", _build(stack, manager, files))
        if command:
            # what looks at migrations may need a database, which not everybody who verifies has at hand
            steps.append(Step(name, split_command(command), required=name != "migrations", source=ecosystem.name))
    return tuple(steps)


def _runs(script: str) -> bool:
    return bool(script) and "no test specified" not in script and "--watch" not in script


def _command(choices: Iterable[Sequence[str]], ids: set[str], manager: str) -> str:
    for tool, *commands in choices:
        if tool not in ids:
            continue
        return commands[-1] if manager == "maven" and len(commands) > 1 else commands[0]
    return ""


def _build(stack: Stack, manager: str, files: Collection[str]) -> str:
    """How a build tool is called: by the project's own wrapper, where it has one."""
    wrapper, program = ("gradlew", "gradle") if manager == "gradle" else ("mvnw", "mvn")
    return f"./{wrapper}" if f"{stack.root}/{wrapper}".lstrip("/") in files else program


def _verify(steps: Sequence[Step], language: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for step in steps:
        if step.builtin == "raw_sql":
            continue
        found[step.name] = _spelled(step)
    ecosystem = next((e for e in ecosystems() if language in e.suffixes.values()), None)
    if ecosystem is not None and ecosystem.raw_sql:
        patterns = [p.replace("\\x27", "'").replace("\\x22", '"') for p in ecosystem.raw_sql["patterns"]]
        found["raw_sql"] = {
            "patterns": patterns,
            "include_glob": _include(ecosystem, language),
            "exclude_dirs": ["tests", "test"],
        }
    return found


def _include(ecosystem: Ecosystem, language: str) -> str:
    """The files of the stack's own language, where the ecosystem has several."""
    own = [suffix for suffix, name in ecosystem.suffixes.items() if name == language]
    known = str(ecosystem.raw_sql["include"])
    return known if any(fnmatchcase(f"a{suffix}", known) for suffix in own) or not own else f"*{own[0]}"


def _spelled(step: Step) -> Any:
    if step.builtin:
        return "builtin"
    from shlex import join

    options: dict[str, Any] = {"run": join(step.argv)}
    if not step.required:
        options["required"] = False
    if step.cwd:
        options["cwd"] = step.cwd
    if step.env:
        options["env"] = dict(step.env)
    return options if len(options) > 1 else options["run"]


def _claims(stack: Stack, field: str) -> list[Detected]:
    return [part for kind in FIELDS[field] for part in stack.parts if part.kind == kind]


def _same(said: str, claim: Detected) -> bool:
    words = {_plain(word) for word in re.split(r"[,/+&]| and ", said)} | {_plain(said)}
    names = {_plain(claim.id), _plain(claim.name), *(_plain(word) for word in claim.name.split())}
    if claim.kind == "language" and claim.id in {"typescript", "javascript"}:
        names |= _NODE
    if claim.kind == "language" and claim.id == "csharp":
        names |= {"dotnet", "net", "aspnetcore"}
    return bool(words & names) or any(
        w and n and (w.startswith(n) or n.startswith(w)) for w in words for n in names if len(n) > 2
    )


def _plain(name: str) -> str:
    plain = re.sub(r"[^a-z0-9#]", "", name.lower())
    return _SAME.get(plain, plain)


def title(language: str) -> str:
    """A language's name as people write it."""
    return language_titles().get(language, language.title())
