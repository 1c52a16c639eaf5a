"""Objects of libraries whose methods make a thread wait: clients, connections, paths, as the libraries' data say."""

from __future__ import annotations

from backwright.core.facts import Expr
from backwright.kit.bodies import Body, bodies
from backwright.kit.chains import fits, name_of, receiver_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import OWN_OBJECTS, Inference, assigned, inference
from backwright.kit.libraries import Waiter, libraries, pattern
from backwright.kit.libtypes import Type

_MAX_STEPS = 6
_KNOWN = tuple[Waiter, ...]


class Waiters:
    """What is known of the objects of one project."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference: Inference = inference(index)
        packages = {i.module.partition(".")[0] for path in index.files for i in index.imports(path) if not i.level}
        self._waiters = tuple(
            w
            for w in libraries("python").waiting.objects
            if not packages.isdisjoint((*(t.partition(".")[0] for t in w.types), *w.packages))
        )
        self._by_type: dict[str, _KNOWN] = {}
        for waiter in self._waiters:
            for name in waiter.types:
                self._by_type[name] = (*self._by_type.get(name, ()), waiter)
        self._named = tuple(w for w in self._waiters if w.receivers)

    def methods(self) -> frozenset[str]:
        """The names of all methods that may wait."""
        names = {m for w in self._waiters for m in w.methods}
        begun = tuple(n[:-1] for n in names if n.endswith("*"))
        return frozenset(names) | {n for n in bodies(self.index).by_name if begun and n.startswith(begun)}

    def what(self, body: Body, link: Expr) -> str | None:
        """What a method waits for, None for one that does not."""
        receiver, name = receiver_of(link), name_of(link)
        if receiver is None:
            return None
        known = self._of(body, receiver, 0)
        if known is None:
            at = f"{receiver.dotted()}{_index(receiver)}" or "?"
            known = tuple(w for w in self._named if pattern(w.receivers).search(at))
        return next((w.what for w in known if fits(name, w.methods)), None)

    def _of(self, body: Body, expr: Expr, depth: int) -> _KNOWN | None:
        """What is known of an expression's object: None where its type is not."""
        if depth > _MAX_STEPS:
            return None
        found = self.inference.of(body.path, body.scope, expr)
        if found is not None:
            return self._typed(found)
        if expr.kind == "name":
            return self._assigned(body, expr.text, depth)
        owner = self.inference.of(body.path, body.scope, expr.parts[0]) if expr.kind == "attribute" else None
        if owner is not None and owner.definition is not None:
            return self._held(owner.definition, expr.text, depth)
        if expr.kind in {"attribute", "subscript"}:
            return self._parts(self._of(body, expr.parts[0], depth + 1))
        receiver = receiver_of(expr) if expr.kind == "call" else None
        if receiver is None:
            return None
        maker = self.inference.of(body.path, body.scope, receiver)
        if maker is not None and maker.itself:  # `PasswordHash.recommended()`: mostly makes one of its own
            return self._by_type.get(maker.origin) or None
        made = self._parts(self._of(body, receiver, depth + 1))
        # what a call gives that waits is mostly data, no longer a part of the client
        name = name_of(expr)
        return () if made and any(fits(name, w.methods) and not fits(name, w.giving) for w in made) else made

    @staticmethod
    def _parts(known: _KNOWN | None) -> _KNOWN | None:
        return tuple(w for w in known if w.parts) or None if known is not None else None

    def _typed(self, found: Type) -> _KNOWN:
        if found.itself or found.many:
            return ()
        origins = {found.origin}
        if found.definition is not None:
            origins |= self.index.root_bases(found.definition)
        return tuple(w for origin in sorted(origins) for w in self._by_type.get(origin, ()))

    def _assigned(self, body: Body, name: str, depth: int) -> _KNOWN | None:
        for assign in assigned(body, name):
            if assign.op in {"=", "with"} and assign.target.kind == "name":
                return self._of(body, assign.value, depth + 1)
        found = self.inference.resolve(body.path, name)
        module = bodies(self.index).get(found.path, "") if found is not None else None
        if found is None or module is None or found.symbol.kind != "variable" or found.symbol.value is None:
            return None
        return self._of(module, found.symbol.value, depth + 1)

    def _held(self, owner: Definition, name: str, depth: int) -> _KNOWN | None:
        """`self.orders`, as some method of the class sets it, or as a property gives it: `self.orders = client["shop"]["orders"]`."""
        for cls in self.inference.line(owner):
            given = self.inference.bodies.get(cls.path, f"{cls.symbol.qualname}.{name}")
            for item in given.returns if given is not None else ():
                if item.value is not None and given is not None:
                    return self._of(given, item.value, depth + 1)
            for method in self.inference.methods(cls):
                for own in OWN_OBJECTS:
                    for assign in assigned(method, f"{own}.{name}"):
                        if assign.op in {"=", "with"} and assign.target.kind == "attribute":
                            return self._of(method, assign.value, depth + 1)
        return None


def _index(receiver: Expr) -> str:
    """`["Body"]` for `answer["Body"]`."""
    last = receiver.parts[-1] if receiver.kind == "subscript" and len(receiver.parts) > 1 else None
    return f'["{last.text}"]' if last is not None and last.kind == "string" else ""
