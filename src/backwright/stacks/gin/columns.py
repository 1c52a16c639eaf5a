"""Spells fields in Go: what they are called, their types, the tags of entities and of requests."""

from __future__ import annotations

from decimal import Decimal

from backwright.core.errors import Unsupported
from backwright.kit.artifacts import FieldPlan
from backwright.kit.naming import camel, snake, words
from backwright.kit.spelling import TEXTUAL, length_of, precision_of

_INITIALS = {
    "api",
    "css",
    "dns",
    "html",
    "http",
    "https",
    "id",
    "ip",
    "json",
    "sql",
    "ssh",
    "uid",
    "uri",
    "url",
    "uuid",
}
_BITS = 31  # of a key in an address: more does not fit into the integers of some databases
KEYWORDS = frozenset(
    (
        *("break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go"),
        *(
            "goto",
            "if",
            "import",
            "interface",
            "map",
            "package",
            "range",
            "return",
            "select",
            "struct",
            "switch",
            "type",
        ),
        *("var", "nil", "true", "false", "error", "string", "len", "new", "make", "append", "any", "int", "bool"),
    )
)


def go_name(name: str, *, initials: bool = True) -> str:
    """A field's name: `author_id` is AuthorID, or AuthorId where the house writes it so."""
    return "".join(
        w.upper() if w in _INITIALS and (initials or w != "id") else w[:1].upper() + w[1:] for w in words(name)
    )


def json_name(name: str, *, snake_case: bool) -> str:
    """How requests and answers call a field."""
    return snake(name) if snake_case else camel(snake(name))


def go_type(field: FieldPlan) -> str:
    """The plain type. Dates are text, so that they are shown without a time."""
    if field.target is not None:
        return field.target.key_type
    kinds = {"boolean": "bool", "integer": "int", "decimal": "float64", "float": "float64", "datetime": "time.Time"}
    return kinds.get(field.type, "string")


def is_null(field: FieldPlan) -> bool:
    """Whether a row may be without it."""
    spec = field.spec
    return spec.nullable or (not spec.required and not spec.has_default) or spec.on_delete == "set_null"


def sql_type(field: FieldPlan, dialect: str) -> str:
    """The type of a column."""
    if field.target is not None:
        return key_sql(field.target.key_type, dialect)
    postgres = dialect == "postgres"
    match field.type:
        case "boolean":
            return "BOOLEAN"
        case "integer":
            return "INTEGER" if dialect == "sqlite" else "BIGINT"
        case "decimal":
            return "NUMERIC({}, {})".format(*precision_of(field))
        case "float":
            return "DOUBLE PRECISION" if postgres else "DOUBLE"
        case "date":
            return "DATE"
        case "datetime":
            return "TIMESTAMPTZ" if postgres else "DATETIME"
        case "uuid":
            return "UUID" if postgres else "CHAR(36)"
        case "text":
            return "TEXT"
        case _:
            return f"VARCHAR({width(field)})"


def key_sql(kind: str, dialect: str) -> str:
    """The type of a column that holds a key of a Go type."""
    if kind == "uuid.UUID":
        return "UUID" if dialect == "postgres" else "CHAR(36)"
    if kind == "string":
        return "VARCHAR(255)"
    if dialect == "mysql":
        return "BIGINT UNSIGNED" if kind.startswith("u") else "BIGINT"
    return "INTEGER" if dialect == "sqlite" else "BIGINT"


def width(field: FieldPlan) -> int:
    """Characters that a text holds."""
    return length_of(field) or max((len(v) for v in field.spec.values), default=36)


