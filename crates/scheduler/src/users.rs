//! QStash's public test users for development, besides the first: each has data, keys and a
//! database of its own.

use std::path::Path;

use roost_scheduler::{Config, Error, Scheduler};

/// Token, current and next signing key, as documented.
const USERS: [(&str, &str, &str); 3] = [
    (
        "eyJVc2VySUQiOiJ0ZXN0VXNlcjEiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
        "sig_7GVPjvuwsfqF65iC8fSrs1dfYruM",
        "sig_5NoELc3EFnZn4DVS5bDs2Nk4b7Ua",
    ),
    (
        "eyJVc2VySUQiOiJ0ZXN0VXNlcjIiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
        "sig_6jWGaWRxHsw4vMSPJprXadyvrybF",
        "sig_7qHbvhmahe5GwfePDiS5Lg3pi6Qx",
    ),
    (
        "eyJVc2VySUQiOiJ0ZXN0VXNlcjMiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
        "sig_5T8FcSsynBjn9mMLBsXhpacRovJf",
        "sig_7GFR4YaDshFcqsxWRZpRB161jguD",
    ),
];

/// Opens a scheduler for each, set up like the first user's.
pub(crate) fn open(first: &Config) -> Result<Vec<Scheduler>, Error> {
    let open = |(index, (token, current, next)): (usize, &(&str, &str, &str))| {
        let mut config = first.clone();
        config.database = beside(&first.database, index + 2);
        config.token = (*token).to_owned();
        config.read_only_token = None;
        config.keys = Some(((*current).to_owned(), (*next).to_owned()));
        Scheduler::open(config)
    };
    USERS.iter().enumerate().map(open).collect()
}

fn beside(database: &Path, user: usize) -> std::path::PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".user{user}"));
    name.into()
}
