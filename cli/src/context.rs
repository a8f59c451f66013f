//! What every command stands on: the data folder, the engine over its store, the services.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use roost_core::clock::SystemClock;
use roost_core::failure::Code;
use roost_engine::view::Trouble;
use roost_engine::{
    Endpoint, Endpoints, Engine, EngineConfig, Error, LatePolicy, Mode, Opening, Secret, is_sandbox,
};
use roost_local::{Local, LocalConfig};
use roost_pairing::{Credentials, RemoteRelay};

use crate::args::Common;
use crate::failure::Failure;
use crate::format;
use crate::output::{self, Output};

/// The store's file in the data folder.
const STORE_FILE: &str = "roost.db";
/// X's API when no sandbox is named.
pub(crate) const X_API_BASE: &str = "https://api.x.com";

/// How long the system's keyring may take: long enough to type a password, and no script hangs.
pub(crate) const KEYRING_PATIENCE: Duration = Duration::from_secs(20);

/// What every command stands on.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) output: Output,
    pub(crate) data: PathBuf,
    x_api_base: Option<String>,
    /// A relay elsewhere, when one is paired or named by the environment. Looked for with the engine:
    /// what needs neither asks no keyring.
    remote: OnceLock<Option<Remote>>,
}

/// A relay elsewhere, as this command finds it.
#[derive(Debug)]
struct Remote {
    /// Its address, when it can be told.
    url: Option<String>,
    trouble: Option<Trouble>,
}

/// A file that is read as a whole in a moment is not worth a word.
const WORTH_SAYING_BYTES: u64 = 32_000_000;

/// Says what takes long while the store opens, and what was mended.
fn tell(opening: &Opening) {
    match opening {
        Opening::ReadsTheWholeFile { path, bytes } if *bytes >= WORTH_SAYING_BYTES => {
            output::say_on_the_way(&format::reads_the_whole_file(path, *bytes));
        }
        Opening::ReadsTheWholeFile { .. } => {}
        Opening::ClosedToOthers { paths } => {
            if let Some(folder) = paths.first().and_then(|path| path.parent()) {
                output::say_on_the_way(&format::closed_to_others(folder));
            }
        }
    }
}

impl Context {
    pub(crate) fn new(common: Common, output: Output) -> Result<Self, Failure> {
        let made = roost_local::make_data_dir(common.data).map_err(|error| match error {
            roost_local::Error::NoPlace => {
                Failure::usage("This system names no place for data. Say where: --data FOLDER.")
            }
            roost_local::Error::Folder { folder, source } => Failure::work(
                "data_folder",
                format!(
                    "The data folder {} can't be made: {source}. Choose another with --data.",
                    folder.display()
                ),
            ),
            other => other.into(),
        })?;
        let data = made.path;
        if made.was_open {
            output.say(&format::closed_to_others(&data));
        }
        // What came from another computer, where a crash kept it from its place.
        roost_computer_move::put_in_use(&data, &SystemClock)?;
        // An empty variable is an unset one.
        let x_api_base = common.x_api_base.filter(|base| !base.is_empty());
        Ok(Self { output, data, x_api_base, remote: OnceLock::new() })
    }

    /// Whether posts go out from this computer. Known once there is an engine.
    pub(crate) fn is_this_computer(&self) -> bool {
        self.found().is_none()
    }

    /// The address of the relay elsewhere, when there is one. Known once there is an engine.
    pub(crate) fn relay_url(&self) -> Option<&str> {
        self.found().and_then(|remote| remote.url.as_deref())
    }

    /// Refuses what can't be done without the relay, when there is one that can't be entered.
    pub(crate) fn require_relay(&self) -> Result<(), Failure> {
        match self.found().and_then(|remote| remote.trouble.clone()) {
            Some(trouble) => Err(Error::Withheld(trouble).into()),
            None => Ok(()),
        }
    }

    /// Refuses what hands over, when the store went to another computer.
    pub(crate) fn require_store(engine: &Engine) -> Result<(), Failure> {
        match engine.moved_away() {
            Some(moved) => Err(Error::Withheld(moved).into()),
            None => Ok(()),
        }
    }

    fn found(&self) -> Option<&Remote> {
        self.remote.get().and_then(Option::as_ref)
    }

    /// The store's file.
    pub(crate) fn store(&self) -> PathBuf {
        self.data.join(STORE_FILE)
    }

