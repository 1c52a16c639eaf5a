"""Reading declarations that several ORMs share: annotations and `Column(...)`-like calls."""

from __future__ import annotations

from dataclasses import dataclass

from backwright.core.facts import Column, Expr, Loc
from backwright.kit.rendering import source_of

_WRAPPERS = frozenset({"Mapped", "WriteOnlyMapped", "DynamicMapped", "InstrumentedAttribute"})
_MANY = frozenset({"list", "List", "set", "Set", "Sequence", "Collection", "WriteOnlyMapped", "DynamicMapped"})


@dataclass(frozen=True)
class Annotation:
    """What an annotation says: the inner type as source, whether None is allowed, whether it is a collection."""

    inner: str
    nullable: bool = False
    many: bool = False
    mapped: bool = False


def read_annotation(expr: Expr | None) -> Annotation:
    """`Mapped[list["Item"]]` → inner `Item`, many; `Optional[str]`, `str | None` → inner `str`, nullable."""
    if expr is None:
        return Annotation("")
    if expr.kind == "string":
        return _read_text(expr.text)
    if expr.kind == "binary" and expr.text == "|":
        return _union(expr.parts)
    if expr.kind == "subscript" and expr.parts:
        return _generic(expr)
    if expr.kind == "constant" and expr.text == "None":
        return Annotation("None", nullable=True)
    return Annotation(source_of(expr))


def _union(parts: tuple[Expr, ...]) -> Annotation:
    read = [read_annotation(p) for p in parts]
    kept = [r for r in read if r.inner != "None"]
    nullable = len(kept) < len(read) or any(r.nullable for r in kept)
    if len(kept) == 1:
        return Annotation(kept[0].inner, nullable, kept[0].many, kept[0].mapped)
    return Annotation(" | ".join(r.inner for r in kept), nullable)


def _generic(expr: Expr) -> Annotation:
    head = expr.parts[0].dotted().split(".")[-1]
    inner = expr.parts[1:]
    if len(inner) == 1 and inner[0].kind == "sequence" and inner[0].text == "(":
        inner = inner[0].parts
    if head == "Optional":
        return _union((*inner, Expr("constant", "None", expr.loc)))
    if head == "Union":
        return _union(inner)
    if head == "Annotated" and inner:
        return read_annotation(inner[0])
    if head in _WRAPPERS and inner:
        read = read_annotation(inner[0])
        return Annotation(read.inner, read.nullable, read.many or head in _MANY, mapped=True)
    if head in _MANY and inner:
        read = read_annotation(inner[0])
        return Annotation(read.inner, read.nullable, many=True)
    return Annotation(source_of(expr))


def _read_text(text: str) -> Annotation:
    bare = text.strip()
    nullable = False
    if bare.startswith("Optional[") and bare.endswith("]"):
        bare, nullable = bare[9:-1], True
    if "|" in bare:
        sides = [p.strip() for p in bare.split("|")]
        nullable = nullable or "None" in sides
        bare = " | ".join(p for p in sides if p != "None")
    for head in _MANY:
        if bare.startswith(f"{head}[") and bare.endswith("]"):
            return Annotation(bare[len(head) + 1 : -1].strip("'\""), nullable, many=True)
    return Annotation(bare.strip("'\""), nullable)


def is_true(expr: Expr | None) -> bool:
    return expr is not None and expr.kind == "constant" and expr.text == "True"


def is_false(expr: Expr | None) -> bool:
    return expr is not None and expr.kind == "constant" and expr.text == "False"


def foreign_key(expr: Expr) -> tuple[str, str, Expr | None] | None:
    """`ForeignKey("users.id", ondelete="CASCADE")` among a column's arguments: target, on delete, the type argument."""
    for part in expr.positional():
        if part.kind == "call" and part.parts[0].dotted().split(".")[-1] == "ForeignKey":
            target = part.positional()
            if not target:
                return None
            name = target[0].text if target[0].kind == "string" else target[0].dotted()
            ondelete = part.keyword("ondelete")
            return name, (ondelete.text if ondelete is not None and ondelete.kind == "string" else ""), None
    return None


def column_call(name: str, call: Expr | None, annotation: Annotation, loc: Loc, source: str, origin: str) -> Column:
    """A column from `mapped_column(...)` or `Column(...)` with its annotation; `call` is None for a bare annotation."""
    if call is None:
        return Column(name, "", annotation.inner, loc, nullable=annotation.nullable, source=source, origin=origin)
    key = foreign_key(call)
    types = [p for p in call.positional() if p.kind != "string" and not _is_constraint(p)]
    explicit = call.keyword("type_")
    primary = is_true(call.keyword("primary_key"))
    nullable = call.keyword("nullable")
    allowed = is_true(nullable) if nullable is not None else (annotation.nullable if annotation.mapped else not primary)
    default, server = call.keyword("default"), call.keyword("server_default")
    factory = call.keyword("default_factory") or call.keyword("insert_default")
    return Column(
        name=name,
        type=source_of(types[0] if types else explicit),
        python=annotation.inner,
        loc=loc,
        nullable=allowed and not primary,
        primary_key=primary,
        unique=is_true(call.keyword("unique")),
        index=is_true(call.keyword("index")),
        foreign_key=key[0] if key else "",
        on_delete=key[1] if key else "",
        default=source_of(default or factory),
        server_default=source_of(server),
        source=source,
        origin=origin,
    )


def _is_constraint(expr: Expr) -> bool:
    last = expr.parts[0].dotted().split(".")[-1] if expr.kind == "call" else ""
    return last in {"ForeignKey", "Identity", "Sequence", "Computed", "CheckConstraint", "FetchedValue"}
