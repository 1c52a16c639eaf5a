"""`init`."""

from __future__ import annotations

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright init
backwright init services/shop
"""


@click.command("init", cls=Verb, help=VERBS["init"], examples=_EXAMPLES)
@click.argument("path", required=False, default="")
@click.pass_obj
def command(session: Session, /, path: str) -> int:
    where = session.path(path)

    from backwright.app.init import init_config
    from backwright.report.pages_text import render_init

    return session.answer(init_config(where), render_init, hints=True)
