"""warp."""

from __future__ import annotations

from backwright.frameworks.warp.filters import routes
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(name="warp", kind="framework", packages={"warp": "warp"}, facts=routes)
