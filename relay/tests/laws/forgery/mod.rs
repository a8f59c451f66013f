//! Who may come in by the webhooks: nobody but the signer, and nothing but what was signed.
//!
//! A **forgery** is every address, token and body that the signer did not make together, and
//! every one that a good key made for another address, another body or another time. Texts count,
//! not meanings: the same claims in other JSON, the same bytes in other base64 are forgeries,
//! because no signer of ours writes them.
//!
//! No forgery: what no token speaks of. The query of the request, headers other than
//! `Upstash-Signature` (white space around it included), and in claims of a good key `jti` and
//! names that we do not know.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

mod attempt;
mod authentic;
mod catalogue;
mod contents;
mod keys;
mod letters;
mod random;

use std::collections::BTreeMap;
use std::path::Path;

use axum::Router;
use http::StatusCode;
use roost_core::clock::Clock;
use roost_core::id::Revision;
use rusqlite::{Connection, OpenFlags};
use tower::ServiceExt;

use crate::world::{World, seconds};
use attempt::{Attempt, Forger};

/// Forgeries in the ordinary run; `ROOST_FORGERIES` asks for another number, `ROOST_SEED` for
/// another seed.
const FORGERIES: u64 = 100_000;
const SEED: u64 = 0x0520_0057;

type Mutation = fn(&mut Forger) -> Option<Attempt>;

const MUTATIONS: &[(&str, Mutation)] = &[
    ("a bit flipped", letters::a_bit_flipped),
    ("a letter replaced", letters::a_letter_replaced),
    ("letters edited", letters::letters_edited),
    ("spare bits set", letters::spare_bits_set),
    ("encoded otherwise", letters::encoded_otherwise),
    ("in another case", letters::in_another_case),
    ("parts rearranged", letters::parts_rearranged),
    ("spliced", letters::spliced),
    ("dressed up", letters::dressed_up),
    ("another algorithm", keys::another_algorithm),
    ("a key of its own", keys::a_key_of_its_own),
    ("another key", keys::another_key),
    ("another sum", keys::another_sum),
    ("claims under the old sum", keys::claims_under_the_old_sum),
    ("a byte of the body", contents::a_byte_of_the_body),
    ("around the body", contents::around_the_body),
    ("the body written again", contents::the_body_written_again),
    ("a swapped body", contents::a_swapped_body),
    ("a zipped body", contents::a_zipped_body),
    ("at the other address", contents::at_the_other_address),
    ("several signatures or none", contents::several_signatures_or_none),
    ("for another address", authentic::for_another_address),
    ("for another body", authentic::for_another_body),
    ("for another time", authentic::for_another_time),
    ("of another issuer", authentic::of_another_issuer),
    ("with claims of another form", authentic::with_claims_of_another_form),
    ("with a header of another form", authentic::with_a_header_of_another_form),
];

/// Posts that a forged delivery could move, and the forger who captured theirs.
async fn besieged(world: &World) -> Forger {
    let mut items = Vec::new();
    for number in 1..=6 {
        let mut item = world.post(&format!("Post {number}"), seconds(3600));
        item.revision = Revision(number);
        items.push(item);
    }
    world.stage(&items).await;
    world.settle().await;
    let bodies: Vec<_> = items.iter().map(World::trigger).collect();
    Forger::new(&bodies, world.clock.now().0 / 1000, number("ROOST_SEED", SEED))
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

async fn knock(door: &Router, attempt: &Attempt) -> Option<StatusCode> {
    let request = attempt.request()?;
    Some(door.clone().oneshot(request).await.expect("an answer").status())
}

/// What is in the database, and how often anybody wrote to it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contents {
    commits: i64,
    rows: BTreeMap<String, i64>,
}

/// Sees the database from outside.
pub(crate) struct Witness(Connection);

impl Witness {
    pub(crate) fn new(database: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        Self(Connection::open_with_flags(database, flags).expect("the database"))
    }

    pub(crate) fn sees(&self) -> Contents {
        let query = |sql: &str| self.0.query_row(sql, [], |row| row.get::<_, i64>(0));
        let mut names = self
            .0
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .expect("the schema");
        let names = names.query_map([], |row| row.get::<_, String>(0)).expect("the tables");
        let rows = names
            .map(|name| name.expect("a name"))
            .map(|name| {
                let count = query(&format!("SELECT count(*) FROM \"{name}\"")).expect("a count");
                (name, count)
            })
            .collect();
        // Rises with every commit of any other connection.
        Contents { commits: query("PRAGMA data_version").expect("a number"), rows }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_forged_delivery_is_accepted_and_none_writes() {
    let world = World::new().await;
    let mut forger = besieged(&world).await;
    let (door, witness) = (world.relay().router(), Witness::new(&world.config.database));
    let (before, wanted) = (witness.sees(), number("ROOST_FORGERIES", FORGERIES));
    let mut made: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut refused, mut alarms) = (0, 0);
    for (name, mutate) in MUTATIONS.iter().cycle() {
        if refused + alarms >= wanted {
            break;
        }
        let Some(attempt) = mutate(&mut forger).filter(|attempt| !forger.is_real(attempt)) else {
            continue;
        };
        match knock(&door, &attempt).await {
            Some(StatusCode::UNAUTHORIZED) => refused += 1,
            // A good key at a time that may be our own clock's fault: not now.
            Some(StatusCode::SERVICE_UNAVAILABLE) if *name == "for another time" => alarms += 1,
            Some(status) => panic!("\"{name}\" was answered {status}: {attempt:?}"),
            None => continue,
        }
        *made.entry(name).or_default() += 1;
    }
    assert_eq!(made.len(), MUTATIONS.len(), "each way of forging was gone: {made:?}");
    assert_eq!(witness.sees(), before, "nothing was written");
    assert_eq!(world.metric("signatures_refused_total").await, refused);
    assert!(world.metric("clock_alarms_total").await >= alarms);
    for counter in ["deliveries_total", "failure_callbacks_total", "poison_total"] {
        assert_eq!(world.metric(counter).await, 0, "{counter}");
    }
    println!("{refused} refused, {alarms} asked to come again: {made:?}");

    // The door was not simply shut: what was captured is good, and does write.
    for real in forger.captured() {
        let status = knock(&door, real).await.expect("a request");
        assert!(status.is_success() || status.as_u16() == 489, "{status}: {real:?}");
    }
    assert_ne!(witness.sees(), before, "the witness sees what is written");
}
