"""`backwright`, `bw`, `python -m backwright.surfaces.cli`."""

from __future__ import annotations

from backwright.surfaces.cli.root import cli


def main() -> None:
    """Run the command line of this process and exit."""
    cli.main()


if __name__ == "__main__":
    main()
