"""`serve`."""

from __future__ import annotations

from importlib import import_module

import click

from backwright.core.errors import ToolMissing, UsageError
from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb, python_option
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright serve mcp                          # on standard input and output: what an agent's configuration names
backwright serve mcp --read-only
backwright serve mcp --port 7333              # streamable HTTP on 127.0.0.1, with a token
backwright serve lsp                          # on standard input and output: what an editor starts
backwright serve resident                     # answers hooks at once; a hook starts it, and it ends by itself
"""


@click.command("serve", cls=Verb, help=VERBS["serve"], examples=_EXAMPLES)
@click.argument("protocol", type=click.Choice(["mcp", "lsp", "resident"]), metavar="PROTOCOL")
@click.argument("path", required=False, default="")
@click.option("--port", type=click.IntRange(1, 65535), help="Serve HTTP on this port of 127.0.0.1 instead.")
@click.option("--read-only", is_flag=True, help="Only tools that change nothing and run nothing of the repository.")
@click.option(
    "--allow-commands", is_flag=True, help="Run the repository's own commands without asking a person each time."
)
@python_option
@click.pass_obj
def command(
    session: Session,
    /,
    protocol: str,
    path: str,
    port: int | None,
    read_only: bool,
    allow_commands: bool,
    python: str,
) -> int:
    given = {"port": port, "read_only": read_only, "allowed": allow_commands, "python": python}
    if protocol != "mcp" and any(given.values()):
        raise UsageError(f"`serve {protocol}` takes no options of `serve mcp`", hints=("backwright serve --help",))
    where = session.path(path)
    if protocol == "resident":
        from backwright.app.residing import reside

        reside(where)
        return 0
    # By name: the command line knows no other surface, and what they need is no part of a plain installation.
    try:
        serving = import_module(f"backwright.surfaces.{protocol}.serving")
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("backwright"):
            raise
        hint = f"pip install 'backwright[{protocol}]'"
        raise ToolMissing(
            f"`serve {protocol}` needs {missing.name}, which is not installed", hints=(hint,)
        ) from missing
    serving.serve(where, **(given if protocol == "mcp" else {}))
    return 0
