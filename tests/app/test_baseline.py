"""Baselines: what a project starts with is known, what comes later is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_scene import config_of, shop

from backwright.app.baseline import without_known, write_baseline
from backwright.app.check import check_repository
from backwright.core.errors import UsageError

BAD = "import time\n\n\nasync def first() -> None:\n    time.sleep(1)\n"
WORSE = "\n\nasync def second() -> None:\n    time.sleep(2)\n"


def test_only_what_came_later_is_found(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    path = root / "app" / "slow.py"
    path.write_text(BAD)
    found = check_repository(root, config_of(root))
    known = tmp_path / "baseline.json"
    assert write_baseline(known, found) == len(found.findings) > 0
    assert without_known(known, found).findings == ()
    path.write_text('"""Moved down."""\n\n' + BAD + WORSE)
    later = without_known(known, check_repository(root, config_of(root)))
    assert [(f.rule, f.scope) for f in later.findings] == [("BW601", "second")]
    assert later.silenced >= len(found.findings)


def test_a_baseline_that_is_none_is_refused(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    found = check_repository(root, config_of(root))
    with pytest.raises(UsageError, match="there is no baseline"):
        without_known(tmp_path / "none.json", found)
    (tmp_path / "other.json").write_text('{"schema": "x/1"}')
    with pytest.raises(UsageError, match="of another kind"):
        without_known(tmp_path / "other.json", found)
