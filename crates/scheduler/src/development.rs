//! QStash's public test users: tokens and signing keys that everybody knows. They serve
//! development and nothing else, so they are taken only where that was asked for.

use crate::config::Config;
use crate::error::Error;

/// A public test user, as documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestUser {
    /// Bearer token.
    pub token: &'static str,
    /// Signing keys: current and next.
    pub keys: (&'static str, &'static str),
}

impl TestUser {
    /// The keys as [`Config::keys`] wants them.
    #[must_use]
    pub fn pair(&self) -> (String, String) {
        (self.keys.0.to_owned(), self.keys.1.to_owned())
    }
}

/// All of them; the first is whom `QSTASH_DEV=true` expects.
pub const TEST_USERS: [TestUser; 4] = [
    TestUser {
        token: "eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=",
        keys: ("sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r", "sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs"),
    },
    TestUser {
        token: "eyJVc2VySUQiOiJ0ZXN0VXNlcjEiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
        keys: ("sig_7GVPjvuwsfqF65iC8fSrs1dfYruM", "sig_5NoELc3EFnZn4DVS5bDs2Nk4b7Ua"),
    },
    TestUser {
        token: "eyJVc2VySUQiOiJ0ZXN0VXNlcjIiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
        keys: ("sig_6jWGaWRxHsw4vMSPJprXadyvrybF", "sig_7qHbvhmahe5GwfePDiS5Lg3pi6Qx"),
    },
    TestUser {
        token: "eyJVc2VySUQiOiJ0ZXN0VXNlcjMiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
        keys: ("sig_5T8FcSsynBjn9mMLBsXhpacRovJf", "sig_7GFR4YaDshFcqsxWRZpRB161jguD"),
    },
];

/// QStash's public token for development (its first test user).
pub const DEV_TOKEN: &str = TEST_USERS[0].token;
/// QStash's public signing keys for development: current and next.
pub const DEV_KEYS: (&str, &str) = TEST_USERS[0].keys;

/// Whether everybody knows one of the two keys.
pub(crate) fn is_public(pair: &(String, String)) -> bool {
    let known = |key: &str| TEST_USERS.iter().any(|user| [user.keys.0, user.keys.1].contains(&key));
    known(&pair.0) || known(&pair.1)
}

/// Refuses what everybody knows where it would guard something.
pub(crate) fn check(config: &Config) -> Result<(), Error> {
    if config.development {
        return Ok(());
    }
    let tokens = [Some(&config.token), config.read_only_token.as_ref()];
    let known = |token: &String| TEST_USERS.iter().any(|user| user.token == token.trim());
    if tokens.into_iter().flatten().any(known) {
        return Err(Error::Config(
            "the token is QStash's public one, which everybody knows; it is for development only \
             (--dev). Is QSTASH_TOKEN still set from there?"
                .into(),
        ));
    }
    if config.keys.as_ref().is_some_and(is_public) {
        let why = "the signing keys are QStash's public ones, which are for development only";
        return Err(Error::Config(why.into()));
    }
    Ok(())
}
