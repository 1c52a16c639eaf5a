"""Runs the command line as a process that ends when the one that started it is gone: `python -m backwright.adapters.tied PID …`.

Linux alone can say so; elsewhere a verb whose server was killed runs to its end.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def tie(parent: int) -> None:
    """From now on the death of `parent`, who must be our parent, ends us as SIGTERM does."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was gone before we could ask
            os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    tie(int(sys.argv.pop(1)))
    runpy.run_module("backwright.surfaces.cli", run_name="__main__", alter_sys=True)
