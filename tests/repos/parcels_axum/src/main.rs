use std::env;

use sqlx::postgres::PgPoolOptions;

#[tokio::main]
async fn main() {
    let url = env::var("DATABASE_URL").expect("DATABASE_URL is not set");
    let port = env::var("PORT").unwrap_or_else(|_| "8080".into());
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .connect(&url)
        .await
        .expect("the database cannot be reached");
    sqlx::migrate!()
        .run(&pool)
        .await
        .expect("the migrations failed");
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .expect("the port cannot be bound");
    axum::serve(listener, parcels::app(pool))
        .await
        .expect("the server failed");
}
