"""The models of a Django project: which of their attributes are relations, and where those lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from backwright.core.facts import Expr, Field, Loc, Symbol
from backwright.kit.chains import name_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import Inference, inference

_ONE = ("ForeignKey", "OneToOneField", "ParentalKey")
_MANY = ("ManyToManyField", "GenericRelation", "TaggableManager")
_PREFETCHED = ("GenericForeignKey",)

# Models that come with Django, with the relations that projects read of them.
_BUILT_IN: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "django.contrib.auth.models.User": (
        ("groups", "django.contrib.auth.models.Group", True),
        ("user_permissions", "django.contrib.auth.models.Permission", True),
    ),
    "django.contrib.auth.models.Group": (
        ("permissions", "django.contrib.auth.models.Permission", True),
        ("user_set", "django.contrib.auth.models.User", True),
    ),
    "django.contrib.auth.models.Permission": (
        ("content_type", "django.contrib.contenttypes.models.ContentType", False),
    ),
    "django.contrib.contenttypes.models.ContentType": (),
    "django.contrib.sites.models.Site": (),
}
_MODULES = frozenset(name.rpartition(".")[0] for name in _BUILT_IN)
_NOWHERE = Loc(1, 1, 1, 1, 0, 0)

Key = tuple[str, str]  # path and qualified name of a class


@dataclass(frozen=True)
class Relation:
    """An attribute that leads to rows of another model. `target` is None where that model is not known.

    `back` is the attribute of those rows that leads to this row again: Django sets it when it loads them.
    """

    name: str
    target: Key | None
    many: bool
    path: str
    loc: Loc
    back: str = ""
    null: bool = False
    joins: bool = True  # whether a query can bring it along by a join; one whose model only the row says cannot


@dataclass
class Model:
    """A model class with its relations, those that other models declare towards it among them."""

    definition: Definition
    relations: dict[str, Relation] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.definition.path, self.definition.symbol.qualname

    @property
    def name(self) -> str:
        return self.definition.symbol.name


class Models:
    """All models of one project."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference: Inference = inference(index)
        self.by_key: dict[Key, Model] = {}
        self.by_name: dict[str, list[Model]] = {}
        entities = {(path, table.entity) for path, table in index.tables() if table.orm.lower() == "django orm"}
        for found in index.classes() if entities else ():
            if (found.path, found.symbol.qualname) in entities or self._is_model(found):
                model = Model(found)
                self.by_key[model.key] = model
                self.by_name.setdefault(found.symbol.name, []).append(model)
        for name, relations in _BUILT_IN.items() if entities else ():
            self._add_built_in(name, relations)
        for model in list(self.by_key.values()):
            self._relate(model)
        self._inherit()

    def _add_built_in(self, name: str, relations: tuple[tuple[str, str, bool], ...]) -> None:
        path, _, last = name.rpartition(".")
        model = Model(Definition(path, Symbol("class", last, "", _NOWHERE)))
        self.by_key[model.key] = model
        for relation, target, many in relations:
            at, _, of = target.rpartition(".")
            model.relations[relation] = Relation(relation, (at, of), many, "", _NOWHERE)

    def _is_model(self, cls: Definition) -> bool:
        """A class that declares columns, on a base of another package (`TimeStampedModel`)."""
        if not cls.symbol.bases or not any(_is_column(item) for item in cls.symbol.fields):
            return False
        meta = self.index.symbols(cls.path).get(f"{cls.symbol.qualname}.Meta")
        return meta is None or not any(item.name == "abstract" and item.value == "True" for item in meta.fields)

    def of_class(self, path: str, name: str) -> Model | None:
        """The model that a name in a file means."""
        if name == "get_user_model()":
            return self._user()
        found = self.inference.resolve(path, name) if name else None
        if found is None:
            module, _, last = self.inference.origin(path, name).rpartition(".") if name else ("", "", "")
            return self.by_key.get((module, last)) if module in _MODULES else None
        value = found.symbol.value
        if found.symbol.kind == "variable" and value is not None and value.kind == "call":
            texts = [p.text for p in value.positional() if p.kind == "string"]
            if name_of(value) == "get_user_model":
                return self._user()
            if name_of(value) == "get_model" and texts:
                app, _, last = ".".join(texts).rpartition(".")
                return self._named(last, app, path)
        return self.by_key.get((found.path, found.symbol.qualname))

    def get(self, key: Key | None) -> Model | None:
        return self.by_key.get(key) if key is not None else None

    def line(self, model: Model) -> tuple[Definition, ...]:
        """The class and its bases, nearest first."""
        return self.inference.line(model.definition)

    def collapsed(self, model: Model, path: tuple[str, ...]) -> tuple[str, ...]:
        """A path without the steps that lead back to where it came from: `lines__order__customer` is `customer`."""
        line: list[Model | None] = [model]
        out: list[str] = []
        backs: list[str] = [""]
        for name in path:
            if name == backs[-1]:
                for taken in (line, out, backs):
                    taken.pop()
                continue
            here = line[-1]
            relation = here.relations.get(name) if here is not None else None
            line.append(self.get(relation.target) if relation is not None else None)
            out.append(name)
            backs.append(relation.back if relation is not None else "")
        return tuple(out)

    # -- relations -------------------------------------------------------------------------------------------------
    def _relate(self, model: Model) -> None:
        for owner in self.line(model):
            for item in owner.symbol.fields:
                call = item.value_expr
                kind = name_of(call) if call is not None and call.kind == "call" else ""
                if call is None or not kind.endswith((*_ONE, *_MANY, *_PREFETCHED)) or item.name in model.relations:
                    continue
                many = kind.endswith(_MANY)
                target = self._target(model, owner.path, call)
                null = call.keyword("null")
                model.relations[item.name] = Relation(
                    item.name,
                    target.key if target is not None else None,
                    many,
                    owner.path,
                    item.loc,
                    null=null is not None and null.text == "True",
                    joins=not kind.endswith((*_MANY, *_PREFETCHED)),
                )
                if target is not None and not kind.endswith((*_PREFETCHED, "GenericRelation", "TaggableManager")):
                    self._reverse(model, target, owner, item, call)

    def _target(self, model: Model, path: str, call: Expr) -> Model | None:
        given = call.keyword("to") or next(iter(call.positional()), None)
        if given is None:
            return None
        if given.kind == "string":
            if given.text == "self":
                return model
            return self._named(given.text.rpartition(".")[2], given.text.rpartition(".")[0], path)
        dotted = given.dotted()
        found = self.of_class(path, dotted)
        if found is not None:
            return found
        if dotted.endswith(("AUTH_USER_MODEL", "get_user_model()")):
            return self._user()
        return self._named(dotted.rpartition(".")[2], "", path)

    def _named(self, name: str, app: str, near: str) -> Model | None:
        known = self.by_name.get(name, [])
        if len(known) < 2:
            return known[0] if known else None
        fitting = [m for m in known if app and f"/{app}/" in f"/{m.definition.path}"]
        folder = near.rpartition("/")[0]
        fitting = fitting or [m for m in known if m.definition.path.startswith(folder)]
        return fitting[0] if len(fitting) == 1 else None

    def _user(self) -> Model | None:
        for path in self.index.files:
            symbol = self.index.symbols(path).get("AUTH_USER_MODEL")
            if symbol is not None and symbol.value is not None and symbol.value.kind == "string":
                app, _, name = symbol.value.text.rpartition(".")
                return self._named(name, app, path)
        return self._named("User", "", "") or self.by_key.get(("django.contrib.auth.models", "User"))

    def _reverse(self, model: Model, target: Model, owner: Definition, item: Field, call: Expr) -> None:
        one = name_of(call).endswith("OneToOneField")
        given = call.keyword("related_name")
        name = model.name.lower() if one else f"{model.name.lower()}_set"
        if given is not None:
            if given.kind != "string" or given.text.endswith("+"):
                return
            name = given.text.replace("%(class)s", model.name.lower()).replace("%(app_label)s", _app(model))
        back = "" if name_of(call).endswith(_MANY) else item.name
        target.relations.setdefault(name, Relation(name, model.key, not one, owner.path, item.loc, back))
        if one:
            model.relations[item.name] = replace(model.relations[item.name], back=name)

    def _inherit(self) -> None:
        """What others declare towards a base, its children have too."""
        for model in self.by_key.values():
            for base in self.line(model)[1:]:
                inherited = self.by_key.get((base.path, base.symbol.qualname))
                for name, relation in inherited.relations.items() if inherited is not None else ():
                    model.relations.setdefault(name, relation)

    def managers(self, model: Model, name: str) -> Iterator[Definition]:
        """The classes of this project that answer for `Model.objects`: its manager, and the querysets it is made from."""
        for owner in self.line(model):
            for item in owner.symbol.fields:
                if item.name == name and item.value_expr is not None:
                    yield from self._made(owner.path, item.value_expr)
                    return

    def _made(self, path: str, expr: Expr) -> Iterator[Definition]:
        """`OrderManager()`, `OrderQuerySet.as_manager()`, `Manager.from_queryset(OrderQuerySet)()`, a variable of them."""
        found = self.inference.resolve(path, expr.dotted()) if expr.kind in {"name", "attribute"} else None
        if found is not None and found.symbol.kind == "class":
            yield from self.inference.line(found)
            for base in found.symbol.base_exprs:
                if base.kind == "call":
                    yield from self._made(found.path, base)
            queryset = self.index.symbols(found.path).get(f"{found.symbol.qualname}.get_queryset")
            for named in self._constructed(found.path, queryset.qualname) if queryset is not None else ():
                yield from self._made(found.path, named)
        elif found is not None and found.symbol.value is not None:
            yield from self._made(found.path, found.symbol.value)
        elif expr.kind == "call":
            callee = expr.parts[0]
            yield from self._made(
                path, callee.parts[0] if callee.kind == "attribute" and callee.text == "as_manager" else callee
            )
            for argument in expr.positional():
                yield from self._made(path, argument)
        elif expr.kind == "attribute" and expr.text in {"from_queryset", "as_manager"}:
            yield from self._made(path, expr.parts[0])

    def _constructed(self, path: str, scope: str) -> Iterator[Expr]:
        """The queryset class that `get_queryset` makes: `return OrderQuerySet(self.model)`."""
        for call in self.index.calls(path, scope):
            callee = call.expr.parts[0]
            if callee.kind == "name" and callee.text.endswith("QuerySet"):
                yield callee


def _is_column(item: Field) -> bool:
    """`models.CharField(…)`, and the relations under whatever name they were imported by."""
    call = item.value_expr
    if call is None or call.kind != "call":
        return False
    dotted = call.parts[0].dotted()
    return (dotted.startswith("models.") and dotted.endswith("Field")) or dotted.endswith(
        ("ForeignKey", "OneToOneField")
    )


def _app(model: Model) -> str:
    folders = [f for f in model.definition.path.split("/")[:-1] if f != "models"]
    return folders[-1] if folders else ""


def models(index: FactIndex) -> Models:
    """The models of this project, read once."""
    return index.derived(Models)
