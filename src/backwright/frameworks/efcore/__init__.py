"""EF Core."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="EF Core", kind="orm", packages={"Microsoft.EntityFrameworkCore": "Microsoft.EntityFrameworkCore"}
)
