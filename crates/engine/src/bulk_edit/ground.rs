//! What a change of many posts is judged against.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use roost_core::clock::UnixMillis;
use roost_core::cost::Prices;
use roost_core::id::XUserId;
use roost_core::limits::{Limits, Subscription};
use roost_core::zone::Zone;
use roost_store::{Account, Read};

use crate::row::Scene;
use crate::state::EngineState;
use crate::{Mode, Result, horizon, posts, preferences};

/// What the engine knows beside the store.
pub(super) struct Facts {
    pub(super) scene: Scene,
    pub(super) horizon_end: UnixMillis,
    pub(super) mode: Mode,
}

impl Facts {
    pub(super) async fn read(engine: &EngineState) -> Result<Self> {
        let (scene, horizon_end) = (posts::scene(engine).await?, horizon::end(engine).await?);
        Ok(Self { scene, horizon_end, mode: engine.mode() })
    }
}

/// All that posts are judged by, read once for all of them.
pub(super) struct Ground {
    pub(super) facts: Facts,
    /// Those that are connected.
    pub(super) accounts: Vec<Account>,
    pub(super) prices: Prices,
    /// Posts of an account that are closer to each other are warned of; zero for none.
    pub(super) near: Duration,
    rules: HashMap<XUserId, AccountRules>,
    no_account: AccountRules,
    zones: RefCell<HashMap<String, Zone>>,
}

/// What an account may post.
pub(super) struct AccountRules {
    pub(super) username: Option<String>,
    pub(super) subscription: Subscription,
    pub(super) limits: Limits,
}

impl AccountRules {
    fn of(account: Option<&Account>) -> Self {
        let word = account.and_then(|account| account.subscription_type.as_deref());
        Self {
            username: account.map(|account| account.username.clone()),
            subscription: Subscription::from_x(word),
            limits: account.and_then(|account| account.limits.clone()).unwrap_or_default(),
        }
    }
}

impl Ground {
    pub(super) fn read(store: &Read<'_>, facts: Facts) -> Result<Self> {
        let accounts = store.accounts()?;
        let rules =
            |account: &Account| (account.x_user_id.clone(), AccountRules::of(Some(account)));
        Ok(Self {
            rules: accounts.iter().map(rules).collect(),
            no_account: AccountRules::of(None),
            prices: store.prices()?,
            near: Duration::from_mins(preferences::collision_minutes(store)?.into()),
            zones: RefCell::default(),
            accounts,
            facts,
        })
    }

    pub(super) const fn now(&self) -> UnixMillis {
        self.facts.scene.now
    }

    /// Returns what an account may post; of one that is not connected, what every new one may.
    pub(super) fn rules(&self, account: Option<&XUserId>) -> &AccountRules {
        account.and_then(|account| self.rules.get(account)).unwrap_or(&self.no_account)
    }

    /// Returns the zone of a name; the store's where there is none of that name.
    pub(super) fn zone(&self, name: &str) -> Zone {
        let mut zones = self.zones.borrow_mut();
        if let Some(zone) = zones.get(name) {
            return zone.clone();
        }
        let zone = Zone::parse(name).unwrap_or_else(|_| self.facts.scene.zone.clone());
        zones.insert(name.to_owned(), zone.clone());
        zone
    }
}
