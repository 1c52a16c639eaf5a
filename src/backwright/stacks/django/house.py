"""Reads how a Django project writes a resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from posixpath import basename

from backwright.core.archmap import Component, Convention
from backwright.core.facts import Span
from backwright.engine.documenting import documentation_of
from backwright.engine.housing_tools import formatting, relative_imports
from backwright.kit.django.house import DjangoHouse, Paging, Permission, Resource, SettingsFile, TestManner
from backwright.kit.django.models import models
from backwright.kit.index import Definition, FactIndex
from backwright.kit.ref import Ref
from backwright.stacks.django.permissions import auth_style, levels, permissions_of
from backwright.stacks.django.resources import Views, app_of, apps_of, sibling_of
from backwright.stacks.django.settings import settings_file
from backwright.stacks.django.users import how_users_are_made

Read = Callable[[str], str]
_KINDS = {"PageNumberPagination": "page", "LimitOffsetPagination": "offset", "CursorPagination": "cursor"}


def build_house(
    index: FactIndex, placed: tuple[Component, ...], read: Read
) -> tuple[DjangoHouse, tuple[Convention, ...]]:
    """The house and its conventions. `read` gives a file's text."""
    tests = frozenset(c.path for c in placed if c.role == "test")
    views = Views(index, read)
    resources = views.resources()
    user, table = _user(index)
    siblings = tuple(sibling_of(resources, user, app_of(index.path_of(user.module))))
    sibling = siblings[0] if siblings else None
    settings = settings_file(index, read)
    permissions = permissions_of(index, read)
    length, target = formatting(index)
    tops = {f.module.split(".")[0] for f in index.files.values() if f.module}
    several = [found for found in apps_of(resources).values() if len(found) > 1]
    house = DjangoHouse(
        root=index.root,
        line_length=length,
        target=target,
        first_party=tuple(sorted(t for t in tops if t.isidentifier())),
        relative=relative_imports(index, tests),
        documentation=documentation_of(index, tests, read),
        resources=resources,
        siblings=siblings,
        shared=bool(several) or len(apps_of(resources)) < 2,
        settings=settings,
        auth=auth_style(user, table),
        permissions=permissions,
        access={r.name.snake: _access(views, r, settings, permissions) for r in resources},
        paging=_paging(views, sibling, settings),
        django_filter=any(index.imports_package("django_filters"))
        or any("django_filters" in text for text, _ in (settings.apps if settings else ())),
        tests=_tests(index, sibling, tests, read),
        unspelled=tuple(_unspelled(resources, sibling)),
    )
    return house, tuple(_conventions(house, several))


def _user(index: FactIndex) -> tuple[Ref, str]:
    """The model of users, and its table."""
    for path in index.files:
        symbol = index.symbols(path).get("AUTH_USER_MODEL")
        if symbol is not None and symbol.value is not None and symbol.value.kind == "string":
            name = symbol.value.text.rpartition(".")[2]
            for model in models(index).by_name.get(name, ()):
                return Ref(name, index.module(model.definition.path)), symbol.value.text.lower()
    return Ref("User", "django.contrib.auth.models"), "auth.user"


def _access(
    views: Views, resource: Resource, settings: SettingsFile | None, known: tuple[Permission, ...]
) -> dict[str, str]:
    """Who may do what with a resource."""
    given = views.field(resource.views[0], "permission_classes")
    if given is not None:
        classes = tuple(re.findall(r"[\w.]+", given[1]))
    else:
        classes = settings.rest.get("DEFAULT_PERMISSION_CLASSES", ()) if settings is not None else ()
    reading, writing = levels(classes, known)
    found = {op: reading if op in {"list", "get"} else writing for op in ("list", "create", "get", "update", "delete")}
    return {op: level for op, level in found.items() if level}


def _paging(views: Views, sibling: Resource | None, settings: SettingsFile | None) -> Paging | None:
    """How the exemplar's list is cut, else how all lists are."""
    rest = settings.rest if settings is not None else {}
    given = views.field(sibling.views[0], "pagination_class") if sibling is not None else None
    index = views.index
    if given is not None and given[1] != "None":
        origin = index.origin(given[0].path, given[1]) or given[1]
    else:
        origin = next(iter(rest.get("DEFAULT_PAGINATION_CLASS", ())), "")
    if not origin or origin == "None":
        return None
    module, _, name = origin.rpartition(".")
    ref = Ref(name, module)
    path = index.path_of(module)
    symbol = index.symbols(path).get(name) if path else None
    own = Definition(path, symbol) if symbol is not None else None
    bases = index.root_bases(own) if own is not None else {origin}
    kind = next((k for stock, k in _KINDS.items() if any(b.endswith(f".{stock}") or b == stock for b in bases)), "")
    if kind not in {"page", "offset"}:
        return Paging(ref, "cursor")
    sizes = ("page_size", "max_page_size") if kind == "page" else ("default_limit", "max_limit")
    size, most = (_number(views, own, key) for key in sizes)
    default = next(iter(rest.get("PAGE_SIZE", ())), "")
    changeable = kind == "offset" or (own is not None and views.field(own, "page_size_query_param") is not None)
    size = size or (int(default) if default.isdigit() else 0)
    return Paging(ref, "page" if kind == "page" else "offset", size, most if changeable else 0)


def _number(views: Views, own: Definition | None, key: str) -> int:
    given = views.field(own, key) if own is not None else None
    return int(given[1]) if given is not None and given[1].isdigit() else 0


def _tests(index: FactIndex, sibling: Resource | None, tests: frozenset[str], read: Read) -> TestManner | None:
    if sibling is None:
        return None
    every = [p for p in sorted(tests) if re.search(r"\bdef test_", read(p))]
    like = [*sibling.tests[:1]] or every
    cases = any(re.search(r"\((\w*\.)?\w*TestCase\w*\)", read(p)) for p in like)
    made, imports = how_users_are_made(index, every, read)
    pytest = not cases and (bool(like) or _has_pytest(index))
    return TestManner("pytest" if pytest else "case", made, imports)


def _has_pytest(index: FactIndex) -> bool:
    return any(
        "pytest" in text
        for path, text in index.texts.items()
        if basename(path) in {"pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini"}
    )


def _unspelled(resources: tuple[Resource, ...], sibling: Resource | None) -> Iterator[tuple[str, str]]:
    if sibling is None and resources:
        first = resources[0]
        view = first.views[0]
        what = (
            "views with requests and answers of their own" if first.kind == "apiview" else "views without a serializer"
        )
        yield (
            f"{first.name.human_plural} are answered by {what} ({view.symbol.name})",
            f"{view.path}:{view.symbol.loc.line}",
        )


def _conventions(house: DjangoHouse, several: list[list[Resource]]) -> Iterator[Convention]:
    resources = house.resources
    if house.sibling is None:
        return
    view = house.sibling.views[0]
    span = Span(view.path, view.symbol.loc.line)
    alike = sum(r.kind == house.sibling.kind for r in resources)
    words = {"viewset": "viewsets on routers", "generics": "generic views"}
    yield Convention("views", words.get(house.sibling.kind, house.sibling.kind), alike, len(resources) - alike, span)
    together = sum(len(found) for found in several)
    said = "apps hold several resources" if house.shared else "one app a resource"
    support = together if house.shared else len(resources) - together
    yield Convention("apps", said, max(1, support), len(resources) - support, span)
    if house.paging is not None:
        yield Convention("pages", house.paging.ref.name, 1, 0, span)
