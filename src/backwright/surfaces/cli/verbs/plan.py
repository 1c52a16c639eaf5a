"""`plan`."""

from __future__ import annotations

from typing import Any

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.requesting import RequestVerb, asked, request_options
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright plan resource Product 'name:str(200)' 'price:decimal(10,2)' 'category:ref(Category)?' --auth write=admin
backwright plan -f feature.yaml
backwright plan "add a products API with name, price and category; only admins may change it"
backwright plan fix BW303 in orders
backwright plan --list
"""


@click.command("plan", cls=RequestVerb, help=VERBS["plan"], examples=_EXAMPLES)
@click.argument("words", nargs=-1, metavar="[resource NAME FIELD… | WORDS]")
@request_options
@click.option("--check", is_flag=True, help="Save nothing; exit code 1 when something would change.")
@click.option("--list", "listing", is_flag=True, help="Show what can be planned.")
@click.pass_obj
def command(session: Session, /, words: tuple[str, ...], check: bool, listing: bool, **given: Any) -> int:
    from backwright.report.plan_text import render_blueprints, render_plan

    if listing:
        from backwright.app.plan import list_blueprints

        return session.answer(list_blueprints(), render_blueprints)
    request = asked(session, words, given)
    where = session.path()

    from backwright.app.plan import plan_request
    from backwright.surfaces.cli.exits import exit_of_plan

    result = plan_request(where, session.config(where), save=not check, **request._asdict())
    return session.answer(result, render_plan, exit_code=exit_of_plan(result, check=check))
