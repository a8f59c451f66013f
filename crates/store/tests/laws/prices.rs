//! What posts cost by the prices of the person.

use crate::common::*;
use roost_core::cost::{MicroDollars, Prices};
use roost_core::status::Status;
use roost_store::Filter;

const DEAR: Prices = Prices {
    plain: MicroDollars(20_000),
    with_link: MicroDollars(300_000),
    alt_text: MicroDollars(7_000),
};

#[test]
fn new_prices_hold_for_what_is_written_and_for_what_waits_and_not_for_what_went_out() {
    let store = memory();
    let waits = create(&store, &due("waits for example.com", 20));
    let went_out = create(&store, &due("went out", 10));
    let queued = hand_over(&store, &went_out);
    write(&store, |tx| tx.record_outcome(queued.id, &outcome(&queued, Status::Posted)));
    assert_eq!(read(&store, |read| read.prices()), Prices::default());

    write(&store, |tx| tx.save_prices(&DEAR));
    let later = create(&store, &due("written later", 30));
    let cost = |id| read(&store, |read| read.expect_post(id)).cost_micros;
    assert_eq!([cost(waits.id), cost(went_out.id), cost(later.id)], [300_000, 15_000, 20_000]);
    assert_eq!(read(&store, |read| read.cost_of_posts(&Filter::default())), 335_000);
    assert_eq!(read(&store, |read| read.prices()), DEAR);
}
