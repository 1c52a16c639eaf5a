"""A field that is renamed or removed, wherever code and tests name it. What cannot be told apart is refused by place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from backwright.core.errors import Unsupported
from backwright.engine.spellings.field_code import Code
from backwright.kit.artifacts import Emission, Splice
from backwright.kit.field_edit import FieldEdit
from backwright.kit.testfiles import is_test_file
from backwright.languages.python.field_uses import Use
from backwright.languages.python.places import line_starts
from backwright.languages.python.project_types import Function

_SHOWN = 5


def emit_renamed(edit: FieldEdit, code: Code) -> Iterator[Emission]:
    """Raises Unsupported naming the places where it is not known whether they mean this field."""
    for use in _ours(edit, code):
        yield Splice(use.path, use.start, use.end, edit.new, f"{edit.old} is called {edit.new}")


def emit_removed(edit: FieldEdit, code: Code) -> Iterator[Emission]:
    """Raises Unsupported naming the places that decide or compute with the field."""
    cuts: dict[str, list[tuple[int, int]]] = {}
    stuck: list[Use] = []
    for use in _ours(edit, code):
        whole = use.whole or _test_around(code, use)
        if whole is None:
            stuck.append(use)
        else:
            cuts.setdefault(use.path, []).append(whole)
    covered = [u for u in stuck if any(a <= u.start and u.end <= b for a, b in cuts.get(u.path, ()))]
    _refuse(edit, [u for u in stuck if u not in covered], "takes part in what is decided there: change that first")
    for path, literals in _allowed_values(edit, code, set(cuts)):
        cuts.setdefault(path, []).extend(literals)
    for use in _asked_for(edit, code):
        cuts.setdefault(use.path, []).append(_test_around(code, use) or (use.start, use.start))
    for path, spans in cuts.items():
        for start, end in _joined(spans):
            yield Splice(path, start, end, "", f"{edit.old} is gone")


def kept_names(edit: FieldEdit, code: Code) -> Iterator[str]:
    """What keeps its name though the field changes its own: parameters of endpoints, its relation, values to sort by."""
    for info, _ in code.operations.values():
        handler = edit.index.symbols(info.path).get(info.route.handler)
        if handler is not None and edit.action == "rename" and edit.old in {p.name for p in handler.params}:
            yield f"the parameter `{edit.old}` of {info.route.method} {info.route.path} keeps its name"
    relation = edit.old.removesuffix("_id")
    if edit.action == "rename" and relation != edit.old and relation in {r.name for r in edit.table.relations}:
        yield f"the relation `{relation}` that stands on it keeps its name"
    if edit.action == "rename":
        for path, _ in _allowed_values(edit, code, set()):
            yield f"the value `{edit.old}` that {path} allows, as in `sort={edit.old}`, keeps its name"


def removed_tests(edit: FieldEdit, code: Code) -> Iterator[str]:
    """The tests that go with the field, since they are about it."""
    for use in (*_ours(edit, code), *_asked_for(edit, code)):
        function = _enclosing(code, use) if use.whole is None else None
        if function is not None and function.name.startswith("test"):
            yield f"{use.path}: {function.name} goes with it"


def _ours(edit: FieldEdit, code: Code) -> list[Use]:
    """The places that mean this field. What nothing else in the project is called means it in every file about the resource."""
    rare = _is_rare(edit, code)
    sure, unsure = [], []
    for use in code.found.uses:
        if code.text(use.path).encode()[use.start : use.end].decode() != edit.old:
            unsure.append(use)  # inside of a text with holes, whose places older Pythons do not tell
        elif use.sure or (rare and use.kind != "keyword" and _is_near(edit, code, use.path)):
            sure.append(use)
        elif _is_near(edit, code, use.path) and (use.kind == "attribute" or _is_read(code, use)):
            unsure.append(use)
    _refuse(edit, unsure, "it is not known whether this means it")
    return list({(u.path, u.start): u for u in sure}.values())


def _is_rare(edit: FieldEdit, code: Code) -> bool:
    """Whether nothing else in the project is called so."""
    for definition in edit.index.all_symbols():
        key = (definition.path, definition.symbol.qualname)
        if definition.symbol.name == edit.old and definition.symbol.kind != "variable":
            return False
        if key not in code.owners and any(f.name == edit.old for f in definition.symbol.fields):
            return False
    return True


def _is_near(edit: FieldEdit, code: Code, path: str) -> bool:
    """Whether a file is about the resource: it names one of its classes, or lies on the way to them."""
    text = code.text(path)
    names = {name for _, name in code.owners}
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _is_read(code: Code, use: Use) -> bool:
    """Whether a text picks something out of something: `row["name"]`, not a key of a mapping that is written out."""
    body = code.text(use.path).encode()
    return body[: use.start - 1].rstrip().endswith(b"[") and body[use.end + 1 :].lstrip().startswith(b"]")


def _refuse(edit: FieldEdit, uses: Sequence[Use], why: str) -> None:
    if not uses:
        return
    places = [f"{u.path}:{u.line}" for u in uses]
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    raise Unsupported(
        f"`{edit.old}` of {edit.table.entity}: {why}", where=places[0], hints=(f"{', '.join(places[:_SHOWN])}{more}",)
    )


def _enclosing(code: Code, use: Use) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The outermost function around a place."""
    source = code.types.sources.source(use.path)
    for node in ast.walk(source.tree) if source is not None else ():
        if isinstance(node, Function) and node.lineno <= use.line <= (node.end_lineno or 0):
            return node
    return None


