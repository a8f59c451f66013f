//! `qstash-local`: a durable scheduler with QStash's API, on this machine.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod command;
mod users;

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use roost_log_writer::Format;
use roost_scheduler::Scheduler;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use arguments::Arguments;

/// A delivery is many small allocations, made on one thread and let go of on another.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    // A second installation is refused, which is fine: there is one then.
    rustls::crypto::ring::default_provider().install_default().ok();
    let _log = roost_log_writer::begin("RUST_LOG", "warn,roost_scheduler=info", Format::Text);
    let arguments = Arguments::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(arguments))
}

async fn serve(arguments: Arguments) -> anyhow::Result<()> {
    let (config, token) = arguments.config()?;
    if let Some(command) = &arguments.command {
        return command.run(config).await;
    }
    let grace = config.stop_grace;
    let database = config.database.display().to_string();
    let others = if arguments.dev { users::open(&config)? } else { Vec::new() };
    let scheduler = Scheduler::open(config)?;
    let address = SocketAddr::new(arguments.bind, arguments.port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} can't be listened on; choose another --port"))?;
    let address = listener.local_addr()?;
    tell(&scheduler, address, &token, &database);

    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    let delivering = TaskTracker::new();
    for scheduler in others.iter().chain([&scheduler]) {
        let (scheduler, stop) = (scheduler.clone(), stop.clone());
        delivering.spawn(async move { scheduler.run(stop).await });
    }
    delivering.close();
    let service =
        scheduler.router_with(&others).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown({
        let stop = stop.clone();
        async move { stop.cancelled().await }
    });
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = serving => served?,
        // A client that never ends its request must not keep this process.
        () = overdue => tracing::warn!("requests under way are cut off"),
    }
    stop.cancel();
    delivering.wait().await;
    Ok(())
}

/// Prints what a shell needs to use this server; nothing else is written to stdout.
fn tell(scheduler: &Scheduler, address: SocketAddr, token: &str, database: &str) {
    let (current, next) = scheduler.signing_keys();
    let given: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let told = format!(
        "# qstash-local listens on http://{address} and keeps everything in {database}\n\
         # what it does, for people: http://{address}/?qstash_token={given}\n\
         export QSTASH_URL=\"http://{address}\"\n\
         export QSTASH_TOKEN=\"{token}\"\n\
         export QSTASH_CURRENT_SIGNING_KEY=\"{current}\"\n\
         export QSTASH_NEXT_SIGNING_KEY=\"{next}\"\n"
    );
    // Whoever started this may not read on; that is no reason to stop.
    std::io::stdout().write_all(told.as_bytes()).ok();
}

async fn stop_on_signal(stop: CancellationToken) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            },
            Err(_) => {
                tokio::signal::ctrl_c().await.ok();
            }
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.ok();
    stop.cancel();
}
