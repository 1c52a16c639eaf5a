"""`check`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backwright.surfaces.cli.catalog import VERBS
from backwright.surfaces.cli.options import Verb
from backwright.surfaces.cli.outputs import FORMATS
from backwright.surfaces.cli.session import Session

if TYPE_CHECKING:
    from backwright.app.config import Config
    from backwright.surfaces.cli.mending import Wanted
    from backwright.surfaces.cli.outputs import Output

_EXAMPLES = """
backwright check
backwright check app/api/orders.py                       # of these files or folders
backwright check --since main                            # only what is new
backwright check --select BW301,BW505 --format concise
backwright check --diff                                  # what --fix would change
backwright check --format github --format sarif=bw.sarif
"""
_PRINTED = ("full", "concise", "json")  # formats that are nothing but what is printed


@click.command("check", cls=Verb, help=VERBS["check"], examples=_EXAMPLES)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
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
@click.option("--watch", is_flag=True, help="Check again after every save, until interrupted.")
@click.option("--show-config", is_flag=True, help="Print every setting with its origin, and check nothing.")
@click.pass_obj
def command(session: Session, /, paths: tuple[str, ...], since: str | None, show_config: bool, **options: Any) -> int:
    from backwright.surfaces.cli.outputs import show_settings, targets

    where, only = _places(session, paths)
    config = session.config(where, _overrides(options))
    if show_config:
        return show_settings(session, config)
    chosen = targets(options["formats"], options["output"], as_json=session.json)

    from backwright.surfaces.cli.mending import Wanted

    wanted = Wanted(since, **{name: options[name] for name in Wanted._fields[1:-1]}, only=only)
    if not options["watch"]:
        return _look(session, where, config, wanted, chosen, options)

    from backwright.surfaces.cli.watching import refuse_beside_watching, watch

    refuse_beside_watching(options, [output.format for output in chosen], as_json=session.json)

    def again() -> int:
        return _look(session, where, session.config(where, _overrides(options)), wanted, chosen, options)

    return watch(session, where, again)


def _look(
    session: Session, where: Path, config: Config, wanted: Wanted, chosen: list[Output], options: dict[str, Any]
) -> int:
    from backwright.surfaces.cli.exits import exit_of_check
    from backwright.surfaces.cli.mending import checked, show_diff
    from backwright.surfaces.cli.outputs import deliver

    if options["diff"]:  # shows what --fix would do, and writes nothing whatever else was asked for
        wanted = wanted._replace(fix=False, add_ignores="", write_baseline="")
    with session.keeping() as kept:
        result = checked(session, where, config, wanted, kept.again if _only_prints(wanted, chosen, options) else None)
        if options["diff"]:
            return show_diff(session, where, config, result, unsafe=options["unsafe_fixes"])
        exit_code = 0 if options["write_baseline"] else exit_of_check(result, config.fail_on)
        deliver(session, result, chosen, exit_code=exit_code, statistics=options["statistics"])
        return kept.said(exit_code, result.seconds)


def _only_prints(wanted: Wanted, chosen: list[Output], options: dict[str, Any]) -> bool:
    """Whether a call does nothing but print, once, what the files say."""
    asked = any(wanted._replace(only=())) or options["diff"] or options["watch"]
    return not asked and all(output.format in _PRINTED and not output.file for output in chosen)


def _places(session: Session, paths: tuple[str, ...]) -> tuple[Path, tuple[Path, ...]]:
    """The folder that the check is about, and what of it was named where that is less than the folder."""
    given = [session.path(path) for path in paths] or [session.path()]
    if len(given) == 1 and given[0].is_dir():
        return given[0], ()
    folders = [path if path.is_dir() else path.parent for path in given]
    return Path(os.path.commonpath([os.path.abspath(folder) for folder in folders])), tuple(given)  # noqa: PTH100


def _overrides(options: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    """What this command line says over the configuration."""
    given: dict[str, tuple[Any, str]] = {}
    for option, key in (("select", "rules.select"), ("ignore", "rules.ignore")):
        if options[option]:
            given[key] = (",".join(options[option]), f"--{option}")
    if options["fail_on"]:
        given["rules.fail-on"] = (options["fail_on"], "--fail-on")
    return given
