"""What is known of a value, and which functions of Python and its libraries hand values on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backwright.core.facts import Assign, Expr, Loc, Param
from backwright.kit.bodies import Body

# Through how many calls a value is followed.
MAX_CALLS = 3
# Values looked at for one question. A variable that is given many values, each made from others, leads to more than anybody waits for.
MAX_STEPS = 4_000
NUMERIC = frozenset(
    {"int", "float", "bool", "complex", "UUID", "UUID4", "UUID1", "datetime", "date", "time", "timedelta", "Decimal",
     "Literal", "PositiveInt", "NonNegativeInt", "conint", "confloat", "NonNegativeFloat", "PositiveFloat"}
)  # fmt: skip
OPEN = frozenset(
    {"", "str", "Any", "dict", "Dict", "Mapping", "object", "bytes", "AnyStr", "Request", "tuple", "list", "List",
     "constr", "LiteralString_", "Text", "EmailStr", "MutableMapping", "OrderedDict"}
)  # fmt: skip
MAKING_SAFE = frozenset(
    {"int", "float", "bool", "len", "UUID", "uuid4", "range", "abs", "round", "sum", "id", "hash", "ord", "Decimal",
     "now", "utcnow", "isoformat", "timestamp", "count", "index", "find", "Identifier", "Placeholder", "quoted_name",
     "quote_ident", "bindparam", "token_hex"}
)  # fmt: skip
PASSING = frozenset(
    {"str", "repr", "dedent", "list", "tuple", "set", "sorted", "reversed", "cast", "iter", "next", "filter", "text",
     "SQL", "frozenset", "deepcopy", "copy", "literal_column", "format_map", "mark_safe", "bytes", "unquote",
     "unquote_plus", "unquote_to_bytes", "unescape", "b64encode", "b64decode", "urlsafe_b64encode", "urlsafe_b64decode",
     "b32decode", "unhexlify", "loads"}
)  # fmt: skip
OF_RECEIVER = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "encode", "decode", "replace",
     "bindparams", "params", "columns", "removeprefix", "removesuffix", "split", "rsplit", "splitlines", "partition",
     "rpartition", "copy", "values", "items", "keys", "get", "pop", "expandtabs", "ljust", "rjust", "zfill",
     "casefold", "translate", "execution_options", "json", "form", "body", "getlist", "as_string"}
)  # fmt: skip
ADDING = frozenset({"append", "extend", "insert", "add", "update", "appendleft", "setdefault"})
FIXED_KEYS = frozenset({"model_dump", "dict", "asdict", "_asdict", "model_fields", "keys_of"})


@dataclass(frozen=True)
class Root:
    """An outside value: the parameter `name` of a function (`""`: the request itself), used at `loc` as `text`."""

    path: str
    scope: str
    name: str
    loc: Loc
    text: str


@dataclass(frozen=True)
class Value:
    """What is known of a value. `built` is where an outside value was put into a text, `whole` the parameter it is."""

    roots: tuple[Root, ...] = ()
    built: tuple[str, Loc] | None = None
    whole: str = ""
    known: bool = True
    literal: str = ""

    @property
    def outside(self) -> bool:
        return bool(self.roots)


SAFE = Value()
UNKNOWN = Value(known=False)


def join(values: Iterable[Value]) -> Value:
    """A value that may be any of these, or holds all of them."""
    listed = list(values)
    if not listed:
        return SAFE
    if len(listed) == 1:
        return listed[0]
    roots = tuple(dict.fromkeys(r for v in listed for r in v.roots))
    return Value(
        roots,
        next((v.built for v in listed if v.built is not None), None),
        "",
        all(v.known for v in listed),
        next((v.literal for v in listed if v.literal), ""),
    )


@dataclass(frozen=True)
class Frame:
    """A function being read: what its parameters are bound to, and the variables of comprehensions around."""

    body: Body
    bound: Mapping[str, Value] | None = None
    local: Mapping[str, Value] = field(default_factory=dict)
    calls: int = 0


def reaching(body: Body, name: str, at: int) -> tuple[list[Assign], bool]:
    """The assignments to a name that may hold at a place, and whether one of them always runs before it."""
    arms = body.arms()
    out: list[Assign] = []
    earlier = [
        a for a in body.targets().get(name, ()) if a.loc.end <= at or (a.op in {"for", "with"} and a.loc.start <= at)
    ]
    for assign in sorted(earlier, key=lambda a: -a.loc.start):
        end, leaves = arms.get(assign.branch, (None, False))
        here = assign.branch < 0 or (end is not None and assign.branch <= at <= end)
        if leaves and not here:
            continue
        out.append(assign)
        if here and assign.op in {"=", "with"}:
            return out, True
    return out, False


def put_into(body: Body) -> dict[str, list[tuple[int, tuple[Expr, ...]]]]:
    """Containers by name, with the places where something is put into them, and what."""
    out: dict[str, list[tuple[int, tuple[Expr, ...]]]] = {}
    for call in body.calls:
        callee = call.expr.parts[0]
        if callee.kind == "attribute" and callee.text in ADDING:
            out.setdefault(callee.parts[0].dotted(), []).append((call.loc.start, call.expr.parts[1:]))
    for assign in body.assigns:
        if assign.target.kind == "subscript":
            out.setdefault(assign.target.parts[0].dotted(), []).append((assign.loc.start, (assign.value,)))
    return out


def parameter(body: Body, name: str) -> Param | None:
    """The parameter of a function that binds a name."""
    return next((p for p in body.symbol.params if name in p.names), None) if body.symbol is not None else None
