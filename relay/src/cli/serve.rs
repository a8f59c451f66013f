//! Serving: the listener, the relay, and the embedded scheduler if it is wanted.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use roost_core::clock::SystemClock;
use roost_relay::Relay;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::file::{File, Log};
use super::{logs, scheduler};

pub(super) fn serve(path: &Path, embedded_scheduler: bool) -> anyhow::Result<()> {
    let file = File::read(path)?;
    logs::begin(file.log() == Log::Json);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(
        path,
        &file,
        embedded_scheduler,
    ))
}

async fn run(path: &Path, file: &File, embedded_scheduler: bool) -> anyhow::Result<()> {
    let config = file.config(path)?;
    let relay = Relay::open(config.clone(), Arc::new(SystemClock))?;
    let listener = TcpListener::bind(file.listen()).await.with_context(|| {
        format!("{} can't be listened on; choose another `listen`", file.listen())
    })?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let mut work = tokio::task::JoinSet::new();
    let mut router = relay.router();
    if embedded_scheduler {
        let scheduler = scheduler::open(&config, address)?;
        router = router.fallback_service(scheduler.router());
        work.spawn(scheduler::follow_keys(scheduler.clone(), relay.clone(), stop.clone()));
        let stop = stop.clone();
        work.spawn(async move { scheduler.run(stop).await });
    }
    let (running, halt) = (relay.clone(), stop.clone());
    work.spawn(async move { running.run(halt).await });
    tokio::spawn(stop_on_signal(stop.clone()));
    tracing::info!(%address, embedded_scheduler, dry_run = config.dry_run, "the relay listens");
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .await?;
    stop.cancel();
    while work.join_next().await.is_some() {}
    tracing::info!("the relay has stopped");
    Ok(())
}

/// Ctrl-C, and what systemd sends.
async fn stop_on_signal(stop: CancellationToken) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = tokio::signal::ctrl_c() => {}
                }
            }
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
    tracing::info!("stopping; calls that are on their way are finished first");
    stop.cancel();
}
