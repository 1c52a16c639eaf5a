use crate::error::AppError;
use crate::models::depot::{CreateDepot, Depot, ListDepotsQuery, UpdateDepot};
use crate::page::Page;
use crate::repositories::depot::DepotRepository;

#[derive(Clone)]
pub struct DepotService {
    repository: DepotRepository,
}

impl DepotService {
    pub fn new(repository: DepotRepository) -> Self {
        Self { repository }
    }

    pub async fn list(&self, query: ListDepotsQuery) -> Result<Page<Depot>, AppError> {
        let page = query.page.unwrap_or(1).max(1);
        let per_page = query.per_page.unwrap_or(20).clamp(1, 100);
        let (items, total) = self
            .repository
            .list(&query, per_page, (page - 1).saturating_mul(per_page))
            .await?;
        Ok(Page {
            items,
            total,
            page,
            per_page,
        })
    }

    pub async fn get(&self, id: i64) -> Result<Depot, AppError> {
        self.repository
            .get(id)
            .await?
            .ok_or_else(|| AppError::NotFound(format!("there is no depot {id}")))
    }

    pub async fn create(&self, input: CreateDepot) -> Result<Depot, AppError> {
        self.repository.create(input).await.map_err(refused)
    }

    pub async fn update(&self, id: i64, input: UpdateDepot) -> Result<Depot, AppError> {
        self.repository
            .update(id, input)
            .await
            .map_err(refused)?
            .ok_or_else(|| AppError::NotFound(format!("there is no depot {id}")))
    }

    pub async fn delete(&self, id: i64) -> Result<(), AppError> {
        if self.repository.delete(id).await.map_err(in_use)? {
            return Ok(());
        }
        Err(AppError::NotFound(format!("there is no depot {id}")))
    }
}

fn refused(error: sqlx::Error) -> AppError {
    match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() => {
            AppError::Conflict("this depot exists already".to_string())
        }
        _ => error.into(),
    }
}

fn in_use(error: sqlx::Error) -> AppError {
    match &error {
        sqlx::Error::Database(cause) if cause.is_foreign_key_violation() => {
            AppError::Conflict("the depot is in use".to_string())
        }
        _ => error.into(),
    }
}
