use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

use crate::auth::CurrentUser;
use crate::error::AppError;
use crate::extract::ValidatedJson;
use crate::models::parcel::{CreateParcel, ListParcelsQuery, Parcel, UpdateParcel};
use crate::page::Page;
use crate::state::AppState;

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(list_parcels).post(create_parcel))
        .route(
            "/{id}",
            get(get_parcel).patch(update_parcel).delete(delete_parcel),
        )
}

async fn list_parcels(
    State(state): State<AppState>,
    Query(query): Query<ListParcelsQuery>,
) -> Result<Json<Page<Parcel>>, AppError> {
    let page = state.parcels.list(query).await?;
    Ok(Json(page))
}

async fn get_parcel(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Json<Parcel>, AppError> {
    let parcel = state.parcels.get(id).await?;
    Ok(Json(parcel))
}

async fn create_parcel(
    State(state): State<AppState>,
    _: CurrentUser,
    ValidatedJson(input): ValidatedJson<CreateParcel>,
) -> Result<(StatusCode, Json<Parcel>), AppError> {
    let parcel = state.parcels.create(input).await?;
    Ok((StatusCode::CREATED, Json(parcel)))
}

async fn update_parcel(
    State(state): State<AppState>,
    _: CurrentUser,
    Path(id): Path<i64>,
    ValidatedJson(input): ValidatedJson<UpdateParcel>,
) -> Result<Json<Parcel>, AppError> {
    let parcel = state.parcels.update(id, input).await?;
    Ok(Json(parcel))
}

async fn delete_parcel(
    State(state): State<AppState>,
    _: CurrentUser,
    Path(id): Path<i64>,
) -> Result<StatusCode, AppError> {
    state.parcels.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
