"""Addresses as the project's tests write them."""

from __future__ import annotations

from backwright.kit.house import House


def url_in_tests(house: House, url: str) -> str:
    """A whole address without what the tests' client puts in front, or with the setting that they write for it."""
    style, mounted = house.tests, house.router.path_prefix
    if style is None or style.url_prefix is None or not mounted:
        return url
    if url.startswith(f"{mounted}/"):
        return f"{style.url_prefix}{url.removeprefix(mounted)}"
    return url if style.url_prefix else f"http://test{url}"
