//! QStash's public test users for development, besides the first: each has data, keys and a
//! database of its own.

use std::path::Path;

use roost_scheduler::{Config, Error, Scheduler, TEST_USERS, TestUser};

/// Opens a scheduler for each, set up like the first user's.
pub(crate) fn open(first: &Config) -> Result<Vec<Scheduler>, Error> {
    let open = |(index, user): (usize, &TestUser)| {
        let mut config = first.clone();
        config.database = beside(&first.database, index + 1);
        config.token = user.token.to_owned();
        config.read_only_token = None;
        config.keys = Some(user.pair());
        Scheduler::open(config)
    };
    TEST_USERS.iter().enumerate().skip(1).map(open).collect()
}

fn beside(database: &Path, user: usize) -> std::path::PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".user{user}"));
    name.into()
}
