//! Serving: the listener, the relay, and the embedded scheduler if it is wanted.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use roost_core::clock::{Clock, SystemClock};
use roost_listener::{Limits, Listener, Tls};
use roost_log_writer::Format;
use roost_relay::{Relay, Secret};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::file::{File, Log};
use super::listener_file::TlsPlan;
use super::{check, scheduler};

/// Threads for requests and posts. One disk sets the pace, whatever the number of processors; and
/// each thread takes memory.
const WORKER_THREADS: usize = 2;
/// Threads that wait for the disk or for a name to be resolved. They are made when they are needed
/// and end when they are not. As many calls to X as there may be at a time can hang in a resolver
/// that does not answer, and the ledger's reads, four at a time, still find a thread.
const BLOCKING_THREADS_MAX: usize = 128;

/// Connections that the embedded scheduler may have open to this process: it makes up to a hundred calls at
/// a time, and none of them closes another's.
const SCHEDULER_CONNECTIONS: usize = 128;

pub(super) fn serve(path: &Path, embedded_scheduler: bool) -> anyhow::Result<()> {
    let file = File::read(path)?;
    let format = if file.log() == Log::Json { Format::Json } else { Format::Text };
    let _log = roost_log_writer::begin("RUST_LOG", "warn,roost_relay=info", format);
    let embedded_scheduler = embedded_scheduler || file.embedded_scheduler();
    runtime()?.block_on(run(path, &file, embedded_scheduler, Arc::new(SystemClock)))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .enable_all()
        .build()
}

async fn run(
    path: &Path,
    file: &File,
    embedded_scheduler: bool,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<()> {
    let config = file.config(path)?;
    // A relay that could deliver nothing does not start: whoever starts it hears what to set.
    let makes_or_hears_keys = embedded_scheduler || file.keys_from_desktop();
    if let Some(missing) = check::missing(&config, path, makes_or_hears_keys).first() {
        bail!("{missing}");
    }
    let relay = Relay::open(config.clone(), clock)?;
    let open_files = roost_listener::raise_open_files();
    let limits = Shares::of(
        file.connections(path)?,
        open_files,
        file.webhook_listen().is_some(),
        embedded_scheduler,
    );
    let socket = bind(file.listen(), "listen").await?;
    let address = socket.local_addr()?;
    let stop = CancellationToken::new();
    let mut work = JoinSet::new();
    let tls = open_tls(file.tls(path)?, &relay, &mut work, &stop)?;
    let mut router = relay.router();
    let webhooks = |socket, limits| {
        let listener = Listener { socket, tls: None, limits };
        roost_listener::serve(listener, relay.webhook_router(), stop.clone())
    };
    if let Some(address) = file.webhook_listen() {
        let socket = bind(address, "webhook_listen").await?;
        spawn_beside_listener(&mut work, &stop, webhooks(socket, limits.webhooks));
    }
    if embedded_scheduler {
        // It dials this very process, at an address that the world doesn't know: no crowd stands before its
        // deliveries, and no certificate has to name this machine.
        let socket = bind(SocketAddr::from(([127, 0, 0, 1], 0)), "listen").await?;
        let dialled = socket.local_addr()?;
        spawn_beside_listener(&mut work, &stop, webhooks(socket, limits.scheduler));
        relay.offer_scheduler(Secret::new(scheduler::token_of(&config)?));
        let scheduler = scheduler::open(&config, dialled)?;
        router = router.fallback_service(scheduler.router());
        let keys = scheduler::follow_keys(scheduler.clone(), relay.clone(), stop.clone());
        spawn_beside_listener(&mut work, &stop, keys);
        let halt = stop.clone();
        spawn_beside_listener(&mut work, &stop, async move { scheduler.run(halt).await });
    }
    let (running, halt) = (relay.clone(), stop.clone());
    spawn_beside_listener(&mut work, &stop, async move { running.run(halt).await });
    tokio::spawn(stop_on_signal(stop.clone()));
    tracing::info!(
        %address,
        tls = tls.is_some(),
        connections = limits.main.connections,
        embedded_scheduler,
        dry_run = config.dry_run,
        "the relay listens"
    );
    let listener = Listener { socket, tls, limits: limits.main };
    roost_listener::serve(listener, router, stop.clone()).await;
    stop.cancel();
    finish(&mut work).await?;
    tracing::info!("the relay has stopped");
    Ok(())
}

/// The limits of each listener. Together they leave free the open files that are kept for the rest.
#[derive(Debug)]
struct Shares {
    /// Of `listen`.
    main: Limits,
    /// Of `webhook_listen`.
    webhooks: Limits,
    /// Of the address that the embedded scheduler dials.
    scheduler: Limits,
}

impl Shares {
    /// Returns the shares: `listen` and `webhook_listen` halve the connections that the world may have.
    fn of(
        limits: Limits,
        open_files: usize,
        webhook_listen: bool,
        embedded_scheduler: bool,
    ) -> Self {
        let scheduler = if embedded_scheduler { SCHEDULER_CONNECTIONS } else { 0 };
        let world = limits.within(open_files.saturating_sub(scheduler));
        let webhooks = if webhook_listen { world.connections / 2 } else { 0 };
        let share = |connections| Limits { connections, ..limits };
        Self {
            main: share(world.connections - webhooks),
            webhooks: share(webhooks),
            scheduler: share(scheduler),
        }
    }
}

async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} can't be listened on; choose another `{setting}`"))
}

