"""Whole files out of declarations, and the imports that changed files need."""

from __future__ import annotations

import re
from posixpath import dirname

from backwright.stacks.gin.decide import GinPlan
from backwright.stacks.gin.formatting import formatted
from backwright.stacks.gin.layout import import_block
from backwright.stacks.gin.spelled import known_packages

_STATEMENT = re.compile(r'^import\s+(?:\w+\s+)?"[^"]+"\s*$|^import \(.*?^\)', re.MULTILINE | re.DOTALL)


def document(plan: GinPlan, path: str, body: str, like: str) -> str:
    """A new file: package, imports, declarations."""
    folder = dirname(path)
    package = plan.sources.package_of(folder)
    if folder != dirname(like) and not any(dirname(p) == folder for p in plan.index.files):
        package = plan.like(plan.sources.package(like)).lower()
    known = {a: m for a, m in known_packages(plan).items() if m != plan.sources.module_of(folder)}
    known |= {a: m for a, m in plan.sources.imports_of(like).items() if a not in known and m not in known.values()}
    text = formatted(body)
    own = _module(plan)
    block = import_block(text, known, own, plan.sources.read(like))
    return "\n\n".join(part for part in (f"package {package}", block, text.strip("\n")) if part) + "\n"


def _module(plan: GinPlan) -> str:
    """The name of the module in go.mod."""
    shortest = min((plan.index.module(p) for p in plan.index.files if p.endswith(".go")), key=len)
    folder = next(dirname(p) for p in plan.index.files if plan.index.module(p) == shortest)
    inner = folder.removeprefix(plan.index.root).strip("/")
    return shortest.removesuffix(f"/{inner}") if inner else shortest


def with_imports(plan: GinPlan, path: str, before: str, after: str) -> str:
    """The text of a changed file with the imports that only its new lines need."""
    have = plan.sources.imports_of(path)
    known = known_packages(plan)
    bare_before, bare_after = _bare(before), _bare(after)
    here = plan.sources.module_of(dirname(path))
    missing = {
        alias: module
        for alias, module in known.items()
        if alias not in have and module not in have.values() and module != here
        and re.search(rf"(?<![\w.]){re.escape(alias)}\.[A-Z]", bare_after)
        and not re.search(rf"(?<![\w.]){re.escape(alias)}\.[A-Z]", bare_before)
    }  # fmt: skip
    if not missing:
        return after
    found = _STATEMENT.search(after)
    if found is None:
        return after
    every = {**have, **missing}
    blank = re.search(r'^\s*(_|\.)\s+"', found[0], re.MULTILINE)
    if blank or len(_STATEMENT.findall(after)) > 1 or "//" in found[0]:
        lines = "".join(
            f'\t"{m}"\n' if m.rpartition("/")[2] == a else f'\t{a} "{m}"\n' for a, m in sorted(missing.items())
        )
        if found[0].endswith(")"):
            return f"{after[: found.end() - 1].rstrip()}\n{_sorted(lines)}){after[found.end() :]}"
    block = import_block(" ".join(f"{a}.X" for a in every), every, _module(plan), found[0])
    return after[: found.start()] + block + after[found.end() :]


def _sorted(lines: str) -> str:
    """Below the others, in a group of their own."""
    return f"\n{lines}"


def _bare(text: str) -> str:
    return re.sub(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`|//[^\n]*', "", _STATEMENT.sub("", text))
