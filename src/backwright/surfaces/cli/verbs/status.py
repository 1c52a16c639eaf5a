"""`backwright` alone: where things stand."""

from __future__ import annotations

from backwright.surfaces.cli.session import Session


def show_status(session: Session) -> int:
    """Four lines: the stack, what is open, what ran last, what to do next."""
    from backwright.app.status import status
    from backwright.report.pages_text import render_status

    return session.answer(status(session.path()), render_status)
