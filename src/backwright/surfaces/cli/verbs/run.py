"""`run`."""

from __future__ import annotations

from typing import Any

import click

from backwright.core.errors import UsageError
from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import permission_options, python_option, yes_option
from backwright.surfaces.cli.requesting import Asked, RequestVerb, asked, pairs_of, request_options
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright run "add a products API with name and price; only admins may change it"
backwright run resource Product 'name:str(200)' 'price:decimal(10,2)' --paginate
backwright run -f feature.yaml --branch --json
backwright run "fix the N+1 queries in orders"
backwright run --resume 9b02
backwright run "an order can be cancelled until it ships" --show-context
"""


@click.command("run", cls=RequestVerb, help=VERBS["run"], examples=_EXAMPLES)
@click.argument("task", nargs=-1, metavar="TASK")
@request_options
@yes_option
@click.option("--dry-run", is_flag=True, help="Plan and verify in a private copy, and write nothing.")
@click.option(
    "--branch", is_flag=True, help="Commit the change to a branch of its own; the working tree stays as it is."
)
@click.option("--allow-dirty", is_flag=True, help="Start although there are uncommitted changes.")
@click.option(
    "--format",
    "formats",
    metavar="FORMAT",
    multiple=True,
    help="full, json, github, markdown or html; =FILE writes it there.",
)
@click.option("-o", "--output", metavar="FILE", default="", help="Write the one format there.")
@click.option(
    "--tdd", is_flag=True, help="The new tests are run first, without the change: they have to fail for want of it."
)
@click.option(
    "--review", metavar="REF..REF", default="", help="The same report on what somebody else changed; writes nothing."
)
@click.option("--engine", metavar="NAME", default="", help="Who works the change out; blueprints where none is named.")
@click.option(
    "--resume", metavar="RUN", default="", help="Go on with a run where it stopped; --set answers what it asked."
)
@click.option(
    "--show-context", is_flag=True, help="Show what a model would be given to read, with its cost; nothing runs."
)
@click.option("--context-tokens", metavar="N", type=click.IntRange(500, 100_000), help="The most that this may cost.")
@python_option
@permission_options
@click.pass_obj
def command(session: Session, /, task: tuple[str, ...], yes: bool, resume: str, review: str, **given: Any) -> int:
    request = None if resume or review else asked(session, task, given)
    if request is None:
        _refuse_what_is_ignored(task, resume, review, given)
    where = session.path()
    if request is not None and given["show_context"]:
        return _show_context(session, request, given["context_tokens"] or 0)

    from backwright.surfaces.cli.exits import exit_of_run
    from backwright.surfaces.cli.outputs import OF_RUNS, deliver_run, targets

    chosen = targets(given["formats"], given["output"], as_json=session.json, known=OF_RUNS)

    consent = session.consent(where, yes=yes)
    config = session.config(where)
    ways = {name: given[name] for name in ("dry_run", "branch", "allow_dirty", "python", "engine", "tdd")}
    with session.progress() as progress:
        if review:
            from backwright.app.review import review_change

            python = given["python"]
            result = review_change(where, config, review, python=python, consent=consent, progress=progress)
        elif request is None:
            from backwright.app.run import resume_run

            answers = pairs_of(given["settings"])
            result = resume_run(where, config, resume, settings=answers, consent=consent, progress=progress)
        else:
            from backwright.app.run import run_task

            result = run_task(where, config, **request._asdict(), **ways, consent=consent, progress=progress)
    code = exit_of_run(result)
    deliver_run(session, result, chosen, exit_code=code)
    return code


def _show_context(session: Session, request: Asked, budget: int) -> int:
    where = session.path()

    from backwright.app.context import show_context
    from backwright.report.context_text import render_context

    result = show_context(where, session.config(where), **request._asdict(), budget=budget)
    return session.answer(result, render_context)


def _refuse_what_is_ignored(task: tuple[str, ...], resume: str, review: str, given: dict[str, Any]) -> None:
    """Raise `UsageError` for what says how a new run is to be made, where no new one is made."""
    if task or given["file"] or (resume and review):
        raise UsageError("--resume and --review take no task, and not each other", where=resume or review)
    used = {"formats", "output", "settings" if resume else "python"}
    options = {param.name: param.opts[-1] for param in click.get_current_context().command.params}
    ignored = [options[name] for name, value in given.items() if value and name not in used]
    if not ignored:
        return
    if review:
        raise UsageError(f"a review has no use for {', '.join(ignored)}", where=f"--review {review}")
    raise UsageError(
        f"a run goes on as it was asked for, so {', '.join(ignored)} cannot be said now",
        where=f"--resume {resume}",
        hints=("start a new run to have it another way",),
    )
