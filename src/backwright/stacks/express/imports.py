"""The imports of a new file: those of the file it imitates that it needs, and its own, spelled as the house does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, normpath, relpath

from backwright.core.facts import Import
from backwright.stacks.express.decide import ExpressPlan

_SUFFIX = re.compile(r"\.[cm]?[jt]sx?$")


@dataclass(frozen=True)
class Bound:
    """A name that a file imports. `name` is `""` for a whole module, `default` for what it exports by default."""

    module: str
    name: str
    alias: str
    typed: bool = False


def imports_of(plan: ExpressPlan, path: str, like: str, body: str, own: tuple[Bound, ...] = ()) -> str:
    """The import statements that `body` needs in a new file."""
    known = [*own, *(_moved(plan, path, like, item) for item in plan.index.imports(like))]
    chosen: dict[str, Bound] = {}
    for bound in known:
        if bound.alias and re.search(rf"(?<![\w.$]){re.escape(bound.alias)}(?![\w$])", body):
            chosen.setdefault(bound.alias, bound)
    order = list(dict.fromkeys(_moved(plan, path, like, i).module for i in plan.index.imports(like)))
    found = sorted(chosen.values(), key=lambda b: (b.module.startswith("."), _place(order, b.module)))
    return "\n".join(_statements(plan, found))


def _place(order: list[str], module: str) -> int:
    return order.index(module) if module in order else len(order)


def _moved(plan: ExpressPlan, path: str, like: str, item: Import) -> Bound:
    """An import of the exemplar, for the new file: what is the exemplar's own becomes the new resource's."""
    target = plan.index.imported_file(like, item)
    ours = bool(target) and plan.like(target) in plan.paths.values()
    name, alias = (plan.like(item.name), plan.like(item.alias)) if ours else (item.name, item.alias)
    if not item.module.startswith("."):
        return Bound(plan.like(item.module) if ours else item.module, name, alias, item.typing_only)
    if not target:
        return Bound(_relative(path, normpath(f"{dirname(like)}/{item.module}")), name, alias, item.typing_only)
    return Bound(spelled(plan, path, plan.like(target) if ours else target), name, alias, item.typing_only)


def spelled(plan: ExpressPlan, path: str, target: str) -> str:
    """How a file names another one: with the suffix that imports here have, by an alias where all do so."""
    for other in (plan.sibling.controller, plan.sibling.service, plan.sibling.routes):
        for item in plan.index.imports(other):
            found = plan.index.imported_file(other, item)
            if found == target and not item.module.startswith("."):
                return item.module
    base = _SUFFIX.sub("", _relative(path, target))
    return f"{base.removesuffix('/index')}{_suffix(plan)}"


def _suffix(plan: ExpressPlan) -> str:
    """What imports of files end in: `.js`, `""`."""
    files = (plan.sibling.controller, plan.sibling.service, plan.sibling.routes)
    own = [i.module for p in files for i in plan.index.imports(p) if i.module.startswith(".")]
    found = next((m for module in own if (m := _SUFFIX.search(module))), None)
    return found[0] if found is not None else ""


def _relative(path: str, target: str) -> str:
    found = relpath(target, dirname(path) or ".")
    return found if found.startswith(".") else f"./{found}"


def exported(plan: ExpressPlan, path: str, name: str, target: str) -> Bound:
    """An import of a name out of a file of this project, as others import it."""
    for other in plan.index.files:
        for item in plan.index.imports(other):
            if item.alias == name and plan.index.imported_file(other, item) == target:
                return Bound(spelled(plan, path, target), item.name, name)
    return Bound(spelled(plan, path, target), name, name)


def prisma_module(plan: ExpressPlan, path: str) -> str:
    """Where types and errors of Prisma come from: the package, or the folder that the client is generated into."""
    for other in plan.index.files:
        for item in plan.index.imports(other):
            if item.name in {"Prisma", "PrismaClient"}:
                if not item.module.startswith("."):
                    return item.module
                found = plan.index.imported_file(other, item) or normpath(f"{dirname(other)}/{item.module}")
                return _relative(path, found) if not _SUFFIX.search(found) else spelled(plan, path, found)
    return "@prisma/client"


def statement(
    plan: ExpressPlan, module: str, names: list[str], *, default: str = "", whole: str = "", typed: bool = False
) -> str:
    """One import statement."""
    layout = plan.house.layout
    quoted = f"{layout.quote}{module}{layout.quote}"
    listed = f"{{ {', '.join(names)} }}" if names else ""
    if layout.modules == "cjs":
        bound = whole or default or listed.replace(" as ", ": ")
        return f"const {bound} = require({quoted}){layout.semicolon}"
    shown = ", ".join(part for part in (default, f"* as {whole}" if whole else "", listed) if part)
    text = f"import {'type ' if typed else ''}{shown} from {quoted}{layout.semicolon}"
    if len(text) > layout.width and names:
        inner = "".join(f"{layout.indent}{name},\n" for name in names)
        text = text.replace(listed, f"{{\n{inner}}}")
    return text


def _statements(plan: ExpressPlan, found: list[Bound]) -> Iterator[str]:
    done: set[tuple[str, bool]] = set()
    for bound in found:
        key = (bound.module, bound.typed)
        if key in done:
            continue
        done.add(key)
        alike = [b for b in found if (b.module, b.typed) == key]
        names = [
            b.name if b.name == b.alias else f"{b.name} as {b.alias}" for b in alike if b.name not in {"", "default"}
        ]
        default = next((b.alias for b in alike if b.name == "default"), "")
        for whole in (b.alias for b in alike if b.name == ""):
            yield statement(plan, bound.module, [], whole=whole, typed=bound.typed)
        if names or default:
            yield statement(plan, bound.module, sorted(names, key=str.lower), default=default, typed=bound.typed)
