"""gRPC and Connect: the services of `.proto` files that the project implements."""

from __future__ import annotations

from backwright.frameworks.grpc.services import services
from backwright.kit.shapes import Framework

FRAMEWORK = Framework(name="gRPC", kind="api", packages={}, facts=services)
