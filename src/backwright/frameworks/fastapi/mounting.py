"""What makes new endpoints reachable: the wiring of their layers, their registration, the errors they raise."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from backwright.core.errors import Unsupported
from backwright.frameworks.fastapi.service import instance_import, module_import
from backwright.kit.artifacts import Insertion, Piece, ResourcePlan
from backwright.kit.house import House, LayerStyle, Registration
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.naming import NameForms, forms


def layer_imports(plan: ResourcePlan, role: str, style: LayerStyle) -> Iterator[str]:
    if style.form == "inline":
        return
    module = plan.module(role)
    if style.form == "functions":
        yield module_import(plan, role)
        return
    yield f"from {module} import {fill(style.name, plan.name)}"
    if style.instance:
        yield instance_import(plan, role, style)
    names = [fill(n, plan.name) for n in ((style.provider.name if style.provider else ""), style.alias) if n]
    if style.provider_path:
        where = plan.modules.get(f"{role}_provider", "")
        if where and where != plan.module("router"):
            yield from (f"from {where} import {n}" for n in names)


def emit_providers(plan: ResourcePlan) -> Iterator[Piece]:
    """Functions that build the new service and repository, beside the exemplar's."""
    seen: set[str] = set()
    for role, style in (("repository", plan.house.repository), ("service", plan.house.service)):
        if style.form != "class" or not style.provider_path:
            continue
        path = plan.paths[f"{role}_provider"]
        parts = [_articles(fill(t, plan.name), plan) for t in (style.provider_source, style.alias_source) if t]
        parts = [p for p in parts if p not in seen]
        seen.update(parts)
        if not parts:
            continue
        imports = ["from typing import Annotated", "from fastapi import Depends", plan.house.session.type.line]
        imports += [r.line for r in style.provider_imports]
        for other, layer in (("repository", plan.house.repository), ("service", plan.house.service)):
            if layer.form == "class":
                imports.append(f"from {plan.module(other)} import {fill(layer.name, plan.name)}")
        own = plan.modules[f"{role}_provider"]
        imports = [i for i in imports if not i.startswith(f"from {own} import")]
        yield Piece(
            "dependency",
            path,
            tuple(dict.fromkeys(imports)),
            "\n\n\n".join(parts),
            "dependency wiring",
            "",
            "the wiring",
        )


def _articles(text: str, plan: ResourcePlan) -> str:
    """`a order` is "an order", in the words that the exemplar says about its own."""
    article = "an" if plan.name.human[:1] in "aeiou" else "a"
    own = "|".join(re.escape(n) for n in {plan.name.human, plan.name.snake, plan.name.pascal})
    return re.sub(rf"\ban? (?={own})", f"{article} ", text)


def emit_registration(plan: ResourcePlan) -> Iterator[Insertion]:
    mount, sibling = plan.house.router.registration, plan.house.sibling
    if mount is None or sibling is None or not plan.house.router.own_router:
        return
    name = forms(sibling.mounted or sibling.snake)
    mounted = mount.element or mount.statement
    statement = pattern_of(mounted, name)
    for placeholder in ("{snakes}", "{kebabs}", "{snake}", "{kebab}"):
        statement = statement.replace(f"/{placeholder}", f"/{plan.segment}".replace("{", "{{").replace("}", "}}"))
    if not mount.element:
        _refuse_own_mount(mount, name)
    line = import_like(mount.imported, mounted, plan)
    written = fill(statement, plan.name)
    known, used = mount.imported.split()[-1:], line.split()[-1:]
    if known == used and line != mount.imported and not mount.imported.endswith(")"):
        # The import is called like its neighbour's, `endpoints` for example: the new one gets a name of its own.
        apart = f"{plan.name.snake}_{used[0]}"
        line, written = (
            f"{line.partition(' as ')[0]} as {apart}",
            re.sub(rf"(?<![\w.]){re.escape(used[0])}(?!\w)", apart, written),
        )
    if written in {mount.statement, mount.element}:
        raise Unsupported(
            "the statement that mounts the exemplar's router does not name it, so it cannot be imitated",
            where=f"{mount.path}:{mount.line}",
            hints=("routers that are mounted one by one, `app.include_router(items.router)`, are supported",),
        )
    anchor, text = ("replace", _joined(mount.statement, mount.element, written)) if mount.element else ("line", written)
    why = "the router is mounted"
    yield Insertion(mount.path, anchor, text, why, mount.line, mount.statement, (line,) if line else ())


