"""Changes to JSON text: what is meant to change does, and not another character."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwright.kit.jsontext import inserted, parsed, removed

_OURS = {"ours": [1, "two"]}

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)
_documents = st.dictionaries(
    st.sampled_from(["mcp", "hooks", 'a"b', "{", "ü"]) | st.text(max_size=6), _values, max_size=4
)
_layouts = st.sampled_from([None, 1, 2, 4, "\t"])


def _is_ours(value: Any) -> bool:
    return bool(value == _OURS)


@given(document=_documents, indent=_layouts, append=st.booleans())
def test_in_and_out_again(document: dict[str, Any], indent: int | str | None, append: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False) + "\n"
    path = ["zz", "deep"] if not append else ["zz", "list"]
    document.pop("zz", None)
    text = json.dumps(document, indent=indent, ensure_ascii=False) + "\n"
    after = inserted(text, path, _OURS, append=append)
    assert json.loads(after) == {**document, "zz": {path[1]: [_OURS] if append else _OURS}}
    assert json.loads(removed(after, path, _is_ours) or "{}") == document
    assert removed(text, path, _is_ours) == text


@given(elements=st.lists(_values, max_size=4), indent=_layouts)
def test_element_of_a_list(elements: list[Any], indent: int | str | None) -> None:
    elements = [e for e in elements if not _is_ours(e)]
    text = json.dumps({"other": {"x": []}, "list": elements}, indent=indent)
    after = inserted(text, ["list"], _OURS, append=True)
    assert json.loads(after)["list"] == [*elements, _OURS]
    assert json.loads(removed(after, ["list"], _is_ours)).get("list", []) == elements


def test_layout_of_others_stays() -> None:
    text = '{\n    "mcpServers": {\n        "other": {"command": "x", "args": ["a", "b"]}\n    },\n    "n": 1.50\n}\n'
    after = inserted(text, ["mcpServers", "backwright"], {"command": "backwright"})
    assert after == (
        '{\n    "mcpServers": {\n        "other": {"command": "x", "args": ["a", "b"]},\n'
        '        "backwright": {\n            "command": "backwright"\n        }\n    },\n    "n": 1.50\n}\n'
    )
    assert removed(after, ["mcpServers", "backwright"], lambda _: True) == text


@pytest.mark.parametrize("text", ["[]", '"x"', "{", "// no\n{}", '{"mcp": 3}', '{"mcp": {"us": 1}}'])
def test_what_is_in_the_way(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        inserted(text, ["mcp", "us"], 1)


def test_empty_file() -> None:
    assert json.loads(inserted("", ["a", "b"], 1)) == {"a": {"b": 1}}
    assert removed(inserted("", ["a", "b"], 1), ["a", "b"], lambda _: True) == ""


@pytest.mark.parametrize("text", ["{}", "[]", "3", "null", '{"mcp": {}}', '{"mcp": []}', '{"mcp": {"us": "theirs"}}'])
def test_where_nothing_is_ours_nothing_is_taken(text: str) -> None:
    assert removed(text, ["mcp", "us"], _is_ours) == text


@pytest.mark.parametrize("text", ['{"mcp": {"a": 1}, "mcp": {"us": 1}}', "[" * 100_000])
def test_what_cannot_be_told_is_refused(text: str) -> None:
    for act in (parsed, lambda given: removed(given, ["mcp", "us"], lambda _: True)):
        with pytest.raises(ValueError, match=r"twice|deeply"):
            act(text)
