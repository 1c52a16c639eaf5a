use axum::body::{to_bytes, Body};
use axum::http::{Request, StatusCode};
use axum::Router;
use parcels::auth::token_hash;
use serde_json::Value;
use sqlx::PgPool;
use tower::ServiceExt;

/// A user who can sign in with the token that is given back.
pub async fn sign_in(pool: &PgPool, email: &str, is_admin: bool) -> String {
    let token = format!("token-of-{email}");
    let id = sqlx::query_scalar::<_, i64>(
        "INSERT INTO users (email, is_admin) VALUES ($1, $2) RETURNING id",
    )
    .bind(email)
    .bind(is_admin)
    .fetch_one(pool)
    .await
    .unwrap();
    sqlx::query("INSERT INTO api_tokens (hash, user_id) VALUES ($1, $2)")
        .bind(token_hash(&token))
        .bind(id)
        .execute(pool)
        .await
        .unwrap();
    token
}

/// What the service answers. An empty token signs nobody in.
pub async fn send(
    app: &Router,
    method: &str,
    uri: &str,
    token: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let mut request = Request::builder().method(method).uri(uri);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = match body {
        Some(value) => request
            .header("content-type", "application/json")
            .body(Body::from(value.to_string())),
        None => request.body(Body::empty()),
    };
    let response = app.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}
