"""ASP.NET Core."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__, name="ASP.NET Core", kind="framework", packages={"Microsoft.AspNetCore": "Microsoft.AspNetCore.App"}
)
