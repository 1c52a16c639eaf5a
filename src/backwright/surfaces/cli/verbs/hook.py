"""`hook`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from backwright.core.errors import BackwrightError
from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.hooked import LIMIT, STOPS, WARNS
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright hook edited < event.json
backwright hook ending < event.json
backwright init --agent claude        # writes these calls into the agent's configuration
"""


@click.command("hook", cls=Verb, help=VERBS["hook"], examples=_EXAMPLES)
@click.argument("event", type=click.Choice(["edited", "ending"]), metavar="edited|ending")
@click.pass_obj
def command(session: Session, /, event: str) -> int:
    text = sys.stdin.read(LIMIT)
    if event == "edited" and (code := _from_resident(session, text)) is not None:
        return code
    from backwright.app.hooks import after_edit, before_stop, folder_of, read_payload

    try:
        here = session.path().absolute()
        payload = read_payload(text)
        if event == "edited":
            said = after_edit(payload, here)
        else:
            consent = session.consent(folder_of(payload, here), yes=False)
            with session.progress() as progress:
                said = before_stop(payload, here, consent=consent, progress=progress)
    except BackwrightError as error:  # what is wrong with us or the machine is no reason to stop an agent
        session.say(f"backwright: {error.message}")
        return WARNS
    return _told(session, said.text, stop=said.stop)


def _from_resident(session: Session, text: str) -> int | None:
    """The exit code where a process that has the repository in memory answered; None where we look ourselves, and call one in."""
    from backwright.app.residing import call_in, told

    try:
        named = json.loads(text).get("cwd")
    except (ValueError, AttributeError):
        return None
    folder = named if isinstance(named, str) and Path(named).is_dir() else str(session.base.absolute())
    said = told(text, folder)
    if said is None:
        call_in(folder)
        return None
    return _told(session, said[0], stop=said[1])


def _told(session: Session, text: str, *, stop: bool) -> int:
    if text:
        session.say(text)
        return STOPS if stop else WARNS
    return 0
