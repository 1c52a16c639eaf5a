"""The options that say what a resource is like; what they mean is worked out by the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

import click

from backwright.core.errors import UsageError

GRAMMARS = ("resource",)
_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("-f", "--file", metavar="FILE", default="", help="A feature file (YAML or JSON) instead of words."),
    click.option("--auth", metavar="OPS=ROLE", multiple=True, help="Who may: write=admin, list=public; repeatable."),
    click.option("--paginate/--no-paginate", default=None, help="Whether the list comes in pages."),
    click.option("--filter", metavar="FIELDS", multiple=True, help="Fields that the list can be filtered by."),
    click.option("--sort", metavar="FIELDS", multiple=True, help="Fields that the list can be sorted by."),
    click.option("--search", is_flag=True, help="The list can be searched in its text fields."),
    click.option("--owner", is_flag=True, help="Rows belong to the user who made them."),
    click.option("--unique", metavar="A+B", multiple=True, help="Fields that are unique together; repeatable."),
    click.option("--operations", metavar="OPS", default="", help="Only these of create,list,get,update,delete."),
    click.option("--plural", metavar="WORD", default="", help="The plural, where English is not enough."),
    click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="Decide what a plan left open."),
)  # fmt: skip


class Asked(NamedTuple):
    """What was asked for, in one of three ways: `tokens` of the grammar, a feature `file`, or `words`."""

    tokens: tuple[str, ...]
    file: str
    words: str
    options: dict[str, Any]
    settings: dict[str, str]


def request_options(function: _F) -> _F:
    """Give a command the options that describe a request."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def asked(words: Sequence[str], given: dict[str, Any]) -> Asked:
    """Sort out what was asked for. Raises `UsageError` when nothing was, or two things at once.

    `options` has only what was given: `auth`, `filter`, `sort`, `unique`, `operations` as tuples of their parts,
    `paginate`, `search`, `owner` as booleans, `plural` as a word.
    """
    file = given["file"]
    settings = _settings(given["settings"])
    options = _options(given)
    if file and words:
        raise UsageError("a feature file and words were given; one of them is enough", where=file)
    if file:
        return Asked((), file, "", options, settings)
    if not words:
        raise UsageError(
            "nothing was asked for", hints=('backwright plan "a products API with name and price"', _USAGE)
        )
    if words[0] in GRAMMARS and len(words) > 1:
        return Asked(tuple(words), "", "", options, settings)
    if len(words) > 1 and any(":" in word for word in words[1:]):
        close = get_close_matches(words[0], GRAMMARS, 1, 0.6)
        if close:
            raise UsageError(f"`{words[0]}` cannot be planned", hints=(f"did you mean `{close[0]}`?", _USAGE))
    if words[0] in GRAMMARS:
        raise UsageError(f"`{words[0]}` wants a name and its fields", hints=(_USAGE,))
    return Asked((), "", " ".join(words), options, settings)


_USAGE = "backwright plan resource Product 'name:str(200)' 'price:decimal(10,2)'"


def _settings(pairs: Sequence[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"`{pair}` is not KEY=VALUE", where="--set")
        settings[key.strip()] = value.strip()
    return settings


def _options(given: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name in ("auth", "filter", "sort", "unique"):
        parts = tuple(p.strip() for value in given[name] for p in value.split(",") if p.strip())
        if parts:
            options[name] = parts
    if given["operations"]:
        options["operations"] = tuple(p.strip() for p in given["operations"].split(",") if p.strip())
    if given["paginate"] is not None:
        options["paginate"] = given["paginate"]
    for name in ("owner", "search"):
        if given[name]:
            options[name] = True
    if given["plural"]:
        options["plural"] = given["plural"]
    return options
