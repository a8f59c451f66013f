//! Why a sign-in did not come to its end, and what the person changes.

use roost_x_api::Failure;

use crate::loopback::REDIRECT_PORTS;

/// Where an app's settings stand.
const SETTINGS: &str = "in X's developer portal, under your app's User authentication settings";

/// Why a sign-in did not come to its end. Each message says what happened and what to do now; none
/// holds a code or a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No client id was given.
    #[error(
        "The client id is missing. Copy the OAuth 2.0 Client ID of your app from X's developer \
         portal (Keys and tokens); it is not the API key."
    )]
    NoClientId,
    /// The address of X's API cannot be used.
    #[error("\"{0}\" is no address that X's API could have.")]
    BadAddress(String),
    /// The browser did not come back in time.
    #[error(
        "The browser did not come back within ten minutes. If X showed an error page instead of a \
         question, compare two things {SETTINGS}: the Callback URI must be {redirect_uri} to the \
         letter, and the client id must be the OAuth 2.0 one. Then sign in again."
    )]
    TimedOut {
        /// The address that had to be registered.
        redirect_uri: String,
    },
    /// What was pasted is no address.
    #[error(
        "That is no address. Copy the whole line from the browser's address bar; it begins with \
         http://127.0.0.1 and has \"code=\" in it."
    )]
    NotAnAddress,
    /// The answer belongs to a sign-in that was begun elsewhere or earlier.
    #[error(
        "This answer belongs to another sign-in, perhaps an older tab. Close the old tabs and \
         sign in again."
    )]
    OtherSignIn,
    /// The person pressed Cancel on X's page.
    #[error(
        "You did not allow it on X's page, so nothing was connected. Sign in again to allow it."
    )]
    Denied,
    /// X sent the person back with another error.
    #[error(
        "X sent the browser back with an error: {0}. Sign in again; if it stays, check {SETTINGS}."
    )]
    RefusedByX(String),
    /// The address has no code.
    #[error("X sent no code with the browser. Sign in again.")]
    NoCode,
    /// The code is older than 30 seconds, or was used before.
    #[error(
        "The code from X was too old: it lives 30 seconds and serves once. Sign in again and, if \
         you paste the address, paste it at once."
    )]
    CodeExpired,
    /// The redirect address is not the registered one.
    #[error(
        "X says that the redirect address differs. Set the Callback URI to {redirect_uri} to the \
         letter, {SETTINGS}; then sign in again."
    )]
    RedirectMismatch {
        /// The address that had to be registered.
        redirect_uri: String,
    },
    /// X does not accept the app.
    #[error("X does not accept this app. {}", client_advice(*.is_confidential))]
    ClientRefused {
        /// Whether a client secret was sent.
        is_confidential: bool,
    },
    /// The grant would not last, or does not allow posting.
    #[error(
        "X granted less than Roost needs (missing: {missing}). Set the app permissions to \"Read \
         and write\" {SETTINGS}; then sign in again and allow everything."
    )]
    MissingScopes {
        /// The scopes that are missing, separated by spaces.
        missing: String,
    },
    /// X signed in someone else than the account that was to be signed in again.
    #[error(
        "You signed in as @{actual}, but this is the account @{expected}. Switch to @{expected} on \
         x.com in that browser, then sign in again. Nothing was changed."
    )]
    OtherAccount {
        /// The account that was to be signed in, without `@`.
        expected: String,
        /// The account that X named, without `@`.
        actual: String,
    },
    /// X could not be reached.
    #[error("X could not be reached: {0}. Check the network, then sign in again.")]
    Unreachable(String),
    /// X answered with something else than tokens.
    #[error("X answered the sign-in with something that is no answer: {0}. Try again later.")]
    Unreadable(String),
    /// The tokens came, but X did not tell whose they are.
    #[error("X gave tokens but did not tell whose they are: {0}. Sign in again.")]
    UnknownUser(Failure),
    /// X refused in words that were unknown when this was written.
    #[error("X refused the sign-in: {0}. Sign in again; if it stays, check {SETTINGS}.")]
    Refused(String),
}

impl Error {
    /// Returns the error's name, for scripts and for hosts that branch on it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoClientId | Self::BadAddress(_) => "usage",
            Self::TimedOut { .. } => "sign_in_timeout",
            Self::Denied => "sign_in_denied",
            Self::NotAnAddress | Self::OtherSignIn | Self::NoCode | Self::CodeExpired => {
                "sign_in_incomplete"
            }
            Self::RedirectMismatch { .. } => "redirect_mismatch",
            Self::ClientRefused { .. } => "client_refused",
            Self::MissingScopes { .. } => "missing_scopes",
            Self::OtherAccount { .. } => "other_account",
            Self::Unreachable(_) => "x_unreachable",
            Self::RefusedByX(_) | Self::Refused(_) | Self::Unreadable(_) | Self::UnknownUser(_) => {
                "x_refused"
            }
        }
    }
}

/// What to compare when X does not know the app, by whether a secret was sent.
fn client_advice(is_confidential: bool) -> String {
    let port = REDIRECT_PORTS[0];
    if is_confidential {
        format!(
            "You gave a client secret, so the Type of App must be \"Web App, Automated App or \
             Bot\" {SETTINGS}, and id and secret must be the OAuth 2.0 ones of the same app. A \
             secret that was made anew replaces the old one. (Callback URI: \
             http://127.0.0.1:{port}/callback)"
        )
    } else {
        format!(
            "You gave no client secret, so the Type of App must be \"Native App\" {SETTINGS}; for a \
             Web App or Bot give its OAuth 2.0 client secret as well. (Callback URI: \
             http://127.0.0.1:{port}/callback)"
        )
    }
}
