"""JPA."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__,
    name="JPA",
    kind="orm",
    packages={"jakarta.persistence": "jakarta.persistence-api", "javax.persistence": "javax.persistence-api"},
)
