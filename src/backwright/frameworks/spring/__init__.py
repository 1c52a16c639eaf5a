"""Spring."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__,
    name="Spring",
    kind="framework",
    packages={"org.springframework.web": "spring-web", "org.springframework.boot": "spring-boot"},
)
