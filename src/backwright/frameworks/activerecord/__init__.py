"""ActiveRecord."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__,
    name="ActiveRecord",
    kind="orm",
    packages={"activerecord": "activerecord", "active_record": "activerecord"},
)
