"""Makes new views reachable: registered as the exemplar's are; with a new app, its own addresses and its place in the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.errors import Unsupported
from backwright.kit.artifacts import Emission, Insertion, Piece
from backwright.kit.django.house import Mount
from backwright.kit.imitation import fill, pattern_of
from backwright.kit.naming import NameForms, forms
from backwright.stacks.django.decide import DjangoPlan
from backwright.stacks.django.resources import source_at
from backwright.stacks.django.view import LISTING, ONE, view_names

_CALLED = {
    "list": '"get": "list"',
    "create": '"post": "create"',
    "get": '"get": "retrieve"',
    "update": '"put": "update", "patch": "partial_update"',
    "delete": '"delete": "destroy"',
}
_BECAUSE = "the new endpoints are reached"


def segment_of(plan: DjangoPlan) -> str:
    """How the resource is called in addresses: plural or not as the exemplar; words joined as others here do."""
    own = plan.sibling.mounts[0].segment.strip("^/$").partition("/")[0]
    name, joined = plan.sibling.name, [m.segment for r in plan.house.resources for m in r.mounts]
    many = own not in {name.snake, name.kebab}
    below = any("_" in s.partition("<")[0] for s in joined) and not any("-" in s.partition("<")[0] for s in joined)
    if below:
        return plan.name.snake_plural if many else plan.name.snake
    return plan.name.kebab_plural if many else plan.name.kebab


def has_own_segment(plan: DjangoPlan) -> bool:
    """Whether the resource's name stands in its registration; else it is where the new app is included."""
    return not plan.app.new or bool(plan.sibling.mounts[0].segment.strip("^/$"))


def included_as(plan: DjangoPlan, prefix: str) -> str:
    """What stands before the addresses of a new app, as it does before those of the exemplar's."""
    return _for_app(prefix, forms(plan.sibling.app.rpartition("/")[2]), plan)


def emit_mounts(plan: DjangoPlan) -> Iterator[Emission]:
    """The registration of the views. Raises Unsupported where the exemplar's cannot be imitated."""
    if plan.app.new:
        yield from _own_addresses(plan)
        yield from _app(plan)
    elif plan.sibling.mounts[0].router:
        yield from _registered(plan, plan.sibling.mounts[0])
    else:
        yield from _in_patterns(plan)


def _basename(plan: DjangoPlan, mount: Mount) -> str:
    if not re.search(r"\bbasename\s*=", mount.source):
        return ""
    return f', basename="{plan.name.kebab}"'


def _registered(plan: DjangoPlan, mount: Mount) -> Iterator[Emission]:
    view = view_names(plan)["all"]
    imported, called = _named(plan, mount.path, view)
    text = f'{mount.router}.register("{segment_of(plan)}", {called}{_basename(plan, mount)})'
    if not re.search(rf"^{re.escape(mount.source)}", plan.read(mount.path), re.MULTILINE):
        raise Unsupported(
            "this registration cannot be imitated: it is no statement of its own", where=f"{mount.path}:{mount.line}"
        )
    yield Insertion(mount.path, "line", text, _BECAUSE, mount.line, mount.source, imports=imported)


def _named(plan: DjangoPlan, path: str, view: str) -> tuple[tuple[str, ...], str]:
    """The import of a view in a file, and its name there: `views.ProductViewSet` where the exemplar's module is imported."""
    own = plan.sibling.views[0].symbol.name
    text = plan.read(path)
    module = re.search(rf"\b(\w+)\.{re.escape(own)}\b", text)
    if module is not None and plan.paths["view"] == plan.sibling.views[0].path:
        return (), f"{module.group(1)}.{view}"
    return (f"from {plan.module('view')} import {view}",), view


def _in_patterns(plan: DjangoPlan) -> Iterator[Emission]:
    """Elements of `urlpatterns`, below the exemplar's last."""
    last = max(plan.sibling.mounts, key=lambda m: m.line)
    lines: list[str] = []
    imports: list[str] = []
    for part, view in view_names(plan).items():
        imported, called = _named(plan, last.path, view)
        imports += imported
        lines += [_element(plan, p, called) for p in _parts(plan, part)]
    indent = _indent(plan.read(last.path), last.line)
    joined = f",\n{indent}".join(lines)
    yield Insertion(
        last.path,
        "replace",
        f"{last.source},\n{indent}{joined}",
        _BECAUSE,
        last.line,
        last.source,
        imports=tuple(imports),
    )


def _element(plan: DjangoPlan, part: str, view: str) -> str:
    """`path("products/<int:pk>/", ProductDetailView.as_view(), name="product-detail")`."""
    key = "uuid" if plan.inherited.uuid else "int"
    slash = "/" if any(m.segment.endswith("/") for m in plan.sibling.mounts) else ""
    head = segment_of(plan) if has_own_segment(plan) else ""
    tail = f"<{key}:pk>{slash}" if part == "one" else ""
    address = f"{head}{'/' if head and tail else slash if head else ''}{tail}"
    name = f"{plan.name.kebab}-{'detail' if part == 'one' else 'list'}"
    return f'path("{address}", {view}.as_view({_actions(plan, part)}), name="{name}")'


def _parts(plan: DjangoPlan, part: str) -> list[str]:
    """The addresses of a view: a viewset has one for all rows and one for each."""
    return (
        [p for p, ops in (("many", LISTING), ("one", ONE)) if set(ops) & set(plan.operations)]
        if part == "all"
        else [part]
    )


