"""The grammar of the command line: `resource Product name:str(200) price:decimal(10,2) --auth write=admin`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from backwright.core.change import Assumption, Question
from backwright.core.errors import UsageError
from backwright.core.request import OPERATIONS, Feature, FieldSpec, Listing, Operation, Ownership, Understood
from backwright.engine.request_access import operations_of, parse_auth, spread
from backwright.engine.request_checks import resolve, settle
from backwright.engine.request_difficulty import difficulty
from backwright.engine.request_spelling import did_you_mean, fault, read_field
from backwright.engine.request_types import make_field
from backwright.engine.request_vocabulary import guess
from backwright.kit.naming import pascal, snake, why_not_resource

PAGES_ASSUMED = Assumption(
    "paginate", "20..100", "no page size was given, and a list without one has no bound", ("50..200", "no")
)


class ResourceOptions(msgspec.Struct, frozen=True):
    """The options of `plan resource` as given. `None` is absent; `""` is the bare option (`--paginate`, `--owner`)."""

    auth: tuple[str, ...] = ()
    paginate: str | None = None
    filters: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    owner: str | None = None
    unique: tuple[str, ...] = ()
    operations: str = ""
    plural: str = ""


_REPEATABLE = {"auth": "auth", "filter": "filters", "sort": "sorts", "search": "search", "unique": "unique"}
_SINGLE = {"only": "operations", "operations": "operations", "plural": "plural"}
_BARE = {"paginate": "paginate", "owner": "owner"}
_OPTION_NAMES = (*_REPEATABLE, *_SINGLE, *_BARE)


def parse_grammar(argv: Sequence[str], known_entities: Sequence[str] = ()) -> Understood:
    """What the words after `plan` are understood as: `resource NAME FIELD… OPTION…`. Raises UsageError."""
    kind, *rest = argv or [""]
    if kind != "resource":
        hints = (*did_you_mean(kind, ["resource"]), "for example: plan resource Product name:str(200)")
        raise UsageError(f"nothing is known about making a '{kind}'" if kind else "nothing was asked for", hints=hints)
    tokens, options = _split(rest)
    if not tokens:
        raise UsageError("a resource has a name", hints=("for example: plan resource Product name:str(200)",))
    return parse_resource(tokens[0], tokens[1:], options, known_entities)


def parse_resource(
    name: str,
    field_tokens: Sequence[str],
    options: ResourceOptions | None = None,
    known_entities: Sequence[str] = (),
) -> Understood:
    """A resource from its name, its fields as typed and its options. Raises UsageError that shows the mistake.

    `known_entities` are the entities of the repository, which a field without a type may refer to.
    """
    options = options or ResourceOptions()
    if ":" in name or "=" in name:
        raise fault(name, 0, len(name), f"the resource has no name before {name}", ("plan resource Product …",))
    if reason := why_not_resource(name):
        better = f"My{pascal(name)}" if not why_not_resource(f"My{pascal(name)}") else "Product"
        raise UsageError(f"a resource cannot be called '{name}': {reason}", hints=(f"for example {better}",))
    resource = pascal(name)
    fields, assumptions, questions = read_fields(field_tokens, resource, known_entities)
    together = [tuple(group.split("+")) for text in options.unique for group in text.split(",") if group.strip()]
    fields = _alone(fields, [group[0] for group in together if len(group) == 1])
    operations = read_operations(options.operations.split(",")) if options.operations else OPERATIONS
    said = [pair for text in options.auth for pair in parse_auth(text).items()]
    feature = Feature(
        resource=resource,
        plural=options.plural,
        fields=fields,
        operations=operations,
        access=spread(said, operations),
        listing=_listing(options),
        owner=read_owner(options.owner) if options.owner is not None else None,
        unique_together=tuple(group for group in together if len(group) > 1),
    )
    feature = settle(feature)
    if not options.paginate and "list" in operations:
        assumptions += (PAGES_ASSUMED,)
    words = " ".join(("resource", name, *field_tokens, *_spoken(options)))
    return Understood("resource", feature, assumptions, questions, difficulty=difficulty(feature), words=words)


def read_fields(
    tokens: Iterable[str], resource: str, known: Sequence[str] = ()
) -> tuple[tuple[FieldSpec, ...], tuple[Assumption, ...], tuple[Question, ...]]:
    """Fields from their spellings; a field without a type gets the one its name gives away. Raises UsageError."""
    fields: list[FieldSpec] = []
    assumptions: list[Assumption] = []
    questions: list[Question] = []
    for token in tokens:
        name, said = read_field(token)
        if said is None or "type" not in said:
            taken = guess(name, known, resource)
            name, said = taken.name, taken.said | (said or {})
            assumptions += [taken.assumption] if taken.assumption else []
            questions += [taken.question] if taken.question else []
        fields.append(make_field(name, said))
    return tuple(fields), tuple(assumptions), tuple(questions)


def read_operations(words: Iterable[str]) -> tuple[Operation, ...]:
    """`create`, `read` … as operations in their order. Raises UsageError."""
    found: set[Operation] = set()
    for word in words:
        operations = operations_of(word)
        if not operations:
            raise UsageError(
                f"'{word.strip()}' is no operation", hints=did_you_mean(word, list(OPERATIONS), "operations")
            )
        found.update(operations)
    return tuple(op for op in OPERATIONS if op in found)


def read_paginate(text: str) -> Listing:
    """`20..100` (default and maximum), `50` (maximum) or `no` as a listing. Raises UsageError."""
    plain = text.strip().lower()
    if plain in ("no", "off", "false", "none"):
        return Listing(paginate=False)
    if plain in ("", "yes", "on", "true"):
        return Listing()
    sizes = re.fullmatch(r"(?:(\d{1,5})\.\.)?(\d{1,5})", plain)
    if sizes is None:
        raise UsageError(f"'{text}' is no page size", hints=("20..100 is 20 rows at first and 100 at most; or: no",))
    most = int(sizes[2])
    return Listing(page_default=int(sizes[1]) if sizes[1] else min(Listing().page_default, most), page_max=most)


def read_owner(text: str) -> Ownership:
    """`author`, `author:update,delete` or `:list` as ownership; `list` means that one sees only one's own."""
    field, colon, words = text.partition(":")
    operations = read_operations(words.split(",")) if colon else Ownership().ops
    kept = tuple(op for op in operations if op not in ("create", "list"))
    return Ownership(field=snake(field).removesuffix("_id") or "owner", ops=kept, list_own="list" in operations)


