"""More asked of lists that exist, in the sample services: every function on the way, the queries, the tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from changed_scene import flat, lines, planned
from sample_scene import REPOS, Samples

from backwright.core.errors import Unsupported, UsageError


def test_a_list_of_conditions_is_continued_through_all_layers(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "list", "Supplier", "--filter", "email", "--search", "name,email")
    text = {path: "\n".join(found) for path, found in lines(change).items()}
    assert (
        "+        if email is not None:\n+            conditions.append(Supplier.email == email)"
        in text["app/repositories/supplier.py"]
    )
    assert "Supplier.name.icontains(search, autoescape=True)" in text["app/repositories/supplier.py"]
    for layer in ("app/repositories/supplier.py", "app/services/supplier.py", "tests/services/fakes.py"):
        assert "+        email: str | None = None," in text[layer], layer
    assert "email: Annotated[str | None, Query(max_length=255" in text["app/api/routes/suppliers.py"]
    assert "FakeSupplier" not in text["tests/services/fakes.py"]
    assert text["tests/services/fakes.py"].count("email:") == 1, "fakes of other entities stay"
    assert "def test_search_suppliers(" in text["tests/api/test_suppliers.py"]
    assert not [line for found in lines(change).values() for line in found if line.startswith("-def")]
    assert any("no index on email" in note for note in change.notes)


def test_rows_and_their_count_are_narrowed_alike(samples: Samples) -> None:
    change = planned(samples, "shop_layered", "list", "User", "--filter", "is_admin", "--sort", "email")
    text = "\n".join(lines(change)["app/repositories/user.py"])
    assert text.count(".where(*conditions)") == 2
    assert ".order_by(*order, User.id)" in text
    assert 'USER_SORT_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {\n+    "email": User.email,' in text
    handler = "\n".join(lines(change)["app/api/routes/users.py"])
    assert 'sort: Literal["email", "-email"] | None = None' in handler


def test_a_query_that_is_narrowed_step_by_step_goes_on_so(samples: Samples) -> None:
    change = planned(samples, "tracker_flat", "list", "Ticket", "--filter", "author", "--sort", "date")
    text = "\n".join(lines(change)["tracker/crud.py"])
    assert "+    if author_id is not None:\n+        query = query.filter(models.Ticket.author_id == author_id)" in text
    assert "query.order_by(*order, models.Ticket.priority, models.Ticket.id)" in text
    assert '"created_at": models.Ticket.created_at' in text
    assert "`date` of Ticket is taken for created_at" in change.notes


def test_columns_of_sqlmodel_are_told_to_type_checkers(samples: Samples) -> None:
    change = planned(samples, "notes_sqlmodel", "list", "Note", "--filter", "is_pinned", "--search", "title")
    text = "\n".join(lines(change)["backend/app/crud.py"])
    assert "conditions.append(col(Note.is_pinned) == is_pinned)" in text
    assert "conditions.append(col(Note.title).icontains(search, autoescape=True))" in text


def test_a_house_with_optional_stays_with_it(samples: Samples) -> None:
    change = planned(samples, "wallet_generic", "list", "Transaction", "--filter", "booked_on")
    assert "+        booked_on: Optional[date] = None," in lines(change)["app/crud/crud_transaction.py"]


UNPAGED = {
    "tracker/main.py": (
        """def list_projects(limit: Limit = 50, offset: Offset = 0, db: Session = Depends(get_db)):
    return crud.get_projects(db, limit=limit, offset=offset)""",
        """def list_projects(db: Session = Depends(get_db)):
    return crud.get_projects(db)""",
    ),
    "tracker/crud.py": (
        """def get_projects(db: Session, limit: int = 50, offset: int = 0):
    query = db.query(models.Project).order_by(models.Project.key)
    return query.limit(limit).offset(offset).all()""",
        """def get_projects(db: Session):
    return db.query(models.Project).order_by(models.Project.key).all()""",
    ),
}


def test_pages_are_cut_at_the_end_of_the_query(tmp_path: Path) -> None:
    change = planned(changed(tmp_path, UNPAGED), "tracker_flat", "list", "Project", "--paginate=10..50")
    text = {path: "\n".join(found) for path, found in lines(change).items()}
    assert "order_by(models.Project.key, models.Project.id)" in text["tracker/crud.py"]
    assert ".offset(offset)" in text["tracker/crud.py"]
    assert "offset: int = 0, limit: int | None = None" in text["tracker/crud.py"]
    assert [a.value for a in change.assumptions if a.key == "paginate"] == ["10..50"]
    assert "limit: int = Query(default=10, ge=1, le=50)" in text["tracker/main.py"]
    assert any("there are no tests of it" in note for note in change.notes), "none of this sample creates a project"


CACHED = {"tracker/main.py": ('@app.get("/projects", r', '@cache(expire=60)\n@app.get("/projects", r')}
BARE = {
    "tracker/main.py": (
        UNPAGED["tracker/main.py"][0],
        UNPAGED["tracker/main.py"][1].replace("get_projects(db)", "get_projects()"),
    ),
    "tracker/crud.py": (UNPAGED["tracker/crud.py"][0], UNPAGED["tracker/crud.py"][1].replace("db: Session", "")),
}


def test_answers_that_are_kept_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="`@cache` keeps what list_projects gives"):
        planned(changed(tmp_path, CACHED), "tracker_flat", "list", "Project", "--search", "title")


def test_functions_without_parameters_get_theirs(tmp_path: Path) -> None:
    found = lines(planned(changed(tmp_path, BARE), "tracker_flat", "list", "Project", "--filter=key", "--sort=title"))
    assert "+def get_projects(sort=None, key=None):" in found["tracker/crud.py"]
    assert "crud.get_projects(sort=sort, key=key)" in "\n".join(found["tracker/main.py"])


def changed(folder: Path, texts: dict[str, tuple[str, str]]) -> Samples:
    """The flat sample with other texts."""
    found = {}
    for path, (before, after) in texts.items():
        text = (REPOS / "tracker_flat" / path).read_text()
        assert before in text
        found[path] = text.replace(before, after)
    return flat(folder, found)


@pytest.mark.parametrize(
    ("name", "tokens", "message"),
    [
        ("tracker_flat", ("Ticket", "--filter", "project"), "filtered by `project_id` already"),
        ("tracker_flat", ("Ticket", "--paginate"), "comes in pages already"),
        ("clinic_features", ("Patient", "--search", "phone"), "searched by `search` already"),
        ("tracker_flat", ("Ticket", "--filter", "colour"), "has no field `colour`"),
        ("tracker_flat", ("Ticket", "--search", "priority"), "holds no text"),
    ],
)
def test_what_is_there_already_or_cannot_be(samples: Samples, name: str, tokens: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        planned(samples, name, "list", *tokens)


@pytest.mark.parametrize(
    ("name", "tokens", "message", "where"),
    [
        ("tracker_flat", ("User", "--filter", "is_admin"), "no endpoint lists User", "tracker/models.py"),
        ("wallet_generic", ("User", "--filter", "is_active"), "lists the rows of more than User", "app/crud/base.py"),
        ("notes_sqlmodel", ("User", "--filter", "hashed_password"), "it would tell it", "backend/app/models.py"),
    ],
)
def test_what_is_not_known_is_refused_by_its_place(
    samples: Samples, name: str, tokens: tuple[str, ...], message: str, where: str
) -> None:
    with pytest.raises(Unsupported, match=message) as caught:
        planned(samples, name, "list", *tokens)
    assert caught.value.where.startswith(where)


def test_a_field_whose_name_begins_like_an_option_is_a_field(tmp_path: Path) -> None:
    models = (REPOS / "tracker_flat" / "tracker/models.py").read_text()
    texts = {
        "tracker/models.py": models.replace("    key = Column(", "    sort_order = Column(Integer)\n    key = Column(")
    }
    found = lines(planned(flat(tmp_path, texts), "tracker_flat", "list", "Project", "--filter=sort_order"))
    assert any("sort_order: int | None = None" in line for line in found["tracker/crud.py"])
