mod common;

use axum::http::StatusCode;
use serde_json::json;
use sqlx::PgPool;

use common::{send, sign_in};

#[sqlx::test]
async fn depots_are_created_by_admins(pool: PgPool) {
    let admin = sign_in(&pool, "admin@example.com", true).await;
    let user = sign_in(&pool, "user@example.com", false).await;
    let app = parcels::app(pool);
    let body = json!({ "code": "BER-1", "name": "Berlin North" });

    let (status, _) = send(&app, "POST", "/depots", "", Some(body.clone())).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (status, _) = send(&app, "POST", "/depots", &user, Some(body.clone())).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, depot) = send(&app, "POST", "/depots", &admin, Some(body.clone())).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(depot["code"], "BER-1");
    let (status, _) = send(&app, "POST", "/depots", &admin, Some(body)).await;
    assert_eq!(status, StatusCode::CONFLICT);

    let (status, page) = send(&app, "GET", "/depots", "", None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(page["total"], 1);
}

#[sqlx::test]
async fn a_depot_without_name_is_refused(pool: PgPool) {
    let admin = sign_in(&pool, "admin@example.com", true).await;
    let app = parcels::app(pool);
    let body = json!({ "code": "BER-1", "name": "" });
    let (status, _) = send(&app, "POST", "/depots", &admin, Some(body)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