def _split(argv: Sequence[str]) -> tuple[list[str], ResourceOptions]:
    tokens: list[str] = []
    given: dict[str, list[str]] = {}
    rest = [part for arg in argv for part in ([arg] if arg.startswith("--") else _unquoted(arg))]
    while rest:
        token = rest.pop(0)
        if not token.startswith("--"):
            tokens.append(token)
            continue
        name, equals, value = token[2:].partition("=")
        if name not in _OPTION_NAMES:
            hints = tuple(hint.replace("mean ", "mean --") for hint in did_you_mean(name, list(_OPTION_NAMES)))
            raise UsageError(f"unknown option '--{name}'", hints=(*hints, f"options: --{' --'.join(_OPTION_NAMES)}"))
        if not equals and (name not in _BARE or (name == "paginate" and rest and re.match(r"\d|no$", rest[0]))):
            if not rest or rest[0].startswith("--"):
                raise UsageError(f"--{name} has no value", hints=(f"--{name} VALUE",))
            value = rest.pop(0)
        given.setdefault(name, []).append(value)
    return tokens, _options(given)


def _options(given: dict[str, list[str]]) -> ResourceOptions:
    def last(*names: str) -> str | None:
        return next((given[name][-1] for name in names if name in given), None)

    def each(name: str) -> tuple[str, ...]:
        return tuple(given.get(name, ()))

    def listed(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for value in each(name) for part in value.split(",") if part.strip())

    return ResourceOptions(
        auth=each("auth"),
        paginate=last("paginate"),
        filters=listed("filter"),
        sorts=listed("sort"),
        search=listed("search"),
        owner=last("owner"),
        unique=each("unique"),
        operations=last("only", "operations") or "",
        plural=last("plural") or "",
    )


def _unquoted(text: str) -> list[str]:
    """One argument that holds several fields, split at the spaces outside of brackets and quotes."""
    return re.findall(r"""(?:\([^)]*\)|\[[^\]]*\]|="[^"]*"|='[^']*'|[^\s(\[]|[(\[])+""", text)


def _listing(options: ResourceOptions) -> Listing:
    flat = [tuple(part.strip().lstrip("-") for text in texts for part in text.split(",") if part.strip())
            for texts in (options.filters, options.sorts, options.search)]  # fmt: skip
    return msgspec.structs.replace(
        read_paginate(options.paginate or ""), filters=flat[0], sorts=flat[1], search=flat[2]
    )


def _alone(fields: tuple[FieldSpec, ...], names: Sequence[str]) -> tuple[FieldSpec, ...]:
    wanted = {resolve(name, fields) for name in names}
    known = [field.name for field in fields]
    for name in wanted - set(known):
        raise UsageError(f"unique names '{name}', which is no field", hints=did_you_mean(name, known, "fields"))
    return tuple(msgspec.structs.replace(f, unique=True) if f.name in wanted else f for f in fields)


def _spoken(options: ResourceOptions) -> Iterable[str]:
    lists = {"filter": options.filters, "sort": options.sorts, "search": options.search}
    yield from (f"--auth {value}" for value in options.auth)
    if options.paginate is not None:
        yield f"--paginate={options.paginate}".rstrip("=")
    yield from (f"--{name} {','.join(values)}" for name, values in lists.items() if values)
    if options.owner is not None:
        yield f"--owner={options.owner}".rstrip("=")
    yield from (f"--unique {value}" for value in options.unique)
    yield from [f"--only {options.operations}"] * bool(options.operations)
    yield from [f"--plural {options.plural}"] * bool(options.plural)
