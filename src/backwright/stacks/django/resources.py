"""The resources that a project has already: models with the views, serializers and mounts that make them an API."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from posixpath import dirname
from typing import Literal

from backwright.core.facts import Loc, Route
from backwright.kit.django.house import Mount, Resource
from backwright.kit.django.models import Model, Models, models
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import Inference, inference
from backwright.kit.naming import forms
from backwright.kit.ref import Ref
from backwright.kit.testfiles import is_test_file

Read = Callable[[str], str]
Kind = Literal["viewset", "generics", "apiview"]

_ACTIONS = {
    "list": "list",
    "create": "create",
    "retrieve": "get",
    "update": "update",
    "partial_update": "update",
    "destroy": "delete",
}
_GENERIC = {
    ("GET", False): "list",
    ("POST", False): "create",
    ("GET", True): "get",
    ("PUT", True): "update",
    ("PATCH", True): "update",
    ("DELETE", True): "delete",
}
_WORDS = re.compile(r"[\w-]+")
_HEAD = re.compile(r"\w+")


def source_at(text: str, loc: Loc) -> str:
    """The source between the ends of a place, which are counted in bytes."""
    return text.encode()[loc.start : loc.end].decode(errors="replace")


def app_of(path: str) -> str:
    """The folder of the app that a file of models lies in, be it `models.py` or a package `models`."""
    folder = dirname(path)
    return dirname(folder) if folder.rpartition("/")[2] == "models" else folder


class Views:
    """The views of REST framework that are mounted, by the model whose rows they answer."""

    def __init__(self, index: FactIndex, read: Read) -> None:
        self.index = index
        self.read = read
        self.models: Models = models(index)
        self.inference: Inference = inference(index)

    def resources(self) -> tuple[Resource, ...]:
        """Every model with mounted views, the fullest first."""
        by_model: dict[tuple[str, str], list[tuple[Definition, str, Route]]] = defaultdict(list)
        known: dict[tuple[str, str], Model] = {}
        for path, route in self.index.routes():
            view = self._view(path, route)
            if view is None or is_test_file(path):
                continue
            model = self.model_of(view)
            if model is not None and model.definition.path:
                known[model.key] = model
                by_model[model.key].append((view, path, route))
        found = [self._resource(known[key], routes) for key, routes in by_model.items()]
        return tuple(sorted(found, key=lambda r: (-len(r.operations), r.kind != "viewset", r.model.path, r.name.snake)))

    def _view(self, path: str, route: Route) -> Definition | None:
        for name in (route.handler, route.handler.rpartition(".")[0]):
            found = self.index.resolve(path, name) if name else None
            if found is not None and found.symbol.kind == "class" and self.kind(found):
                return found
        return None

    def kind(self, view: Definition) -> Kind | None:
        """What a view is made of; None for one that is not REST framework's."""
        bases = self.index.root_bases(view)
        if any(b.startswith("rest_framework.viewsets.") or b.endswith("ViewSet") for b in bases):
            return "viewset"
        if any(b.startswith("rest_framework.generics.") for b in bases):
            return "generics"
        return "apiview" if "rest_framework.views.APIView" in bases else None

    def field(self, cls: Definition, name: str) -> tuple[Definition, str] | None:
        """The source of an attribute of a class and where it stands, inherited ones included."""
        for owner in self.inference.line(cls):
            for item in owner.symbol.fields:
                if item.name == name and item.value:
                    return owner, item.value
        return None

    def serializer_of(self, view: Definition) -> Definition | None:
        """The serializer of a view: `serializer_class`, else the last that `get_serializer_class` returns."""
        given = self.field(view, "serializer_class")
        if given is not None:
            return self.inference.resolve(given[0].path, given[1])
        method = self.inference.method(view, "get_serializer_class")
        if method is None:
            return None
        returned = [r.value for r in self.index.returns(method.path, method.symbol.qualname) if r.value is not None]
        names = [self.inference.resolve(method.path, value.dotted()) for value in returned if value.dotted()]
        return next((n for n in reversed(names) if n is not None), None)

    def model_of(self, view: Definition) -> Model | None:
        """The model whose rows a view answers: of its queryset, else of its serializer."""
        given = self.field(view, "queryset")
        if given is not None:
            found = self._model_in(given[0].path, given[1])
            if found is not None:
                return found
        method = self.inference.method(view, "get_queryset")
        for item in self.index.returns(method.path, method.symbol.qualname) if method is not None else ():
            found = (
                self._model_in(method.path, item.value.dotted() if item.value is not None else "") if method else None
            )
            if found is not None:
                return found
        serializer = self.serializer_of(view)
        if serializer is None:
            return None
        for owner in self.inference.line(serializer):
            meta = self.index.symbols(owner.path).get(f"{owner.symbol.qualname}.Meta")
            for declared in meta.fields if meta is not None else ():
                if declared.name == "model":
                    return self.models.of_class(owner.path, declared.value)
        return None

    def _model_in(self, path: str, source: str) -> Model | None:
        head = _HEAD.match(source)
        return self.models.of_class(path, head.group()) if head is not None else None

    def _resource(self, model: Model, routes: list[tuple[Definition, str, Route]]) -> Resource:
        views = {(v.path, v.symbol.qualname): v for v, _, _ in routes}
        best = max(views.values(), key=lambda v: (sum(r[0] is v or r[0] == v for r in routes), v.symbol.qualname))
        kind = self.kind(best) or "apiview"
        chosen = [v for v in views.values() if self.kind(v) == kind]
        if kind == "viewset":
            chosen = [best]
        operations = {op for v, _, route in routes if v in chosen and (op := _operation(route, kind))}
        mounts: dict[tuple[str, int], Mount] = {}
        for view, path, route in routes:
            if view in chosen:
                mounts.setdefault((path, route.loc.start), self._mount(path, route))
        name = forms(model.name)
        return Resource(
            name=name,
            app=app_of(model.definition.path),
            model=model.definition,
            views=tuple(sorted(chosen, key=lambda v: v.symbol.loc.line)),
            kind=kind,
            mounts=tuple(mounts.values()),
            serializer=next((s for v in (best, *chosen) if (s := self.serializer_of(v)) is not None), None),
            operations=tuple(op for op in ("list", "create", "get", "update", "delete") if op in operations),
            admin=(admin := self._admin(model))[0],
            admin_class=admin[1],
            tests=self._tests(model, best),
            factory=self.factory(model),
        )

    def _mount(self, path: str, route: Route) -> Mount:
        """The call that registers a view, around the place where the route was found."""
        around = [c.expr.loc for c in self.index.calls(path) if c.expr.loc.start <= route.loc.start < c.expr.loc.end]
        loc = min(around, key=lambda loc: loc.end - loc.start, default=route.loc)
        source = source_at(self.read(path), loc)
        found = re.search(r"""r?["']([^"']*)["']""", source)
        router = re.match(r"([\w.]+)\.register\(", source)
        return Mount(path, loc.line, source, found.group(1) if found else "", router.group(1) if router else "")

    def _admin(self, model: Model) -> tuple[str, bool]:
        """The file that registers a model with the admin, and whether with a class of its own."""
        for path in self.index.files:
            if not path.endswith("admin.py") and "/admin/" not in path:
                continue
            for symbol in self.index.symbols(path).values():
                for decorator in symbol.decorators:
                    if decorator.dotted().startswith("admin.register") and any(
                        a.dotted() == model.name for a in decorator.positional()
                    ):
                        return path, True
            for call in self.index.calls(path):
                given = call.expr.positional()
                if call.expr.dotted() == "admin.site.register()" and given and given[0].dotted() == model.name:
                    return path, len(given) > 1
        return "", False

    @cached_property
    def _factories(self) -> tuple[tuple[Definition, str], ...]:
        """The factories of factory_boy, each with the model that its `Meta` names."""
        found = []
        for cls in self.index.classes():
            meta = self.index.symbols(cls.path).get(f"{cls.symbol.qualname}.Meta")
            named = next((f.value for f in (meta.fields if meta is not None else ()) if f.name == "model"), "")
            if named and any(b.endswith("DjangoModelFactory") for b in self.index.root_bases(cls)):
                found.append((cls, named))
        return tuple(found)

    def factory(self, model: Model) -> Definition | None:
        """The factory_boy factory that makes rows of a model."""
        for found, named in self._factories:
            same = self.models.of_class(found.path, named) is model
            if same or named.strip("\"'").rpartition(".")[2] == model.name:
                return found
        return None

    @cached_property
    def _test_files(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """The files with tests, each with its words."""
        texts = ((path, self.read(path)) for path in sorted(self.index.files) if is_test_file(path))
        return tuple((path, frozenset(_WORDS.findall(text))) for path, text in texts if "def test_" in text)

    def _tests(self, model: Model, view: Definition) -> tuple[str, ...]:
        """The files of tests that are about a resource: they name its model, its view or its address."""
        wanted = {model.name, view.symbol.name, forms(model.name).kebab_plural}
        return tuple(path for path, words in self._test_files if words & wanted)


def _operation(route: Route, kind: str) -> str:
    if kind == "viewset":
        return _ACTIONS.get(route.handler.rpartition(".")[2], "")
    return _GENERIC.get((route.method, bool(re.search(r"[{<]", route.path))), "")


def apps_of(resources: tuple[Resource, ...]) -> dict[str, list[Resource]]:
    """The resources by the folder of their app."""
    found: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        found[resource.app].append(resource)
    return dict(found)


def sibling_of(resources: tuple[Resource, ...], user: Ref, home: str) -> Iterator[Resource]:
    """The resources that can be imitated, the best first: full ones with tests before others.

    Users, whose app is `home`, are like nothing else.
    """
    spelled = [
        r
        for r in resources
        if r.kind != "apiview" and r.serializer is not None and r.model.symbol.name != user.name and r.operations
    ]

    def order(resource: Resource) -> tuple[object, ...]:
        plain = resource.kind != "viewset" or bool(resource.mounts[0].router)
        named = _is_named_in(resource)
        few = len(resource.model.symbol.fields) < 2
        users = resource.app == home
        return -len(resource.operations), not named, users, not plain, not resource.tests, few, resource.model.path

    yield from sorted(spelled, key=order)


def _is_named_in(resource: Resource) -> bool:
    """Whether the resource is reached under its own name, and under no other resource."""
    segment = resource.mounts[0].segment.strip("^/$")
    name = resource.name
    return segment in {
        "",
        name.kebab_plural,
        name.snake_plural,
        name.kebab,
        name.snake,
        name.snake_plural.replace("_", ""),
    }
