"""Health checks, planned in the sample services: beside what is there, else mounted as the house mounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from changed_scene import flat, lines, planned
from sample_scene import REPOS, Samples

from backwright.core.errors import NothingToDo, Unsupported, UsageError
from backwright.core.request import HealthCheck
from backwright.engine.requesting import parse_file, parse_words


def test_readiness_stands_beside_what_is_there(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "health")
    assert change.title == "add readiness checks"
    text = "\n".join(lines(change)["app/main.py"])
    assert '+@app.get("/health/ready", tags=["health"])' in text
    assert '+        await session.execute(text("SELECT 1"))' in text
    assert "+    except (SQLAlchemyError, OSError):" in text
    assert "status.HTTP_503_SERVICE_UNAVAILABLE" in text
    assert "liveness" not in text
    tests = "\n".join(lines(change)["tests/api/test_health.py"])
    assert 'client.get("http://test/health/ready")' in tests  # the client asks below /api/v1
    assert "monkeypatch.setitem(app.dependency_overrides, get_session, NoDatabase)" in tests


def test_the_route_beside_is_hidden_where_its_neighbour_is(samples: Samples) -> None:
    text = "\n".join(lines(planned(samples, "clinic_features", "health"))["src/main.py"])
    assert '+@app.get("/healthcheck/ready", include_in_schema=False)' in text


def test_a_router_of_its_own_is_mounted_like_its_neighbours(samples: Samples) -> None:
    library = lines(planned(samples, "library_functions", "health"))
    assert '+router = APIRouter(prefix="/health", tags=["health"])' in library["app/routers/health.py"]
    assert "+app.include_router(health.router)" in library["app/main.py"]
    wallet = lines(planned(samples, "wallet_generic", "health"))
    mounted = '+api_router.include_router(health.router, prefix="/health", tags=["health"])'
    assert mounted in wallet["app/api/api_v1/api.py"]
    assert '+@router.get("/ready")' in wallet["app/api/api_v1/endpoints/health.py"]
    notes = lines(planned(samples, "notes_sqlmodel", "health"))
    assert "+        session.exec(select(1))" in notes["backend/app/api/routes/health.py"]
    asked = '+    response = client.get(f"{settings.API_V1_STR}/health/ready")'
    assert asked in notes["backend/tests/api/routes/test_health.py"]


def test_routes_of_the_application_stay_there(samples: Samples) -> None:
    change = planned(samples, "tracker_flat", "health")
    text = lines(change)["tracker/main.py"]
    assert '+@app.get("/health")' in text
    assert "+def readiness(response: Response, db: Session = Depends(get_db)) -> dict[str, str]:" in text
    assert "+async def liveness() -> dict[str, str]:" in text
    assert {a.key: a.value for a in change.assumptions} == {"health": "live: GET /health, ready: GET /health/ready"}


def test_one_of_both_can_be_asked_for(samples: Samples) -> None:
    assert "readiness" not in "\n".join(lines(planned(samples, "tracker_flat", "health", "live"))["tracker/main.py"])
    ready = "\n".join(lines(planned(samples, "tracker_flat", "health", "ready"))["tracker/main.py"])
    assert "liveness" not in ready
    with pytest.raises(NothingToDo, match="GET /health is there already"):
        planned(samples, "shop_layered", "health", "live")


@pytest.mark.parametrize(
    ("there", "ready"),
    [("/healthz", "/readyz"), ("/probe/live", "/probe/ready"), ("/livez/", "/readyz/"), ("/ping", "/ping/ready")],
)
def test_the_address_follows_its_neighbour(tmp_path: Path, there: str, ready: str) -> None:
    main = (REPOS / "tracker_flat/tracker/main.py").read_text()
    main += f'\n\n@app.get("{there}")\ndef alive():\n    return "ok"\n'
    change = planned(flat(tmp_path, {"tracker/main.py": main}), "tracker_flat", "health")
    assert f'+@app.get("{ready}")' in lines(change)["tracker/main.py"]


def test_one_that_asks_the_database_is_readiness(tmp_path: Path) -> None:
    main = (REPOS / "tracker_flat/tracker/main.py").read_text()
    main += '\n\n@app.get("/health")\ndef health(db: Session = Depends(get_db)):\n    return crud.get_projects(db)\n'
    samples = flat(tmp_path, {"tracker/main.py": main})
    text = "\n".join(lines(planned(samples, "tracker_flat", "health"))["tracker/main.py"])
    assert '+@app.get("/health/live")' in text
    assert "readiness" not in text
    with pytest.raises(NothingToDo, match="GET /health is there already"):
        planned(samples, "tracker_flat", "health", "ready")


def test_what_another_handler_asks_is_not_asked_by_this(tmp_path: Path) -> None:
    main = (REPOS / "tracker_flat/tracker/main.py").read_text()
    main += '\n\n@app.get("/health")\ndef health():\n    return "ok"\n\n\n@app.get("/health/details")\ndef health_details():\n'
    main += '    return {"asked": "select 1"}\n'
    text = "\n".join(
        lines(planned(flat(tmp_path, {"tracker/main.py": main}), "tracker_flat", "health"))["tracker/main.py"]
    )
    assert '+@app.get("/health/ready")' in text


def test_guards_of_the_exemplar_are_not_those_of_a_probe(tmp_path: Path) -> None:
    import shutil

    from backwright.app.config import Config
    from backwright.app.project import open_project

    samples, root = Samples(tmp_path), tmp_path / "library_functions"
    shutil.copytree(REPOS / "library_functions", root)
    main = root / "app/main.py"
    guarded = "app.include_router({0}.router, dependencies=[Depends(current_user)])"
    text = main.read_text()
    for name in ("authors", "books", "loans"):
        text = text.replace(f"app.include_router({name}.router)", guarded.format(name))
    main.write_text(
        text.replace("import FastAPI", "import Depends, FastAPI\nfrom app.dependencies import current_user")
    )
    samples.known["library_functions"] = samples.open_ones.enter_context(open_project(root, Config()))
    assert "+app.include_router(health.router)" in lines(planned(samples, "library_functions", "health"))["app/main.py"]


def test_without_a_session_only_liveness(samples: Samples) -> None:
    with pytest.raises(Unsupported, match="how a database session arrives"):
        planned(samples, "empty_fastapi", "health")


@pytest.mark.parametrize(
    ("sentence", "probes"),
    [
        ("add a health check", ("live", "ready")),
        ("add health and readiness endpoints", ("live", "ready")),
        ("Add liveness and readiness probes for Kubernetes.", ("live", "ready")),
        ("add a /healthz endpoint", ("live", "ready")),
        ("we need a health check that pings the database", ("live", "ready")),
        ("add a readiness probe that checks the database", ("ready",)),
        ("please expose a liveness endpoint", ("live",)),
    ],
)
def test_words(sentence: str, probes: tuple[str, ...]) -> None:
    assert parse_words(sentence, ["Ticket"]).health == HealthCheck(probes)  # type: ignore[arg-type]  # a literal


@pytest.mark.parametrize(
    "sentence", ["add a health records API with name and date", "add a ready flag to tickets", "check the database"]
)
def test_other_words_mean_something_else(sentence: str) -> None:
    assert parse_words(sentence, ["Ticket"]).health is None


def test_a_file_says_the_same() -> None:
    assert parse_file("health: [live, ready]\n", "f.yaml").health == HealthCheck()
    assert parse_file("health: ready\n", "f.yaml").health == HealthCheck(("ready",))
    with pytest.raises(UsageError, match="knows `live` and `ready`"):
        parse_file("health: [alive]\n", "f.yaml")
