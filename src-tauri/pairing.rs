//! Pairing with a relay from the window, and leaving one. A link only fills a dialog: the person sees which
//! relay it names before anything is asked of that relay, and which one it replaces.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use roost_core::failure::Code;
use roost_engine::api::Failure;
use roost_engine::{Detached, Endpoint, Engine};
use roost_pairing::{DeviceKey, KeptIn, Link, PairingLink};
use serde::{Deserialize, Serialize};

use crate::failure::of_the_shell;
use crate::ipc::Type;

/// How long the keyring may take: it may ask the person for its password.
pub(crate) const KEYRING_PATIENCE: Duration = Duration::from_secs(60);

/// What a pairing link names, for the person to compare.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct PairingOffer {
    /// The relay's host, and its port where it is not the usual one.
    host: String,
    /// What `roost-relay pair` shows beside the link; none of a link that carries its key.
    fingerprint: Option<String>,
    /// The beginning of the pin of the relay's certificate; none where this system's roots vouch for it.
    certificate: Option<String>,
    /// What the relay is to call this computer, unless the person says otherwise.
    computer_name: String,
    /// The relay that this computer is paired with now, where it is another one.
    replaces: Option<String>,
    /// Posts that the relay in use holds. It is asked to let go of them.
    posts_there: u64,
}

/// What the person confirmed.
#[derive(Clone, Deserialize, Type)]
pub(crate) struct PairRequest {
    /// The link.
    link: String,
    /// What the relay is to call this computer.
    computer_name: String,
    /// Whether the keys are kept in a file of the owner's alone, where there is no keyring.
    key_in_file: bool,
    /// The relay that was used so far will never run again.
    old_relay_is_gone: bool,
    /// QStash's token, for a relay without a scheduler of its own.
    qstash_token: Option<String>,
}

/// What became of a pairing.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct PairedWith {
    /// The relay's address.
    relay: String,
    /// Whether the keys are in a file rather than in the keyring.
    key_in_file: bool,
    /// Whether nothing can be handed over yet, because QStash's token is not known.
    needs_qstash_token: bool,
}

/// Where posts go out from, as far as it is a matter of pairing.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct PairingState {
    /// The relay's address; none while posts go out from this computer.
    relay: Option<String>,
    /// Whether QStash's token is kept beside it.
    has_qstash: bool,
}

/// The key that this computer made for the link that is being paired: an answer that was lost is asked for
/// again with the same one.
#[derive(Default)]
pub(crate) struct Pairing(Mutex<Option<(String, DeviceKey)>>);

impl Pairing {
    fn key_for(&self, link: &str) -> Result<DeviceKey, Failure> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, key)) = &*kept
            && of == link
        {
            return Ok(key.clone());
        }
        let key = DeviceKey::random().map_err(|error| of_the_shell(error.to_string()))?;
        *kept = Some((link.to_owned(), key.clone()));
        Ok(key)
    }
}

/// Returns how this data folder is paired.
pub(crate) fn state(data: &Path) -> Result<PairingState, Failure> {
    let paired = roost_pairing::paired(data).map_err(|error| of_pairing(&error))?;
    let has_qstash = paired.as_ref().is_some_and(|paired| paired.has_qstash);
    Ok(PairingState { relay: paired.map(|paired| paired.relay_url), has_qstash })
}

/// Returns what a link names. Nothing is asked of the relay, and nothing changes.
pub(crate) async fn describe(
    engine: &Engine,
    data: &Path,
    link: &str,
) -> Result<PairingOffer, Failure> {
    let link = parse(link)?;
    let (host, fingerprint, pin) = match &link {
        PairingLink::Invitation(it) => (it.host(), Some(it.fingerprint()), it.pin),
        PairingLink::Keys(it) => (it.relay.url.clone(), None, it.pin),
    };
    let next = name_of(&link).to_owned();
    let had = roost_pairing::paired(data).ok().flatten();
    let others = engine.other_relays(Some(next.clone())).await?;
    Ok(PairingOffer {
        host,
        fingerprint,
        certificate: pin.map(|pin| pin.short()),
        computer_name: roost_pairing::computer_name(),
        replaces: had.filter(|had| had.public_url != next).map(|had| had.relay_url),
        posts_there: others.iter().map(|other| other.posts).sum(),
    })
}

