use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};
use sqlx::FromRow;

use crate::error::AppError;
use crate::state::AppState;

/// Who sent the request.
#[derive(Debug, Clone, FromRow)]
pub struct CurrentUser {
    pub id: i64,
    pub is_admin: bool,
}

/// Who sent the request, and is an administrator.
pub struct Admin(pub CurrentUser);

/// How a token is kept.
pub fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl FromRequestParts<AppState> for CurrentUser {
    type Rejection = AppError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or(AppError::Unauthorized)?;
        sqlx::query_as::<_, CurrentUser>(
            "SELECT users.id, users.is_admin FROM users JOIN api_tokens ON api_tokens.user_id = users.id WHERE api_tokens.hash = $1",
        )
        .bind(token_hash(token))
        .fetch_optional(&state.pool)
        .await?
        .ok_or(AppError::Unauthorized)
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = AppError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let user = CurrentUser::from_request_parts(parts, state).await?;
        if !user.is_admin {
            return Err(AppError::Forbidden);
        }
        Ok(Self(user))
    }
}
