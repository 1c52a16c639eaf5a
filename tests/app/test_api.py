"""The public functions, and what they must not do by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_scene import PYTHON, THING, Watching, content, shop

import backwright
from backwright.core.errors import NeedsPerson, Unsupported


def test_the_verbs_as_functions(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    assert backwright.map(root).archmap.routes
    assert backwright.check(root).files > 0
    planned = backwright.plan(root, tokens=THING)
    watching = Watching()
    landed = backwright.apply(planned.change.id, root, python=PYTHON, consent=watching.consent)
    assert landed.outcome == "landed"
    assert backwright.verify(root, python=PYTHON, consent=watching.consent).verdict.ok


def test_no_command_runs_without_consent(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    before = content(root)
    planned = backwright.plan(root, tokens=THING)
    for call in (
        lambda: backwright.apply(planned.change.id, root, python=PYTHON),
        lambda: backwright.verify(root, python=PYTHON),
        lambda: backwright.run(root, tokens=THING, python=PYTHON),
    ):
        with pytest.raises(NeedsPerson) as caught:
            call()
        assert any("python -c" in hint for hint in caught.value.hints)
    assert content(root) == before


def test_a_byte_order_mark_is_kept(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    path = root / "app/api/router.py"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    planned = backwright.plan(root, tokens=THING)
    watching = Watching()
    assert backwright.apply(planned.change.id, root, python=PYTHON, consent=watching.consent).outcome == "landed"
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.count(b"\xef\xbb\xbf") == 1
    assert b"thing" in text


def test_a_file_in_another_encoding_is_not_changed(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    path = root / "app/api/router.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\n# \xe4\n" + path.read_bytes())
    with pytest.raises(Unsupported) as caught:
        backwright.plan(root, tokens=THING)
    assert caught.value.where == "app/api/router.py"
