"""`map`."""

from __future__ import annotations

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright map
backwright map -v                # routes and entities too
backwright map backend --json
"""


@click.command("map", cls=Verb, help=VERBS["map"], examples=_EXAMPLES)
@click.argument("path", required=False, default="")
@click.pass_obj
def command(session: Session, /, path: str) -> int:
    where = session.path(path)

    from backwright.app.map import map_repository
    from backwright.report.map_text import render_map

    with session.keeping() as kept:
        result = map_repository(where, session.config(where), kept.again)
        return kept.said(session.answer(result, render_map, hints=True), result.seconds)
