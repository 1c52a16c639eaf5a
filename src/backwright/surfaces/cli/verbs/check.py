"""`check`."""

from __future__ import annotations

from typing import Any

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.outputs import FORMATS
from backwright.surfaces.cli.session import Session

_EXAMPLES = """
backwright check
backwright check --since main                            # only what is new
backwright check --select BW301,BW505 --format concise
backwright check --diff                                  # what --fix would change
backwright check --format github --format sarif=bw.sarif
"""


@click.command("check", cls=Verb, help=VERBS["check"], examples=_EXAMPLES)
@click.argument("path", required=False, default="")
@click.option("--since", metavar="REF", default=None, help="Only what the change since this commit introduced.")
@click.option(
    "--select", metavar="RULES", multiple=True, help="Only these rules: ids or prefixes, with commas; or ALL."
)
@click.option("--ignore", metavar="RULES", multiple=True, help="Not these rules.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "advice", "never"]),
    default=None,
    help="The least severity that ends with exit code 1 (error).",
)
@click.option(
    "--format",
    "formats",
    metavar="FORMAT[=FILE]",
    multiple=True,
    help=f"One of {', '.join(FORMATS)}; FORMAT=FILE writes a file; repeatable.",
)
@click.option("-o", "--output", metavar="FILE", default="", help="Write the report into a file.")
@click.option("--statistics", is_flag=True, help="Count the findings by rule instead of showing them.")
@click.option("--fix", is_flag=True, help="Make the safe fixes, then check again.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that a person should look at.")
@click.option("--add-ignores", metavar="REASON", default="", help="Silence all that is found by comments, for a start.")
@click.option("--baseline", metavar="FILE", default="", help="Only what this file does not have.")
@click.option("--write-baseline", metavar="FILE", default="", help="Write what is found into a baseline, for a start.")
@click.option("--show-config", is_flag=True, help="Print every setting with its origin, and check nothing.")
@click.pass_obj
def command(session: Session, /, path: str, since: str | None, show_config: bool, **options: Any) -> int:
    from backwright.surfaces.cli.outputs import Output, deliver, show_settings, targets

    where = session.path(path)
    config = session.config(where, _overrides(options))
    if show_config:
        return show_settings(session, config)
    chosen: list[Output] = targets(options["formats"], options["output"], as_json=session.json)

    from backwright.surfaces.cli.exits import exit_of_check
    from backwright.surfaces.cli.mending import Wanted, checked, show_diff

    wanted = Wanted(since, **{name: options[name] for name in Wanted._fields[1:]})
    if options["diff"]:  # shows what --fix would do, and writes nothing whatever else was asked for
        wanted = wanted._replace(fix=False, add_ignores="", write_baseline="")
    result = checked(session, where, config, wanted)
    if options["diff"]:
        return show_diff(session, where, result, unsafe=options["unsafe_fixes"])
    exit_code = 0 if options["write_baseline"] else exit_of_check(result, config.fail_on)
    deliver(session, result, chosen, exit_code=exit_code, statistics=options["statistics"])
    return exit_code


def _overrides(options: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    """What this command line says over the configuration."""
    given: dict[str, tuple[Any, str]] = {}
    for option, key in (("select", "rules.select"), ("ignore", "rules.ignore")):
        if options[option]:
            given[key] = (",".join(options[option]), f"--{option}")
    if options["fail_on"]:
        given["rules.fail-on"] = (options["fail_on"], "--fail-on")
    return given
