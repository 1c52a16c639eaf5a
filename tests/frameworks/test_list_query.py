"""Whether what a list is asked for becomes a class of its own."""

from __future__ import annotations

import msgspec

from backwright.blueprints.resource.decide import _paged_by_a_library
from backwright.kit.house import House, PageStyle
from backwright.kit.ref import Ref


def test_no_class_where_a_library_adds_parameters_of_its_own() -> None:
    """FastAPI takes a class as query parameters only where it is alone."""
    page = PageStyle("page", "size", "page", 1, "generic", Ref("Page", "fastapi_pagination"))

    class Half(msgspec.Struct):
        pages: PageStyle

    half: House = Half(page)  # type: ignore[assignment]  # nothing else of a house is asked
    assert _paged_by_a_library(half)
    half = Half(msgspec.structs.replace(page, generic=Ref("Page", "app.schemas")))  # type: ignore[assignment]  # as above
    assert not _paged_by_a_library(half)
