"""gorilla/mux."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="gorilla/mux", kind="framework", packages={"github.com/gorilla/mux": "github.com/gorilla/mux"}
)