/// Pairs, as the person confirmed it, while the engine's loop rests. The program is to be started again
/// after it: posts go out from another place then.
pub(crate) async fn pair(
    engine: &Engine,
    data: &Path,
    keys: &Pairing,
    request: &PairRequest,
) -> Result<PairedWith, Failure> {
    let link = parse(&request.link)?;
    let next = name_of(&link).to_owned();
    // Kept until the new pairing is: nothing may be handed to the old relay in between.
    let _left = leave(engine, &next, request.old_relay_is_gone).await?;
    let mut link = match link {
        PairingLink::Keys(link) => link,
        PairingLink::Invitation(invitation) => {
            let key = keys.key_for(&request.link)?;
            let name = request.computer_name.trim();
            let let_in = invitation.redeem(name, &key).await;
            let_in.map_err(|error| {
                let code = error.code().parse().unwrap_or(Code::RelayRefused);
                Failure::new(code, error.to_string())
            })?
        }
    };
    if link.qstash.is_none() {
        link.qstash = scheduler(data, &link, request).await?;
    }
    let (relay, needs_qstash_token) = (link.relay.url.clone(), link.qstash.is_none());
    let in_file = request.key_in_file;
    let kept =
        blocking(data, move |data| roost_pairing::keep(data, &link, in_file, KEYRING_PATIENCE));
    let kept = kept.await?;
    engine.clear_scheduler_refusal().await?;
    engine.note_pairing(&next).await?;
    if request.old_relay_is_gone {
        forget_all(engine, &next).await?;
    }
    Ok(PairedWith { relay, key_in_file: kept == KeptIn::File, needs_qstash_token })
}

/// QStash's token: as the person typed it, else as it is kept beside a pairing with the same relay.
async fn scheduler(
    data: &Path,
    link: &Link,
    request: &PairRequest,
) -> Result<Option<roost_engine::Endpoint>, Failure> {
    let typed = request.qstash_token.as_deref().map(str::trim).filter(|token| !token.is_empty());
    if let Some(token) = typed {
        let url = roost_pairing::QSTASH_URL.to_owned();
        let qstash = roost_pairing::qstash(url, token.to_owned());
        return qstash.map(Some).map_err(|error| of_the_shell(error.to_string()));
    }
    let link = link.clone();
    // A pairing that can't be read must not keep anybody from pairing again.
    let kept = move |data: &Path| roost_pairing::kept_qstash(data, &link, KEYRING_PATIENCE);
    Ok(blocking(data, kept).await.unwrap_or_default())
}

/// Has QStash call the relay: tries the token, sends QStash's signing keys to the relay, and keeps the token
/// beside the pairing. Returns what could not be done yet: the engine's next pass does it. A token that QStash
/// refuses is not kept.
pub(crate) async fn keep_scheduler_token(
    engine: &Engine,
    data: &Path,
    token: String,
    url: Option<String>,
) -> Result<Option<String>, Failure> {
    let url = url.unwrap_or_else(|| roost_pairing::QSTASH_URL.to_owned());
    let qstash = roost_pairing::qstash(url, token)
        .map_err(|error| Failure::new(Code::BadRequest, error.to_string()))?;
    let not_yet = match engine.try_scheduler(&qstash).await {
        Ok(_) => None,
        Err(error) if error.code() == Code::SchedulerUnauthorized => return Err(error.into()),
        Err(error) => Some(error.to_string()),
    };
    choose_scheduler(engine, data, qstash).await?;
    Ok(not_yet)
}

/// Has the scheduler inside the relay call it.
pub(crate) async fn use_relays_scheduler(engine: &Engine, data: &Path) -> Result<(), Failure> {
    let own = engine.relays_scheduler().await?;
    choose_scheduler(engine, data, own).await
}

/// Keeps a scheduler beside the pairing, and uses it: the next pass moves what the former one has.
async fn choose_scheduler(
    engine: &Engine,
    data: &Path,
    scheduler: Endpoint,
) -> Result<(), Failure> {
    let kept = scheduler.clone();
    let keep = move |data: &Path| roost_pairing::keep_scheduler(data, &kept, KEYRING_PATIENCE);
    blocking(data, keep).await?;
    Ok(engine.use_scheduler(&scheduler).await?)
}

