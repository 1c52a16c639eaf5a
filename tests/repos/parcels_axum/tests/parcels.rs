mod common;

use axum::http::StatusCode;
use serde_json::{json, Value};
use sqlx::PgPool;

use common::{send, sign_in};

async fn depot(pool: &PgPool) -> i64 {
    sqlx::query_scalar("INSERT INTO depots (code, name) VALUES ('BER-1', 'Berlin') RETURNING id")
        .fetch_one(pool)
        .await
        .unwrap()
}

fn parcel(number: &str, depot_id: i64) -> Value {
    json!({ "tracking_number": number, "weight": 1.5, "depot_id": depot_id })
}

#[sqlx::test]
async fn a_parcel_lives_through_all_endpoints(pool: PgPool) {
    let user = sign_in(&pool, "user@example.com", false).await;
    let depot_id = depot(&pool).await;
    let app = parcels::app(pool);

    let (status, made) = send(
        &app,
        "POST",
        "/parcels",
        &user,
        Some(parcel("A1", depot_id)),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(made["status"], "registered");
    let uri = format!("/parcels/{}", made["id"]);

    let change = Some(json!({ "status": "stored" }));
    let (status, changed) = send(&app, "PATCH", &uri, &user, change).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(changed["status"], "stored");

    let (status, page) = send(&app, "GET", "/parcels?status=stored", "", None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(page["total"], 1);

    let (status, _) = send(&app, "DELETE", &uri, &user, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = send(&app, "GET", &uri, "", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[sqlx::test]
async fn a_parcel_needs_its_depot(pool: PgPool) {
    let user = sign_in(&pool, "user@example.com", false).await;
    let app = parcels::app(pool);
    let (status, _) = send(&app, "POST", "/parcels", &user, Some(parcel("A1", 404))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
