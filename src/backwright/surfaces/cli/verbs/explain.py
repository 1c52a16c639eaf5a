"""`explain`."""

from __future__ import annotations

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright explain BW301
backwright explain rules
backwright explain handbook      # our pages: protocol, checklist, orm …
backwright explain playbook import
backwright explain unplaced
backwright explain 7c1e          # a plan or a run
"""


@click.command("explain", cls=Verb, help=VERBS["explain"], examples=_EXAMPLES)
@click.argument("subject", nargs=-1, required=True)
@click.pass_obj
def command(session: Session, /, subject: tuple[str, ...]) -> int:
    where = session.path()

    from backwright.app.explain import explain
    from backwright.report.pages_text import render_explain

    return session.answer(explain(" ".join(subject), where), render_explain, hints=True)
