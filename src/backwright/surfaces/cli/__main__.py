"""`backwright`, `bw`, `python -m backwright.surfaces.cli`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process and exit."""
    from backwright.surfaces.cli.again import print_again

    code = print_again(sys.argv[1:])
    if code is None:
        from backwright.surfaces.cli.root import cli

        cli.main()
    sys.exit(code)


if __name__ == "__main__":
    main()