/// Sets TLS up, and starts what keeps its certificate fresh.
fn open_tls(
    plan: TlsPlan,
    relay: &Relay,
    work: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> anyhow::Result<Option<Tls>> {
    let tls = match plan {
        TlsPlan::Off => return Ok(None),
        TlsPlan::Files(files) => {
            let (tls, follow) = files.open()?;
            spawn_beside_listener(work, stop, until(stop.clone(), follow));
            tls
        }
        TlsPlan::Acme(acme) => {
            let (tls, renew) = acme.open()?;
            spawn_beside_listener(work, stop, until(stop.clone(), renew));
            tls
        }
    };
    relay.watch_certificate(tls.state());
    Ok(Some(tls))
}

/// Works until the stop.
async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = stop.cancelled() => {}
    }
}

/// Runs work beside the listener. However it ends, the program stops with it: a listener alone
/// would take deliveries that nobody sends.
fn spawn_beside_listener(
    work: &mut JoinSet<()>,
    stop: &CancellationToken,
    what: impl Future<Output = ()> + Send + 'static,
) {
    let end = stop.clone().drop_guard();
    work.spawn(async move {
        what.await;
        drop(end);
    });
}

/// Waits for all work; the error makes whoever watches the program start it again.
async fn finish(work: &mut JoinSet<()>) -> anyhow::Result<()> {
    let mut ended = Ok(());
    while let Some(one) = work.join_next().await {
        if let Err(error) = one {
            tracing::error!(%error, "a part of the relay failed");
            ended = Err(error).context("a part of the relay failed; start it again");
        }
    }
    ended
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

#[cfg(test)]
mod tests {
    use roost_core::clock::UnixMillis;

    use super::*;

    /// The machine's clock, with a bug that strikes whatever runs in a task of its own.
    #[derive(Debug)]
    struct Trap;

    impl Clock for Trap {
        fn now(&self) -> UnixMillis {
            assert!(tokio::task::try_id().is_none(), "a bug in the publisher");
            SystemClock.now()
        }
    }

    #[tokio::test]
    async fn a_relay_whose_publisher_panics_leaves_with_an_error_so_that_it_is_started_again() {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("roost-relay.toml");
        let text = "database = 'relay.db'\nlisten = '127.0.0.1:0'\n\
                    public_urls = ['http://relay.internal']\n[qstash]\n\
                    current_signing_key = 'sig_1'\nnext_signing_key = 'sig_2'\n";
        std::fs::write(&path, text).expect("written");
        let file = File::read(&path).expect("a configuration");
        let ended = run(&path, &file, false, Arc::new(Trap)).await;
        let words = ended.expect_err("no relay without a publisher").to_string();
        assert!(words.contains("start it again"), "{words}");
        // The ledger is free for whoever is started next.
        Relay::open(file.config(&path).expect("the same"), Arc::new(SystemClock)).expect("opened");
    }

    #[test]
    fn a_resolver_that_does_not_answer_holds_up_no_read_of_the_ledger() {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(held));
        let pace = roost_relay::Config::new("relay.sqlite").pace;
        runtime().expect("a runtime").block_on(async {
            // Every call to X there may be, and as many looks.
            let lookups: Vec<_> = (0..pace.slots + 16)
                .map(|_| {
                    let held = Arc::clone(&held);
                    tokio::task::spawn_blocking(move || drop(held.lock().map(|it| it.recv())))
                })
                .collect();
            let read = tokio::task::spawn_blocking(|| "read");
            let patience = std::time::Duration::from_secs(10);
            let read = tokio::time::timeout(patience, read).await.expect("in time");
            assert_eq!(read.expect("read"), "read");
            drop(release);
            for lookup in lookups {
                lookup.await.expect("ended");
            }
        });
    }

    #[test]
    fn listeners_share_the_connections_of_one_and_take_no_file_that_is_kept_free() {
        let sum =
            |it: &Shares| it.main.connections + it.webhooks.connections + it.scheduler.connections;
        for (asked, open_files) in [(4000, 1024), (1000, 16_384), (1000, 300)] {
            let asked = Limits { connections: asked, ..Limits::default() };
            let most = asked.within(open_files).connections;
            for (webhook_listen, embedded_scheduler) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let shares = Shares::of(asked, open_files, webhook_listen, embedded_scheduler);
                let own = if embedded_scheduler { SCHEDULER_CONNECTIONS } else { 0 };
                assert_eq!(shares.scheduler.connections, own, "{shares:?}");
                assert!(sum(&shares) <= most + own, "{open_files}: {shares:?}");
                assert!(shares.main.connections > 0, "{shares:?}");
                assert_eq!(shares.webhooks.connections > 0, webhook_listen, "{shares:?}");
                assert!(shares.main.connections >= shares.webhooks.connections, "{shares:?}");
            }
        }
        let asked = Limits { connections: 4000, ..Limits::default() };
        let alone = Shares::of(asked, 1024, false, false).main.connections;
        assert_eq!(
            sum(&Shares::of(asked, 1024, true, true)),
            alone,
            "1024 files are enough for all"
        );
    }

    #[tokio::test]
    async fn a_relay_whose_work_fails_stops_listening_and_says_so() {
        let (stop, mut work) = (CancellationToken::new(), JoinSet::new());
        let other = stop.clone();
        spawn_beside_listener(&mut work, &stop, async move { other.cancelled().await });
        spawn_beside_listener(&mut work, &stop, async { panic!("a bug") });
        stop.cancelled().await;
        assert!(finish(&mut work).await.is_err());
    }
}
