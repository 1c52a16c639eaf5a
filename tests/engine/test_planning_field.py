"""One field of a resource that exists, planned in the sample services: what changes in each layer, and what is refused."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from sample_scene import REPOS, Samples, house_of, plan_at

from backwright.adapters.formatter import RuffFormatter
from backwright.app.config import Config
from backwright.app.project import open_project
from backwright.blueprints.field import BLUEPRINT
from backwright.core.errors import NeedsPerson, Unsupported, UsageError
from backwright.engine.housing import build_house
from backwright.engine.planning import Planned, plan_change
from backwright.engine.request_fields import parse_field
from backwright.kit.cases import Build
from backwright.kit.house import House


def planned(
    samples: Samples, name: str, *tokens: str, settings: Mapping[str, str] | None = None, house: House | None = None
) -> Planned:
    project = samples.project(name)
    return plan_change(
        parse_field(tokens),
        house or house_of(project),
        project.index,
        blueprint=BLUEPRINT,
        read=project.read,
        formatter=RuffFormatter(),
        settings=settings or {},
        components=project.components,
    )


def changed(plan: Planned) -> dict[str, list[str]]:
    """The lines that go and come, by file; of new files all."""
    out = {}
    for edit in plan.change.edits:
        before, after = (edit.before or "").splitlines(), (edit.after or "").splitlines()
        lines = difflib.unified_diff(before, after, lineterm="", n=0)
        out[edit.path] = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return out


def migration(plan: Planned) -> str:
    return next(e.after or "" for e in plan.change.edits if "revision" in (e.after or "") and e.before is None)


def test_a_field_that_may_be_left_out(samples: Samples) -> None:
    plan = planned(samples, "shop_layered", "add", "Supplier", "phone:str(20)?")
    lines = changed(plan)
    assert lines["app/models/supplier.py"] == ["+    phone: Mapped[str | None] = mapped_column(String(20))"]
    assert lines["app/schemas/supplier.py"] == [
        "+    phone: Text | None = Field(default=None, max_length=20)",
        "+    phone: Text | None = Field(default=None, max_length=20)",
        "+    phone: str | None",
    ]
    assert 'op.add_column("suppliers", sa.Column("phone", sa.String(length=20), nullable=True))' in migration(plan)
    assert 'op.drop_column("suppliers", "phone")' in migration(plan)
    assert not plan.change.assumptions
    tests = "\n".join(lines["tests/api/test_suppliers.py"])
    assert not [line for line in lines["tests/api/test_suppliers.py"] if line.startswith("-")]
    for name in ("create_supplier_with_phone", "create_supplier_without_phone", "update_phone_of_supplier"):
        assert f"test_{name}(" in tests


def test_a_field_that_is_needed_comes_to_whatever_makes_the_resource(samples: Samples) -> None:
    plan = planned(samples, "shop_layered", "add", "Supplier", "phone:str(5..20)")
    lines = changed(plan)
    assert [a.key for a in plan.change.assumptions] == ["backfill"]
    assert '    phone: Mapped[str] = mapped_column(String(20), server_default="-----")' in "\n".join(
        lines["app/models/supplier.py"]
    )
    assert "nullable=False" in migration(plan)
    assert 'server_default="-----"' in migration(plan)
    assert '"phone")(' in "\n".join(lines["app/schemas/supplier.py"]), "null is refused with the others"
    assert any('"phone": "A phone"' in line for line in lines["tests/api/test_suppliers.py"])
    assert any('phone="A phone"' in line for line in lines["tests/services/test_supplier_service.py"])


def test_what_rows_that_exist_get_can_be_said(samples: Samples) -> None:
    plan = planned(samples, "shop_layered", "add", "Supplier", "phone:str(20)", settings={"backfill": "none"})
    assert 'server_default="none"' in migration(plan)
    assert not plan.change.assumptions


def test_a_base_that_requests_and_rows_share_gets_the_field_once(samples: Samples) -> None:
    lines = changed(planned(samples, "notes_sqlmodel", "add", "Note", "code:str(20)?:index"))
    assert lines["backend/app/models.py"] == [
        "+    code: str | None = Field(default=None, max_length=20, index=True)",
        "+    code: str | None = Field(default=None, max_length=20)",
    ]


def test_classes_that_declare_again_what_they_inherit_do_so_here_too(samples: Samples) -> None:
    lines = changed(planned(samples, "wallet_generic", "add", "Account", "label:str(1..40)"))
    assert lines["app/schemas/account.py"] == [
        "+    label: Optional[str] = Field(default=None, min_length=1, max_length=40)",
        '-    @field_validator("name", "iban", "currency")',
        '+    @field_validator("name", "iban", "currency", "label")',
        "+    label: str = Field(min_length=1, max_length=40)",
        "+    label: str",
    ]


@pytest.mark.parametrize(
    ("name", "entity", "old", "stays"),
    [
        ("library_functions", "Book", "title", '"title": Book.headline'),
        ("tracker_flat", "Ticket", "title", "project.title"),
        ("notes_sqlmodel", "Note", "title", "title: str = Field(min_length=1, max_length=120)"),
        ("shop_layered", "Supplier", "name", "response.json()"),
    ],
)
def test_only_this_field_is_renamed(samples: Samples, name: str, entity: str, old: str, stays: str) -> None:
    """Others are called the same here: what they are is told by types, routes and fixtures."""
    plan = planned(samples, name, "rename", entity, old, "headline")
    text = "".join(e.after or "" for e in plan.change.edits)
    assert f'{old}", new_column_name="headline"' in migration(plan)
    assert f'headline", new_column_name="{old}"' in migration(plan)
    assert stays in text or name == "tracker_flat"
    for edit in plan.change.edits:
        if edit.before is not None and edit.path.endswith(".py"):
            assert (edit.after or "").replace("headline", old).split() == edit.before.replace(
                "headline", old
            ).split() or (
                len((edit.after or "").split()) != len(edit.before.split())  # laid out anew
            )


def test_parameters_of_endpoints_keep_their_names_in_tests_too(samples: Samples) -> None:
    lines = changed(planned(samples, "shop_layered", "rename", "Supplier", "status", "state"))
    tests = lines["tests/api/test_suppliers.py"]
    assert '+    assert body["state"] == "active"' in tests
    assert not [line for line in tests if "params=" in line]
    key = planned(samples, "shop_layered", "rename", "Supplier", "category_id", "group_id")
    assert "the relation `category` that stands on it keeps its name" in key.change.notes


def test_a_reference_that_may_be_left_out(samples: Samples) -> None:
    plan = planned(samples, "shop_layered", "add", "Supplier", "contact:ref(User)?")
    tests = "\n".join(changed(plan)["tests/api/test_suppliers.py"])
    assert "test_create_supplier_without_contact_id" in tests
    assert 'assert response.json()["contact_id"] is None' in tests
    with pytest.raises(Unsupported, match="would need a row of User"):
        planned(samples, "shop_layered", "add", "Supplier", "contact:ref(User)", settings={"backfill": "1"})


def test_what_is_removed_is_asked_for(samples: Samples) -> None:
    with pytest.raises(NeedsPerson) as caught:
        planned(samples, "clinic_features", "remove", "Patient", "notes")
    assert "--set data=delete" in " ".join(caught.value.hints)
    plan = planned(samples, "clinic_features", "remove", "Patient", "notes", settings={"data": "delete"})
    lines = changed(plan)
    assert lines["src/patients/models.py"] == [
        "-from sqlalchemy import String, Text",
        "+from sqlalchemy import String",
        "-    notes: Mapped[str | None] = mapped_column(Text)",
    ]
    assert all("notes" in line for line in lines["src/patients/schemas.py"])
    assert 'op.add_column("patient", sa.Column("notes", sa.Text(), nullable=True))' in migration(plan)


def test_a_value_to_sort_by_goes_with_its_column(samples: Samples) -> None:
    plan = planned(samples, "shop_layered", "remove", "Supplier", "email", settings={"data": "delete"})
    cases = "\n".join(changed(plan)["tests/api/test_suppliers.py"])
    assert '-        {"email": "not an address"},' in cases, "a case that is about the field goes with it"
    sorted_by = planned(samples, "library_functions", "remove", "Book", "published_year", settings={"data": "delete"})
    assert any('Literal["title", "created_at"]' in line for line in changed(sorted_by)["app/routers/books.py"])


@pytest.mark.parametrize(
    ("name", "tokens", "error", "says"),
    [
        ("shop_layered", ("add", "Nothing", "a:str"), UsageError, "not an entity"),
        ("shop_layered", ("add", "Supplier", "name:str"), UsageError, "already"),
        ("shop_layered", ("rename", "Supplier", "nme", "title"), UsageError, "no field"),
        ("shop_layered", ("rename", "Supplier", "id", "key"), Unsupported, "is the key of"),
        ("shop_layered", ("rename", "Supplier", "created_at", "made"), Unsupported, "comes from TimestampMixin"),
        ("shop_layered", ("remove", "Supplier", "category_id"), Unsupported, "a relation"),
        ("clinic_features", ("rename", "Patient", "name", "full_name"), Unsupported, "Person shows rows of"),
        ("clinic_features", ("add", "Patient", "born:date:unique"), Unsupported, "neither null nor the same"),
        ("clinic_features", ("remove", "Patient", "name"), Unsupported, "shows rows of|takes part"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    samples: Samples, name: str, tokens: tuple[str, ...], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        planned(samples, name, *tokens, settings={"data": "delete"})
    assert getattr(caught.value, "where", "") or getattr(caught.value, "hints", ())


def test_a_unique_field_needs_an_answer_for_what_is_taken(samples: Samples) -> None:
    house = replace(samples.house("shop_layered"), application=None)
    with pytest.raises(Unsupported, match="nothing answers a value that is taken"):
        planned(samples, "shop_layered", "add", "Supplier", "sku:str(40)?:unique", house=house)
    assert "unique" in migration(planned(samples, "shop_layered", "add", "Supplier", "sku:str(40)?:unique"))


def test_rows_that_exist_get_values_of_their_own(samples: Samples) -> None:
    text = migration(planned(samples, "shop_layered", "add", "Supplier", "sku:str(40):unique"))
    assert "op.execute(sa.update(rows).values(sku=sa.cast(rows.c.id, sa.String(40))))" in text
    assert text.index("nullable=True") < text.index("op.execute") < text.index("nullable=False")


def test_what_other_packages_call_so_stays(build: Build) -> None:
    """Nothing of the project is called `description` but the field, and `HTTPStatus` has one too."""
    files = {
        "pyproject.toml": "",
        "app/errors.py": "from http import HTTPStatus\n\nMESSAGE = HTTPStatus.NOT_FOUND.description\n",
        "app/models.py": (
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
            "class Base(DeclarativeBase):\n    pass\n\n\n"
            "class Task(Base):\n    __tablename__ = 'tasks'\n\n"
            "    id: Mapped[int] = mapped_column(primary_key=True)\n    description: Mapped[str]\n\n\n"
            "def shown(task: Task) -> str:\n    return task.description\n"
        ),
    }
    index, archmap = build(files)
    house, _ = build_house(index, archmap.components, lambda path: files[path])
    plan = plan_change(
        parse_field(("rename", "Task", "description", "details")),
        house,
        index,
        blueprint=BLUEPRINT,
        read=files.get,
        formatter=RuffFormatter(),
        settings={},
        components=archmap.components,
    )
    assert changed(plan) == {
        "app/models.py": [
            "-    description: Mapped[str]",
            "+    details: Mapped[str]",
            "-    return task.description",
            "+    return task.details",
        ]
    }


def test_what_is_computed_with_a_field_is_no_use_that_can_go(build: Build) -> None:
    files = {
        "pyproject.toml": "",
        "app/models.py": (
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
            "class Base(DeclarativeBase):\n    pass\n\n\n"
            "class Task(Base):\n    __tablename__ = 'tasks'\n\n"
            "    id: Mapped[int] = mapped_column(primary_key=True)\n    title: Mapped[str]\n    minutes: Mapped[int]\n\n\n"
            "def shown(text: str, *, width: int) -> str:\n    return text[:width]\n\n\n"
            "def line(task: Task) -> str:\n    return shown(task.title, width=task.minutes * 2)\n"
        ),
    }
    index, archmap = build(files)
    house, _ = build_house(index, archmap.components, lambda path: files[path])
    with pytest.raises(Unsupported, match="takes part") as caught:
        plan_change(
            parse_field(("remove", "Task", "minutes")),
            house,
            index,
            blueprint=BLUEPRINT,
            read=files.get,
            formatter=RuffFormatter(),
            settings={"data": "delete"},
            components=archmap.components,
        )
    assert caught.value.where == "app/models.py:21"


def test_a_constraint_that_is_named_after_its_column_follows_it(samples: Samples) -> None:
    text = migration(planned(samples, "shop_layered", "rename", "Supplier", "name", "headline"))
    up = text[text.index("def upgrade") : text.index("def downgrade")]
    assert (
        up.index('drop_constraint(op.f("uq_suppliers_name")')
        < up.index("new_column_name")
        < up.index("uq_suppliers_headline")
    )


def test_a_resource_that_we_made_takes_a_field(tmp_path: Path) -> None:
    """Its tests make rows through a helper, whose parameters are no fixtures."""
    folder = tmp_path / "shop"
    shutil.copytree(REPOS / "shop_layered", folder, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", ".venv"))
    with open_project(folder, Config()) as project:
        for edit in plan_at(project, ("Maker", "name:str(50)")).change.edits:
            (folder / edit.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / edit.path).write_text(edit.after or "")
    with open_project(folder, Config()) as project:
        plan = plan_change(
            parse_field(("add", "Maker", "rating:int?")),
            house_of(project),
            project.index,
            blueprint=BLUEPRINT,
            read=project.read,
            formatter=RuffFormatter(),
            settings={},
            components=project.components,
        )
    assert changed(plan)["app/models/maker.py"] == ["+    rating: Mapped[int | None]"]
    tests = "\n".join(changed(plan)["tests/api/test_makers.py"])
    assert "test_create_maker_with_rating(" in tests
    assert '{**values, "rating": ' in tests
