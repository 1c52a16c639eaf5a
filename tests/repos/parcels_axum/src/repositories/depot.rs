use sqlx::PgPool;

use crate::models::depot::{CreateDepot, Depot, ListDepotsQuery, UpdateDepot};

#[derive(Clone)]
pub struct DepotRepository {
    pool: PgPool,
}

impl DepotRepository {
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    pub async fn list(
        &self,
        _query: &ListDepotsQuery,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Depot>, i64), sqlx::Error> {
        let total = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM depots")
            .fetch_one(&self.pool)
            .await?;
        let items =
            sqlx::query_as::<_, Depot>("SELECT * FROM depots ORDER BY code LIMIT $1 OFFSET $2")
                .bind(limit)
                .bind(offset)
                .fetch_all(&self.pool)
                .await?;
        Ok((items, total))
    }

    pub async fn get(&self, id: i64) -> Result<Option<Depot>, sqlx::Error> {
        sqlx::query_as::<_, Depot>("SELECT * FROM depots WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
    }

    pub async fn create(&self, input: CreateDepot) -> Result<Depot, sqlx::Error> {
        sqlx::query_as::<_, Depot>("INSERT INTO depots (code, name) VALUES ($1, $2) RETURNING *")
            .bind(input.code)
            .bind(input.name)
            .fetch_one(&self.pool)
            .await
    }

    pub async fn update(&self, id: i64, input: UpdateDepot) -> Result<Option<Depot>, sqlx::Error> {
        sqlx::query_as::<_, Depot>(
            "UPDATE depots SET code = COALESCE($2, code), name = COALESCE($3, name), updated_at = now() WHERE id = $1 RETURNING *",
        )
        .bind(id)
        .bind(input.code)
        .bind(input.name)
        .fetch_optional(&self.pool)
        .await
    }

    pub async fn delete(&self, id: i64) -> Result<bool, sqlx::Error> {
        let done = sqlx::query("DELETE FROM depots WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
