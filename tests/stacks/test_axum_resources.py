"""Resources planned on axum with sqlx: where they go, what they consist of, what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stack_scene import REPOS, planned, texts

from backwright.core.errors import Unsupported, UsageError
from backwright.languages.rust.extract import extract

LOCKER = (
    "Locker",
    "code:str(1..20):unique",
    "fee:decimal(8,2):min=0",
    "kind:enum(small,extra-large)=small",
    "remark:text?",
    "depot:ref(Depot)",
)


def parcels(folder: Path) -> Path:
    """A copy of the sample service."""
    root = folder / "parcels"
    shutil.copytree(REPOS / "parcels_axum", root, ignore=shutil.ignore_patterns("target", ".backwright"))
    return root


def edited(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))


def test_every_layer_gets_a_file_like_the_exemplar_s(tmp_path: Path) -> None:
    found = texts(planned(parcels(tmp_path), *LOCKER, filters=("kind",), sorts=("fee",)))
    layers = ("models", "repositories", "services", "handlers")
    assert {*(f"src/{layer}/locker.rs" for layer in layers), "tests/lockers.rs"} <= set(found)
    assert all(found[f"src/{layer}/mod.rs"] == "pub mod depot;\npub mod locker;\npub mod parcel;\n" for layer in layers)
    assert '.nest("/lockers", handlers::locker::router())' in found["src/lib.rs"]
    state = found["src/state.rs"]
    assert "use crate::services::locker::LockerService;\n" in state
    assert "    pub lockers: LockerService,\n" in state
    assert "lockers: LockerService::new(LockerRepository::new(pool.clone()))," in state
    assert [
        path for path, text in found.items() if path.endswith(".rs") and extract(path, text.encode(), "").errors
    ] == []


def test_handlers_take_and_answer_what_the_exemplar_s_do(tmp_path: Path) -> None:
    found = texts(planned(parcels(tmp_path), *LOCKER, auth=("write=admin", "read=public")))
    handlers = found["src/handlers/locker.rs"]
    assert "ValidatedJson(input): ValidatedJson<CreateLocker>," in handlers
    assert "-> Result<(StatusCode, Json<Locker>), AppError> {" in handlers
    assert "Ok((StatusCode::CREATED, Json(locker)))" in handlers
    assert handlers.count("_: Admin,") == 3
    assert "check()" not in handlers  # the extractor validates
    service = found["src/services/locker.rs"]
    assert "Result<Page<Locker>, AppError>" in service
    assert 'Some("23505") => AppError::Conflict(' in service
    assert 'Some("23503") => AppError::BadRequest("there is no such depot".to_string()),' in service  # as for parcels


def test_the_struct_and_the_table_say_the_same(tmp_path: Path) -> None:
    found = texts(planned(parcels(tmp_path), *LOCKER, filters=("kind",)))
    model = found["src/models/locker.rs"]
    assert "#[derive(Debug, Clone, Serialize, FromRow)]\npub struct Locker {\n    pub id: i64,\n" in model
    assert "    pub remark: Option<String>,\n    pub depot_id: i64,\n    pub created_at: DateTime<Utc>,\n" in model
    assert "    pub remark: Option<Option<String>>,\n" in model  # of a change: left out, or emptied
    up = next(text for path, text in found.items() if path.endswith("_create_lockers.up.sql"))
    assert "    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n    code VARCHAR(20) NOT NULL UNIQUE,\n" in up
    assert "fee NUMERIC(8, 2) NOT NULL CHECK (fee >= 0)" in up
    assert "kind VARCHAR(11) NOT NULL DEFAULT 'small' CHECK (kind IN ('small', 'extra-large'))" in up
    assert "depot_id BIGINT NOT NULL REFERENCES depots (id) ON DELETE RESTRICT" in up
    assert "CREATE INDEX lockers_kind_idx ON lockers (kind);" in up
    assert [text for path, text in found.items() if path.endswith("_create_lockers.down.sql")] == [
        "DROP TABLE lockers;\n"
    ]


def test_sql_in_small_letters_stays_in_small_letters(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    for path in (root / "migrations").iterdir():
        path.write_text(path.read_text().lower())
    found = texts(planned(root, *LOCKER))
    up = next(text for path, text in found.items() if path.endswith("_create_lockers.up.sql"))
    assert up.startswith("create table lockers (\n    id bigint generated always as identity primary key,\n")


def test_rules_that_only_code_can_hold_have_functions(tmp_path: Path) -> None:
    found = texts(planned(parcels(tmp_path), *LOCKER))["src/models/locker.rs"]
    assert '#[validate(custom(function = "check_fee"))]\n    pub fee: Decimal,' in found
    assert "if value.normalize().scale() > 2 {" in found
    assert "if value.contains('\\0') {" in found


def test_without_validator_requests_check_themselves(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    edited(root, "Cargo.toml", 'validator = { version = "0.20", features = ["derive"] }\n', "")
    found = texts(planned(root, *LOCKER))
    assert "pub fn check(&self) -> Result<(), String> {" in found["src/models/locker.rs"]
    assert "input.check().map_err(AppError::Validation)?;" in found["src/handlers/locker.rs"]


def test_rows_that_belong_to_users_are_kept_from_others(tmp_path: Path) -> None:
    asked = ("Locker", "code:str(1..20)")
    change = planned(parcels(tmp_path), *asked, auth=("write=owner", "read=public"))
    found = texts(change)
    assert "user: CurrentUser," in found["src/handlers/locker.rs"]
    assert (
        "if known.owner_id != user_id {\n            return Err(AppError::Forbidden);"
        in found["src/services/locker.rs"]
    )


def test_a_search_means_percent_and_underscore_as_they_stand(tmp_path: Path) -> None:
    found = texts(planned(parcels(tmp_path), *LOCKER, search=("code", "remark")))["src/repositories/locker.rs"]
    assert "if matches!(letter, '\\\\' | '%' | '_') {" in found
    assert 'rows.push(" AND (code ILIKE ").push_bind(pattern.clone());' in found
    assert 'rows.push(" OR remark ILIKE ").push_bind(pattern);' in found


def test_a_central_list_of_routes_gets_the_new_ones(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    for name in ("depot", "parcel"):
        path = root / f"src/handlers/{name}.rs"
        text = path.read_text()
        start = text.index("pub fn router()")
        end = text.index("async fn list_")
        path.write_text((text[:start] + text[end:]).replace("async fn", "pub async fn"))
        mounted = f'.nest("/{name}s", handlers::{name}::router())'
        calls = (
            f'.route("/{name}s", get(handlers::{name}::list_{name}s).post(handlers::{name}::create_{name}))\n'
            f'        .route("/{name}s/{{id}}", get(handlers::{name}::get_{name}).patch(handlers::{name}::update_{name})'
            f".delete(handlers::{name}::delete_{name}))"
        )
        edited(root, "src/lib.rs", mounted, calls)
    found = texts(planned(root, *LOCKER))
    assert (
        '.route("/lockers", get(handlers::locker::list_lockers).post(handlers::locker::create_locker))'
        in found["src/lib.rs"]
    )
    assert "Router" not in found["src/handlers/locker.rs"]


def test_an_error_without_a_variant_for_a_status_is_named(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    edited(root, "src/error.rs", "    Conflict(String),\n", "")
    edited(root, "src/error.rs", "            Self::Conflict(message) => (StatusCode::CONFLICT, message),\n", "")
    with pytest.raises(Unsupported, match="no error of this project becomes status 409") as refused:
        planned(root, *LOCKER)
    assert refused.value.where == "src/error.rs"


def test_layers_behind_traits_are_refused_by_name(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    edited(root, "src/repositories/depot.rs", "impl DepotRepository {", "impl Depots for DepotRepository {")
    edited(root, "src/repositories/parcel.rs", "impl ParcelRepository {", "impl Parcels for ParcelRepository {")
    with pytest.raises(Unsupported, match="does what a trait says"):
        planned(root, *LOCKER)


def test_routes_that_a_layer_guards_are_refused(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    guarded = "        .route_layer(axum::middleware::from_fn(require_auth))\n}\n\nasync fn list_"
    for name in ("depot", "parcel"):
        edited(root, f"src/handlers/{name}.rs", "}\n\nasync fn list_", guarded)
    with pytest.raises(Unsupported, match="guarded by a layer") as refused:
        planned(root, *LOCKER)
    assert refused.value.where.startswith("src/handlers/depot.rs:")


def test_a_type_without_its_crate_is_refused(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    edited(
        root,
        "Cargo.toml",
        'rust_decimal = { version = "1", default-features = false, features = ["std", "serde-float"] }\n',
        "",
    )
    with pytest.raises(Unsupported, match="would need rust_decimal"):
        planned(root, *LOCKER)


def test_another_database_is_refused(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    edited(root, "Cargo.toml", '"postgres"', '"mysql"')
    with pytest.raises(Unsupported, match="only PostgreSQL can be planned for"):
        planned(root, *LOCKER)


@pytest.mark.parametrize(("asked", "said"), [("Depot name:str", "exists already"), ("Locker type:str", "word of Rust")])
def test_names_that_are_taken_are_refused(tmp_path: Path, asked: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        planned(parcels(tmp_path), *asked.split())


def test_tests_sign_in_and_send_as_the_exemplar_s_do(tmp_path: Path) -> None:
    found = texts(planned(parcels(tmp_path), *LOCKER, auth=("write=admin", "read=public")))["tests/lockers.rs"]
    assert 'let admin = sign_in(&pool, "admin@example.com", true).await;' in found
    assert 'send(&app, "POST", "/lockers", &admin, Some(body)).await' in found
    assert "INSERT INTO depots (code, name) VALUES" in found


def test_a_struct_among_those_of_all_is_no_hindrance(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    models = [(root / f"src/models/{name}.rs").read_text() for name in ("depot", "parcel")]
    shutil.rmtree(root / "src/models")
    uses = "use chrono::{DateTime, Utc};\nuse rust_decimal::Decimal;\nuse serde::{Deserialize, Serialize};\nuse sqlx::FromRow;\n"
    bodies = "".join(text[text.index("\n\n") :] for text in models)
    (root / "src/models.rs").write_text(f"{uses}use validator::{{Validate, ValidationError}};{bodies}")
    for path in root.glob("src/*/*.rs"):
        text = path.read_text()
        path.write_text(
            text.replace("crate::models::depot::", "crate::models::").replace(
                "crate::models::parcel::", "crate::models::"
            )
        )
    found = texts(planned(root, *LOCKER))
    assert "src/models.rs" not in found
    handlers = found["src/handlers/locker.rs"]
    assert "pub struct Locker {" in handlers
    assert "pub struct CreateLocker {" in handlers
    assert handlers.rstrip().endswith("}")
    assert handlers.index("async fn delete_locker") < handlers.index("mod tests {")
    assert "use crate::handlers::locker::{" in found["src/repositories/locker.rs"]


def test_only_what_declares_makes_or_mounts_the_exemplar_is_said_again(tmp_path: Path) -> None:
    root = parcels(tmp_path)
    report = "use crate::models::depot::Depot;\n\npub fn shown(depot: &Depot) -> String {\n    depot.name.clone()\n}\n"
    (root / "src/report.rs").write_text(report)
    edited(root, "src/lib.rs", "pub mod page;\n", "pub mod page;\npub mod report;\n")
    assert "src/report.rs" not in texts(planned(root, *LOCKER))


@pytest.mark.parametrize("name", ["Option", "Page", "Json"])
def test_what_the_new_code_needs_otherwise_is_no_resource(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"cannot be called '{name}'"):
        planned(parcels(tmp_path), name, "code:str")


def test_a_value_that_is_a_word_of_rust_is_a_variant_all_the_same(tmp_path: Path) -> None:
    model = texts(planned(parcels(tmp_path), "Locker", "kind:enum(self,other)"))["src/models/locker.rs"]
    assert '#[sqlx(rename = "self")]\n    VSelf,\n' in model
