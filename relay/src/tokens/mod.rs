//! Grants: sealed at rest, one holder per account, refreshed by one caller at a time.

mod access;
mod key_file;
mod load;
mod prove;
mod refresh;
mod refresh_steps;
mod refusal_check;
mod sealed_keys;
mod token_cache;
mod unseal;
mod vault;

pub(crate) use access::{access, renew, retry_doubted, revoke};
pub(crate) use prove::{prove, prove_due};
pub(crate) use sealed_keys::{open_scheduler_keys, seal_scheduler_keys};
pub(crate) use token_cache::{Access, TokenCache, TokenError, TokenSlot};
pub(crate) use unseal::settle as settle_grants;
pub use vault::KeyError;
pub(crate) use vault::SealedGrant;
pub(crate) use vault::{Vault, random};

/// X's own word for a subscription; nothing when X did not say.
pub(crate) const fn subscription_word(
    subscription: roost_x_api::Subscription,
) -> Option<&'static str> {
    use roost_x_api::Subscription as S;
    match subscription {
        S::None => Some("None"),
        S::Basic => Some("Basic"),
        S::Premium => Some("Premium"),
        S::PremiumPlus => Some("PremiumPlus"),
        S::Unknown => None,
    }
}
