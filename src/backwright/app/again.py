"""Calls answered by printing again what they printed before. What asks for it is called before anything is imported."""

from __future__ import annotations

import os

from backwright.adapters.printed import Printed, find, keep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from backwright.adapters.files import RepositoryTree
    from backwright.adapters.printed import Links, Stamp
    from backwright.app.config import Config

VERBS = ("map", "check", "stack")


def find_printed(arguments: Sequence[str]) -> Printed | None:
    """What this command line printed here, None where it has to be worked out."""
    try:
        return find(os.getcwd(), arguments)
    except FileNotFoundError:  # the folder we are in is gone
        return None


class Again:
    """Keeps what a call prints, if it can be known when to print it again."""

    def __init__(self) -> None:
        self._seen: tuple[str, dict[str, Stamp | None], Links] | None = None
        self._note: tuple[str, str, str] | None = None

    def see(self, tree: RepositoryTree, config: Config, note: tuple[str, str, str] | None = None) -> None:
        """The answer that is to be printed stands as long as nothing changes in `tree`.

        `note` is a file of the state folder, with what stands in it around the time of the call.
        """
        from backwright.adapters.watching import watch

        if all(path in tree.stats() for path in config.files):
            watched = watch(tree)
            self._seen = (str(tree.root), *watched) if watched else None
            self._note = note

    def keep(self, arguments: Sequence[str], output: str, error: str, code: int, seconds: float) -> None:
        """Keep what was printed by these arguments. `seconds` is what the call says it took."""
        from backwright.report.terminal import seconds as worded

        if self._seen is None:
            return
        root, watched, links = self._seen
        before, form, after = "", "", output
        for said, instead in (
            (f", {worded(seconds)}.\n", ", %.1f s.\n"),
            (f'"seconds": {round(seconds, 3)}', '"seconds": %.3f'),
        ):
            start, found, end = output.rpartition(said)
            if found:
                before, form, after = start, instead, end
        keep(root, os.getcwd(), arguments, watched, links, Printed(before, form, after, error, code, self._note))
