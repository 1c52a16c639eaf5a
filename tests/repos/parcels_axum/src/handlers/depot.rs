use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use crate::auth::Admin;
use crate::error::AppError;
use crate::extract::ValidatedJson;
use crate::models::depot::{CreateDepot, Depot, ListDepotsQuery, UpdateDepot};
use crate::page::Page;
use crate::state::AppState;

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(list_depots).post(create_depot))
        .route(
            "/{id}",
            get(get_depot).patch(update_depot).delete(delete_depot),
        )
}

async fn list_depots(
    State(state): State<AppState>,
    Query(query): Query<ListDepotsQuery>,
) -> Result<Json<Page<Depot>>, AppError> {
    let page = state.depots.list(query).await?;
    Ok(Json(page))
}

async fn get_depot(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Json<Depot>, AppError> {
    let depot = state.depots.get(id).await?;
    Ok(Json(depot))
}

async fn create_depot(
    State(state): State<AppState>,
    _: Admin,
    ValidatedJson(input): ValidatedJson<CreateDepot>,
) -> Result<(StatusCode, Json<Depot>), AppError> {
    let depot = state.depots.create(input).await?;
    Ok((StatusCode::CREATED, Json(depot)))
}

async fn update_depot(
    State(state): State<AppState>,
    _: Admin,
    Path(id): Path<i64>,
    ValidatedJson(input): ValidatedJson<UpdateDepot>,
) -> Result<Json<Depot>, AppError> {
    let depot = state.depots.update(id, input).await?;
    Ok(Json(depot))
}

async fn delete_depot(
    State(state): State<AppState>,
    _: Admin,
    Path(id): Path<i64>,
) -> Result<StatusCode, AppError> {
    state.depots.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
