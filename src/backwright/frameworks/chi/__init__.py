"""chi."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="chi", kind="framework", packages={"github.com/go-chi/chi": "github.com/go-chi/chi"}
)
