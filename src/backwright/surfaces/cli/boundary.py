"""The one place where exceptions become words and exit codes."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from backwright.core.errors import BackwrightError, UsageError
from backwright.surfaces.cli.session import screen_of
from backwright.surfaces.cli.streams import prepare, write


def guarded(call: Callable[[], object], arguments: Sequence[str], verbs: Sequence[str]) -> int:
    """Run the command line; whatever happens ends in an exit code, and in words where it is not the verb's own."""
    prepare()
    try:
        with _terminated_like_interrupted():
            code = call()
            write(sys.stdout, "")
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except KeyboardInterrupt:
        return _tell(InterruptionError("interrupted"), arguments, verbs)
    except click.ClickException as error:
        return _tell(_usage(error), arguments, verbs)
    except BackwrightError as error:
        return _tell(error, arguments, verbs)
    except Exception as bug:  # noqa: BLE001 - the one place: a bug ends in a report and exit code 3, not in a trace
        return _tell(_crash(bug, arguments), arguments, verbs)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    def handler(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _usage(error: click.ClickException) -> BackwrightError:
    """Click's complaint in our form."""
    message = error.format_message().rstrip(".")
    hints: list[str] = []
    if isinstance(error, click.NoSuchOption):
        from difflib import get_close_matches

        message = f"there is no option `{error.option_name}`"
        close = get_close_matches(error.option_name, error.possibilities or (), 1)
        hints += [f"did you mean `{close[0]}`?"] if close else []
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hints.append(f"see: {error.ctx.command_path} --help")
    return UsageError(message[:1].lower() + message[1:], hints=tuple(hints))


def _tell(error: BackwrightError, arguments: Sequence[str], verbs: Sequence[str]) -> int:
    from backwright.report.error_text import render_error

    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--json" in options:
        from backwright.report.envelope import error_envelope, to_json

        verb = next((a for a in arguments if a in verbs), "")
        write(sys.stdout, to_json(error_envelope(verb, error), indent=0 if verb == "run" else 2))
    text = render_error(error.message, screen_of(sys.stderr, _color(options)), where=error.where, hints=error.hints)
    write(sys.stderr, text)
    return error.exit_code


def _color(options: Sequence[str]) -> str:
    """The `--color` of a command line that may have been wrong before it was read."""
    joined = " ".join(options).replace("--color=", "--color ")
    return next((choice for choice in ("always", "never") if f"--color {choice}" in joined), "auto")


class _BugError(BackwrightError):
    code = "BW-E999"
    exit_code = 3


class InterruptionError(BackwrightError):
    """Ctrl-C, or a request to terminate; whatever had to be restored was restored on the way here."""

    code = "BW-E130"
    exit_code = 130


def _crash(bug: Exception, arguments: Sequence[str]) -> BackwrightError:
    from backwright.surfaces.cli.crash import write_report

    place = write_report(bug, arguments)
    last = f"{type(bug).__name__}: {bug}".splitlines()[0][:300]
    return _BugError(f"This is a bug in Backwright. Details are in {place}; please attach it.", hints=(last,))
