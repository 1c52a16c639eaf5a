"""What engines are opened with: the project's facts, guardrails and examples, and a model that the user has chosen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from backwright.adapters.engines.workplace import Workplace
from backwright.adapters.workcopy import work_copy
from backwright.app.config import Config
from backwright.app.engines import chosen_by, engine_named, workplace
from backwright.app.project import open_project
from backwright.core.errors import NeedsPerson

SHOP = Path(__file__).parent.parent / "repos" / "shop_layered"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    root = tmp_path / "shop"
    shutil.copytree(SHOP, root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    with open_project(root, Config(model="openai:x")) as project, work_copy(root, project.tree.files()) as copy:
        yield workplace(project, copy, "4711")


def test_facts_follow_what_was_written(place: Workplace) -> None:
    path = "app/added.py"
    index = place.senses.index({path: "class Added:\n    pass\n"})
    assert path in index.files
    assert path not in place.senses.index({}).files


def test_guardrails_tell_only_what_is_new(place: Workplace) -> None:
    assert not place.senses.findings(place.senses.index({}))
    text = (
        "import hashlib\n\n\ndef stored(password: str) -> str:\n    return hashlib.md5(password.encode()).hexdigest()\n"
    )
    (found,) = place.senses.findings(place.senses.index({"app/added.py": text}))
    assert found.span.path == "app/added.py"


@pytest.mark.parametrize("role", ["router", "repository", "service", "model", "test"])
def test_there_is_an_example_of_each_role(place: Workplace, role: str) -> None:
    found = place.senses.exemplars(role)
    assert found
    assert all((place.ground.original / path).is_file() for path in found)


def test_prompts_stay_with_the_repositorys_state(place: Workplace) -> None:
    assert place.kept == place.ground.original / ".backwright" / "runs" / "4711"


def test_a_repository_suggests_a_model_and_does_not_choose_it() -> None:
    found = Config(model="x:y", is_found=True, files=("backwright.toml",), origins={"agent.model": "backwright.toml:2"})
    with pytest.raises(NeedsPerson, match="suggests the model x:y") as refused:
        chosen_by(found)
    assert "--config agent.model=x:y" in refused.value.hints
    assert chosen_by(Config(model="x:y", origins={"agent.model": "--config agent.model"})).model == "x:y"


def test_the_engine_is_found_by_its_name(place: Workplace) -> None:
    assert engine_named("model")(place).name == "model"