def _refuse_own_mount(mount: Registration, name: NameForms) -> None:
    """What the exemplar's routers are mounted on must not be the exemplar's own, whose address the new one would have."""
    receiver, call, _ = mount.statement.partition(".include_router(")
    if call and pattern_of(receiver, name) != receiver:
        raise Unsupported(
            f"the exemplar's routers are mounted on one of its own, `{mount.statement}`, so that cannot be imitated",
            where=f"{mount.path}:{mount.line}",
            hints=("routers that are mounted on one that all resources share are supported",),
        )


def _joined(sequence: str, element: str, new: str) -> str:
    """The source of a list with `new` behind `element`, on a line of its own where the elements have such."""
    found = re.search(rf"(?<![\w.]){re.escape(element)}(?![\w.])", sequence)
    assert found is not None, "the element was read from this very list"
    before = sequence[: found.start()].rpartition("\n")[2]
    gap = f"\n{before}" if "\n" in sequence and not before.strip() else " "
    return f"{sequence[: found.end()]},{gap}{new}{sequence[found.end() :]}"


def import_like(imported: str, statement: str, plan: ResourcePlan) -> str:
    """The import of the new router, as the exemplar's is written: only the name that the statement uses."""
    sibling = plan.house.sibling
    if not imported or sibling is None:
        return ""
    name = forms(sibling.mounted or sibling.snake)
    found = re.match(r"from\s+(\S+)\s+import\s+\(?(.*?)\)?$", imported.strip(), re.DOTALL)
    if not found:
        return fill(pattern_of(imported, name), plan.name)
    module, names = found.group(1), [n.strip() for n in found.group(2).replace("\n", " ").split(",") if n.strip()]
    chosen = next((n for n in names if re.search(rf"(?<!\w){re.escape(n.split()[-1])}(?!\w)", statement)), names[0])
    if module.startswith("."):
        base = plan.modules.get("registration", "")
        dots = len(module) - len(module.lstrip("."))
        registration = plan.house.router.registration
        if registration is not None and registration.path.endswith("/__init__.py"):
            base += ".__init__"  # one dot within a package's own file is that package
        package = base.rsplit(".", dots)[0] if base.count(".") >= dots else ""
        module = ".".join(p for p in (package, module.lstrip(".")) if p) if package else module
    return fill(pattern_of(f"from {module} import {chosen}", name), plan.name)


def emit_errors(plan: ResourcePlan) -> Iterator[Piece]:
    """Error classes that the house lacks, beside their siblings, with their translation."""
    needed = {404, 409} if plan.unique or plan.refs or plan.unique_together else {404}
    if plan.owner is not None:
        needed.add(403)
    yield from emit_error_classes(plan.house, needed)


def emit_error_classes(house: House, needed: Collection[int]) -> Iterator[Piece]:
    """The classes of these statuses that the house lacks."""
    for addition in house.errors.additions:
        if addition.status not in needed:
            continue
        yield Piece(
            "error",
            addition.path,
            (),
            addition.source,
            f"an error for status {addition.status}",
            "",
            f"+{addition.error.ref.name}",
        )
        if addition.handler_source:
            lines = (addition.error.ref.line, *(r.line for r in addition.handler_imports))
            yield Piece(
                "error", addition.handler_path, lines, addition.handler_source, "its translation", "", "its handler"
            )
