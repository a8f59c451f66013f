//! What an import asks about posts that are there already.

use crate::common::*;
use roost_core::duplicate::DuplicateKey;
use roost_core::id::{PostId, XUserId};
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{KnownPost, NewPost, OwnId, PostingSlot, PostingSlots, Store};

fn key(text: &str) -> DuplicateKey {
    Content::of_texts([text]).duplicate_key()
}

fn many(store: &Store, rows: u32) -> Vec<NewPost> {
    let posts: Vec<NewPost> = (0..rows)
        .zip(PostId::batch(NOW))
        .map(|(row, id)| {
            let own_id = Some(OwnId { plan: "spring".into(), id: format!("S-{row}") });
            NewPost { id, own_id, ..due(&format!("row {row}"), i64::from(row)) }
        })
        .collect();
    write(store, |tx| tx.import_posts(&import_of(rows.into()), &[], &posts, Actor::Person));
    posts
}

fn known(store: &Store, account: Option<&XUserId>, texts: &[&str]) -> Vec<KnownPost> {
    let keys: Vec<_> = texts.iter().map(|text| key(text)).collect();
    let mut known = read(store, |read| read.known_posts(account, &keys));
    known.sort_by_key(|post| post.id);
    known
}

#[test]
fn repeats_are_found_by_few_keys_and_by_many() {
    let store = memory();
    let posts = many(&store, 600);
    let cancelled = create(&store, &due("row 7", 5_000));
    let goal = roost_store::WithdrawTo::Cancelled;
    write(&store, |tx| tx.withdraw_post(cancelled.id, goal, Actor::Person));
    let deleted = create(&store, &due("row 8", 5_000));
    write(&store, |tx| tx.delete_post(deleted.id, Actor::Person));
    let draft = create(&store, &draft("row 9"));

    let few = known(&store, Some(&me()), &["row 7", "row 8", "row 9", "no such"]);
    let expected = [7, 8, 9].map(|row: usize| KnownPost {
        id: posts[row].id,
        status: Status::Pending,
        at: Some(minutes(i64::try_from(row).expect("a row"))),
        key: key(&format!("row {row}")),
    });
    assert_eq!(few, expected, "the draft names no account");
    let of_all = known(&store, None, &["row 9"]);
    assert_eq!(of_all.len(), 2);
    assert!(of_all.iter().any(|post| post.id == draft.id && post.at.is_none()));

    let texts: Vec<String> = (0..500).map(|row| format!("row {row}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let many = known(&store, Some(&me()), &texts);
    assert_eq!(many.len(), 500);
    assert_eq!(many[7..10], expected);
    assert_eq!(known(&store, Some(&XUserId("1".into())), &texts), []);
}

#[test]
fn own_ids_are_found_by_few_and_by_many() {
    let store = memory();
    let posts = many(&store, 700);
    let ids: Vec<String> = (600..1_400).map(|row| format!("S-{row}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let found = read(&store, |read| read.posts_by_own_id("spring", &ids));
    assert_eq!(found.len(), 100);
    let few = read(&store, |read| read.posts_by_own_id("spring", &["S-650", "S-650", "S-9999"]));
    assert_eq!(few.len(), 1);
    assert_eq!((few[0].0.as_str(), few[0].1.id), ("S-650", posts[650].id));
    assert!(found.contains(&few[0]));
    assert_eq!(read(&store, |read| read.posts_by_own_id("", &["S-650"])), []);
}

#[test]
fn times_and_texts_are_those_of_what_went_out_or_is_to_go() {
    let store = memory();
    many(&store, 30);
    let without_account = create(&store, &NewPost { account: None, ..due("for whom", 3) });
    create(&store, &draft("a draft"));
    let queued = hand_over(&store, &create(&store, &due("went out", 1)));
    write(&store, |tx| tx.record_outcome(queued.id, &outcome(&queued, Status::Posted)));
    let mut times = read(&store, |read| read.taken_times(Some(&me()), minutes(28)));
    times.sort_unstable();
    assert_eq!(times, [minutes(28), minutes(29)]);
    let of_none = read(&store, |read| read.taken_times(None, minutes(0)));
    assert_eq!(of_none, [minutes(3)]);
    let texts = |account: Option<&XUserId>| {
        let mut texts = Vec::new();
        read(&store, |read| read.each_text(account, minutes(0), |text| texts.push(text)));
        texts
    };
    assert_eq!(texts(Some(&me())).len(), 31);
    let of_none = texts(None);
    assert_eq!(of_none.len(), 1);
    assert_eq!((of_none[0].id, of_none[0].text.as_str()), (without_account.id, "for whom"));
    let mine = texts(Some(&me()));
    assert!(mine.iter().any(|text| text.text == "went out" && text.at == Some(minutes(1))));
    let ids = [queued.id, PostId::new(NOW), without_account.id];
    let whole = read(&store, |read| read.posts_and_contents(&ids));
    let said: Vec<_> = whole.iter().map(|(_, content)| content.first_text()).collect();
    assert_eq!(said, ["went out", "for whom"]);
}

#[test]
fn weekly_times_of_an_account_are_kept_in_the_order_of_the_week() {
    let store = memory();
    let none = read(&store, |read| read.posting_slots(&me()));
    assert_eq!(none, PostingSlots::default());
    let slot = |weekday, minute| PostingSlot { weekday, minute };
    let zone = Some("Asia/Kolkata".to_owned());
    let slots = vec![slot(2, 540), slot(1, 780), slot(1, 540), slot(1, 540)];
    let new = PostingSlots { zone: zone.clone(), slots };
    write(&store, |tx| tx.save_posting_slots(&me(), &new));
    let kept = read(&store, |read| read.posting_slots(&me()));
    let slots = vec![slot(1, 540), slot(1, 780), slot(2, 540)];
    assert_eq!(kept, PostingSlots { zone, slots });
    let wrong = PostingSlots { zone: None, slots: vec![slot(8, 540)] };
    assert!(store.write("test", |tx| tx.save_posting_slots(&me(), &wrong)).is_err());
    assert_eq!(read(&store, |read| read.posting_slots(&me())), kept);
    let stranger = XUserId("404".into());
    assert!(store.write("test", |tx| tx.save_posting_slots(&stranger, &kept)).is_err());
}

#[test]
fn mappings_are_remembered_by_shape_and_the_oldest_are_forgotten() {
    let store = memory();
    let mapping =
        |fingerprint: &str| read(&store, |read| read.import_mapping::<Vec<String>>(fingerprint));
    for shape in 0..205 {
        let columns = vec![format!("column of {shape}")];
        write(&store, |tx| tx.remember_import_mapping(&format!("{shape:03}"), &columns));
    }
    write(&store, |tx| tx.remember_import_mapping("100", &["another"]));
    assert_eq!(mapping("100"), Some(vec!["another".to_owned()]));
    let kept = (0..205).filter(|shape| mapping(&format!("{shape:03}")).is_some()).count();
    assert_eq!(kept, 200);
    write(&store, |tx| tx.remember_import_mapping("100", "of another shape"));
    assert_eq!(mapping("100"), None);
}
