use sqlx::PgPool;

use crate::repositories::depot::DepotRepository;
use crate::repositories::parcel::ParcelRepository;
use crate::services::depot::DepotService;
use crate::services::parcel::ParcelService;

#[derive(Clone)]
pub struct AppState {
    pub pool: PgPool,
    pub depots: DepotService,
    pub parcels: ParcelService,
}

impl AppState {
    pub fn new(pool: PgPool) -> Self {
        Self {
            depots: DepotService::new(DepotRepository::new(pool.clone())),
            parcels: ParcelService::new(ParcelRepository::new(pool.clone())),
            pool,
        }
    }
}
