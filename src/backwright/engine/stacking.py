"""The stacks of a repository: its projects, what each of them is, and what it is built with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from backwright.core.stack import Detected, Stack
from backwright.engine.stack_claims import (
    KINDS,
    Claim,
    Subject,
    as_detected,
    brought,
    claims,
    doubtful,
    package_managers,
    settle,
)
from backwright.engine.stack_kinds import has_entry, is_basis, kind_of, serves
from backwright.engine.stack_language import language
from backwright.engine.stack_paths import Paths, above, is_example, is_test
from backwright.engine.stack_stores import stores
from backwright.engine.stack_styles import styles
from backwright.engine.stack_undecided import undecided
from backwright.engine.stack_units import Unit, find_units, leader, look
from backwright.engine.stack_used import Key

_OF_A_SERVER = frozenset(
    {"framework", "orm", "query_layer", "driver", "migration"}
)  # a program with these works for one
_ABOUT = 0.1  # of all files, for examples to be what a repository is about
_SEVERAL = 3  # files that use a framework
_MUCH = 6  # one file in so many
_A_SHELL = 5  # files at most, and a server that is so many times larger, for a project to be a shell of it
LOOKED_AT = 300  # files of code, where there are more
ORDER = (
    "language", "runtime", "framework", "api", "style", "orm", "queries", "access", "database", "migrations", "validation", "auth",
    "settings", "queue", "cache", "mail", "tests", "package_manager", "linter", "formatter", "types",
)  # fmt: skip


def find_stacks(
    files: Sequence[str], read: Callable[[str], str | None], *, budget: int = LOOKED_AT
) -> tuple[Stack, ...]:
    """The stack of every project of a repository: backends first, the largest first.

    `files` are all its paths; `read` gives the text of one, None where it cannot be read. No more than about `budget`
    files of code are looked at.
    """
    known: dict[str, str | None] = {}

    def reading(path: str) -> str | None:
        if path not in known:
            known[path] = read(path)
        return known[path]

    paths = Paths(files)
    units = find_units(paths, reading)
    look(units, reading, budget)
    subjects = _subjects(units, paths, reading)
    found = [_judge(subject, paths) for subject in subjects]
    packed = _repacked(subjects, found)
    found = [msgspec.structs.replace(s, kind="other") if n in packed else s for n, s in enumerate(found)]
    if _only_examples(found, files):
        found = [_judge(subject, paths, examples=True) for subject in subjects]
    said = [s for s in found if s.files or s.kind not in {"other", "library", "frontend"}]
    homes = {s.root for s in said if s.kind == "backend"}
    found = [s for s in said if s.kind == "backend" or s.root not in homes] or found[:1]
    rank = {"backend": 0, "worker": 1}
    most = max((s.files for s in found), default=0)

    def order(stack: Stack) -> tuple[int, bool, int, str]:
        """Servers first; of the rest what the repository is about: what stands at its top, if that is much, or the largest."""
        aside = bool(stack.root) or stack.files * _MUCH < most
        return rank.get(stack.kind, 2), rank.get(stack.kind) is None and aside, -stack.files, stack.root

    return tuple(sorted(found, key=order))


def _repacked(subjects: Sequence[Subject], found: Sequence[Stack]) -> set[int]:
    """Those that are hardly more than another server of the repository, which they are made of: a distribution of it."""
    served = {
        id(unit): stack.files
        for subject, stack in zip(subjects, found, strict=True)
        for unit in subject.own
        if stack.kind == "backend"
    }
    return {
        number
        for number, (subject, stack) in enumerate(zip(subjects, found, strict=True))
        if stack.kind == "backend"
        and stack.files <= _A_SHELL
        and any(served.get(id(unit), 0) > stack.files * _A_SHELL for unit in subject.used)
    }


def _only_examples(found: Sequence[Stack], paths: Sequence[str]) -> bool:
    """Whether a repository holds examples and hardly anything else: then they are what it is about."""
    roots = tuple(f"{stack.root}/" for stack in found if stack.kind == "example")
    if sum(path.startswith(roots) for path in paths) < len(paths) * _ABOUT:
        return False  # a book, with a few
    files: Counter[str] = Counter()
    for stack in found:
        files[stack.kind] += stack.files
    return set(+files) <= {"example", "docs", "other"} and files["other"] + files["docs"] < files["example"] / 4


def backends(stacks: Iterable[Stack]) -> tuple[Stack, ...]:
    """Those of the stacks that are backends."""
    return tuple(stack for stack in stacks if stack.kind == "backend")


def _subjects(units: list[Unit], paths: Paths, read: Callable[[str], str | None]) -> list[Subject]:
    by_key = {(u.root, u.ecosystem.name): u for u in units}
    groups: dict[tuple[str, str], list[Unit]] = {}
    for unit in units:
        groups.setdefault((leader(unit, by_key, paths), unit.ecosystem.name), []).append(unit)
    subjects: list[Subject] = []
    users = _users(units)
    for (root, _), members in groups.items():
        shared = len(members) > 1 and members[0].ecosystem.merges == "modules"
        apart = [u for u in members if shared and not u.declared.keys().isdisjoint(_on_a_desk(u))]
        if apart:
            subjects += [Subject(u.root, [u], _reached([u]), paths, read) for u in apart]
            members = [u for u in members if u not in apart]
        programs = [u for u in members if len(members) > 1 and _is_program(u, members, paths, read)]
        if len(programs) <= 1 < len(members) and not (apart and programs):
            first = programs or [max(members, key=lambda u: (u.usage.starts(u.ecosystem), u.usage.production))]
            beside = [u for u in members if programs and _is_beside(u, programs[0], paths)]
            subjects += [Subject(u.root, [u], _reached([u]), paths, read, group=root) for u in beside]
            own = [*first, *(u for u in members if u not in first and u not in beside)]
            tests = [test for unit in own for test in users.get(id(unit), ()) if test not in own]
            subjects.append(Subject(root, own, _reached(own), paths, read, tests))
            continue
        for unit in members:
            if unit.sources or len(members) == 1:
                used = _reached([unit])
                used += [helper for helper in _migrating(members) if helper not in used and _share(helper, used)]
                subjects.append(Subject(unit.root, [unit], used, paths, read, users.get(id(unit), []), root))
    parts = {id(other) for unit in units for other in unit.locals}
    for subject in subjects:
        subject.shared = any(id(unit) in parts for unit in subject.own)
        folders = (by_key.get((f, subject.main.ecosystem.name)) for f in above(subject.root) if f != subject.root)
        subject.around = [unit for unit in folders if unit is not None and unit not in subject.own]
    return subjects


def _on_a_desk(unit: Unit) -> set[Key]:
    """What phones and desks are programmed with: such a program stands alone in the build that it shares with a server."""
    return {(tool.kind, tool.id) for tool in unit.ecosystem.tools if tool.kind in {"mobile", "desktop"}}


def _is_beside(unit: Unit, server: Unit, paths: Paths) -> bool:
    """Whether this member of a workspace is a program or a site of its own beside its server: nothing of it is in the server."""
    if unit is server or unit.ecosystem.merges != "workspace" or unit in _reached([server]):
        return False
    kinds = {kind for kind, _ in unit.declared}
    return "frontend" in kinds or (has_entry(unit, paths) and kinds.isdisjoint(_OF_A_SERVER))


def _migrating(members: Sequence[Unit]) -> list[Unit]:
    """The projects of a group that are there to migrate its databases."""
    return [
        unit for unit in members if "migrat" in unit.root.rpartition("/")[2].lower() and not is_test(f"{unit.root}/x")
    ]


def _share(unit: Unit, others: Sequence[Unit]) -> bool:
    return any(other in others for other in unit.locals)


def _users(units: Sequence[Unit]) -> dict[int, list[Unit]]:
    """The test projects that use a unit, by its identity."""
    found: dict[int, list[Unit]] = {}
    for unit in units:
        if is_example(unit.root) or is_test(f"{unit.root}/x"):
            for other in unit.locals:
                found.setdefault(id(other), []).append(unit)
    return found


def _is_program(unit: Unit, reached: Sequence[Unit], paths: Paths, read: Callable[[str], str | None]) -> bool:
    """Whether this member of a group is a server of its own."""
    if "test" in unit.marks or is_test(f"{unit.root}/x") or not has_entry(unit, paths):
        return False
    found = claims(Subject(unit.root, [unit], (), paths, read))
    standing = [c for c in found.values() if c.tool.kind == "framework" and c.uses and c.score >= 0.5]
    parts = _beyond(unit, paths)
    for claim in standing:  # what it starts may be made in a library of its own
        key = (claim.tool.kind, claim.tool.id)
        if key not in unit.declared:
            continue
        lent = (other.usage.tools.get(key) for other in reached if id(other) in parts)
        claim.app = claim.app or any(used is not None and "app" in used.spans for used in lent)
    return any(map(serves, standing)) and kind_of([unit], standing, paths, entered=True, root=unit.root)[0] == "backend"


def _reached(own: Sequence[Unit]) -> list[Unit]:
    """The other projects of the repository that these use, directly or not: of a server only its types."""
    found: list[Unit] = []
    around = {folder for unit in own for folder in above(unit.root)}
    waiting = [other for unit in own for other in unit.locals]
    while waiting:
        unit = waiting.pop()
        declares = any(kind == "framework" for kind, _ in unit.declared)
        alone = declares and "runs" in unit.marks and unit.root not in around  # a workspace's own manifest is for all
        if unit not in found and unit not in own and not alone:
            found.append(unit)
            waiting += unit.locals
    return found


def _judge(subject: Subject, paths: Paths, *, examples: bool = False) -> Stack:
    found = claims(subject)
    standing = settle(found, subject)
    entered = _entered(subject, paths)
    kind, because = kind_of(
        subject.own, standing, paths, entered=entered, root=subject.root, examples=examples, shared=subject.shared
    )
    managers = package_managers(subject)
    open_choices = tuple(undecided(standing, managers)) if kind == "backend" else ()
    standing = _fitting(standing, kind, subject)
    standing += brought(standing, lambda k, i: subject.main.ecosystem.tool.get((k, i)))
    parts = [*language(subject), *managers[:1]]
    parts += [as_detected(claim) for claim in standing if claim.tool.kind in KINDS]
    parts += _own_tests(subject, standing)
    if kind in {"backend", "worker"}:
        parts += stores(subject, _by_key(found))
    if kind == "backend":
        parts += styles(subject, standing)
    kept = {"language", "runtime", "package_manager", "tests", "linter", "formatter", "types"}
    if kind not in {"backend", "worker"}:
        parts = [p for p in parts if p.kind in kept]
    files = sum(unit.usage.production for unit in subject.own)
    unused = tuple(map(as_detected, doubtful(found))) if kind == "backend" else ()
    parts = list({(p.kind, p.id): p for p in reversed(parts)}.values())[::-1]
    parts.sort(key=lambda p: ORDER.index(p.kind))
    return Stack(subject.root, tuple(parts), kind, because, unused, files, open_choices)


def _entered(subject: Subject, paths: Paths) -> bool:
    """Whether a program starts here: of several projects, one that serves or that uses those that do, no sample of theirs."""
    entries = [unit for unit in subject.own if has_entry(unit, paths)]
    if len(subject.own) == 1:
        return bool(entries)
    serving = [unit for unit in subject.own if _may_serve(unit)]
    entries = [unit for unit in entries if not is_example(unit.root)]
    return any(unit in serving or not _beyond(unit, paths).isdisjoint(map(id, serving)) for unit in entries)


def _may_serve(unit: Unit) -> bool:
    """Whether the code of a unit starts a server, or has much to do with a framework."""
    used = [(unit.ecosystem.tool[key], u.production) for key, u in unit.usage.tools.items() if key[0] == "framework"]
    return unit.usage.starts(unit.ecosystem) or any(
        tool.verified and not tool.weak and count >= _SEVERAL for tool, count in used
    )


def _beyond(unit: Unit, paths: Paths) -> set[int]:
    """The identities of what a project uses, directly or not, but for what it only starts."""
    found: set[int] = set()
    waiting = list(unit.locals)
    while waiting:
        other = waiting.pop()
        if id(other) not in found and not has_entry(other, paths):
            found.add(id(other))
            waiting += other.locals
    return found


def _fitting(standing: list[Claim], kind: str, subject: Subject) -> list[Claim]:
    """A framework that nobody serves with is none; those that serve come first."""
    if kind != "backend":
        return standing
    frameworks = [c for c in standing if c.tool.kind == "framework" and (serves(c) or is_basis(c))]
    frameworks.sort(key=lambda c: (c.tool.weak, not _is_host(c, subject), c.tool.full_stack, -c.uses))
    return [*frameworks[:1], *(c for c in standing if c.tool.kind != "framework")]


def _is_host(claim: Claim, subject: Subject) -> bool:
    """Whether the project's own scripts start this framework: servers made with others are mounted in it."""
    started = re.compile(rf'"(?:start|dev)"\s*:\s*"[^"]*\b{claim.tool.run}\b') if claim.tool.run else None
    manifests = (path for unit in subject.own for path in unit.manifests)
    return started is not None and any(started.search(subject.read(path) or "") for path in manifests)


def _own_tests(subject: Subject, standing: list[Claim]) -> list[Detected]:
    """The test runner that comes with the language, where tests are there."""
    ecosystem = subject.main.ecosystem
    if not ecosystem.test_tool or any(c.tool.kind == "test" and not c.tool.weak for c in standing):
        return []
    place = next((u.usage.tests for u in subject.own if u.usage.tests), None)
    return [Detected("tests", ecosystem.test_tool, "", 1.0, (place,), ecosystem.test_tool)] if place else []


def _by_key(found: dict[Key, Claim]) -> dict[Key, Claim]:
    return {key: claim for key, claim in found.items() if claim.score > 0}
