"""What services and repositories of other languages have of HTTP: in their signatures, raised, and given back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.archmap import ArchMap
from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body, bodies, walk
from backwright.kit.findings import heading
from backwright.kit.handlers import handlers
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.libraries import Web, libraries, pattern
from backwright.rules.layering._imports_of_http import spoken

Spoken = tuple[Body, Loc, str]  # where, the place, the name of what is of HTTP

# Where functions of no class stand, the folder must say that they are a service's: `webhook_repo.go` may be about one.
_FOLDER = re.compile(r"(^|/)(services?|repositor(y|ies)|use-?_?cases?|daos?)/")
_NAME = re.compile(r"[A-Za-z_]\w*(?:(?:\.|::)\w+)*")


class Speakers:
    """The functions of one project that speak HTTP."""

    def __init__(self, index: FactIndex, archmap: ArchMap) -> None:
        self.index = index
        self.infer = inference(index)
        self._handled = {h.body.key for h in handlers(index, archmap)}

    def of(self, path: str) -> list[Spoken]:
        """The places in one file where a function that is no handler speaks HTTP."""
        known = libraries(self.index.files[path].language).web
        if known.names:
            return list(spoken(self.index, path, self._handled))
        if not (known.types or known.errors):
            return []
        return [
            found
            for body in bodies(self.index).by_path.get(path, {}).values()
            if body.symbol is not None and body.key not in self._handled
            for found in self._in(body, known)
        ]

    def _in(self, body: Body, known: Web) -> Iterator[Spoken]:
        symbol = body.symbol
        if symbol is None or not self._counts(body, known):
            return
        for param in symbol.params:
            name = self._named(body, param.annotation, known.types)
            if name:
                yield body, param.loc, name
        name = self._named(body, symbol.returns, known.types)
        if name:
            yield body, heading(symbol), name
        given = [r.value for r in body.raises] + [r.value for r in body.returns]
        for top in given:
            for expr in walk(top) if top is not None else ():
                if self._is_error(body, expr, known):
                    yield body, expr.loc, expr.dotted()
                    break

    def _counts(self, body: Body, known: Web) -> bool:
        """A method that is written out, or a function of a service's folder: no part of another, none that is called back."""
        symbol = body.symbol
        if symbol is None or symbol.kind == "class" or pattern(known.called).search(symbol.name):
            return False
        outer = bodies(self.index).get(body.path, symbol.scope) if symbol.scope else None
        if outer is not None and outer.symbol is not None and outer.symbol.kind != "class":
            return False
        if not symbol.scope and not _FOLDER.search(body.path):
            return False
        return bool(body.calls or body.returns or body.raises or body.assigns)

    def _named(self, body: Body, annotation: str, wanted: str) -> str:
        for name in _NAME.findall(annotation):
            if pattern(wanted).search(self._origin(body, name)):
                return str(name)
        return ""

    def _origin(self, body: Body, name: str) -> str:
        dotted = name.replace("::", ".")
        return (self.infer.origin(body.path, dotted) or dotted).replace("::", ".")

    def _is_error(self, body: Body, expr: Expr, known: Web) -> bool:
        dotted = expr.dotted() if expr.kind in {"name", "attribute"} else ""
        return bool(dotted) and pattern(known.errors).search(self._origin(body, dotted)) is not None
