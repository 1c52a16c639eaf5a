"""The options that say what a resource is like; what they mean is worked out by the engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import click

from backwright.core.errors import UsageError
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.session import Session

GRAMMARS = (
    "resource",
    "field",
    "endpoint",
    "list",
    "migration",
    "audit",
    "relation",
    "soft-delete",
    "health",
    "fix",
    "rate-limit",
)
_FIELD = re.compile(r"\w+:\w+[^\s]*$")
_CHANGES = (["add"], ["rename"], ["remove"])
_MIGRATIONS = [["migration", action] for action in ("index", "unique", "check", "backfill")]
_EXAMPLES = {
    "resource": "backwright plan resource Product 'name:str(200)' 'price:decimal(10,2)'",
    "field": "backwright plan field add Customer 'phone:str(20)?'",
    "endpoint": "backwright plan endpoint Order.cancel from:pending,paid to:cancelled --access owner",
    "list": "backwright plan list Order --filter status --sort created_at --paginate",
    "migration": "backwright plan migration index 'orders(status)'",
    "audit": "backwright plan audit Order",
    "relation": "backwright plan relation Order belongs-to Customer",
    "soft-delete": "backwright plan soft-delete Order",
    "health": "backwright plan health",
    "fix": "backwright plan fix BW303 in orders",
    "rate-limit": "backwright plan rate-limit POST /orders 10/minute",
}
_USAGE = _EXAMPLES["resource"]
_SPOKEN = 'backwright plan "a products API with name and price"'
_WANTS = {
    "endpoint": "an entity and an action",
    "list": "an entity",
    "audit": "an entity",
    "relation": "two entities with `belongs-to`, `has-many` or `many-to-many` between them",
    "soft-delete": "an entity",
    "fix": "rules, by id or name, or `all`",
    "rate-limit": "an endpoint and how often it may be asked",
    "migration": "what to do, and with which table",
}
_ALONE = {"health"}  # says enough by itself
_PAGE_SIZE = re.compile(r"\d|no$|cursor$|offset$")
_ASKED = {"filter": "filters", "sort": "sorts", "search": "search"}
_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("-f", "--file", metavar="FILE", default="", help="A feature file (YAML or JSON) instead of words."),
    click.option(
        "--auth", metavar="OPS=ROLE", multiple=True, help="Who may do what: write=admin, list=public; repeatable."
    ),
    click.option(
        "--paginate",
        metavar="[SIZES]",
        default=None,
        help="The list comes in pages; SIZES like 20..100, or no.",
    ),
    click.option("--filter", metavar="FIELDS", multiple=True, help="Fields that the list can be filtered by."),
    click.option("--sort", metavar="FIELDS", multiple=True, help="Fields that the list can be sorted by."),
    click.option("--search", metavar="FIELDS", multiple=True, help="Text fields that the list can be searched in."),
    click.option("--owner", metavar="[=FIELD]", default=None, help="Rows belong to the user who made them."),
    click.option("--unique", metavar="A+B", multiple=True, help="Fields that are unique together; repeatable."),
    click.option("--operations", metavar="OPS", default="", help="Only these of create,list,get,update,delete."),
    click.option("--plural", metavar="WORD", default="", help="The plural, where it is not the regular one."),
    click.option(
        "--access", metavar="ROLE", default="", help="Who may use a new endpoint: owner, user, admin, public."
    ),
    click.option("--concurrently", is_flag=True, help="Build an index without a lock on its table (PostgreSQL)."),
    click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="Decide what a plan left open."),
)
_FIELDS = """
A field is NAME:TYPE, with (…) for its size, ? where it may be empty, and :unique, :index, :min=0, =default behind.
Types: str text int decimal float bool date datetime uuid email url slug json enum(a,b) ref(Entity).
"""


class Asked(NamedTuple):
    """What was asked for, in one of three ways: `tokens` of the grammar, a feature `file`, or `words`.

    `options` has the fields of the engine's `ResourceOptions` as they were given; `paginate` and `owner` are None where
    absent and `""` where they stood alone. `settings` decides what a plan leaves open.
    """

    tokens: tuple[str, ...]
    file: str
    words: str
    options: dict[str, Any]
    settings: dict[str, str]


class RequestVerb(Verb):
    """A verb that takes a request. `--paginate` and `--owner` may stand alone, and never swallow a field."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [_closed(arg, after) for arg, after in zip(args, [*args, ""][1:], strict=True)])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Fields"):
            for line in _FIELDS.strip().splitlines():
                formatter.write(f"  {line}\n")
        super().format_epilog(ctx, formatter)


