//! Starting: data folder, store, services, engine, in this order. What can't be opened is said in
//! the window, and nothing is changed then.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use roost_core::clock::SystemClock;
use roost_core::failure::Code;
use roost_core::limits::{Limits, Plan};
use roost_engine::api::Failure;
use roost_engine::view::Trouble;
use roost_engine::{Endpoint, Endpoints, Engine, EngineConfig, Mode, Opening, Secret};
use roost_local::{Local, LocalConfig, Stopped};
use roost_pairing::{Credentials, RemoteRelay};
use tauri::async_runtime::JoinHandle;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::environment::X_API_BASE;
use crate::failure::of_the_shell;
use crate::pairing::Pairing;
use crate::sandbox::Sandbox;
use crate::sign_in::SigningIn;
use crate::tray::Tray;
use crate::updates::Updates;
use crate::{computer_move, environment, remote_relay};

/// The store's file in the data folder; the command line uses the same.
const STORE_FILE: &str = "roost.db";
/// Between two attempts to tell the local relay what it must know before it may post.
const SETTLE_INTERVAL: Duration = Duration::from_secs(2);

/// What the commands stand on.
pub(crate) struct Shell {
    inside: Result<Inside, Failure>,
    tray: OnceLock<Tray>,
    tray_is_shown: AtomicBool,
    signing_in: SigningIn,
    pairing: Pairing,
    updates: Updates,
}

/// The engine at work, and its services where they run in this process.
struct Inside {
    data: PathBuf,
    engine: Engine,
    /// Whether relay and scheduler are to run in this process.
    is_here: bool,
    local: Mutex<Option<Local>>,
    /// Whether the local relay knows what it must know before it may post.
    is_settled: AtomicBool,
    stop: CancellationToken,
    running: Mutex<Option<Running>>,
}

/// The engine's loop, and how it is ended.
struct Running {
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

impl Shell {
    /// Starts everything. A failure is kept, for the window to say.
    pub(crate) async fn start() -> Self {
        let inside = Inside::start().await;
        if let Err(failure) = &inside {
            tracing::error!(code = %failure.code, "{}", failure.message);
        }
        Self {
            inside,
            tray: OnceLock::new(),
            tray_is_shown: AtomicBool::new(false),
            signing_in: SigningIn::default(),
            pairing: Pairing::default(),
            updates: Updates::default(),
        }
    }

    /// The engine; the reason when there is none.
    pub(crate) fn engine(&self) -> Result<&Engine, Failure> {
        self.inside.as_ref().map(|inside| &inside.engine).map_err(Clone::clone)
    }

    /// The sign-in that may be under way.
    pub(crate) const fn signing_in(&self) -> &SigningIn {
        &self.signing_in
    }

    /// The keys of a pairing that is being made.
    pub(crate) const fn pairing(&self) -> &Pairing {
        &self.pairing
    }

    /// The update of this program that may be under way.
    pub(crate) const fn updates(&self) -> &Updates {
        &self.updates
    }

    /// The data folder; the reason when nothing was opened.
    pub(crate) fn data(&self) -> Result<&Path, Failure> {
        self.inside.as_ref().map(|inside| inside.data.as_path()).map_err(Clone::clone)
    }

    /// Ends the engine's loop, and returns when it has ended: nothing is handed over meanwhile. Relay and
    /// scheduler in this process go on.
    pub(crate) async fn rest(&self) {
        let Ok(inside) = &self.inside else { return };
        let running = lock(&inside.running).take();
        if let Some(Running { stop, ended }) = running {
            stop.cancel();
            let _ = ended.await;
        }
    }

    /// Starts the engine's loop again after a rest.
    pub(crate) fn go_on(&self) {
        let Ok(inside) = &self.inside else { return };
        let mut running = lock(&inside.running);
        if running.is_none() && !inside.stop.is_cancelled() {
            *running = Some(run(&inside.engine, &inside.stop));
        }
    }

    /// Ends relay and scheduler in this process, where they run: their files are free then. To be called
    /// after [`Shell::rest`].
    pub(crate) async fn stop_services(&self) {
        let Ok(inside) = &self.inside else { return };
        let local = lock(&inside.local).take();
        if let Some(local) = local {
            local.stop().await;
        }
    }

    /// Starts again what [`Shell::stop_services`] ended.
    pub(crate) async fn start_services(&self) -> Result<(), Failure> {
        let Ok(inside) = &self.inside else { return Ok(()) };
        if inside.is_here && lock(&inside.local).is_none() {
            let sandbox = Sandbox::from_environment()?;
            let local = host(&inside.data, &inside.engine, sandbox.as_ref()).await?;
            *lock(&inside.local) = Some(local);
            inside.is_settled.store(false, Ordering::SeqCst);
            inside.settle().await;
        }
        Ok(())
    }

