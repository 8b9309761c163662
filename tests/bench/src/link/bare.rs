//! The least that takes a case in: a handler of axum that reads the body and inserts one row, durably.

use std::{str::FromStr, sync::Arc};

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    routing::put,
};
use sqlx::{
    AnyPool, Executor,
    any::{AnyConnectOptions, AnyPoolOptions},
};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::server::{say, until_left};

/// Is that server until nobody holds the other end of standard input any more. As many connections to the database as
/// the gateway has; SQLite with the gateway's settings.
pub async fn be(database: &str) -> Result<()> {
    sqlx::any::install_default_drivers();
    let sqlite = database.starts_with("sqlite:");
    let pool = AnyPoolOptions::new()
        // SQLite has one writer: more connections would only wait for each other.
        .max_connections(if sqlite { 1 } else { 32 })
        // The gateway asks it only of connections that were idle.
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if sqlite {
                    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").await?;
                }
                Ok(())
            })
        })
        .connect_with(AnyConnectOptions::from_str(database)?)
        .await?;
    pool.execute("CREATE TABLE IF NOT EXISTS bare (id TEXT NOT NULL PRIMARY KEY, body BYTEA NOT NULL)")
        .await?;
    let router = Router::new()
        .route("/v1/submissions/{id}", put(insert))
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state(Arc::new(pool.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&format!("http://{}", listener.local_addr()?));
    tokio::select! {
        served = axum::serve(listener, router).into_future() => served?,
        left = until_left() => left?,
    }
    pool.close().await;
    Ok(())
}

async fn insert(State(pool): State<Arc<AnyPool>>, Path(id): Path<Uuid>, body: Bytes) -> StatusCode {
    let inserted = sqlx::query("INSERT INTO bare (id, body) VALUES ($1, $2)")
        .bind(id.to_string())
        .bind(body.to_vec())
        .execute(&*pool)
        .await;
    if inserted.is_ok() { StatusCode::CREATED } else { StatusCode::INTERNAL_SERVER_ERROR }
}