def request_options(function: _F) -> _F:
    """Give a command the options that describe a request."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def asked(session: Session, words: Sequence[str], given: dict[str, Any]) -> Asked:
    """Sort out what was asked for. Raises `UsageError` for nothing, for two things at once, for a missing file."""
    file = given["file"]
    settings = pairs_of(given["settings"])
    options = _options(given)
    if file and words:
        raise UsageError("a feature file and words were given; one of them is enough", where=file)
    if file:
        return Asked((), str(session.path(file)), "", options, settings)
    if not words:
        verb = click.get_current_context().info_name
        hints = [example.replace(" plan ", f" {verb} ", 1) for example in (_SPOKEN, _USAGE)]
        raise UsageError("nothing was asked for", hints=tuple(hints))
    if len(words) == 1:
        words = _spoken(words[0])
    if words[0] in GRAMMARS:
        if len(words) == 1 and words[0] not in _ALONE:
            wants = _WANTS.get(words[0], "a name and its fields")
            raise UsageError(f"`{words[0]}` wants {wants}", hints=(_EXAMPLES[words[0]],))
        more = [f"access:{given['access']}"] * bool(given["access"]) + ["--concurrently"] * given["concurrently"]
        if words[0] == "list":
            return Asked((*words, *_list_options(options), *more), "", "", {}, settings)
        return Asked((*words, *more), "", "", options, settings)
    for option, kind in (("access", "endpoint"), ("concurrently", "migration")):
        if given[option]:
            raise UsageError(f"`--{option}` belongs to `{kind}`", hints=(_EXAMPLES[kind],))
    if any(_FIELD.match(word) for word in words[1:]):
        from difflib import get_close_matches

        close = get_close_matches(words[0], GRAMMARS, 1, 0.6)
        did_you_mean = (f"did you mean `{close[0]}`?",) if close else ()
        raise UsageError(f"`{words[0]}` cannot be planned", hints=(*did_you_mean, _USAGE))
    return Asked((), "", " ".join(words), options, settings)


def _list_options(options: dict[str, Any]) -> list[str]:
    """The options that a list is asked by, as words of its grammar; all others stay where they are."""
    said = [f"--{name}={','.join(options.pop(key))}" for name, key in _ASKED.items() if options[key]]
    pages = options.pop("paginate")
    others = [name for name, value in options.items() if value and name not in _ASKED.values()]
    if others:
        raise UsageError(f"the option for `{others[0]}` belongs to `resource NAME FIELD…`", hints=(_EXAMPLES["list"],))
    return [*said, *([f"--paginate={pages}"] if pages is not None else [])]


def _spoken(line: str) -> Sequence[str]:
    """A line of the grammar that was quoted as a whole, word by word; anything else as it is."""
    found = line.split()
    fields = any(_FIELD.match(word) for word in found[2:])
    is_grammar = found[:1] == ["resource"] and fields
    is_grammar = is_grammar or (found[:1] == ["field"] and (fields or found[1:2] in _CHANGES))
    is_grammar = is_grammar or (found[:1] == ["endpoint"] and len(found) > 1 and "." in found[1])
    is_grammar = is_grammar or found[:2] in _MIGRATIONS or (found[:1] == ["relation"] and "-" in "".join(found[2:3]))
    return found if is_grammar and len(found) > 1 else [line]


def _closed(arg: str, after: str) -> str:
    """`--paginate` and `--owner` without a value as `--paginate=`, `--owner=`."""
    if arg == "--owner" or (arg == "--paginate" and not _PAGE_SIZE.match(after)):
        return f"{arg}="
    return arg


def pairs_of(pairs: Sequence[str]) -> dict[str, str]:
    """The values of `--set`, by key. Raises `UsageError`."""
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"`{pair}` is not KEY=VALUE", where="--set")
        settings[key.strip()] = value.strip()
    return settings


def _options(given: dict[str, Any]) -> dict[str, Any]:
    def listed(name: str) -> tuple[str, ...]:
        return tuple(part.strip() for value in given[name] for part in value.split(",") if part.strip())

    return {
        "auth": tuple(given["auth"]),
        "paginate": given["paginate"],
        "filters": listed("filter"),
        "sorts": listed("sort"),
        "search": listed("search"),
        "owner": given["owner"],
        "unique": tuple(given["unique"]),
        "operations": given["operations"],
        "plural": given["plural"],
    }
