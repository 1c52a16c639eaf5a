pub mod depot;
pub mod parcel;
