"""What all verbs share: the options that mean the same everywhere, and the shape of their help."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from backwright.surfaces.cli.session import Session

_META = "backwright.common"
_ALLOWED, _EXTERNAL = "backwright.allowed", "backwright.external"
_GRANTS = {"network": "permissions.network", "read": "permissions.read", "env": "permissions.environment"}


def common_options() -> list[click.Parameter]:
    """Fresh options for one command. None is "not given here", so that a place further out may have given it."""
    return [
        click.Option(["--json"], is_flag=True, default=None, help="Answer with one JSON document on standard output."),
        click.Option(["-q", "--quiet"], is_flag=True, default=None, help="Nothing on standard error but errors."),
        click.Option(["-v", "--verbose"], is_flag=True, default=None, help="Show more."),
        click.Option(
            ["--color"],
            type=click.Choice(["auto", "always", "never"]),
            help="When to use colour; beats NO_COLOR and FORCE_COLOR.",
        ),
        click.Option(
            ["--config"],
            multiple=True,
            metavar="FILE|KEY=VALUE",
            help="Another configuration file, or one setting; repeatable.  [env: BACKWRIGHT_CONFIG]",
        ),
        click.Option(["--isolated"], is_flag=True, default=None, help="Read no configuration file."),
        click.Option(
            ["--no-input"], is_flag=True, default=None, help="Never ask; end with exit code 4 where one must."
        ),
        click.Option(["-C", "directory"], metavar="DIR", help="Do as if started in DIR."),
    ]


COMMON = tuple(str(option.name) for option in common_options())


def gather(ctx: click.Context) -> dict[str, Any]:
    """Take the common options out of this command's parameters, over what was given further out."""
    here = {name: ctx.params.pop(name, None) for name in COMMON}
    outer: dict[str, Any] = ctx.meta.get(_META, {})
    merged = {name: value if value not in (None, ()) else outer.get(name) for name, value in here.items()}
    merged["config"] = (*(outer.get("config") or ()), *(here["config"] or ()))
    ctx.meta[_META] = merged
    return merged


def open_session(ctx: click.Context, verb: str) -> Session:
    """The session of a verb, from the options given anywhere."""
    given = gather(ctx)
    return Session(
        verb=verb,
        json=bool(given["json"]),
        quiet=bool(given["quiet"]),
        verbose=bool(given["verbose"]),
        color=given["color"] or "auto",
        configs=tuple(given["config"] or ()),
        isolated=bool(given["isolated"]),
        no_input=bool(given["no_input"]),
        base=Path(given["directory"] or "."),
        allowed=ctx.meta.get(_ALLOWED, {}),
        external=bool(ctx.meta.get(_EXTERNAL)),
        arguments=ctx.find_root().obj,
    )


class Verb(click.Command):
    """A command with the common options, whose callback gets the session first; its help ends with examples."""

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.params.extend(common_options())

    def invoke(self, ctx: click.Context) -> Any:
        ctx.obj = open_session(ctx, str(self.name))
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own: list[tuple[str, str]] = []
        everywhere: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                (everywhere if param.name in (*COMMON, "help") else own).append(record)
        for title, records in (("Options", own), ("Everywhere", everywhere)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(self.examples, formatter)


def write_examples(examples: str, formatter: click.HelpFormatter) -> None:
    """The examples as they are written, not wrapped."""
    if examples:
        with formatter.section("Examples"):
            for line in examples.strip().splitlines():
                formatter.write(f"  {line.strip()}\n")


yes_option = click.option(
    "-y", "--yes", is_flag=True, help="Allow the commands of the repository this once, without asking."
)
# What a server says for the person it has asked: yes to these commands, not to what is there by now.
yes_to_option = click.option("--yes-to", metavar="KEY", default="", hidden=True)
python_option = click.option(
    "--python", metavar="PATH", default="", help="The Python interpreter of the project, where it is not found."
)


def _allow(ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> None:
    found: dict[str, tuple[Any, str]] = {}
    for value in values:
        name, equals, what = value.partition("=")
        key = _GRANTS.get(name)
        if key is None or not equals or not what:
            raise click.BadParameter(f"`{value}` is none of network=none|host, read=DIR, env=NAME")
        if name == "network":
            found[key] = (what, f"--allow {value}")
        else:
            more = os.path.abspath(what) if name == "read" else what  # noqa: PTH100 (links stay as they are written)
            found[key] = ([*found.get(key, ((), ""))[0], more], f"--allow {value}")
    ctx.meta[_ALLOWED] = found


def _external(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    ctx.meta[_EXTERNAL] = value == "external"


def permission_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a verb that runs commands of a repository may be granted, or denied; the session has it."""
    allow = click.option(
        "--allow", multiple=True, metavar="WHAT", expose_value=False, callback=_allow,
        help="Grant the repository's commands network=host, read=DIR or env=NAME; network=none takes. Repeatable.",
    )  # fmt: skip
    sandbox = click.option(
        "--sandbox", type=click.Choice(["auto", "external"]), expose_value=False, callback=_external,
        help="external: this whole machine or container is thrown away, hold nothing.",
    )  # fmt: skip
    return allow(sandbox(command))
