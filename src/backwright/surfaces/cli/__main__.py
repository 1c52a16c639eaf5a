"""`backwright`, `bw`, `python -m backwright.surfaces.cli`."""

from __future__ import annotations

import gc
import sys

# Facts hold no cycles, and there are millions of them: looking for some after every 700 new objects took a quarter of `check`.
_NEW_OBJECTS = 100_000


def main() -> None:
    """Run the command line of this process and exit."""
    from backwright.surfaces.cli.again import print_again

    code = print_again(sys.argv[1:])
    if code is None:
        gc.set_threshold(_NEW_OBJECTS, 20, 100)
        from backwright.surfaces.cli.root import cli

        cli.main()
    sys.exit(code)


if __name__ == "__main__":
    main()
