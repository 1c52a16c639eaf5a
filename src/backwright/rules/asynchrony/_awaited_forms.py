"""Synchronous calls of JavaScript in their awaited form, where the library has one under the same name."""

from __future__ import annotations

from backwright.core.facts import Expr
from backwright.core.findings import Fix
from backwright.kit.bodies import Body, inside, walk
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference
from backwright.kit.patches import inserted, parent_of, replaced

_END = "Sync"
# By package, what stands before the name without its end; calls on descriptors and `exists` have no such form.
_OF = {"fs": "promises.", "fs-extra": "", "bcrypt": "", "bcryptjs": ""}
_NONE = frozenset(
    {
        "existsSync",
        "openSync",
        "closeSync",
        "readSync",
        "writeSync",
        "readvSync",
        "writevSync",
        "fstatSync",
        "fsyncSync",
    }
)


def awaited_form(index: FactIndex, body: Body, link: Expr) -> Fix | None:
    """`fs.readFileSync(path)` as `await fs.promises.readFile(path)`; None outside of asynchronous functions."""
    callee = link.parts[0]
    if body.symbol is None or not body.symbol.is_async or callee.kind != "attribute" or callee.text in _NONE:
        return None
    owner = callee.parts[0].dotted()
    origin = inference(index).origin(body.path, owner) or ""
    package = origin.removeprefix("node:").removesuffix(".default")
    if package not in _OF or callee.parts[0].kind != "name" or not callee.text.endswith(_END):
        return None
    around = (n for top in body.expressions() for n in walk(top) if n.kind in {"lambda", "comprehension"})
    if any(inside(link.loc, node.loc) for node in around):
        return None
    parent = parent_of(body, link)
    opening, closing = (
        ("(", ")") if parent is not None and parent.kind in {"attribute", "subscript", "call"} else ("", "")
    )
    if parent is not None and parent.kind == "call" and parent.parts[0].loc != link.loc:
        opening = closing = ""  # an argument
    if opening and _begins_statement(body, link):
        return None  # without a semicolon, the line before would be called with it
    new = f"{opening}await {owner}.{_OF[package]}{callee.text.removesuffix(_END)}"
    end = (inserted(body.path, link.loc.end, closing),) if closing else ()
    patches = (replaced(body.path, callee.loc, f"{owner}.{callee.text}", new), *end)
    return Fix("Await its asynchronous form", "review", patches=patches)


def _begins_statement(body: Body, link: Expr) -> bool:
    """Whether a statement that is nothing but an expression begins with this call."""
    values = {a.value.loc for a in body.assigns} | {r.value.loc for r in body.returns if r.value is not None}
    return any(top.loc.start == link.loc.start and top.loc not in values for top in body.expressions())
