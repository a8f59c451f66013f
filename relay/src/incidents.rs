//! The troubles of accounts and apps that stand at this moment. The log says each once when it
//! begins, whatever number of posts meet it, and once when it is over.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use roost_core::failure::Code;
use roost_core::id::XUserId;

/// Who is in trouble.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// An account: X holds it, or its sign-in.
    Account(XUserId),
    /// An app, by its client's id: X refuses its posts.
    App(String),
    /// An app whose sign-ins X does not renew.
    AppSignIns(String),
}

/// Troubles that began and are not over.
#[derive(Debug, Default)]
pub(crate) struct Incidents(Mutex<HashMap<Subject, HashSet<Code>>>);

impl Incidents {
    /// Says that a trouble began, unless that was said already.
    pub(crate) fn begin(&self, subject: Subject, code: Code) {
        let (account, app) = subject.names();
        if !self.lock().entry(subject).or_default().insert(code) {
            return;
        }
        let (reason, text, remedy) = (code.as_str(), code.text(), code.remedy());
        if needs_a_person(code) {
            tracing::error!(account.id = account, app, reason, "{text} {remedy}");
        } else {
            tracing::warn!(account.id = account, app, reason, "{text} {remedy}");
        }
    }

    /// Says that these troubles are over, where they were said.
    pub(crate) fn end(&self, subject: &Subject, codes: &[Code]) {
        let over = self.take(subject, |code| codes.contains(&code));
        log_over(subject, over);
    }

    /// Says that all troubles of somebody are over.
    pub(crate) fn end_all(&self, subject: &Subject) {
        let over = self.take(subject, |_| true);
        log_over(subject, over);
    }

    fn take(&self, subject: &Subject, is_over: impl Fn(Code) -> bool) -> Vec<Code> {
        let mut open = self.lock();
        let Some(codes) = open.get_mut(subject) else { return Vec::new() };
        let over: Vec<Code> = codes.iter().copied().filter(|code| is_over(*code)).collect();
        codes.retain(|code| !over.contains(code));
        if codes.is_empty() {
            open.remove(subject);
        }
        over
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Subject, HashSet<Code>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subject {
    /// The account and the app, as far as it is one.
    fn names(&self) -> (String, String) {
        match self {
            Self::Account(id) => (id.0.clone(), String::new()),
            Self::App(id) | Self::AppSignIns(id) => (String::new(), id.clone()),
        }
    }
}

fn log_over(subject: &Subject, codes: Vec<Code>) {
    let (account, app) = subject.names();
    for code in codes {
        tracing::info!(account.id = account, app, reason = code.as_str(), "the trouble is over");
    }
}

/// Whether it stays so until somebody acts.
const fn needs_a_person(code: Code) -> bool {
    matches!(
        code,
        Code::SignInNeeded
            | Code::SignInDoubtful
            | Code::AccountSuspended
            | Code::CreditsDepleted
            | Code::SpendCapReached
            | Code::AppNotEnrolled
            | Code::AppSuspended
    )
}
