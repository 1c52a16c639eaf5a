use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use validator::Validate;

#[derive(Debug, Clone, Serialize, FromRow)]
pub struct Depot {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize, Validate)]
pub struct CreateDepot {
    #[validate(length(min = 1, max = 12))]
    pub code: String,
    #[validate(length(min = 1, max = 120))]
    pub name: String,
}

#[derive(Debug, Deserialize, Validate)]
pub struct UpdateDepot {
    #[validate(length(min = 1, max = 12))]
    pub code: Option<String>,
    #[validate(length(min = 1, max = 120))]
    pub name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct ListDepotsQuery {
    pub page: Option<i64>,
    pub per_page: Option<i64>,
}
