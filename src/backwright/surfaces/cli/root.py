"""The root command: the table of verbs, each loaded when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from backwright.core.errors import UsageError
from backwright.surfaces.cli.boundary import InterruptionError, guarded
from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import COMMON, common_options, gather, open_session, write_examples

_NAMES = ("backwright", "bw")
_EXAMPLES = """
backwright map
backwright plan resource Product 'name:str(200)' 'price:decimal(10,2)' --paginate
backwright apply 7c1e
backwright check --since main
"""


class Backwright(click.Group):
    """The group of all verbs. Their modules stay unimported until one is called, and so does all that they need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        from importlib import import_module

        command = getattr(import_module(f"backwright.surfaces.cli.verbs.{cmd_name}"), "command")  # noqa: B009 - typed
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(name, VERBS, 1, 0.5)
            similar = (f"a command with a similar name exists: `{close[0]}`",) if close else ()
            raise UsageError(f"there is no command `{name}`", hints=(*similar, "all commands: backwright --help"))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """As click's, whose `main` would take some of our bugs for the reader's doing."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise InterruptionError("interrupted") from error
        except (EOFError, BrokenPipeError) as error:
            raise RuntimeError("an input or output of ours ended early") from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """As click's, but whatever happens becomes an exit code of ours."""
        arguments = list(sys.argv[1:] if args is None else args)
        called = Path(sys.argv[0]).name
        name = prog_name or (called if called in _NAMES else _NAMES[0])

        if args is None:
            extra.setdefault("obj", tuple(arguments))

        def call() -> object:
            return click.Group.main(self, arguments, name, complete_var, standalone_mode=False, **extra)

        code = guarded(call, arguments, list(VERBS))
        if standalone_mode:
            sys.exit(code)
        return code

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "<verb> [options] [path]")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        records = [r for p in self.get_params(ctx) if (r := p.get_help_record(ctx)) is not None]
        with formatter.section("Options, before or after the verb"):
            formatter.write_dl(records[: len(COMMON)])
        with formatter.section("Options"):
            formatter.write_dl(records[len(COMMON) :])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(_EXAMPLES, formatter)
        formatter.write("\nMore about a verb: backwright <verb> --help\n")


def _print_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from backwright.report.tool import NAME, version

        click.echo(f"{NAME} {version()}")
        ctx.exit()


def _print_completion(ctx: click.Context, param: click.Parameter, shell: str | None) -> None:
    if shell and not ctx.resilient_parsing:
        from click.shell_completion import get_completion_class

        found = get_completion_class(shell)
        assert found is not None
        for name in _NAMES:
            click.echo(found(cli, {}, name, f"_{name.upper()}_COMPLETE").source())
        ctx.exit()


def _root(ctx: click.Context) -> int | None:
    if ctx.invoked_subcommand is not None:
        gather(ctx)
        return None
    session = open_session(ctx, "status")
    from backwright.app.config import find_root

    if find_root(session.path()) is None:
        click.echo(ctx.get_help())
        return 0
    from backwright.surfaces.cli.verbs.status import show_status

    return show_status(session)


cli = Backwright(
    name=_NAMES[0],
    callback=click.pass_context(lambda ctx, **_: _root(ctx)),
    invoke_without_command=True,
    help="The backend specialist: plans, makes and proves a backend change in your repository, in its own style.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        *common_options(),
        click.Option(
            ["--completion"],
            type=click.Choice(["bash", "zsh", "fish"]),
            expose_value=False,
            is_eager=True,
            callback=_print_completion,
            help="Print the completion script for a shell.",
        ),
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_print_version,
            help="Print the version.",
        ),
    ],
)
