"""JAX-RS."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__,
    name="JAX-RS",
    kind="framework",
    packages={"jakarta.ws.rs": "jakarta.ws.rs-api", "javax.ws.rs": "javax.ws.rs-api"},
)