    /// A file that a newcomer may import to try things.
    #[expect(clippy::unused_self, reason = "asked like everything else of the shell")]
    pub(crate) fn sample(&self) -> Option<String> {
        environment::word("ROOST_SAMPLE_FILE").filter(|path| Path::new(path).is_file())
    }

    /// Keeps the tray's icon. It is put once; a panel that comes back shows it again by itself.
    pub(crate) fn keep_tray(&self, tray: Tray) {
        let _ = self.tray.set(tray);
    }

    /// Returns the tray's icon, if one was ever put.
    pub(crate) fn tray(&self) -> Option<&Tray> {
        self.tray.get()
    }

    /// Notes whether the desktop shows the icon now.
    pub(crate) fn set_tray_shown(&self, is_shown: bool) {
        self.tray_is_shown.store(is_shown, Ordering::SeqCst);
    }

    /// Returns whether a person can reach the icon: only then may the window be hidden.
    pub(crate) fn is_tray_shown(&self) -> bool {
        self.tray_is_shown.load(Ordering::SeqCst)
    }

    /// Lets the local relay post as soon as it knows what it must know, and returns then.
    pub(crate) async fn settle(&self) {
        let Ok(inside) = &self.inside else { return };
        while !inside.stop.is_cancelled() && !inside.settle().await {
            tokio::time::sleep(SETTLE_INTERVAL).await;
        }
    }

    /// Ends the engine's loop first, so that what it knows is written, then the services.
    pub(crate) async fn stop(&self) {
        let Ok(inside) = &self.inside else { return };
        inside.stop.cancel();
        // A second stop finds nothing to stop.
        let (running, local) = (lock(&inside.running).take(), lock(&inside.local).take());
        if let Some(running) = running {
            let _ = running.ended.await;
        }
        if let Some(local) = local {
            local.stop().await;
        }
        // The process ends without letting go of the store.
        let engine = inside.engine.clone();
        let _ = tokio::task::spawn_blocking(move || engine.note_clean_end()).await;
    }
}

impl Inside {
    async fn start() -> Result<Self, Failure> {
        let data = data_folder()?;
        computer_move::put_in_use(&data).await?;
        let remote = remote_relay::find(&data).await?;
        let sandbox = Sandbox::from_environment()?;
        let mut config = EngineConfig::new(data.join(STORE_FILE));
        config.default_zone = roost_engine::system_zone();
        config.tell = Some(tell);
        let is_here = matches!(remote, Ok(None));
        let (mut shut, mut untold) = (None, None);
        match remote {
            Ok(None) => {}
            Ok(Some(RemoteRelay { mode, credentials, .. })) => {
                config.mode = mode;
                match credentials {
                    Credentials::Ready(endpoints) => config.endpoints = Some(endpoints),
                    Credentials::Locked { refusal, pending } => shut = Some((refusal, pending)),
                }
            }
            Err(error) => {
                config.mode = Mode::Server;
                untold = Some(error);
            }
        }
        let engine = open(config).await?;
        if let Some(error) = untold {
            remote_relay::report_unknown(&engine, &error);
        }
        if let Some((refusal, pending)) = shut {
            remote_relay::report_locked(&engine, &refusal, pending);
        }
        if !is_here {
            tauri::async_runtime::spawn(remote_relay::watch_pairing(data.clone(), engine.clone()));
        }
        // Where the posts were moved to another computer, nothing goes out from here.
        let is_here = is_here && engine.moved_away().is_none();
        let local = match is_here {
            true => Some(host(&data, &engine, sandbox.as_ref()).await?),
            false => None,
        };
        let stop = CancellationToken::new();
        if let Some(local) = &local {
            tauri::async_runtime::spawn(tell_of_the_end(local.stopped(), engine.clone()));
        }
        let local = Mutex::new(local);
        let inside = Self {
            data,
            engine,
            is_here,
            local,
            is_settled: AtomicBool::new(false),
            stop,
            running: Mutex::default(),
        };
        inside.settle().await;
        if inside.engine.moved_away().is_none() {
            *lock(&inside.running) = Some(run(&inside.engine, &inside.stop));
        }
        Ok(inside)
    }

