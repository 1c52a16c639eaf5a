"""`init`."""

from __future__ import annotations

import click

from backwright.core.errors import UsageError
from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright init
backwright init services/shop
backwright init --agent claude --agent codex     # skill, server, hooks and standing instructions
backwright init --agent all --diff
backwright init --agent claude --remove
"""


@click.command("init", cls=Verb, help=VERBS["init"], examples=_EXAMPLES)
@click.argument("path", required=False, default="")
@click.option(
    "--agent",
    "agents",
    multiple=True,
    metavar="NAME",
    help="Tell a coding agent about Backwright instead: claude, codex, cursor, gemini, opencode, qwen or all; repeatable.",
)
@click.option("--remove", is_flag=True, help="With --agent: take out what was written for it.")
@click.option("--diff", is_flag=True, help="With --agent: show what would change, and write nothing.")
@click.pass_obj
def command(session: Session, /, path: str, agents: tuple[str, ...], remove: bool, diff: bool) -> int:
    where = session.path(path)
    if agents:
        from backwright.app.agents import set_up_agents
        from backwright.report.pages_text import render_agents

        result = set_up_agents(where, agents, remove=remove, write=not diff)
        return session.answer(result, render_agents, hints=not diff)
    if remove or diff:
        raise UsageError("--remove and --diff go with --agent", hints=("backwright init --agent claude --diff",))

    from backwright.app.init import init_config
    from backwright.report.pages_text import render_init

    return session.answer(init_config(where), render_init, hints=True)
