"""What a serializer of Django REST framework reads of each row that it writes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backwright.core.facts import Expr, Field
from backwright.kit.bodies import Body
from backwright.kit.callgraph import Hop
from backwright.kit.chains import name_of
from backwright.kit.django.models import Model
from backwright.kit.django.reads import Read, Reads, Row
from backwright.kit.index import Definition

_MAX_DEPTH = 4
_BY_KEY = frozenset({"PrimaryKeyRelatedField", "HyperlinkedRelatedField", "HyperlinkedIdentityField"})


class Serializers:
    """The serializers of one project."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        self.models = reads.models
        self.inference = reads.follow.inference
        self.graph = reads.follow.graph

    def find(self, path: str, name: str) -> Definition | None:
        """The serializer class that a name means."""
        found = self.inference.resolve(path, name) if name else None
        return found if found is not None and self.is_serializer(found) else None

    def is_serializer(self, cls: Definition) -> bool:
        return cls.symbol.kind == "class" and any(
            base.rpartition(".")[2].endswith("Serializer") for base in self.reads.follow.index.root_bases(cls)
        )

    def fits(self, serializer: Definition, model: Model) -> bool:
        """Whether a serializer writes rows of this model, as far as its `Meta.model` says."""
        named = self._meta(serializer, "model")
        own = self.models.of_class(serializer.path, named.dotted()) if named is not None else None
        if own is None or own is model:
            return True
        lines = [{(d.path, d.symbol.qualname) for d in self.models.line(m)} for m in (own, model)]
        return own.key in lines[1] or model.key in lines[0]

    def of(self, serializer: Definition, model: Model, prefix: tuple[str, ...] = (), depth: int = 0) -> Iterator[Read]:
        """Every relation that writing one row out reads."""
        if depth > _MAX_DEPTH:
            return
        declared = self._declared(serializer)
        named = self._named(serializer, declared, model)
        for name in named:
            item = declared.get(name)
            if item is not None:
                yield from self._field(item[0], item[1], model, prefix, depth)
            else:
                yield from self._plain(serializer, name, model, prefix)
        for method in ("to_representation",):
            found = self.inference.method(serializer, method)
            if found is not None:
                yield from self._by_method(found, model, prefix, serializer)

    def _declared(self, serializer: Definition) -> dict[str, tuple[Definition, Field]]:
        out: dict[str, tuple[Definition, Field]] = {}
        for owner in self.inference.line(serializer):
            for item in owner.symbol.fields:
                if item.value_expr is not None and item.value_expr.kind == "call":
                    out.setdefault(item.name, (owner, item))
        return out

    def _named(self, serializer: Definition, declared: dict[str, tuple[Definition, Field]], model: Model) -> list[str]:
        """The fields that are written out: `Meta.fields`, all declared ones where it names none."""
        fields, exclude = self._meta(serializer, "fields"), self._meta(serializer, "exclude")
        if fields is not None and fields.kind in {"sequence", "concatenation"}:
            return [e.text for e in _flat(fields) if e.kind == "string"]
        left_out = {e.text for e in _flat(exclude)} if exclude is not None else set()
        everything = (fields is not None and fields.text == "__all__") or exclude is not None
        many = [r.name for r in model.relations.values() if r.many and r.path and self._is_forward(model, r.name)]
        return [n for n in (*declared, *(many if everything else ())) if n not in left_out]

    def _is_forward(self, model: Model, name: str) -> bool:
        return any(item.name == name for owner in self.models.line(model) for item in owner.symbol.fields)

    def _meta(self, serializer: Definition, name: str) -> Expr | None:
        for owner in self.inference.line(serializer):
            meta = self.reads.follow.index.symbols(owner.path).get(f"{owner.symbol.qualname}.Meta")
            for item in meta.fields if meta is not None else ():
                if item.name == name:
                    return item.value_expr
        return None

    # -- fields ----------------------------------------------------------------------------------------------------
    def _plain(self, serializer: Definition, name: str, model: Model, prefix: tuple[str, ...]) -> Iterator[Read]:
        """A field that only `Meta.fields` names: keys of many rows are asked for, the key of one is a column."""
        module = self.graph.bodies.get(serializer.path, "")
        if module is None:
            return
        at = Expr("name", name, serializer.symbol.loc)
        way = (Hop(serializer.path, serializer.symbol.loc, f"`{serializer.symbol.name}` has the field `{name}`"),)
        relation = model.relations.get(name)
        if relation is not None:
            reverse_one = not relation.many and not self._is_forward(model, name)
            if relation.many or reverse_one:
                yield Read((*prefix, name), module, at, way, many=relation.many)
            return
        found = self.inference.method(model.definition, name)
        if found is not None:
            yield from (replace(r, way=(*way, *r.way)) for r in self._on_model(found, model, prefix))

    def _on_model(self, found: Definition, model: Model, prefix: tuple[str, ...]) -> Iterator[Read]:
        body = self.graph.body_of(found)
        if body is not None and body.symbol is not None and body.symbol.params:
            yield from self.reads.of(body, Row(body.symbol.params[0].name, model, prefix), 1)

    def _field(
        self, owner: Definition, item: Field, model: Model, prefix: tuple[str, ...], depth: int
    ) -> Iterator[Read]:
        call = item.value_expr
        module = self.graph.bodies.get(owner.path, "")
        if call is None or module is None:
            return
        written = call.keyword("write_only")
        if written is not None and written.text == "True":
            return
        kind = name_of(call)
        way = (Hop(owner.path, item.loc, f"`{owner.symbol.name}` has the field `{item.name}`"),)
        if kind == "SerializerMethodField":
            given = call.keyword("method_name") or next(iter(call.positional()), None)
            found = self.inference.method(owner, given.text if given is not None else f"get_{item.name}")
            if found is not None:
                yield from self._by_method(found, model, prefix, owner)
            return
        source = call.keyword("source")
        steps = (source.text if source is not None and source.kind == "string" else item.name).split(".")
        yield from self._walk(steps, call, (owner, item), (model, prefix, way), depth)

    def _walk(
        self,
        steps: list[str],
        call: Expr,
        where: tuple[Definition, Field],
        row: tuple[Model, tuple[str, ...], tuple[Hop, ...]],
        depth: int,
    ) -> Iterator[Read]:
        """`source="order.customer"`: every step but a column is a relation that is read."""
        owner, item = where
        found: Model | None
        found, path, way = row
        kind = name_of(call)
        nested = self.find(owner.path, call.parts[0].dotted())
        module = self.graph.bodies.get(owner.path, "")
        for at, step in enumerate(steps):
            if found is None or module is None or step == "*":
                break
            relation = found.relations.get(step)
            if relation is None:
                method = self.inference.method(found.definition, step)
                if method is not None:
                    yield from (replace(r, way=(*way, *r.way)) for r in self._on_model(method, found, path))
                return
            path = (*path, step)
            last = at == len(steps) - 1
            if last and not relation.many and kind in _BY_KEY and call.keyword("many") is None:
                return
            yield Read(path, module, Expr("name", item.name, item.loc), way, many=relation.many)
            found = self.models.get(relation.target)
        if found is None:
            return
        if nested is not None:
            for read in self.of(nested, found, path, depth + 1):
                yield replace(read, way=(*way, *read.way))
        elif kind == "StringRelatedField":
            text = self.inference.method(found.definition, "__str__")
            if text is not None:
                yield from (replace(r, way=(*way, *r.way)) for r in self._on_model(text, found, path))

    def _by_method(self, found: Definition, model: Model, prefix: tuple[str, ...], owner: Definition) -> Iterator[Read]:
        """`get_total(self, order)`, `to_representation(self, instance)`."""
        body: Body | None = self.graph.body_of(found)
        params = found.symbol.params[1:2]
        if body is None or not params:
            return
        hop = Hop(found.path, found.symbol.loc, f"`{owner.symbol.name}.{found.symbol.name}` is run for each row")
        for read in self.reads.of(body, Row(params[0].name, model, prefix), 1):
            yield replace(read, way=(hop, *read.way))


def _flat(expr: Expr) -> Iterator[Expr]:
    if expr.kind in {"sequence", "concatenation"} or expr.text == "list_splat":
        for part in expr.parts:
            yield from _flat(part)
    else:
        yield expr