def _test_around(code: Code, use: Use) -> tuple[int, int] | None:
    """The whole test that is about the field."""
    function = _enclosing(code, use) if is_test_file(use.path) else None
    if function is None or not function.name.startswith("test"):
        return None
    body = code.text(use.path).encode()
    starts = line_starts(body.decode())
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    start, end = starts[first - 1], min(starts[function.end_lineno or first], len(body))
    blank = re.match(rb"(?:[ \t]*\n)*", body[end:])
    return start, end + (blank.end() if blank is not None and body[end + blank.end() :] else 0)


def _allowed_values(edit: FieldEdit, code: Code, paths: set[str]) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """`Literal["name", "-name"]` where lists of the resource can be sorted by it."""
    routers = {info.path for info, _ in code.operations.values()}
    for path in sorted(routers | {p for p in paths if not is_test_file(p)}):
        source = code.types.sources.source(path)
        body = code.text(path).encode()
        spans = []
        for node in ast.walk(source.tree) if source is not None else ():
            if (
                isinstance(node, ast.Subscript)
                and ast.unparse(node.value).endswith("Literal")
                and isinstance(node.slice, ast.Tuple)
            ):
                texts = [
                    e for e in node.slice.elts if isinstance(e, ast.Constant) and e.value in {edit.old, f"-{edit.old}"}
                ]
                if texts and len(texts) < len(node.slice.elts):
                    spans += [_listed(body, e) for e in texts]
        if spans:
            yield path, spans


def _listed(body: bytes, node: ast.expr) -> tuple[int, int]:
    starts = line_starts(body.decode())
    start, end = (
        starts[node.lineno - 1] + node.col_offset,
        starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0),
    )
    after = re.match(rb"\s*,\s*", body[end:])
    if after is not None:
        return start, end + after.end()
    before = re.search(rb",\s*$", body[:start])
    return (before.start() if before is not None else start), end


def _asked_for(edit: FieldEdit, code: Code) -> Iterator[Use]:
    """Where tests ask for a list by a value that is not allowed any more."""
    if not any(True for _ in _allowed_values(edit, code, set())):
        return
    known = {(u.path, u.start) for u in code.found.uses}
    for path in code.types.sources.index.files:
        source = code.types.sources.source(path) if is_test_file(path) and _is_near(edit, code, path) else None
        for node in ast.walk(source.tree) if source is not None else ():
            if isinstance(node, ast.Constant) and node.value in {edit.old, f"-{edit.old}"}:
                start, end = _listed(code.text(path).encode(), node)
                if (path, start + 1) not in known:
                    yield Use(path, node.lineno, "text", start, end)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without overlaps."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out