def _actions(plan: DjangoPlan, part: str) -> str:
    """What a viewset that no router mounts is told: `{"get": "list", "post": "create"}`."""
    if plan.sibling.kind != "viewset":
        return ""
    given = [
        (op, call)
        for op, call in _CALLED.items()
        if op in plan.operations and op in (LISTING if part == "many" else ONE)
    ]
    return "{" + ", ".join(call for _, call in given) + "}"


def _indent(text: str, line: int) -> str:
    found = re.match(r"[ \t]*", text.splitlines()[line - 1])
    return found.group() if found is not None else ""


# -- a new app -----------------------------------------------------------------------------------------------------
def _own_addresses(plan: DjangoPlan) -> Iterator[Emission]:
    mount = plan.sibling.mounts[0]
    if not mount.path.startswith(f"{plan.sibling.app}/"):  # addresses of all apps stand together
        yield from _registered(plan, mount) if mount.router else _in_patterns(plan)
        return
    views = view_names(plan)
    imports = [f"from {plan.module('view')} import {', '.join(views.values())}", "from django.urls import path"]
    if mount.router:
        kind = re.search(rf"\b{re.escape(mount.router)}\s*=\s*([\w.]*\w)\(([^)]*)\)", plan.read(mount.path))
        maker, given = (kind.group(1), kind.group(2)) if kind is not None else ("DefaultRouter", "")
        imports.append("from rest_framework import routers")
        imports.append(f"from rest_framework.routers import {maker.rpartition('.')[2]}")
        segment = segment_of(plan) if has_own_segment(plan) else ""
        body = (
            f'{mount.router} = {maker}({given})\n{mount.router}.register("{segment}", {views["all"]}{_basename(plan, mount)})'
            f"\n\nurlpatterns = {mount.router}.urls"
        )
    else:
        elements = "".join(
            f"    {_element(plan, each, view)},\n" for part, view in views.items() for each in _parts(plan, part)
        )
        body = f"urlpatterns = [\n{elements}]"
    named = re.search(r"^app_name\s*=\s*.+$", plan.read(mount.path), re.MULTILINE)
    if named is not None:
        body = f'app_name = "{plan.app.label}"\n\n{body}'
    yield Piece("addresses", plan.paths["mount"], tuple(imports), body, _BECAUSE, mount.path)
    yield from _included(plan, mount)


def _included(plan: DjangoPlan, mount: Mount) -> Iterator[Emission]:
    """The element that includes the exemplar's addresses, made for the new app."""
    module = plan.index.module(mount.path)
    old_app = forms(plan.sibling.app.rpartition("/")[2])
    for path in plan.index.files:
        text = plan.read(path) if path.endswith(".py") and path != mount.path else ""
        for call in plan.index.calls(path) if module in text else ():
            source = source_at(text, call.expr.loc)
            if not re.match(r"(re_)?path\(", source) or not re.search(rf"""["']{re.escape(module)}["']""", source):
                continue
            new = source.replace(module, plan.module_of(plan.paths["mount"]))
            new = _for_app(new, old_app, plan)
            indent = _indent(text, call.expr.loc.line)
            yield Insertion(
                path, "replace", f"{source},\n{indent}{new}", "its addresses are included", call.expr.loc.line, source
            )
            return
    raise Unsupported(
        f"nothing was found that includes {module}",
        where=mount.path,
        hints=("it is what a new app's addresses are reached by",),
    )


def _for_app(source: str, old: NameForms, plan: DjangoPlan) -> str:
    return fill(pattern_of(fill(pattern_of(source, plan.sibling.name), plan.name), old), plan.name)


def _app(plan: DjangoPlan) -> Iterator[Emission]:
    """The package of a new app, its configuration, and its place among the installed ones."""
    folder, like = plan.app.folder, plan.sibling.app
    settings = plan.house.settings
    old_module = plan.index.module(plan.sibling.model.path).partition(".models")[0]
    element = next(
        (e for e in (settings.apps if settings else ()) if e[0] == old_module or e[0].startswith(f"{old_module}.")),
        None,
    )
    if settings is None or element is None:
        raise Unsupported(
            f"where {old_module} is installed was not found, and so not where a new app has to be", where=like
        )
    config = f"{like}/apps.py"
    classes = (
        [s for s in plan.index.symbols(config).values() if s.kind == "class"] if config in plan.index.files else []
    )
    name = f"{plan.name.pascal_plural}Config"
    if classes:
        own = {f.name: f.value for f in classes[0].fields}
        kept = [f"    {k} = {v}" for k, v in own.items() if k == "default_auto_field"]
        body = "\n".join([f"class {name}(AppConfig):", *kept, f'    name = "{plan.app.module}"'])
        yield Piece("app", f"{folder}/apps.py", ("from django.apps import AppConfig",), body, "the new app", config)
    yield Piece("package", f"{folder}/__init__.py", (), "", "the new app")
    text, loc = element
    new = f"{plan.app.module}.apps.{name}" if text.count(".apps.") and classes else plan.app.module
    source = source_at(plan.read(settings.path), loc)
    quote = source[0]
    line = plan.read(settings.path).splitlines()[loc.line - 1]
    indent = _indent(plan.read(settings.path), loc.line)
    joint = f",\n{indent}" if line.strip().startswith(source) else ", "
    yield Insertion(
        settings.path, "replace", f"{source}{joint}{quote}{new}{quote}", "the new app is installed", loc.line, source
    )
