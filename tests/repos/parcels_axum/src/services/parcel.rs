use crate::error::AppError;
use crate::models::parcel::{CreateParcel, ListParcelsQuery, Parcel, UpdateParcel};
use crate::page::Page;
use crate::repositories::parcel::ParcelRepository;

#[derive(Clone)]
pub struct ParcelService {
    repository: ParcelRepository,
}

impl ParcelService {
    pub fn new(repository: ParcelRepository) -> Self {
        Self { repository }
    }

    pub async fn list(&self, query: ListParcelsQuery) -> Result<Page<Parcel>, AppError> {
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

    pub async fn get(&self, id: i64) -> Result<Parcel, AppError> {
        self.repository
            .get(id)
            .await?
            .ok_or_else(|| AppError::NotFound(format!("there is no parcel {id}")))
    }

    pub async fn create(&self, input: CreateParcel) -> Result<Parcel, AppError> {
        self.repository.create(input).await.map_err(refused)
    }

    pub async fn update(&self, id: i64, input: UpdateParcel) -> Result<Parcel, AppError> {
        self.repository
            .update(id, input)
            .await
            .map_err(refused)?
            .ok_or_else(|| AppError::NotFound(format!("there is no parcel {id}")))
    }

    pub async fn delete(&self, id: i64) -> Result<(), AppError> {
        if self.repository.delete(id).await? {
            return Ok(());
        }
        Err(AppError::NotFound(format!("there is no parcel {id}")))
    }
}

fn refused(error: sqlx::Error) -> AppError {
    match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() => {
            AppError::Conflict("this parcel exists already".to_string())
        }
        sqlx::Error::Database(cause) if cause.is_foreign_key_violation() => {
            AppError::BadRequest("there is no such depot".to_string())
        }
        _ => error.into(),
    }
}
