//! What the API and the delivery share: configuration, database, timer, keys.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use roost_qstash::signature::Signer;
use tokio::sync::Semaphore;

use crate::config::Config;
use crate::destination_policy::Policy;
use crate::dial::Dialer;
use crate::error::Error;
use crate::secret::Token;
use crate::store::{Database, keys};
use crate::timer::Timer;

/// What the API and the delivery share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) database: Arc<Database>,
    pub(crate) timer: Arc<Timer>,
    pub(crate) policy: Policy,
    pub(crate) token: Token,
    pub(crate) read_only_token: Option<Token>,
    pub(crate) dialer: Dialer,
    /// Requests that may be worked on at once.
    pub(crate) requests: Semaphore,
    /// Kibibytes that the bodies of these requests may take in memory, all together.
    pub(crate) body_budget: Semaphore,
    pub(crate) keys: RwLock<keys::Pair>,
}

impl fmt::Debug for Shared {
    /// Without the keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Shared {
    /// Unix milliseconds.
    pub(crate) fn now(&self) -> i64 {
        (self.config.clock)()
    }

    pub(crate) fn keys(&self) -> keys::Pair {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The signer of this moment: always with the current key.
    pub(crate) fn signer(&self) -> Signer {
        Signer::new(self.keys().0)
    }

    /// Rotates the signing keys; those that were given are again as given after the next start.
    pub(crate) async fn rotate_keys(self: Arc<Self>) -> Result<keys::Pair, Error> {
        if self.config.keys.is_some() {
            let mut pair = self.keys.write().unwrap_or_else(PoisonError::into_inner);
            *pair = keys::rotated(pair.clone());
            return Ok(pair.clone());
        }
        // On a task of its own: the asker may go away between the disk and the memory.
        let rotating = tokio::spawn(async move {
            let pair = self.database.write("rotate-keys", |write| keys::rotate(write)).await?;
            self.keys.write().unwrap_or_else(PoisonError::into_inner).clone_from(&pair);
            Ok(pair)
        });
        rotating.await.map_err(|_| Error::Stopping)?
    }
}
