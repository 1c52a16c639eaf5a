"""Type annotations as text, taken apart: `Annotated[list[Order] | None, Depends(f)]` is a list of `Order`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

_TRANSPARENT = frozenset(
    {
        "Annotated",
        "Optional",
        "Final",
        "ClassVar",
        "Mapped",
        "Required",
        "NotRequired",
        "Awaitable",
        "WriteOnlyMapped",
        "DynamicMapped",
        "Promise",
        "Readonly",
        "Partial",
        "NonNullable",
    }
)
# … in languages that write `Task<User>`; in Python they are types of their own.
_TRANSPARENT_ELSEWHERE = frozenset(
    {"Task", "ValueTask", "Mono", "CompletableFuture", "Result", "Option", "Box", "Arc", "Rc", "Nullable"}
)
_MANY = frozenset(
    {
        "list",
        "List",
        "Sequence",
        "Iterable",
        "Collection",
        "set",
        "Set",
        "frozenset",
        "FrozenSet",
        "tuple",
        "Tuple",
        "deque",
        "AbstractSet",
        "MutableSequence",
        "Array",
        "ReadonlyArray",
        "IEnumerable",
        "ICollection",
        "IList",
        "Vec",
        "Flux",
        "MutableList",
    }
)
_PRODUCING = frozenset(
    {"Generator", "AsyncGenerator", "Iterator", "AsyncIterator", "AsyncIterable", "AbstractContextManager",
     "AbstractAsyncContextManager", "ContextManager", "AsyncContextManager", "ScalarResult", "AsyncScalarResult"}
)  # fmt: skip


@dataclass(frozen=True)
class Annotated:
    """A type: its dotted `name`, its `args`, whether it holds `many` of `name`, or hands them out (`produces`)."""

    name: str
    args: tuple[str, ...] = ()
    many: bool = False
    produces: bool = False
    optional: bool = False


@lru_cache(maxsize=4096)
def take_apart(text: str) -> Annotated:
    """The type that an annotation comes down to; `name` is `""` where there is none."""
    text = text.strip().strip("'\"").strip()
    elsewhere, text = "<" in text, _plain(text)
    sides = [s for s in split(text, "|") if s]
    kept = [s for s in sides if s not in {"None", "null", "undefined"}]
    if len(sides) > 1:
        return _optional(take_apart(kept[0])) if kept else Annotated("None")
    head, args = _generic(text)
    last = head.rpartition(".")[2]
    if not args:
        return Annotated(head)
    if last == "Union":
        kept = [a for a in args if a != "None"]
        inner = take_apart(kept[0]) if kept else Annotated("None")
        return _optional(inner) if len(kept) < len(args) else inner
    if last in _TRANSPARENT or (elsewhere and last in _TRANSPARENT_ELSEWHERE):
        inner = take_apart(args[0])
        return _optional(inner) if last == "Optional" else inner
    if last == "Coroutine":
        return take_apart(args[-1])
    if last in _MANY or last in _PRODUCING:
        inner = take_apart(args[0])
        return Annotated(inner.name, inner.args, many=last in _MANY, produces=last in _PRODUCING)
    return Annotated(head, args)


def _plain(text: str) -> str:
    """As Python writes it: `Promise<User[]>` is `Promise[list[User]]`, `*sql.DB` and `&User` are what they point to."""
    if "=>" in text:
        return ""
    if text[:1] in "*&" or text.startswith("?"):
        text = text.lstrip("*&?").removeprefix("mut ").strip()
    if text.endswith("?"):
        text = text[:-1]
    if "<" not in text and "[]" not in text:
        return text
    if text.startswith("[]"):
        return f"list[{_plain(text[2:])}]"
    text = text.replace("<", "[").replace(">", "]")
    while text.endswith("[]"):
        text = f"list[{text[:-2]}]"
    return text


def _optional(inner: Annotated) -> Annotated:
    return Annotated(inner.name, inner.args, inner.many, inner.produces, optional=True)


def _generic(text: str) -> tuple[str, tuple[str, ...]]:
    start = text.find("[")
    if start < 0 or not text.endswith("]"):
        return text.partition("(")[0].strip(), ()
    return text[:start].strip(), tuple(split(text[start + 1 : -1], ","))


def split(text: str, sign: str) -> list[str]:
    """Split at a sign outside of brackets and quotes, pieces stripped."""
    out, depth, quote, begin = [], 0, "", 0
    for i, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[({":
            depth += 1
        elif char in "])}":
            depth -= 1
        elif char == sign and depth == 0:
            out.append(text[begin:i].strip())
            begin = i + 1
    out.append(text[begin:].strip())
    return [piece for piece in out if piece]
