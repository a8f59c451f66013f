//! The engine's operations over HTTP, for the window's tests only.
//!
//! Each test makes a world of its own: a store with its engine at work, a relay with its scheduler,
//! and an X sandbox, all real. The window's `ipc` module then speaks to it as it speaks to the
//! desktop shell. It listens on loopback and is part of no shipped program.

mod changes;
mod routes;
mod world;

use std::io::Write as _;

use tokio::io::AsyncReadExt as _;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", serde_json::json!({ "port": listener.local_addr()?.port() }))?;
    stdout.flush()?;
    axum::serve(listener, routes::router()).with_graceful_shutdown(parent_ended()).await
}

/// Returns when the test runner has closed this program's standard input, by ending too.
async fn parent_ended() {
    let mut ignored = Vec::new();
    let _ = tokio::io::stdin().read_to_end(&mut ignored).await;
    // Long polls would hold a graceful end up.
    std::process::exit(0);
}
