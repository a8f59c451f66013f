//! What the person can do next about a failure, a trouble or a blocker. The engine says which step; the
//! host decides whether that is a button or a command, so that no message of the engine names either.

use roost_core::failure::Code;
use roost_core::id::PostId;
use serde::{Deserialize, Serialize};

/// Something that the person can do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum NextStep {
    /// Sign in with X.
    SignIn {
        /// The handle of the account that is to sign in again, without `@`; none for any.
        username: Option<String>,
    },
    /// Name the account of the posts that have none.
    ChooseAccount,
    /// See the posts that need the person.
    ShowNeedsYou,
    /// See the posts that are due.
    ShowUpcoming,
    /// Schedule a post again.
    RetryPost {
        /// The post.
        post: PostId,
    },
    /// Have the relay and the scheduler try at once.
    TryNow,
    /// Hand over now, and bring results back.
    SyncNow,
    /// Leave Roost running: it does the rest by itself.
    KeepRunning,
    /// End the pause.
    Resume,
    /// End the pause of an account.
    ResumeAccount {
        /// Its handle, without `@`.
        username: String,
    },
    /// Pair this computer with the relay.
    Pair,
    /// Make this computer, and this data folder, the one that feeds the relay.
    TakeOver,
    /// Use this computer again after its posts were moved to another one.
    ComeBack,
    /// Say that a relay will never run again.
    ForgetRelay {
        /// Its public address.
        relay: String,
    },
    /// Keep QStash's token beside the pairing.
    KeepSchedulerToken,
    /// Put a backup in the store's place.
    RestoreBackup,
    /// Let posts keep their times of day where clock rules changed: their instants move.
    KeepTimesOfDay,
    /// Let posts keep their instants where clock rules changed: their times of day move.
    KeepInstants,
}

impl NextStep {
    /// Returns one step of each kind, for tests of hosts.
    #[must_use]
    pub fn one_of_each() -> Vec<Self> {
        vec![
            Self::SignIn { username: Some("ada".to_owned()) },
            Self::ChooseAccount,
            Self::ShowNeedsYou,
            Self::ShowUpcoming,
            Self::RetryPost { post: PostId(Default::default()) },
            Self::TryNow,
            Self::SyncNow,
            Self::KeepRunning,
            Self::Resume,
            Self::ResumeAccount { username: "ada".to_owned() },
            Self::Pair,
            Self::TakeOver,
            Self::ComeBack,
            Self::ForgetRelay { relay: "https://relay.example".to_owned() },
            Self::KeepSchedulerToken,
            Self::RestoreBackup,
            Self::KeepTimesOfDay,
            Self::KeepInstants,
        ]
    }

    /// Returns what a button says.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "Sign in",
            Self::ChooseAccount => "Choose an account",
            Self::ShowNeedsYou | Self::ShowUpcoming => "Show the posts",
            Self::RetryPost { .. } => "Schedule again",
            Self::TryNow => "Try now",
            Self::SyncNow => "Sync now",
            Self::KeepRunning => "Keep Roost running",
            Self::Resume => "Resume",
            Self::ResumeAccount { .. } => "Resume",
            Self::Pair => "Pair with the relay",
            Self::TakeOver => "Use this computer",
            Self::ComeBack => "Use this computer again",
            Self::ForgetRelay { .. } => "The old relay is gone",
            Self::KeepSchedulerToken => "Enter QStash's token",
            Self::RestoreBackup => "Restore a backup",
            Self::KeepTimesOfDay => "Keep times of day",
            Self::KeepInstants => "Keep instants",
        }
    }

    /// Returns the name of the step's kind.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "sign_in",
            Self::ChooseAccount => "choose_account",
            Self::ShowNeedsYou => "show_needs_you",
            Self::ShowUpcoming => "show_upcoming",
            Self::RetryPost { .. } => "retry_post",
            Self::TryNow => "try_now",
            Self::SyncNow => "sync_now",
            Self::KeepRunning => "keep_running",
            Self::Resume => "resume",
            Self::ResumeAccount { .. } => "resume_account",
            Self::Pair => "pair",
            Self::TakeOver => "take_over",
            Self::ComeBack => "come_back",
            Self::ForgetRelay { .. } => "forget_relay",
            Self::KeepSchedulerToken => "keep_scheduler_token",
            Self::RestoreBackup => "restore_backup",
            Self::KeepTimesOfDay => "keep_times_of_day",
            Self::KeepInstants => "keep_instants",
        }
    }

    /// Returns the steps that follow from a code alone; none where its words say all, or nothing is to
    /// be done.
    #[must_use]
    pub fn of(code: Code) -> Vec<Self> {
        let step = match code {
            Code::SignInNeeded | Code::SignInDoubtful | Code::AccountUnknown => {
                Self::SignIn { username: None }
            }
            Code::AccountMissing => Self::ChooseAccount,
            Code::AccountSuspended
            | Code::CreditsDepleted
            | Code::SpendCapReached
            | Code::UsageCapped
            | Code::AppNotEnrolled
            | Code::AppSuspended
            | Code::SchedulerUnreachable
            | Code::SchedulerQuota => Self::TryNow,
            Code::Paused => Self::Resume,
            Code::RelayUnauthorized | Code::RelayUnknown | Code::KeyringUnavailable => Self::Pair,
            Code::OtherStore => Self::TakeOver,
            Code::StoreMoved => Self::ComeBack,
            Code::SchedulerUnknown | Code::SchedulerUnauthorized => Self::KeepSchedulerToken,
            Code::DatabaseDamaged => Self::RestoreBackup,
            Code::TimeRulesChanged => return vec![Self::KeepTimesOfDay, Self::KeepInstants],
            _ => return Vec::new(),
        };
        vec![step]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;

    /// A host that has buttons can't show a command, and one that has commands knows its own.
    #[test]
    fn no_message_below_the_hosts_names_a_command() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut folders: Vec<_> = ["core", "store", "engine", "pairing", "sign-in", "local"]
            .map(|name| crates.join(name).join("src"))
            .into();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|kind| kind == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                    for line in code {
                        assert!(
                            !line.contains(concat!("`", "roost ")),
                            "{}: {line}",
                            path.display()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn each_step_is_called_on_the_wire_what_its_name_says() {
        let steps = NextStep::one_of_each();
        let names: HashSet<_> = steps.iter().map(NextStep::name).collect();
        assert_eq!(names.len(), steps.len());
        for step in steps {
            assert_eq!(serde_json::to_value(&step).unwrap()["step"], step.name());
        }
    }
}
