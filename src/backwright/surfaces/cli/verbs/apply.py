"""`apply`."""

from __future__ import annotations

import click

from backwright.core.errors import UsageError
from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb, permission_options, python_option, yes_option, yes_to_option
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright apply 7c1e
backwright apply --undo 7c1e
"""


@click.command("apply", cls=Verb, help=VERBS["apply"], examples=_EXAMPLES)
@click.argument("plan", metavar="ID", required=False, default="")
@click.option("--undo", metavar="ID", default="", help="Take back a change that was applied.")
@yes_option
@yes_to_option
@python_option
@permission_options
@click.pass_obj
def command(session: Session, /, plan: str, undo: str, yes: bool, yes_to: str, python: str) -> int:
    if bool(plan) == bool(undo):
        hints = ("backwright apply ID", "backwright apply --undo ID")
        raise UsageError("name the plan to apply, or the change to undo", hints=hints)
    return _undo(session, undo) if undo else _apply(session, plan, yes=yes, yes_to=yes_to, python=python)


def _apply(session: Session, plan: str, *, yes: bool, yes_to: str, python: str) -> int:
    from backwright.app.apply import apply_plan
    from backwright.report.verdict_text import render_apply
    from backwright.surfaces.cli.exits import exit_of_apply

    where = session.path()
    consent = session.consent(where, yes=yes, yes_to=yes_to)
    with session.progress() as progress:
        result = apply_plan(where, session.config(where), plan, python=python, consent=consent, progress=progress)
    return session.answer(result, render_apply, exit_code=exit_of_apply(result))


def _undo(session: Session, change: str) -> int:
    from backwright.app.apply import undo
    from backwright.report.verdict_text import render_undo

    return session.answer(undo(session.path(), change), render_undo)
