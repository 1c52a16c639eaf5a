use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use validator::{Validate, ValidationError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "varchar", rename_all = "snake_case")]
pub enum ParcelStatus {
    Registered,
    Stored,
    Delivered,
}

#[derive(Debug, Clone, Serialize, FromRow)]
pub struct Parcel {
    pub id: i64,
    pub tracking_number: String,
    pub weight: Decimal,
    pub status: ParcelStatus,
    pub note: Option<String>,
    pub depot_id: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize, Validate)]
pub struct CreateParcel {
    #[validate(length(min = 1, max = 40))]
    pub tracking_number: String,
    #[validate(custom(function = "plausible_weight"))]
    pub weight: Decimal,
    pub status: Option<ParcelStatus>,
    #[validate(length(max = 1000))]
    pub note: Option<String>,
    pub depot_id: i64,
}

#[derive(Debug, Deserialize, Validate)]
pub struct UpdateParcel {
    #[validate(length(min = 1, max = 40))]
    pub tracking_number: Option<String>,
    #[validate(custom(function = "plausible_weight"))]
    pub weight: Option<Decimal>,
    pub status: Option<ParcelStatus>,
    #[validate(length(max = 1000))]
    pub note: Option<String>,
    pub depot_id: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub struct ListParcelsQuery {
    pub page: Option<i64>,
    pub per_page: Option<i64>,
    pub depot_id: Option<i64>,
    pub status: Option<ParcelStatus>,
}

fn plausible_weight(weight: &Decimal) -> Result<(), ValidationError> {
    if weight.is_sign_negative() || weight.is_zero() || *weight > Decimal::from(10_000) {
        return Err(ValidationError::new("weight"));
    }
    Ok(())
}
