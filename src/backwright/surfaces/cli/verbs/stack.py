"""`stack`."""

from __future__ import annotations

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright stack                 # every project of the repository
backwright stack backend --json
backwright stack set             # write stack/; what is there is shown, and kept without -y
backwright stack set --set orm=prisma     # where the project leaves it open
backwright stack check           # exit code 1 where stack/ and the project differ
"""
_ACTIONS = ("set", "check")


@click.command("stack", cls=Verb, help=VERBS["stack"], examples=_EXAMPLES)
@click.argument("words", nargs=-1, metavar="[set | check] [PATH]")
@click.option("-y", "--yes", is_flag=True, help="With set: write over what is there.")
@click.option(
    "--set", "answers", metavar="FIELD=VALUE", multiple=True, help="With set: decide what the project leaves open."
)
@click.pass_obj
def command(session: Session, /, words: tuple[str, ...], yes: bool, answers: tuple[str, ...]) -> int:
    action = words[0] if words and words[0] in _ACTIONS else ""
    rest = words[1:] if action else words
    if len(rest) > 1:
        from backwright.core.errors import UsageError

        raise UsageError("one path at most", where=" ".join(words), hints=("backwright stack [set | check] [PATH]",))
    where = session.path(*rest)

    from backwright.report import stack_text

    if not action:
        from backwright.app.stack import read_stack

        with session.keeping() as kept:
            result = read_stack(where, kept.again)
            return kept.said(session.answer(result, stack_text.render_stack, hints=True), result.seconds)
    from backwright.app import stack_set

    if action == "set":
        from backwright.surfaces.cli.choosing import chooser
        from backwright.surfaces.cli.requesting import pairs_of

        written = stack_set.set_stack(where, overwrite=yes, answers=pairs_of(answers), ask=chooser(session))
        code = 4 if written.kept else 0
        return session.answer(written, stack_text.render_stack_set, exit_code=code, hints=True)
    found = stack_set.check_stack(where)
    return session.answer(found, stack_text.render_stack_check, exit_code=int(bool(found.problems)), hints=True)
