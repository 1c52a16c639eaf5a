"""`verify`."""

from __future__ import annotations

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb, permission_options, python_option, yes_option, yes_to_option
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright verify
backwright verify --yes --json             # in CI
backwright verify backend --python .venv/bin/python
"""


@click.command("verify", cls=Verb, help=VERBS["verify"], examples=_EXAMPLES)
@click.argument("path", required=False, default="")
@yes_option
@yes_to_option
@python_option
@permission_options
@click.pass_obj
def command(session: Session, /, path: str, yes: bool, yes_to: str, python: str) -> int:
    where = session.path(path)

    from backwright.app.verify import verify_repository
    from backwright.report.verdict_text import render_verify
    from backwright.surfaces.cli.exits import exit_of_verdict

    consent = session.consent(where, yes=yes, yes_to=yes_to)
    with session.progress() as progress:
        result = verify_repository(
            where, session.config(where), python=python, consent=consent, progress=progress
        )  # fmt: skip
    return session.answer(result, render_verify, exit_code=exit_of_verdict(result.verdict, result.new_findings))