    /// Tells the relay in this process what it must know (withdrawals above all), and only then
    /// lets it post. Returns whether nothing is left to be told.
    async fn settle(&self) -> bool {
        if self.is_settled.load(Ordering::SeqCst) || lock(&self.local).is_none() {
            return true;
        }
        if let Err(error) = self.engine.flush_outbox().await {
            tracing::warn!(%error, "the relay does not know everything yet");
            return false;
        }
        if let Some(local) = lock(&self.local).as_ref() {
            local.release();
        }
        self.is_settled.store(true, Ordering::SeqCst);
        true
    }
}

fn lock<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns where the data folder is, or is to be; none where this system names no place.
pub(crate) fn chosen_data_folder() -> Option<PathBuf> {
    let chosen = environment::word("ROOST_DATA_DIR").map(PathBuf::from);
    chosen.or_else(roost_local::data_dir)
}

/// The data folder, made when it is not there.
fn data_folder() -> Result<PathBuf, Failure> {
    let chosen = environment::word("ROOST_DATA_DIR").map(PathBuf::from);
    let made =
        roost_local::make_data_dir(chosen).map_err(|error| of_the_shell(error.to_string()))?;
    if made.was_open {
        tracing::warn!(folder = %made.path.display(), "closed to other users of this computer");
    }
    Ok(made.path)
}

/// Says in the log what takes long while the store opens, and what was mended.
fn tell(opening: &Opening) {
    match opening {
        Opening::ReadsTheWholeFile { path, bytes } => tracing::info!(
            path = %path.display(), bytes,
            "the store did not come to a clean end, or was changed since: its whole file is checked"
        ),
        Opening::ClosedToOthers { paths } => {
            tracing::warn!(?paths, "closed to other users of this computer");
        }
    }
}

/// Opens the store: blocking, with a migration where one is due.
async fn open(config: EngineConfig) -> Result<Engine, Failure> {
    let opening = tokio::task::spawn_blocking(move || Engine::open(config, Arc::new(SystemClock)));
    let opened = opening.await.map_err(|error| of_the_shell(error.to_string()))?;
    opened.map_err(Into::into)
}

/// Starts relay and scheduler in this process, and points the engine at them.
async fn host(data: &Path, engine: &Engine, sandbox: Option<&Sandbox>) -> Result<Local, Failure> {
    let base = x_api_base(engine, sandbox).await?;
    let mut config = LocalConfig::new(data, &base);
    // What was withdrawn while nothing ran is told to the relay before it may post.
    config.wait_for_release = true;
    if sandbox.is_some() {
        config.limits = Limits::of(Plan::Demo);
    }
    let started = Local::start(config).await;
    let local = started.map_err(|error| of_the_shell(error.to_string()))?;
    engine.use_endpoints(Some(endpoints_of(&local)))?;
    if let Some(sandbox) = sandbox {
        sandbox.connect(engine).await?;
    }
    Ok(local)
}

/// X, or the sandbox that this data folder belongs to. The two never mix.
async fn x_api_base(engine: &Engine, sandbox: Option<&Sandbox>) -> Result<String, Failure> {
    let remembered = engine.x_api_base().await?;
    match (sandbox, remembered) {
        (Some(_), Some(base)) if !roost_engine::is_sandbox(&base) => Err(of_the_shell(
            "This data folder belongs to the real X. Its posts never go to a sandbox: choose \
                 another folder in ROOST_DATA_DIR.",
        )),
        (Some(sandbox), _) => Ok(sandbox.address().to_owned()),
        (None, Some(base)) => Ok(base),
        (None, None) => Ok(X_API_BASE.to_owned()),
    }
}

fn endpoints_of(local: &Local) -> Endpoints {
    let here = local.endpoints();
    Endpoints {
        relay: Endpoint {
            url: here.relay_url.clone(),
            bearer: Secret::new(here.relay_key.clone()),
        },
        relay_public_url: here.relay_public_url.clone(),
        pin: None,
        qstash: Some(Endpoint {
            url: here.qstash_url.clone(),
            bearer: Secret::new(here.qstash_token.clone()),
        }),
    }
}

/// Tells the person when relay or scheduler in this process stopped for good.
async fn tell_of_the_end(mut stopped: watch::Receiver<Option<Stopped>>, engine: Engine) {
    // An error is the end of the services as such: they were stopped.
    let Ok(Some(stopped)) = stopped.wait_for(Option::is_some).await.map(|it| it.clone()) else {
        return;
    };
    let trouble = Trouble::new(Code::Internal, stopped.to_string());
    if let Err(error) = engine.report_problem("Posts don't go out", trouble).await {
        tracing::error!(%error, "a notice could not be written");
    }
}

/// Keeps the engine running.
fn run(engine: &Engine, stop: &CancellationToken) -> Running {
    let (engine, stop) = (engine.clone(), stop.child_token());
    let until = stop.clone();
    let ended = tauri::async_runtime::spawn(async move {
        // `roost sync --watch` may run for this store: when it ends, the window goes on with it.
        if let Err(error) = engine.run_when_free(until).await {
            tracing::error!(%error, "the engine's loop ended");
        }
    });
    Running { stop, ended }
}
