use sqlx::PgPool;

use crate::models::parcel::{CreateParcel, ListParcelsQuery, Parcel, ParcelStatus, UpdateParcel};

#[derive(Clone)]
pub struct ParcelRepository {
    pool: PgPool,
}

impl ParcelRepository {
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    pub async fn list(
        &self,
        query: &ListParcelsQuery,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Parcel>, i64), sqlx::Error> {
        let total = sqlx::query_scalar::<_, i64>(
            "SELECT count(*) FROM parcels WHERE ($1::bigint IS NULL OR depot_id = $1) AND ($2::varchar IS NULL OR status = $2)",
        )
        .bind(query.depot_id)
        .bind(query.status)
        .fetch_one(&self.pool)
        .await?;
        let items = sqlx::query_as::<_, Parcel>(
            "SELECT * FROM parcels WHERE ($1::bigint IS NULL OR depot_id = $1) AND ($2::varchar IS NULL OR status = $2) ORDER BY id LIMIT $3 OFFSET $4",
        )
        .bind(query.depot_id)
        .bind(query.status)
        .bind(limit)
        .bind(offset)
        .fetch_all(&self.pool)
        .await?;
        Ok((items, total))
    }

    pub async fn get(&self, id: i64) -> Result<Option<Parcel>, sqlx::Error> {
        sqlx::query_as::<_, Parcel>("SELECT * FROM parcels WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
    }

    pub async fn create(&self, input: CreateParcel) -> Result<Parcel, sqlx::Error> {
        sqlx::query_as::<_, Parcel>(
            "INSERT INTO parcels (tracking_number, weight, status, note, depot_id) VALUES ($1, $2, $3, $4, $5) RETURNING *",
        )
        .bind(input.tracking_number)
        .bind(input.weight)
        .bind(input.status.unwrap_or(ParcelStatus::Registered))
        .bind(input.note)
        .bind(input.depot_id)
        .fetch_one(&self.pool)
        .await
    }

    pub async fn update(
        &self,
        id: i64,
        input: UpdateParcel,
    ) -> Result<Option<Parcel>, sqlx::Error> {
        sqlx::query_as::<_, Parcel>(
            "UPDATE parcels SET tracking_number = COALESCE($2, tracking_number), weight = COALESCE($3, weight), \
             status = COALESCE($4, status), note = COALESCE($5, note), depot_id = COALESCE($6, depot_id), updated_at = now() \
             WHERE id = $1 RETURNING *",
        )
        .bind(id)
        .bind(input.tracking_number)
        .bind(input.weight)
        .bind(input.status)
        .bind(input.note)
        .bind(input.depot_id)
        .fetch_optional(&self.pool)
        .await
    }

    pub async fn delete(&self, id: i64) -> Result<bool, sqlx::Error> {
        let done = sqlx::query("DELETE FROM parcels WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
