"""Resources planned on Gin with GORM: where they go, what they consist of, what is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from stack_scene import REPOS, planned, texts, written

from backwright.core.errors import NeedsPerson, Unsupported, UsageError

ASSET = (
    "Asset",
    "tag:str(1..64):unique",
    "price:decimal(8,2):min=0",
    "status:enum(draft,active)=draft",
    "author:ref(Author)",
)
ROUTER = "internal/router/router.go"


def library(folder: Path) -> Path:
    """A copy of the sample service."""
    root = folder / "library"
    shutil.copytree(REPOS / "library_gin", root)
    return root


def edited(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))


def test_every_layer_gets_a_file_like_the_exemplar_s(tmp_path: Path) -> None:
    found = texts(planned(library(tmp_path), *ASSET, filters=("status",), sorts=("price",)))
    assert {
        "internal/model/asset.go",
        "internal/dto/asset.go",
        "internal/repository/asset_repository.go",
        "internal/service/asset_service.go",
        "internal/handler/asset_handler.go",
        "internal/router/assets_test.go",
        "migrations/00004_create_assets.sql",
    } <= set(found)
    handler = found["internal/handler/asset_handler.go"]
    assert "func (h *AssetHandler) Create(c *gin.Context) {" in handler
    assert "dto.Page[model.Asset]{Items: assets, Total: total, Page: query.Page, Limit: query.Limit}" in handler
    assert "\t\trespondError(c, err)\n" in handler
    repository = found["internal/repository/asset_repository.go"]
    assert "apperror.ErrNotFound" in repository
    assert '"-price": "price DESC, id",' in repository


def test_it_is_made_and_mounted_where_the_exemplar_is(tmp_path: Path) -> None:
    router = texts(planned(library(tmp_path), *ASSET, auth=("write=admin", "read=public")))[ROUTER]
    assert (
        "\tbookRepository := repository.NewBookRepository(db)\n"
        "\tassetRepository := repository.NewAssetRepository(db)\n" in router
    )
    assert "\tassetHandler := handler.NewAssetHandler(assetService)\n" in router
    assert '\tassets := api.Group("/assets")\n\t{\n\t\tassets.GET("", assetHandler.List)\n' in router
    assert '\t\tassets.DELETE("/:id", requireAuth, requireAdmin, assetHandler.Delete)\n\t}\n' in router


def test_the_model_and_its_migration_say_the_same(tmp_path: Path) -> None:
    found = texts(planned(library(tmp_path), *ASSET))
    assert 'gorm:"size:64;not null;uniqueIndex" json:"tag"`' in found["internal/model/asset.go"]
    sql = found["migrations/00004_create_assets.sql"]
    assert sql.startswith("-- +goose Up\nCREATE TABLE assets (\n    id INTEGER PRIMARY KEY AUTOINCREMENT,\n")
    assert "    author_id INTEGER NOT NULL REFERENCES authors (id) ON DELETE RESTRICT,\n" in sql
    assert "CREATE UNIQUE INDEX idx_assets_tag ON assets (tag);" in sql
    assert sql.endswith("-- +goose Down\nDROP TABLE assets;\n")


def test_migrations_of_golang_migrate_are_two_files(tmp_path: Path) -> None:
    root = library(tmp_path)
    for path in (root / "migrations").glob("*.sql"):
        up, _, down = path.read_text().partition("-- +goose Down\n")
        path.with_suffix(".up.sql").write_text(up.replace("-- +goose Up\n", ""))
        path.with_suffix(".down.sql").write_text(down)
        path.unlink()
    found = texts(planned(root, *ASSET))
    assert found["migrations/00004_create_assets.up.sql"].startswith("CREATE TABLE assets (")
    assert found["migrations/00004_create_assets.down.sql"] == "DROP TABLE assets;\n"


def test_a_list_of_models_gets_one_more(tmp_path: Path) -> None:
    root = library(tmp_path)
    for path in (root / "migrations").glob("*.sql"):
        path.unlink()
    listed = "\treturn db.AutoMigrate(&model.User{}, &model.Author{}, &model.Book{})\n"
    edited(root, "internal/database/database.go", '\treturn Run(db, "up")\n', listed)
    edited(root, "internal/database/database.go", '/migrations"\n', '/internal/model"\n')
    found = texts(planned(root, *ASSET))["internal/database/database.go"]
    assert "AutoMigrate(&model.User{}, &model.Author{}, &model.Book{}, &model.Asset{})" in found


def test_names_of_several_words_are_joined_as_code_files_and_addresses_join_them(tmp_path: Path) -> None:
    found = texts(planned(library(tmp_path), "ReadingRoom", "name:str(1..40)"))
    assert "internal/handler/reading_room_handler.go" in found
    assert 'readingRooms := api.Group("/reading-rooms")' in found[ROUTER]
    assert (
        "// ReadingRoomService is what can be done with reading rooms."
        in found["internal/service/reading_room_service.go"]
    )
    assert "CREATE TABLE reading_rooms (" in found["migrations/00004_create_reading_rooms.sql"]


def test_rows_of_somebody_belong_to_who_made_them(tmp_path: Path) -> None:
    found = texts(planned(library(tmp_path), "Memo", "text:str(1..80)", owner="owner"))
    assert 'user := c.MustGet("userID").(uint)' in found["internal/handler/memo_handler.go"]
    service = found["internal/service/memo_service.go"]
    assert "if memo.OwnerID != user {" in service
    assert "apperror.ErrForbidden" in service
    assert "OnDelete:CASCADE" in found["internal/model/memo.go"]


def test_what_is_not_sent_stays_and_null_is_written(tmp_path: Path) -> None:
    found = texts(planned(library(tmp_path), "Memo", "text:str(1..80)", "note:text?"))["internal/dto/memo.go"]
    update = found.partition("type UpdateMemoRequest")[2]
    assert 'for _, name := range []string{"text"} {' in update
    assert 'if _, sent := r.sent["note"]; sent {\n\t\tchanges["note"] = r.Note\n' in update


def test_only_the_operations_that_were_asked_for(tmp_path: Path) -> None:
    found = texts(planned(library(tmp_path), "Badge", "name:str(1..40)", operations="list,create"))
    assert "Delete" not in found["internal/service/badge_service.go"]
    assert "UpdateBadgeRequest" not in found["internal/dto/badge.go"]


def test_plain_functions_that_ask_the_database_are_imitated(tmp_path: Path) -> None:
    change = planned(written(tmp_path / "shop", flat()), "Coupon", "code:str(1..20):unique", auth=("default=public",))
    found = texts(change)
    handlers = found["handlers/coupon.go"]
    assert "func CreateCoupon(c *gin.Context) {" in handlers
    assert "if err := database.DB.Create(&coupon).Error; err != nil {" in handlers
    assert 'c.JSON(http.StatusConflict, gin.H{"error": err.Error()})' in handlers
    assert "type Coupon struct {\n\tgorm.Model\n\tCode string" in found["models/coupon.go"]
    assert '\tr.POST("/products", handlers.CreateProduct)\n' in found["main.go"]
    assert "coupons.POST(" in found["main.go"] or 'Group("/coupons")' in found["main.go"]
    assert any("no test here starts the application" in note for note in change.notes)


def flat() -> dict[str, str]:
    """A service of plain functions with one global database."""
    folder = Path(__file__).parent / "gin" / "flat"
    return {str(p.relative_to(folder)).removesuffix(".txt"): p.read_text() for p in folder.rglob("*.txt")}


def test_what_exists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Author exists already"):
        planned(library(tmp_path), "Author", "name:str")


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Planet, which is not a model"):
        planned(library(tmp_path), "Moon", "name:str", "planet:ref(Planet)")


def test_a_word_of_the_language_is_no_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`package` is a word of the language"):
        planned(library(tmp_path), "Package", "name:str")


def test_a_level_that_nothing_checks_is_asked(tmp_path: Path) -> None:
    root = library(tmp_path)
    edited(root, ROUTER, "requireAuth, requireAdmin, ", "requireAuth, ")
    with pytest.raises(NeedsPerson):
        planned(root, *ASSET, auth=("write=admin",))


def test_routes_behind_a_guard_cannot_be_open(tmp_path: Path) -> None:
    root = library(tmp_path)
    edited(
        root,
        ROUTER,
        '\tapi := router.Group("/api/v1")\n',
        '\trouter.Use(requireAuth)\n\tapi := router.Group("/api/v1")\n',
    )
    with pytest.raises(Unsupported, match="every route here passes requireAuth"):
        planned(root, *ASSET, auth=("read=public", "write=user"))


def test_another_orm_is_refused_by_name(tmp_path: Path) -> None:
    root = library(tmp_path)
    for path in root.rglob("*.go"):
        path.write_text(path.read_text().replace('"gorm.io/gorm"', '"github.com/uptrace/bun"'))
    with pytest.raises(Unsupported, match="the ORM of this project is Bun"):
        planned(root, *ASSET)


def test_a_schema_that_is_made_in_no_known_way_is_refused(tmp_path: Path) -> None:
    root = library(tmp_path)
    for path in (root / "migrations").glob("*.sql"):
        path.unlink()
    with pytest.raises(Unsupported, match="how the schema of this project is made"):
        planned(root, *ASSET)


@pytest.mark.skipif(shutil.which("gofmt") is None, reason="gofmt is not installed")
def test_new_files_are_laid_out_as_gofmt_does(tmp_path: Path) -> None:
    root = library(tmp_path)
    change = planned(
        root, *ASSET, "note:text?", "due:date", "done:bool=false", filters=("status", "done"), sorts=("price", "due"),
        search=("tag",), owner="owner",
    )  # fmt: skip
    for path, text in texts(change).items():
        (root / path).write_text(text)
    done = subprocess.run(["gofmt", "-l", "."], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_a_field_is_not_called_like_a_function_of_its_type(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be called 'changes'"):
        planned(library(tmp_path), "Asset", "changes:int")
