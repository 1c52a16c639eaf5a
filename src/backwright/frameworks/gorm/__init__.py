"""GORM."""

from __future__ import annotations

from backwright.kit.declaring import declared

FRAMEWORK = declared(
    __file__,
    name="GORM",
    kind="orm",
    packages={"gorm.io/gorm": "gorm.io/gorm", "github.com/jinzhu/gorm": "github.com/jinzhu/gorm"},
)