/// Leaves the relay for this computer, while the engine's loop rests: it lets go of its posts, or will never
/// run again. The program is to be started again after it.
pub(crate) async fn unpair(
    engine: &Engine,
    data: &Path,
    old_relay_is_gone: bool,
) -> Result<(), Failure> {
    let next = roost_local::RELAY_LOGICAL_URL;
    let _left = leave(engine, next, old_relay_is_gone).await?;
    blocking(data, |data| roost_pairing::forget(data, KEYRING_PATIENCE)).await?;
    engine.note_unpairing().await?;
    if old_relay_is_gone {
        forget_all(engine, next).await?;
    }
    Ok(())
}

/// Has the relay in use let go of its posts, so that `next` can be given them. One that the person calls
/// gone is asked for nothing, unless it answers: two relays would post the same then.
async fn leave(engine: &Engine, next: &str, is_gone: bool) -> Result<Option<Detached>, Failure> {
    let held = held(engine, next).await?;
    if held == 0 {
        return Ok(None);
    }
    if is_gone {
        if engine.refresh_status().await.is_ok() {
            return Err(Failure::new(
                Code::RelayUnknown,
                format!(
                    "The relay in use answers, so it is not gone: it would go on posting the {held} of \
                     your posts that it holds. Nothing was changed. Leave it without saying that it is \
                     gone; or stop it for good first."
                ),
            ));
        }
        return Ok(None);
    }
    let still_there = |why: &str| {
        Failure::new(
            Code::RelayUnknown,
            format!(
                "The relay in use holds {held} of your posts and posts them, so nothing was changed. \
                 {why} Try again in a minute; or, if it will never run again, say so."
            ),
        )
    };
    let left =
        engine.detach_relay().await.map_err(|error| still_there(&Failure::from(error).message))?;
    match self::held(engine, next).await? {
        0 => Ok(Some(left)),
        _ => Err(still_there("It did not let go of all of them: some are being sent.")),
    }
}

/// Posts that relays other than `next` hold.
async fn held(engine: &Engine, next: &str) -> Result<u64, Failure> {
    let others = engine.other_relays(Some(next.to_owned())).await?;
    Ok(others.iter().map(|other| other.posts).sum())
}

/// Takes the person's word that every relay but `next` is gone for good.
async fn forget_all(engine: &Engine, next: &str) -> Result<(), Failure> {
    for other in engine.other_relays(Some(next.to_owned())).await? {
        engine.forget_relay(other.relay).await?;
    }
    Ok(())
}

fn parse(link: &str) -> Result<PairingLink, Failure> {
    PairingLink::parse(link).map_err(|error| Failure::new(Code::BadRequest, error.to_string()))
}

/// The relay's name in the store.
fn name_of(link: &PairingLink) -> &str {
    match link {
        PairingLink::Invitation(invitation) => invitation.name(),
        PairingLink::Keys(link) => {
            link.public_url.as_ref().unwrap_or(&link.relay.url).trim_end_matches('/')
        }
    }
}

fn of_pairing(error: &roost_pairing::Error) -> Failure {
    let code = error.code().parse().unwrap_or(Code::RelayUnknown);
    Failure::new(code, error.to_string())
}

/// Writes to keyring and files, which may block.
async fn blocking<T: Send + 'static>(
    data: &Path,
    work: impl FnOnce(&Path) -> Result<T, roost_pairing::Error> + Send + 'static,
) -> Result<T, Failure> {
    let data: PathBuf = data.to_owned();
    let done = tokio::task::spawn_blocking(move || work(&data));
    done.await.map_err(|error| of_the_shell(error.to_string()))?.map_err(|error| of_pairing(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_is_asked_about_again_is_asked_with_the_same_key() {
        let pairing = Pairing::default();
        let first = pairing.key_for("one").unwrap();
        assert!(pairing.key_for("one").unwrap() == first, "an answer may have been lost");
        assert!(pairing.key_for("another").unwrap() != first);
    }
}
