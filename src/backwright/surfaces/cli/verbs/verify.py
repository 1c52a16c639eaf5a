"""`verify`."""

from __future__ import annotations

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb, permission_options, python_option, yes_option, yes_to_option
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright verify
backwright verify --yes --format github --format junit=verify.xml     # in CI
backwright verify backend --python .venv/bin/python
"""


@click.command("verify", cls=Verb, help=VERBS["verify"], examples=_EXAMPLES)
@click.argument("path", required=False, default="")
@yes_option
@yes_to_option
@click.option(
    "--format",
    "formats",
    metavar="FORMAT",
    multiple=True,
    help="full, json, github, junit or markdown; =FILE writes it there.",
)
@click.option("-o", "--output", metavar="FILE", default="", help="Write the one format there.")
@python_option
@permission_options
@click.pass_obj
def command(
    session: Session, /, path: str, yes: bool, yes_to: str, formats: tuple[str, ...], output: str, python: str
) -> int:
    where = session.path(path)

    from backwright.surfaces.cli.outputs import OF_VERDICTS, deliver_verdict, targets

    chosen = targets(formats, output, as_json=session.json, known=OF_VERDICTS)

    from backwright.app.verify import verify_repository
    from backwright.surfaces.cli.exits import exit_of_verdict

    consent = session.consent(where, yes=yes, yes_to=yes_to)
    with session.progress() as progress:
        result = verify_repository(
            where, session.config(where), python=python, consent=consent, progress=progress
        )  # fmt: skip
    code = exit_of_verdict(result.verdict, result.new_findings)
    deliver_verdict(session, result, chosen, exit_code=code)
    return code