def gorm_tag(field: FieldPlan, column: str, together: tuple[str, ...], *, indexed: bool, dialect: str) -> str:
    """What GORM is told of a column. `together` are indexes that make several columns unique."""
    parts = []
    if field.type in {"text", "date", "decimal", "uuid"} and field.target is None:
        parts.append(f"type:{sql_type(field, dialect).lower().replace(', ', ',')}")
    elif go_type(field) == "string" and field.target is None:
        parts.append(f"size:{width(field)}")
    elif field.target is not None and field.target.key_type == "uuid.UUID":
        parts.append("type:uuid" if dialect == "postgres" else "type:char(36)")
    parts += [] if is_null(field) else ["not null"]
    parts += ["uniqueIndex"] if field.spec.unique else ["index"] if indexed else []
    parts += [f"uniqueIndex:{name}" for name in together]
    shown = [f"column:{column}", *parts] if column else parts
    return f'gorm:"{";".join(shown)}" ' if shown else ""


def rules(field: FieldPlan, dialect: str) -> list[str]:
    """The bounds of a value, as tags of the validator."""
    spec = field.spec
    found: list[str] = []
    if field.target is not None:
        return ["uuid"] if go_type(field) == "uuid.UUID" else []
    if field.type in TEXTUAL:
        found += [f"min={spec.min_length}"] if spec.min_length else []
        longest = spec.max_length or length_of(field)
        found += [f"max={longest}"] if longest else []
        found += {"email": ["email"], "url": ["url", "startswith=http"]}.get(field.type, [])
        found += [r"excludes=\x00"] if dialect == "postgres" else []
    if field.type == "enum":
        found.append("oneof=" + " ".join(f"'{v}'" if " " in v else v for v in spec.values))
    if field.type == "uuid":
        found.append("uuid")
    if field.type == "date":
        found.append("datetime=2006-01-02")
    if field.type in {"integer", "decimal", "float"}:
        found += [f"{'gt' if spec.exclusive_min else 'min'}={spec.min}"] if spec.min is not None else []
        found += [f"max={spec.max}"] if spec.max is not None else []
        if field.type == "decimal":
            digits, scale = precision_of(field)
            edge = 10 ** (digits - scale)
            found += [f"lt={edge}"] if spec.max is None else []
            found += [f"gt=-{edge}"] if spec.min is None else []
    return found


def held_by_value(field: FieldPlan) -> bool:
    """Whether the zero of a type is no value that could be sent, so that a required one needs no pointer."""
    spec = field.spec
    if field.target is not None:
        return True
    if field.type in {"email", "url", "slug", "enum", "uuid", "date"}:
        return True
    if field.type in TEXTUAL:
        return bool(spec.min_length)
    if field.type in {"integer", "decimal", "float"} and spec.min is not None:
        low = Decimal(spec.min)
        return low > 0 or (low == 0 and spec.exclusive_min)
    return False


def default_of(field: FieldPlan) -> str:
    """The default as Go source."""
    value = field.spec.default
    if field.type == "boolean":
        return "true" if str(value).lower() in {"true", "1", "yes"} else "false"
    if field.type in {"integer", "decimal", "float"}:
        return str(Decimal(str(value)))
    if field.type == "datetime":
        raise Unsupported(f"the field `{field.spec.name}` has a moment as its default, which is not spelled in Go yet")
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def sql_default(field: FieldPlan) -> str:
    """The default as SQL; `""` for none."""
    if not field.spec.has_default or field.spec.default is None:
        return ""
    source = default_of(field)
    shown = "'" + str(field.spec.default).replace("'", "''") + "'" if source.startswith('"') else source.upper()
    return f" DEFAULT {shown}"


def parsed_key(kind: str, key: str, c: str) -> list[str]:
    """The lines that read a key from an address into `id`, before `if err != nil`. Raises Unsupported for other keys."""
    given = f'{c}.Param("{key}")'
    if kind in {"uint", "uint64", "uint32"}:
        return [f"number, err := strconv.ParseUint({given}, 10, {_BITS})"]
    if kind in {"int", "int64", "int32"}:
        return [f"number, err := strconv.ParseInt({given}, 10, {_BITS + 1})"]
    if kind == "uuid.UUID":
        return [f"id, err := uuid.Parse({given})"]
    raise Unsupported(f"keys here are {kind}, which is not spelled in Go yet: whole numbers and uuid.UUID are")
