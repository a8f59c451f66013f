//! The horizon: until when posts are handed over, and until when the computer may be closed.

use roost_core::clock::UnixMillis;
use roost_core::window::{self, Window};
use roost_core::zone::Zone;
use roost_relay_api::Coverage;
use tokio::time::Instant;

use crate::inner::{Inner, Services};
use crate::view::SafeToClose;
use crate::{Mode, Result, contact, preferences};

/// The windows to hand over, the current one first.
pub(crate) async fn windows(inner: &Inner) -> Result<Vec<Window>> {
    let preferences = preferences::get(inner).await?;
    let zone = Zone::parse(&preferences.zone)?;
    let count = usize::try_from(preferences.horizon_windows).unwrap_or(1);
    Ok(window::horizon(inner.now(), &zone, count))
}

/// The first instant beyond the horizon.
pub(crate) async fn end(inner: &Inner) -> Result<UnixMillis> {
    Ok(windows(inner).await?.last().map_or(inner.now(), |window| window.end))
}

/// Tells the relay until when it is covered, and how many posts wait beyond.
pub(crate) async fn tell(inner: &Inner, services: &Services, end: UnixMillis) -> Result<()> {
    let coverage = inner
        .read(move |store| {
            let until = store.first_gap()?.map_or(end, |gap| gap.at.min(end));
            Ok(Coverage { until, posts_beyond: store.posts_beyond(end)? })
        })
        .await?;
    let asked = Instant::now();
    let status = inner.relay_answered(asked, services.relay.coverage(coverage).await)?;
    contact::heard(inner, &status, asked);
    Ok(())
}

/// Whether the computer may be closed, given the first post that is not safe elsewhere.
pub(crate) fn safe_to_close(mode: Mode, gap: Option<UnixMillis>, now: UnixMillis) -> SafeToClose {
    match (mode, gap) {
        (Mode::ThisComputer, _) => SafeToClose::OnlyWhileAwake,
        (_, None) => SafeToClose::Everything,
        (_, Some(at)) if at > now => SafeToClose::Until { at },
        _ => SafeToClose::NotNow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_is_never_safe_to_close() {
        let now = UnixMillis(1);
        assert_eq!(safe_to_close(Mode::ThisComputer, None, now), SafeToClose::OnlyWhileAwake);
        assert_eq!(safe_to_close(Mode::Server, None, now), SafeToClose::Everything);
        let later = UnixMillis(2);
        let until = SafeToClose::Until { at: later };
        assert_eq!(safe_to_close(Mode::Server, Some(later), now), until);
        assert_eq!(safe_to_close(Mode::Server, Some(now), now), SafeToClose::NotNow);
    }
}
