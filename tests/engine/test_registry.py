from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backwright.core.errors import BackwrightError
from backwright.engine.registry import GROUP, Registry
from backwright.kit.shapes import Language, Rule

_RULE = """
from backwright.kit.shapes import Rule
RULE = Rule("{id}", "{name}", "error", ("python",), lambda index, archmap: ())
"""
_LANGUAGE = """
from backwright.kit.shapes import Language
LANGUAGE = Language("{name}", (".x",), 1, lambda path, source, module: None)
"""


class Installation:
    """A package laid out like ours, with what each test puts in."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.name = name
        for kind in ("languages", "frameworks", "rules", "blueprints"):
            self.add(f"{kind}/__init__.py", "")
        self.add("__init__.py", "")

    def add(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def language(self, folder: str, name: str = "") -> None:
        self.add(f"languages/{folder}/__init__.py", _LANGUAGE.format(name=name or folder))

    def rule(self, subject: str, module: str, identifier: str, name: str = "", page: str = "# Why\n") -> None:
        self.add(f"rules/{subject}/__init__.py", "")
        self.add(f"rules/{subject}/{module}.py", _RULE.format(id=identifier, name=name or module))
        if page:
            self.add(f"rules/{subject}/{module}.md", page)

    @property
    def registry(self) -> Registry:
        return Registry(self.name)

    def imported(self) -> set[str]:
        return {name for name in sys.modules if name.startswith(f"{self.name}.")}


@pytest.fixture
def installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Installation]:
    name = f"install_{abs(hash(request.node.name))}"
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Installation(tmp_path, name)
    yield made
    for module in [name, *made.imported()]:
        sys.modules.pop(module, None)


def plug_in(folder: Path, **entries: str) -> None:
    """Install a distribution with these entry points."""
    (folder / "others-1.0.dist-info").mkdir()
    (folder / "others-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
    (folder / "others-1.0.dist-info/entry_points.txt").write_text(f"[{GROUP}]\n{lines}")


def test_a_new_folder_is_found_without_a_list(installation: Installation) -> None:
    installation.language("zig")
    installation.language("ada")
    installation.add("languages/_shared.py", "")
    installation.add("languages/_base/__init__.py", "")
    installation.add("languages/notes/readme.txt", "")
    assert [language.name for language in installation.registry.languages] == ["ada", "zig"]


def test_rules_are_modules_in_subjects_with_their_pages_beside_them(installation: Installation) -> None:
    installation.rule("queries", "n_plus_one", "BW301", page="# n+1 über\n")
    installation.rule("layering", "query_in_router", "BW101")
    installation.add("rules/queries/_chains.py", "")
    registry = installation.registry
    assert [rule.id for rule in registry.rules] == ["BW101", "BW301"]
    assert registry.page(registry.rules[1]) == "# n+1 über\n"


def test_a_rule_without_a_page_is_an_error_when_it_is_asked_for(installation: Installation) -> None:
    installation.rule("queries", "n_plus_one", "BW301", page="")
    registry = installation.registry
    with pytest.raises(BackwrightError, match="BW301 has no page") as caught:
        registry.page(registry.rules[0])
    assert caught.value.where.endswith("rules.queries.n_plus_one")


def test_nothing_is_imported_before_it_is_asked_for(installation: Installation) -> None:
    installation.language("ada")
    installation.rule("queries", "n_plus_one", "BW301")
    registry = installation.registry
    assert installation.imported() == set()
    _ = registry.rules
    assert not [name for name in installation.imported() if "ada" in name]
    assert registry.rules is registry.rules


def test_the_registry_of_this_package_imports_no_extension_by_itself() -> None:
    code = (
        "import sys; import backwright.engine.registry as r; r.Registry();"
        "print([m for m in sys.modules if m.startswith(('backwright.languages', 'backwright.rules', 'tree_sitter'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("first", "second"), [(("BW1", "same"), ("BW2", "same")), (("BW1", "a"), ("BW1", "b"))])
def test_a_name_or_id_twice_is_an_error_that_names_both(
    installation: Installation, first: tuple[str, str], second: tuple[str, str]
) -> None:
    installation.rule("one", "first", *first)
    installation.rule("two", "second", *second)
    with pytest.raises(BackwrightError, match="two extensions are called") as caught:
        _ = installation.registry.rules
    assert caught.value.where.endswith("two.second")
    assert "one.first" in caught.value.hints[0]


@pytest.mark.parametrize("text", ["", "LANGUAGE = 'python'\n"])
def test_a_folder_without_its_shape_is_an_error(installation: Installation, text: str) -> None:
    installation.add("languages/ada/__init__.py", text)
    with pytest.raises(BackwrightError, match="no LANGUAGE") as caught:
        _ = installation.registry.languages
    assert caught.value.where.endswith("languages.ada")


def test_a_folder_that_cannot_be_imported_is_an_error(installation: Installation) -> None:
    installation.add("languages/ada/__init__.py", "import missing_grammar\n")
    with pytest.raises(BackwrightError, match="missing_grammar"):
        _ = installation.registry.languages


def test_extensions_of_others_come_through_entry_points(installation: Installation, tmp_path: Path) -> None:
    installation.language("ada")
    other = tmp_path / "other_extension.py"
    other.write_text(_LANGUAGE.format(name="elm") + _RULE.format(id="XX1", name="theirs"))
    (tmp_path / "other_extension.md").write_text("# Theirs\n")
    plug_in(tmp_path, module="other_extension", value="other_extension:RULE")
    registry = installation.registry
    assert [language.name for language in registry.languages] == ["ada", "elm"]
    assert [rule.id for rule in registry.rules] == ["XX1"]
    assert isinstance(registry.rules[0], Rule)
    assert isinstance(registry.languages[0], Language)


@pytest.mark.parametrize("value", ["no_such_module", "json:no_such_thing", "json:dumps", "json"])
def test_a_broken_extension_of_others_is_an_error_that_names_it(
    installation: Installation, tmp_path: Path, value: str
) -> None:
    plug_in(tmp_path, broken=value)
    with pytest.raises(BackwrightError, match="the extension `broken`"):
        _ = installation.registry.languages


def test_an_extension_of_others_may_not_take_a_name_of_ours(installation: Installation, tmp_path: Path) -> None:
    installation.language("ada")
    (tmp_path / "usurper.py").write_text(_LANGUAGE.format(name="ada"))
    plug_in(tmp_path, usurper="usurper")
    with pytest.raises(BackwrightError, match="two extensions are called `ada`"):
        _ = installation.registry.languages
