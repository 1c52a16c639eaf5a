"""`backwright`, `bw`, `python -m backwright.surfaces.cli`."""

from __future__ import annotations

import gc
import sys

# Facts hold no cycles, and there are millions of them: looking for some after every 700 new objects took a quarter of `check`.
_NEW_OBJECTS = 100_000


def main() -> None:
    """Run the command line of this process and exit."""
    code = _at_once(sys.argv[1:])
    if code is None:
        gc.set_threshold(_NEW_OBJECTS, 20, 100)
        from backwright.surfaces.cli.root import cli

        cli.main()
    sys.exit(code)


def _at_once(arguments: list[str]) -> int | None:
    """The exit code of a call that needs next to no imports; None for all others."""
    if arguments[:1] == ["hook"]:
        from backwright.surfaces.cli.hooked import answer_hook

        return answer_hook(arguments)
    from backwright.surfaces.cli.again import print_again

    return print_again(arguments)


if __name__ == "__main__":
    main()
