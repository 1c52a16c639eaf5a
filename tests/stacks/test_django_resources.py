"""Resources planned on Django REST framework: where they go, what they consist of, what is refused."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from stack_scene import HOUSES, planned, sample, texts, written

from backwright.app.config import Config
from backwright.app.project import open_project
from backwright.core.errors import Unsupported, UsageError
from backwright.core.facts import Import

ASSET = (
    "Asset",
    "tag:str(1..64):unique",
    "price:decimal(10,2):min=0",
    "status:enum(draft,active)=draft",
    "city:ref(City)",
)


def test_a_resource_goes_where_what_it_refers_to_lives(tmp_path: Path) -> None:
    found = texts(planned(sample(tmp_path), *ASSET, filters=("status",), sorts=("tag",)))
    assert 'router.register("assets", AssetViewSet)' in found["venues/urls.py"]
    assert "class Asset(TimeStampedModel):" in found["venues/models.py"]
    assert "city = models.ForeignKey(City, on_delete=models.PROTECT" in found["venues/models.py"]
    assert "permission_classes = [IsAdminOrReadOnly]" in found["venues/views.py"].partition("class AssetViewSet")[2]
    assert "@admin.register(Asset)" in found["venues/admin.py"]
    assert '"EXCEPTION_HANDLER": "config.exceptions.handler"' in found["config/settings.py"]
    assert "venues/tests/test_assets.py" in found
    for path, text in found.items():
        ast.parse(text, path)


def test_the_migration_follows_the_last_and_has_what_bases_bring(tmp_path: Path) -> None:
    text = texts(planned(sample(tmp_path), *ASSET))["venues/migrations/0002_asset.py"]
    assert 'dependencies = [("venues", "0001_initial")]' in text
    assert '("created_at", models.DateTimeField(auto_now_add=True))' in text
    assert 'to="venues.city"' in text
    assert "models.BigAutoField(" in text


def test_rows_of_somebody_belong_to_who_made_them(tmp_path: Path) -> None:
    found = texts(planned(sample(tmp_path), "Memo", "text:str(1..80)", owner="owner"))
    view = found["bookings/views.py"].partition("class MemoViewSet")[2]
    assert "IsOwnerOrReadOnly" in view
    assert "serializer.save(owner=self.request.user)" in view
    assert "migrations.swappable_dependency(settings.AUTH_USER_MODEL)" in found["bookings/migrations/0002_memo.py"]


def test_each_resource_gets_an_app_of_its_own_where_each_has_one(tmp_path: Path) -> None:
    root = written(tmp_path, HOUSES["one_app_each"])
    change = planned(
        root, "Publisher", "name:str(1..80):unique", "author:ref(Author)", "live:bool=true", filters=("live",)
    )
    found = texts(change)
    assert '"apps.publishers.apps.PublishersConfig",' in found["shop/settings.py"]
    assert 'path("v1/publishers/", include("apps.publishers.urls")),' in found["shop/urls.py"]
    assert 'path("<uuid:pk>/", PublisherDetail.as_view()' in found["apps/publishers/urls.py"]
    assert "class PublisherList(generics.ListCreateAPIView):" in found["apps/publishers/views.py"]
    assert "from ..authors.models import Author" in found["apps/publishers/models.py"]
    assert 'db_table = "publishers"' in found["apps/publishers/models.py"]
    assert 'dependencies = [("authors", "0001_initial")]' in found["apps/publishers/migrations/0001_initial.py"]
    assert "class PublisherTests(APITestCase):" in found["apps/publishers/test_publishers.py"]
    assert 'URL = "/v1/publishers/"' in found["apps/publishers/test_publishers.py"]
    assert "class PublisherFilter(BaseFilterBackend):" in found["apps/publishers/filters.py"]
    assert any("new app" in note for note in change.notes)


def test_views_that_answer_by_themselves_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="NoteList") as refused:
        planned(written(tmp_path, HOUSES["plain_views"]), "Label", "name:str")
    assert refused.value.where.startswith("notes/views.py:")


def test_several_ends_of_migrations_are_refused(tmp_path: Path) -> None:
    root = sample(tmp_path)
    first = (root / "venues/migrations/0001_initial.py").read_text()
    for name in ("0002_one", "0002_other"):
        head = first.partition("    dependencies")[0].replace("initial = True", "")
        (root / f"venues/migrations/{name}.py").write_text(
            f'{head}    dependencies = [("venues", "0001_initial")]\n    operations = []\n'
        )
    with pytest.raises(Unsupported, match="several ends"):
        planned(root, *ASSET)


def test_what_exists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Venue exists already"):
        planned(sample(tmp_path), "Venue", "name:str")


def test_an_app_without_migrations_is_refused(tmp_path: Path) -> None:
    root = sample(tmp_path)
    (root / "venues/migrations/0001_initial.py").unlink()
    with pytest.raises(Unsupported, match="no migration"):
        planned(root, *ASSET)


def test_unique_together_is_a_constraint_of_model_and_migration(tmp_path: Path) -> None:
    found = texts(planned(sample(tmp_path), *ASSET, unique=("city+price",)))
    assert 'fields=["price", "city"], name="unique_asset_price_city"' in found["venues/models.py"]
    assert "UniqueConstraint(" in found["venues/migrations/0002_asset.py"]


def test_the_map_shows_the_house(tmp_path: Path) -> None:
    with open_project(sample(tmp_path), Config()) as project:
        habits = {c.topic: c.value for c in project.archmap.conventions}
        assert habits["views"] == "viewsets on routers"
        assert project.house.exemplar == "Booking"
        assert any(isinstance(fact, Import) for fact in project.index.facts("venues/views.py"))


@pytest.mark.parametrize("name", ["objects", "save", "check"])
def test_names_that_django_keeps_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"cannot be called '{name}'"):
        planned(sample(tmp_path), "Asset", f"{name}:str")


def test_the_admin_brings_along_what_may_be_empty(tmp_path: Path) -> None:
    admin = texts(planned(sample(tmp_path), "Asset", "tag:str(64)", "city:ref(City)?", "venue:ref(Venue)"))[
        "venues/admin.py"
    ]
    assert 'list_select_related = ["city", "venue"]' in admin  # Django follows none that may be null by itself
