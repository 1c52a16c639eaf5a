"""tRPC."""

from __future__ import annotations

from backwright.frameworks.trpc.procedures import procedures
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(name="tRPC", kind="api", packages={}, facts=procedures)
