"""Rendering the templates that frameworks keep in their `emit` folders."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound


class _PackageFolders(BaseLoader):
    """`fastapi/router.py.jinja` is `frameworks/fastapi/emit/router.py.jinja`, however the package is installed."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        folder, _, name = template.partition("/")
        file = resources.files("backwright.frameworks").joinpath(folder, "emit", name)
        if not file.is_file():
            raise TemplateNotFound(template)
        return file.read_text("utf-8"), None, None


@cache
def _environment() -> Environment:
    # The output is Python source, checked by the formatter: escaping for HTML would break it.
    return Environment(  # noqa: S701
        loader=_PackageFolders(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: str, **values: Any) -> str:
    """The text of a template, named `<framework>/<file>`. Raises jinja2's errors: a template that fails is a bug."""
    return _environment().get_template(template).render(**values)
