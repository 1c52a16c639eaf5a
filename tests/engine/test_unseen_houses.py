"""Unusual architectures: planned as they are written, or refused by name; never broken."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from backwright.adapters.formatter import RuffFormatter
from backwright.blueprints.resource import BLUEPRINT
from backwright.core.errors import Unsupported
from backwright.engine.housing import build_house
from backwright.engine.planning import plan_change
from backwright.engine.request_grammar import parse_grammar
from backwright.kit.cases import Build

HOUSES: dict[str, dict[str, str]] = yaml.safe_load((Path(__file__).parent / "unseen_houses.yaml").read_text())


def planned(build: Build, name: str, *tokens: str) -> dict[str, str]:
    """The new files and the changed ones, with their new texts."""
    files = {**HOUSES["common"], **HOUSES[name]}
    index, archmap = build(files)
    house, _ = build_house(index, archmap.components, lambda path: files[path])
    request = parse_grammar(("resource", *(tokens or ("TeaPot", "name:str(20)", "--auth", "public"))))
    plan = plan_change(
        request, house, index, read=files.get, formatter=RuffFormatter(), settings={}, blueprint=BLUEPRINT
    )
    return {edit.path: edit.after or "" for edit in plan.change.edits}


def test_classes_that_are_injected_themselves(build: Build) -> None:
    after = planned(build, "injected_classes")

    assert "def __init__(self, db: Session = Depends(get_db)) -> None:" in after["app/tea_pot_repository.py"]
    assert "from app.database import get_db" in after["app/tea_pot_repository.py"]
    assert "teaPotRepository: TeaPotRepository = Depends()" in after["app/tea_pot_service.py"]
    assert "self.teaPotRepository.get(tea_pot_id)" in after["app/tea_pot_service.py"]
    assert "service: TeaPotService = Depends()" in after["app/tea_pot_router.py"]
    assert 'teaPotRouter = APIRouter(prefix="/v1/tea-pots")' in after["app/tea_pot_router.py"]
    assert "app.include_router(teaPotRouter)" in after["app/main.py"]
    assert "app/legacy.py" not in after  # it returns the service, and nothing injects it


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("port", "BoatRepositorySql implements the port BoatRepository"),
        ("adapter", "through `SqlBoatRepository`"),
        ("unit_of_work", "BoatService takes neither a session nor a repository, but work"),
        ("commands", "through `Bus`"),
    ],
)
def test_what_cannot_be_imitated_is_refused_by_name(build: Build, name: str, why: str) -> None:
    with pytest.raises(Unsupported) as caught:
        planned(build, name)

    assert why in caught.value.message
    assert caught.value.where == "app/boat_router.py"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("foreign_store", "such as DELETE /boats/{boat_id}, so there is nothing to imitate; data stored with Motor"),
        ("imperative", "mapped imperatively"),
    ],
)
def test_no_second_architecture_beside_one_that_is_not_understood(build: Build, name: str, why: str) -> None:
    with pytest.raises(Unsupported) as caught:
        planned(build, name)

    assert why in caught.value.message
    assert ".py:" in caught.value.where


def test_a_router_that_is_mounted_in_a_loop(build: Build) -> None:
    main = planned(build, "mounted_in_a_loop")["app/main.py"]

    assert "from app.tea_pot_router import teaPotRouter\n" in main
    assert "routers = [\n    boatRouter,\n    teaPotRouter,\n]\n" in main


def test_a_router_that_is_mounted_under_a_name_that_says_nothing(build: Build) -> None:
    main = planned(build, "mounted_without_a_name")["app/main.py"]

    assert "from app.tea_pot_router import teaPotRouter as tea_pot_first\n" in main
    assert "routers = [first, tea_pot_first]\n" in main


def test_a_session_under_another_name(build: Build) -> None:
    router = planned(build, "renamed_session")["app/tea_pot_router.py"]

    assert "from app.database import get_db as session_of_request" in router
    assert "db: Session = Depends(session_of_request)" in router


def test_entities_that_store_themselves_are_no_layer(build: Build) -> None:
    router = planned(build, "active_record")["app/tea_pot_router.py"]

    assert "db.get(TeaPot, tea_pot_id)" in router


def test_handlers_are_not_called_like_rows(build: Build) -> None:
    """The exemplar's is: there it harms nothing, since its body is called otherwise."""
    router = planned(build, "renamed_session")["app/tea_pot_router.py"]

    assert "def create_tea_pot(" in router
    assert "def tea_pot(" not in router


def test_names_without_a_plural_of_their_own(build: Build) -> None:
    router = planned(build, "renamed_session", "News", "title:str(20)", "--auth", "public")["app/news_router.py"]

    assert router.count("def list_news(") == router.count("def get(") == 1