    /// Opens the store. With a relay elsewhere, the engine knows it, or why it can't be entered; a
    /// local one is started by [`Self::host`].
    pub(crate) async fn engine(&self, late: Option<LatePolicy>) -> Result<Engine, Failure> {
        let mut config = EngineConfig::new(self.store());
        config.late = late;
        config.tell = Some(tell);
        config.default_zone = roost_engine::system_zone();
        let remote = match self.remote_relay().await? {
            Ok(None) => None,
            Ok(Some(remote)) => {
                config.mode = remote.mode;
                let trouble = match remote.credentials {
                    Credentials::Ready(endpoints) => {
                        config.endpoints = Some(endpoints);
                        None
                    }
                    Credentials::Locked { refusal, .. } => {
                        let message = format!("{refusal} {}", refusal.remedy("try again"));
                        Some(Trouble::new(Code::KeyringUnavailable, message))
                    }
                };
                Some(Remote { url: Some(remote.relay_url), trouble })
            }
            // There is a relay, and which one or its key can't be told: nobody's own drafts wait for
            // that.
            Err(error) => {
                config.mode = Mode::Server;
                let trouble = Trouble::new(Code::RelayUnknown, error.to_string());
                let trouble = trouble.with_steps(error.next_steps());
                Some(Remote { url: None, trouble: Some(trouble) })
            }
        };
        let opened =
            tokio::task::spawn_blocking(move || Engine::open(config, Arc::new(SystemClock)));
        let engine = opened
            .await
            .map_err(|error| Failure::work("internal", error.to_string()))?
            .map_err(|error| self.named(error))?;
        if let Some(trouble) = remote.as_ref().and_then(|remote| remote.trouble.clone()) {
            engine.suspend_services(trouble);
        }
        // One command opens one engine.
        drop(self.remote.set(remote));
        Ok(engine)
    }

    /// The relay elsewhere, or why it can't be told.
    async fn remote_relay(
        &self,
    ) -> Result<Result<Option<RemoteRelay>, roost_pairing::Error>, Failure> {
        let data = self.data.clone();
        let found =
            tokio::task::spawn_blocking(move || roost_pairing::find(&data, KEYRING_PATIENCE));
        found.await.map_err(|error| Failure::work("internal", error.to_string()))
    }

    /// A failure to open the store; one that names no path gets it.
    fn named(&self, error: roost_engine::Error) -> Failure {
        let mut failure = Failure::from(error);
        let path = self.data.display().to_string();
        if !failure.message.contains(&path) {
            failure.message = format!("{path}: {}", failure.message);
        }
        failure
    }

    /// The same with the store's own late policy.
    pub(crate) async fn plain_engine(&self) -> Result<Engine, Failure> {
        self.engine(None).await
    }

    /// X's address for the local relay: what was asked for, else what this data folder belongs to.
    pub(crate) async fn x_api_base(&self, engine: &Engine) -> Result<String, Failure> {
        let remembered = engine.x_api_base().await?;
        match (&self.x_api_base, remembered) {
            (None, None) => Ok(X_API_BASE.to_owned()),
            (None, Some(base)) => Ok(base),
            (Some(asked), None) => Ok(asked.clone()),
            (Some(asked), Some(base)) if is_sandbox(asked) == is_sandbox(&base) => {
                Ok(asked.clone())
            }
            (Some(asked), Some(base)) => Err(Failure::usage(format!(
                "This data folder belongs to {base}; its posts can't go to {asked}. Use another \
                 data folder (--data), and `roost export` and `roost import` to carry posts over."
            ))),
        }
    }

    /// Starts relay and scheduler in this process and points the engine at them.
    pub(crate) async fn host(
        &self,
        engine: &Engine,
        x_api_base: &str,
        overdue_spacing: Option<Duration>,
    ) -> Result<Local, Failure> {
        Self::require_store(engine)?;
        let mut config = LocalConfig::new(&self.data, x_api_base);
        config.wait_for_release = true;
        if let Some(spacing) = overdue_spacing {
            config.overdue_spacing = spacing;
        }
        let local = Local::start(config).await?;
        let endpoints = local.endpoints();
        engine.use_endpoints(Some(Endpoints {
            relay: Endpoint {
                url: endpoints.relay_url.clone(),
                bearer: Secret::new(endpoints.relay_key.clone()),
            },
            relay_public_url: endpoints.relay_public_url.clone(),
            pin: None,
            qstash: Some(Endpoint {
                url: endpoints.qstash_url.clone(),
                bearer: Secret::new(endpoints.qstash_token.clone()),
            }),
        }))?;
        Ok(local)
    }
}
