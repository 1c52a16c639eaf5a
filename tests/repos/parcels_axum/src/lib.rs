pub mod auth;
pub mod error;
pub mod extract;
pub mod handlers;
pub mod models;
pub mod page;
pub mod repositories;
pub mod services;
pub mod state;

use axum::routing::get;
use axum::Router;
use sqlx::PgPool;

use crate::state::AppState;

/// The whole service on this database.
pub fn app(pool: PgPool) -> Router {
    Router::new()
        .route("/health", get(|| async { "ok" }))
        .nest("/depots", handlers::depot::router())
        .nest("/parcels", handlers::parcel::router())
        .with_state(AppState::new(pool))
}
