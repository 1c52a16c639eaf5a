"""Vert.x."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(__file__, name="Vert.x", kind="framework", packages={"io.vertx.ext.web": "io.vertx:vertx-web"})
