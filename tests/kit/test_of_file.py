"""What one file says by itself is worked out once, however many indexes it is in."""

from __future__ import annotations

import msgspec

from backwright.core.facts import FileFacts, Loc, Route
from backwright.kit.index import FactIndex, of_file

_LOC = Loc(1, 1, 1, 1, 0, 0)


def test_it_is_worked_out_once() -> None:
    made: list[str] = []

    def named(file: FileFacts) -> str:
        made.append(file.path)
        return file.path.upper()

    one, other = (FileFacts(path, "python", "", "") for path in ("a.py", "b.py"))
    for index in (FactIndex({"a.py": one}), FactIndex({"a.py": one, "b.py": other})):
        assert [of_file(file, named) for file in index.files.values()] == [path.upper() for path in index.files]
    assert made == ["a.py", "b.py"]
    again = FileFacts("a.py", "python", "", "")
    assert one == again  # what is known beside them is no part of the facts
    assert msgspec.msgpack.encode(one) == msgspec.msgpack.encode(again)
    assert of_file(again, named) == "A.PY"
    assert made == ["a.py", "b.py", "a.py"]


def test_what_is_added_to_one_index_is_in_no_other() -> None:
    bare = FactIndex({"a.py": FileFacts("a.py", "python", "", "")})
    more = bare.with_added({"a.py": (Route(method="GET", path="/", handler="read", loc=_LOC),)})
    assert [len(index._of(Route, "a.py")) for index in (bare, more, bare)] == [0, 1, 0]
