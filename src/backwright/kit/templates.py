"""Rendering the templates that frameworks keep in their `emit` folders."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from jinja2 import BaseLoader, BytecodeCache, Environment, StrictUndefined, TemplateNotFound
from jinja2.bccache import Bucket


class _PackageFolders(BaseLoader):
    """`fastapi/router.py.jinja` is `frameworks/fastapi/emit/router.py.jinja`, however the package is installed."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        folder, _, name = template.partition("/")
        file = resources.files("backwright.frameworks").joinpath(folder, "emit", name)
        if not file.is_file():
            raise TemplateNotFound(template)
        return file.read_text("utf-8"), None, None


class _Compiled(BytecodeCache):
    """Compiled templates beside the templates, as Python keeps modules: compiling takes longer than planning."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError), _compiled(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if sys.dont_write_bytecode:
            return
        place = _compiled(bucket)
        with suppress(OSError):  # an installation that nobody may write to works all the same
            place.parent.mkdir(exist_ok=True)
            with NamedTemporaryFile(dir=place.parent, delete=False) as file:
                bucket.write_bytecode(file)
            Path(file.name).replace(place)


def _compiled(bucket: Bucket) -> Path:
    return Path(str(resources.files("backwright.frameworks"))) / "__pycache__" / f"{bucket.key}.jinja"


@cache
def _environment() -> Environment:
    # The output is Python source, checked by the formatter: escaping for HTML would break it.
    return Environment(  # noqa: S701
        loader=_PackageFolders(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_Compiled(),
    )


def render(template: str, **values: Any) -> str:
    """The text of a template, named `<framework>/<file>`. Raises jinja2's errors: a template that fails is a bug."""
    return _environment().get_template(template).render(**values)
