"""Surgical edits: what is added is there, what was there stays byte for byte."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.core.facts import Import, Symbol
from backwright.kit import edits
from backwright.languages.python.extract import extract

MODULE = '''"""Models."""
# the order matters
from __future__ import annotations

import os
from app.models.base import (
    Base,
    TimestampMixin,
)
from fastapi import FastAPI  # the web

if True:
    import late

X = 1


class Item(Base):
    """An item."""

    name: str = "é"
    size: int = 1

    def grow(self) -> None:
        from app.inner import thing


class Empty:
    """Nothing."""
'''


def imports_of(text: str) -> list[Import]:
    return [f for f in extract("x.py", text.encode(), "x").facts if isinstance(f, Import)]


def symbol(text: str, name: str) -> Symbol:
    return next(f for f in extract("x.py", text.encode(), "x").facts if isinstance(f, Symbol) and f.qualname == name)


def only_added(before: str, after: str) -> bool:
    """Whether every old line is still there, byte for byte and in order."""
    lines = iter(after.splitlines(keepends=True))
    return all(
        any(line.rstrip("\r\n") == new.rstrip("\r\n") for new in lines) for line in before.splitlines(keepends=True)
    )


# -- imports ----------------------------------------------------------------------------------------------------------


def test_an_import_stands_behind_its_nearest_relative() -> None:
    after = edits.add_imports(MODULE, ["from app.models.item import Item"], imports_of(MODULE))

    lines = after.splitlines()
    assert lines[lines.index("from app.models.item import Item") - 1] == ")"
    assert only_added(MODULE, after)


def test_imports_that_are_there_are_not_added() -> None:
    wanted = ["import os", "from app.models.base import Base", "from fastapi import FastAPI"]

    assert edits.add_imports(MODULE, wanted, imports_of(MODULE)) == MODULE


def test_a_name_that_only_starts_like_one_that_is_imported() -> None:
    text = "from app.models import CategoryGroup\n"

    after = edits.add_imports(text, ["from app.models import Category"], imports_of(text))

    assert "from app.models import Category\n" in after


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "import os\n"),
        ("X = 1\n", "import os\nX = 1\n"),
        ('"""Doc."""\nX = 1\n', '"""Doc."""\nimport os\nX = 1\n'),
        (
            '#!/usr/bin/env python\n\n"""Long\ndoc.\n"""\nX = 1\n',
            '#!/usr/bin/env python\n\n"""Long\ndoc.\n"""\nimport os\nX = 1\n',
        ),
        ("from __future__ import annotations\nX = 1\n", "from __future__ import annotations\nimport os\nX = 1\n"),
        ("import re", "import re\nimport os\n"),
    ],
)
def test_where_the_first_import_goes(text: str, expected: str) -> None:
    assert edits.add_imports(text, ["import os"], imports_of(text)) == expected


def test_imports_inside_functions_and_blocks_are_no_place_for_more() -> None:
    text = "import os\n\n\ndef main():\n    import app.deep.thing\n"

    after = edits.add_imports(text, ["import app.deep.other"], imports_of(text))

    assert after.startswith("import os\nimport app.deep.other\n")


_LINES = st.sampled_from(
    [
        "import os",
        "import app.models",
        "from app import models",
        "from app.models import (\n    Item,\n    User,\n)",
        "from app.models import Item, \\\n    User",
        "from . import sibling",
        "x = 1",
        "if x:\n    import inner",
        "try:\n    import fast\nexcept ImportError:\n    fast = None",
        "def run():\n    import deep\n    return deep",
        'text = """\nimport nothing\n"""',
        "# comment",
        "",
        "import a; import b",
        "if TYPE_CHECKING:\n    from app.models import Thing",
    ]
)
_WANTED = st.lists(
    st.sampled_from(
        [
            "import os",
            "import uuid",
            "from app.models import Item",
            "from app.models.item import Item",
            "from typing import Any",
            "import nothing",
        ]
    ),
    max_size=4,
)


@given(
    docstring=st.sampled_from(
        [
            "",
            '"""Doc."""\n',
            '"""Doc\nin lines.\n"""\n',
            "'''Doc'''\n",
            '# coding: utf-8\n"""Doc."""\n',
            'r"""Raw."""\n',
            '"Short."\n',
        ]
    ),
    future=st.booleans(),
    lines=st.lists(_LINES, max_size=6),
    wanted=_WANTED,
    crlf=st.booleans(),
    ends=st.booleans(),
)
def test_adding_imports_never_breaks_a_module(
    docstring: str, future: bool, lines: Sequence[str], wanted: list[str], crlf: bool, ends: bool
) -> None:
    text = (
        docstring
        + ("from __future__ import annotations\n" if future else "")
        + "\n".join(lines)
        + ("\n" if ends else "")
    )
    if crlf:
        text = text.replace("\n", "\r\n")

    after = edits.add_imports(text, wanted, imports_of(text))

    ast.parse(after)
    assert only_added(text, after)
    assert ast.get_docstring(ast.parse(after)) == ast.get_docstring(ast.parse(text))
    bound = {
        alias.asname or alias.name
        for n in ast.parse(after).body
        if isinstance(n, ast.Import | ast.ImportFrom)
        for alias in n.names
    }
    assert {w.rpartition(" ")[2] for w in wanted} <= bound
    if crlf and text.count("\n"):
        assert after.count("\n") == after.count("\r\n")
    assert edits.add_imports(after, wanted, imports_of(after)) == after


def test_a_name_that_is_imported_under_another_name_is_not_there() -> None:
    text = "from app.models import Item as Row\n"

    assert "from app.models import Item\n" in edits.add_imports(text, ["from app.models import Item"], imports_of(text))


def test_an_import_of_several_names_that_are_all_there() -> None:
    text = "from a import (\n    b,\n    c,\n)\nfrom .d import e\n"

    assert edits.add_imports(text, ["from a import b, c", "from .d import e"], imports_of(text)) == text


def test_a_typing_import_makes_its_block() -> None:
    after = edits.add_typing_import(MODULE, "from app.models.tag import Tag")

    assert "if TYPE_CHECKING:\n    from app.models.tag import Tag\n" in after
    ast.parse(after)
    assert only_added(MODULE, after)
    assert edits.add_typing_import(after, "from app.models.tag import Tag") == after


def test_a_typing_import_joins_the_block_that_is_there() -> None:
    text = "from typing import TYPE_CHECKING\r\n\r\nif TYPE_CHECKING:\r\n    from a import B\r\n"

    after = edits.add_typing_import(text, "from a import C")

    assert (
        after
        == "from typing import TYPE_CHECKING\r\n\r\nif TYPE_CHECKING:\r\n    from a import C\r\n    from a import B\r\n"
    )


# -- the rest of a module ---------------------------------------------------------------------------------------------


def test_append() -> None:
    assert edits.append("X = 1\n\n\n", "def f(): ...") == "X = 1\n\n\ndef f(): ...\n"
    assert edits.append("", "X = 1") == "X = 1\n"


def test_append_stays_above_the_main_block() -> None:
    text = 'X = 1\n\nif __name__ == "__main__":\n    main()\n'

    assert edits.append(text, "Y = 2") == 'X = 1\n\n\nY = 2\n\n\nif __name__ == "__main__":\n    main()\n'


@given(st.lists(_LINES, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_append_keeps_everything_and_its_line_endings(lines: list[str], main: bool, crlf: bool) -> None:
    text = "\n".join([*lines, *(['if __name__ == "__main__":\n    run()'] if main else [])]) + "\n"
    text = text.replace("\n", "\r\n") if crlf else text

    after = edits.append(text, "class New:\n    pass")

    ast.parse(after)
    assert "class New:" in after
    assert [line for line in after.split("\n") if line.strip()] == [
        line for line in _inserted(text, "class New:\n    pass").split("\n") if line.strip()
    ]
    if crlf:
        assert after.count("\n") == after.count("\r\n")


def _inserted(text: str, block: str) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
    at = text.find("if __name__")
    at = len(text) if at < 0 else at
    return text[:at] + ending + block.replace("\n", ending) + ending + text[at:]


def test_insert_after_a_statement_with_its_indentation() -> None:
    text = "def make():\n    app.include(a)  # first\n    return app\n"

    after = edits.insert_after_statement(text, "app.include(a)", 2, "app.include(b)\n\nx = 1")

    assert after == "def make():\n    app.include(a)  # first\n    app.include(b)\n\n    x = 1\n    return app\n"


def test_insert_after_a_statement_of_several_lines_at_the_end_of_a_file() -> None:
    text = "app.include(\n    a,\n)"

    assert (
        edits.insert_after_statement(text, "app.include(\n    a,\n)", 1, "app.include(b)") == f"{text}\napp.include(b)"
    )


def test_insert_after_the_statement_on_its_line_not_after_an_earlier_one() -> None:
    text = "use(a)\nuse(b)\nuse(a)\n"

    assert edits.insert_after_statement(text, "use(a)", 3, "use(c)") == "use(a)\nuse(b)\nuse(a)\nuse(c)\n"


def test_insert_after_a_statement_keeps_line_endings() -> None:
    text = "use(a)\r\nuse(b)\r\n"

    assert edits.insert_after_statement(text, "use(a)", 1, "x = 1\ny = 2") == "use(a)\r\nx = 1\r\ny = 2\r\nuse(b)\r\n"


def test_insert_after_a_statement_that_is_gone() -> None:
    with pytest.raises(ValueError, match="use"):
        edits.insert_after_statement("x = 1\n", "use(a)", 1, "use(b)")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_insert_in_a_class_above_its_methods(ending: str) -> None:
    text = MODULE.replace("\n", ending)

    after = edits.insert_in_class(text, symbol(text, "Item"), "colour: str = field(\n    1\n)")

    expected = "    size: int = 1\n    colour: str = field(\n        1\n    )\n\n    def grow".replace("\n", ending)
    assert expected in after
    ast.parse(after)
    assert only_added(text, after)


def test_insert_in_a_class_without_attributes() -> None:
    after = edits.insert_in_class(MODULE, symbol(MODULE, "Empty"), "items: list[int]")

    assert after == MODULE.rstrip("\n") + "\n\n    items: list[int]\n"


# -- __all__ ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('__all__ = ["A", "C"]\n', '__all__ = ["A", "B", "C"]\n'),
        ('__all__ = ["C", "A"]\n', '__all__ = ["C", "A", "B"]\n'),
        ('__all__ = (\n    "A",\n    "C",\n)\n', '__all__ = (\n    "A",\n    "B",\n    "C",\n)\n'),
        ('__all__: list[str] = ["A"]\nX = 1\n', '__all__: list[str] = ["A", "B"]\nX = 1\n'),
        ("__all__ = ['A', 'C']\n", "__all__ = ['A', 'B', 'C']\n"),
        (
            '__all__ = (\r\n    "C",\r\n    "A"  # last\r\n)\r\n',
            '__all__ = (\r\n    "C",\r\n    "A",  # last\r\n    "B",\r\n)\r\n',
        ),
        ('__all__ = ["A",\n           "C"]\n', '__all__ = ["A",\n           "B",\n           "C"]\n'),
        ('__all__ = [\n    "A", "C",\n]\n', '__all__ = [\n    "A", "B", "C",\n]\n'),
        ("__all__ = ()\n", '__all__ = ("B",)\n'),
        ('__all__ = ["B"]\n', '__all__ = ["B"]\n'),
        ("X = 1\n", "X = 1\n"),
    ],
)
def test_a_name_in_all(before: str, after: str) -> None:
    assert edits.add_to_all(before, "B") == after


def test_all_of_one_name_as_a_tuple_stays_a_tuple() -> None:
    after = edits.add_to_all('__all__ = ("A",)\n', "B")

    assert ast.literal_eval(after.partition("=")[2].strip()) == ("A", "B")


def test_line_numbers_are_those_of_the_parser() -> None:
    text = "import os\n# page\x0c break\nimport re\n\nuse(a)\nuse(a)\n"

    assert edits.add_imports(text, ["import uuid"], imports_of(text)) == text.replace(
        "import re\n", "import re\nimport uuid\n"
    )
    assert edits.insert_after_statement(text, "use(a)", 6, "x = 1") == text + "x = 1\n"


def test_comments_in_all_stay() -> None:
    text = '__all__ = [\n    # models\n    "A",\n    "C",  # last\n]\n'

    after = edits.add_to_all(text, "B")

    assert only_added(text, after)
    assert '"B"' in after
