//! The whole table a second time, spelt out cell by cell, so that no change to the first one goes
//! unnoticed. `laws.rs` says what must hold of any table; this is the table that there is.

use roost_core::id::Revision;
use roost_relay_api::DeliveryState::{self, *};

use super::Event::{self, *};
use super::Timing::{Due, Early, Late};
use super::{Decision, Standing, Why, decide};

const OLDER: Revision = Revision(4);
const HERE: Revision = Revision(5);
const NEWER: Revision = Revision(6);

/// The columns, with the letter that stands for a step to that state.
const STATES: [(DeliveryState, char); 11] = [
    (Staged, 'S'),
    (Claimed, 'C'),
    (Waiting, 'W'),
    (Sending, 'G'),
    (Unknown, 'U'),
    (Posted, 'P'),
    (Partial, 'A'),
    (Refused, 'R'),
    (Parked, 'K'),
    (Withdrawn, 'D'),
    (Expired, 'E'),
];

/// The signs for "nothing changes".
const STAYS: [(Why, char); 8] = [
    (Why::Stale, '.'),
    (Why::Same, '='),
    (Why::TooLate, '!'),
    (Why::Superseded, '<'),
    (Why::NeverStaged, '>'),
    (Why::InHand, '~'),
    (Why::Decided, '#'),
    (Why::Conflict, 'x'),
];

/// Each event: what it does while no part is on X, and once one is.
#[rustfmt::skip]
const TABLE: [(Event, &str, &str); 36] = [
    //                                            SCWGUPARKDE    SCWGUPARKDE
    (Hold,                                        ".WW........", ".WW........"),
    (Send,                                        ".GG........", ".GG........"),
    (Created { last: true },                      "...P.......", "...P......."),
    (Created { last: false },                     "...C.......", "...C......."),
    (Found { last: true },                        ".PP.P......", ".PP.P......"),
    (Found { last: false },                       ".CC.C......", ".CC.C......"),
    (Refuse,                                      ".RRR.......", ".AAA......."),
    (Defer,                                       "...W.......", "...W......."),
    (Lose,                                        "...U.......", "...U......."),
    (NotFound { looks_left: true },               "....U......", "....U......"),
    (NotFound { looks_left: false },              "....K......", "....K......"),
    (Deadline,                                    "EEE........", "AAA........"),
    (Abandon,                                     "KKK........", "KKK........"),
    (Restart,                                     "===U=======", "===U======="),
    (Verify,                                      "!!!!!!!!U!!", "!!!!!!!!U!!"),
    (WentOut { last: true },                      "!!!!!!P!P!!", "!!!!!!P!P!!"),
    (WentOut { last: false },                     "!!!!!!C!C!!", "!!!!!!C!C!!"),
    (SendAgain,                                   "!!!!!!C!C!!", "!!!!!!C!C!!"),
    (Stage { revision: OLDER, same_body: true },  "xxx!!!!x!xx", "!!!!!!!!!!!"),
    (Stage { revision: OLDER, same_body: false }, "xxx!!!!x!xx", "!!!!!!!!!!!"),
    (Stage { revision: HERE, same_body: true },   "=========x=", "=========!="),
    (Stage { revision: HERE, same_body: false },  "xxx!!!!x!xx", "!!!!!!!!!!!"),
    (Stage { revision: NEWER, same_body: true },  "SSS!!!!S!SS", "!!!!!!!!!!!"),
    (Stage { revision: NEWER, same_body: false }, "SSS!!!!S!SS", "!!!!!!!!!!!"),
    (Withdraw { revision: OLDER },                "xxx!!!!x!=x", "!!!!!!!!!=!"),
    (Withdraw { revision: HERE },                 "DDD!!!!D!=D", "!!!!!!!!!=!"),
    (Withdraw { revision: NEWER },                "DDD!!!!D!DD", "!!!!!!!!!!!"),
    (Deliver { revision: OLDER, timing: Early },  "<<<<<<<<<<<", "<<<<<<<<<<<"),
    (Deliver { revision: HERE, timing: Early },   "W~~~#######", "W~~~#######"),
    (Deliver { revision: NEWER, timing: Early },  ">>>>>>>>>>>", ">>>>>>>>>>>"),
    (Deliver { revision: OLDER, timing: Due },    "<<<<<<<<<<<", "<<<<<<<<<<<"),
    (Deliver { revision: HERE, timing: Due },     "C~~~#######", "C~~~#######"),
    (Deliver { revision: NEWER, timing: Due },    ">>>>>>>>>>>", ">>>>>>>>>>>"),
    (Deliver { revision: OLDER, timing: Late },   "<<<<<<<<<<<", "<<<<<<<<<<<"),
    (Deliver { revision: HERE, timing: Late },    "E~~~#######", "E~~~#######"),
    (Deliver { revision: NEWER, timing: Late },   ">>>>>>>>>>>", ">>>>>>>>>>>"),
];

fn sign(decision: Decision) -> char {
    match decision {
        Decision::Become(state) => STATES.iter().find(|(other, _)| *other == state).unwrap().1,
        Decision::Stay(why) => STAYS.iter().find(|(other, _)| *other == why).unwrap().1,
    }
}

#[test]
fn the_table_is_the_table() {
    for (event, alone, with_parts_out) in TABLE {
        for (live, row) in [(false, alone), (true, with_parts_out)] {
            let is: String = STATES
                .iter()
                .map(|(state, _)| Standing { state: *state, revision: HERE, live })
                .map(|standing| sign(decide(&standing, event)))
                .collect();
            assert_eq!(is, row, "{event:?}, with a part on X: {live}");
        }
    }
}

#[test]
fn the_table_has_every_state_and_every_event() {
    assert_eq!(STATES.map(|(state, _)| state).len(), DeliveryState::ALL.len());
    for state in DeliveryState::ALL {
        assert!(STATES.iter().any(|(column, _)| *column == state), "{state:?}");
    }
    for event in super::laws::events() {
        assert!(TABLE.iter().any(|(row, ..)| *row == event), "{event:?}");
    }
}
