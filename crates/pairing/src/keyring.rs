//! The system's keyring, asked in a thread of its own and not waited for without end.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use keyring::{Entry, Error as KeyringError};

/// The keyring's name for everything that is Roost's.
const SERVICE: &str = "roost";
/// D-Bus's own name for what a bus or a service forbids.
const ACCESS_DENIED: &str = "org.freedesktop.DBus.Error.AccessDenied";

/// Why the keyring did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is locked: its question was dismissed, or could not be shown.
    #[error("The system's keyring is locked, and was not unlocked.")]
    Locked,
    /// There is none: no session bus, or nobody on it who keeps secrets.
    #[error("This system offers no keyring to this session: {0}.")]
    Absent(String),
    /// It is there and lets Roost not in.
    #[error("The system's keyring does not let Roost in.")]
    Denied,
    /// It has not answered. A question may be open, or it hangs.
    #[error(
        "The system's keyring has not answered for {} s. It may be asking for its password.",
        .0.as_secs()
    )]
    Silent(Duration),
    /// It has nothing for this data folder.
    #[error("The system's keyring holds no key for this data folder.")]
    Empty,
    /// What it has is no key.
    #[error("What the system's keyring holds for this data folder is no key.")]
    Unreadable,
    /// Anything else.
    #[error("The system's keyring failed: {0}.")]
    Failed(String),
}

impl Refusal {
    /// What to do, so that the relay's key can be read. `again` is what comes after: "try again".
    #[must_use]
    pub fn remedy(&self, again: &str) -> String {
        let first = match self {
            Self::Locked | Self::Silent(_) => "Unlock it",
            Self::Absent(_) | Self::Denied | Self::Failed(_) => "Use a session that opens one",
            Self::Empty | Self::Unreadable => return format!("Pair again, then {again}."),
        };
        format!(
            "{first}, then {again}; or pair again and keep the key in a file that only you can read."
        )
    }

    /// What to do, so that a key can be kept.
    pub(crate) const fn remedy_when_keeping(&self) -> &'static str {
        match self {
            Self::Locked | Self::Silent(_) => "Unlock it and pair again",
            _ => "Pair again in a session that has one",
        }
    }

    fn of(error: &KeyringError) -> Self {
        match error {
            KeyringError::NoEntry => Self::Empty,
            KeyringError::NoStorageAccess(_) => Self::Locked,
            // The first call found no keyring; what it said then is the reason.
            KeyringError::NoDefaultStore => match Entry::store_status() {
                Err(first) if is_denied(first) => Self::Denied,
                Err(first) => Self::Absent(innermost(first)),
                Ok(()) => Self::Absent("it was there and is gone".to_owned()),
            },
            error if is_denied(error) => Self::Denied,
            error => Self::Failed(innermost(error)),
        }
    }
}

fn is_denied(error: &KeyringError) -> bool {
    error.to_string().contains(ACCESS_DENIED) || innermost(error).contains(ACCESS_DENIED)
}

/// The words of whoever failed first, without a full stop.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string().trim_end_matches('.').to_owned()
}

/// A question to the keyring; its answer may be waited for again.
#[derive(Debug)]
pub(crate) struct Question<T>(Receiver<Result<T, Refusal>>);

impl<T: Send + 'static> Question<T> {
    /// The keyring speaks over D-Bus with a runtime of its own, which must not stand inside ours; and
    /// while it asks the person for a password, it answers nobody.
    fn ask(work: impl FnOnce() -> keyring::Result<T> + Send + 'static) -> Self {
        let (answer, question) = sync_channel(1);
        std::thread::spawn(move || {
            // Whoever asked may have gone.
            let _ = answer.send(work().map_err(|error| Refusal::of(&error)));
        });
        Self(question)
    }

    /// The answer, when it comes in time.
    pub(crate) fn within(&self, patience: Duration) -> Result<T, Refusal> {
        self.0.recv_timeout(patience).unwrap_or_else(|late| {
            Err(match late {
                RecvTimeoutError::Timeout => Refusal::Silent(patience),
                RecvTimeoutError::Disconnected => Refusal::Failed("its client stopped".to_owned()),
            })
        })
    }

    /// The answer, however long it takes.
    pub(crate) fn at_last(&self) -> Result<T, Refusal> {
        let gone = |_| Err(Refusal::Failed("its client stopped".to_owned()));
        self.0.recv().unwrap_or_else(gone)
    }
}

/// Asks for what is kept for a data folder.
pub(crate) fn read(data: &Path) -> Question<String> {
    let user = user_of(data);
    Question::ask(move || Entry::new(SERVICE, &user)?.get_password())
}

/// Asks to keep something for a data folder.
pub(crate) fn write(data: &Path, text: String) -> Question<()> {
    let user = user_of(data);
    Question::ask(move || Entry::new(SERVICE, &user)?.set_password(&text))
}

/// Asks to forget what is kept for a data folder; that nothing is kept is no failure.
pub(crate) fn forget(data: &Path) -> Question<()> {
    let user = user_of(data);
    Question::ask(move || match Entry::new(SERVICE, &user)?.delete_credential() {
        Err(KeyringError::NoEntry) => Ok(()),
        forgotten => forgotten,
    })
}

/// Two data folders are two pairings.
fn user_of(data: &Path) -> String {
    let folder = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    format!("relay of {}", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyring_that_does_not_answer_is_waited_for_only_so_long_and_its_answer_is_not_lost() {
        let (go, held) = sync_channel::<()>(0);
        let question = Question::ask(move || {
            let _ = held.recv();
            Ok("sesame".to_owned())
        });
        let patience = Duration::from_millis(50);
        assert_eq!(question.within(patience), Err(Refusal::Silent(patience)));
        go.send(()).unwrap();
        assert_eq!(question.at_last(), Ok("sesame".to_owned()));
    }

    #[test]
    fn a_client_that_ends_in_a_panic_is_a_refusal() {
        let question = Question::<()>::ask(|| panic!("a bug"));
        assert!(matches!(question.at_last(), Err(Refusal::Failed(_))));
    }
}
