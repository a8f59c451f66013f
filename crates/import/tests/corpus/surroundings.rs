//! What all files of the corpus are judged against: one account that posts, one that was signed out, and
//! some posts that are there already.

use roost_core::limits::Subscription;
use roost_core::status::Status;
use roost_import::surroundings::{KnownAccount, Surroundings};

use crate::common::{There, account, connected, with_posts};

/// The account that posts.
const OWN: &str = "11";

/// Returns the surroundings of 2027-01-01 in `Asia/Kolkata`.
pub(crate) fn fixed() -> Surroundings {
    let waiting = |text: &str, at: &str| There::new(Some(OWN), text, Some(at));
    let mut posted = waiting("The old clock strikes again.", "2026-12-30 09:00");
    posted.post.status = Status::Posted;
    let posts = vec![
        waiting("The ferry sails at ten.", "2027-05-20 10:00"),
        waiting("The lamp is lit at dusk.", "2027-05-20 18:00"),
        posted,
        There {
            own_id: Some("lamp-1".to_owned()),
            ..waiting("Mind the step.", "2027-06-01 12:00")
        },
    ];
    let signed_out =
        KnownAccount { connected: false, ..account("22", "old_bird", Subscription::Premium) };
    Surroundings {
        accounts: vec![account(OWN, "roost_app", Subscription::None), signed_out],
        ..with_posts(posts)
    }
}

/// Returns those surroundings with a second account that posts.
pub(crate) fn with_two_accounts() -> Surroundings {
    Surroundings { accounts: connected().accounts, ..fixed() }
}
