//! What every command stands on: the data folder, the engine over its store, the services.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::SystemClock;
use roost_engine::{
    Endpoint, Endpoints, Engine, EngineConfig, LatePolicy, Mode, Secret, is_sandbox,
};
use roost_local::{Local, LocalConfig};

use crate::args::Common;
use crate::failure::Failure;
use crate::output::Output;
use crate::pairing;

/// The store's file in the data folder.
const STORE_FILE: &str = "roost.db";
/// X's API when no sandbox is named.
pub(crate) const X_API_BASE: &str = "https://api.x.com";

/// What every command stands on.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) output: Output,
    pub(crate) data: PathBuf,
    x_api_base: Option<String>,
    /// A relay elsewhere, when one is paired or named by the environment.
    remote: Option<(Mode, Endpoints)>,
}

impl Context {
    pub(crate) fn new(common: Common) -> Result<Self, Failure> {
        let data = match common.data {
            Some(folder) => folder,
            None => roost_local::data_dir().ok_or_else(|| {
                Failure::usage("This system names no place for data. Say where: --data FOLDER.")
            })?,
        };
        fs::create_dir_all(&data).map_err(|error| {
            Failure::work(
                "data_folder",
                format!(
                    "The data folder {} can't be made: {error}. Choose another with --data.",
                    data.display()
                ),
            )
        })?;
        let remote = remote(&data)?;
        // An empty variable is an unset one.
        let x_api_base = common.x_api_base.filter(|base| !base.is_empty());
        Ok(Self { output: Output::new(common.json), data, x_api_base, remote })
    }

    /// Whether posts go out from this computer.
    pub(crate) const fn is_this_computer(&self) -> bool {
        self.remote.is_none()
    }

    /// The relay elsewhere, when there is one.
    pub(crate) fn remote(&self) -> Option<&Endpoints> {
        self.remote.as_ref().map(|(_, endpoints)| endpoints)
    }

    /// The store's file.
    pub(crate) fn store(&self) -> PathBuf {
        self.data.join(STORE_FILE)
    }

    /// Opens the store. With a relay elsewhere, the engine knows it; a local one is started by
    /// [`Self::host`].
    pub(crate) async fn engine(&self, late: Option<LatePolicy>) -> Result<Engine, Failure> {
        let mut config = EngineConfig::new(self.store());
        config.late = late;
        config.default_zone = roost_engine::system_zone();
        if let Some((mode, endpoints)) = &self.remote {
            config.mode = *mode;
            config.endpoints = Some(endpoints.clone());
        }
        let opened =
            tokio::task::spawn_blocking(move || Engine::open(config, Arc::new(SystemClock)));
        opened
            .await
            .map_err(|error| Failure::work("internal", error.to_string()))?
            .map_err(|error| self.named(error))
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
            qstash: Endpoint {
                url: endpoints.qstash_url.clone(),
                bearer: Secret::new(endpoints.qstash_token.clone()),
            },
        }))?;
        Ok(local)
    }
}

/// The relay elsewhere: by the environment, else by the pairing.
fn remote(data: &std::path::Path) -> Result<Option<(Mode, Endpoints)>, Failure> {
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let paired = pairing::load(data)?;
    let relay = match (env("ROOST_RELAY_URL"), env("ROOST_RELAY_KEY")) {
        (Some(url), Some(key)) => Some(Endpoint { url, bearer: Secret::new(key) }),
        (Some(_), None) => {
            return Err(Failure::usage("ROOST_RELAY_URL is set and ROOST_RELAY_KEY is not."));
        }
        (None, _) => None,
    };
    let public_url = paired.as_ref().and_then(|link| link.public_url.clone());
    let paired_qstash = paired.as_ref().and_then(|link| link.qstash.clone());
    let Some(relay) = relay.or_else(|| paired.map(|link| link.relay)) else { return Ok(None) };
    let named = env("QSTASH_TOKEN").map(|token| Endpoint {
        url: env("QSTASH_URL").unwrap_or_else(|| "https://qstash.upstash.io".to_owned()),
        bearer: Secret::new(token),
    });
    let Some(qstash) = named.or(paired_qstash) else {
        return Err(Failure::usage(
            "The relay is known and its scheduler is not. Set QSTASH_URL and QSTASH_TOKEN.",
        ));
    };
    let mode = if qstash.url.contains("upstash.io") { Mode::ServerQstash } else { Mode::Server };
    let relay_public_url = public_url.unwrap_or_else(|| relay.url.clone());
    Ok(Some((mode, Endpoints { relay, relay_public_url, qstash })))
}
