//! Lists: pages, filters and counts.

use crate::common::*;
use roost_core::clock::UnixMillis;
use roost_core::id::{PostId, XUserId};
use roost_core::status::{Actor, Status};
use roost_store::{Cursor, Filter, List, Order, Page, Store, WithdrawTo};

fn pages(store: &Store, filter: &Filter, order: Order, limit: u32) -> Vec<PostId> {
    let mut seen = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = read(store, |read| read.posts(filter, &Page { after, limit, order }));
        assert!(page.posts.len() <= limit as usize);
        seen.extend(page.posts.iter().map(|post| post.id));
        // A cursor crosses to the window and back as text.
        after = page.next.map(|next| next.to_string().parse().expect("a cursor"));
        if after.is_none() {
            return seen;
        }
    }
}

#[test]
fn pages_show_every_row_once_even_when_all_share_a_moment() {
    let store = memory();
    let mut ids: Vec<_> =
        (0..103).map(|n| create(&store, &due(&n.to_string(), n / 50)).id).collect();
    for limit in [1, 7, 50, 51, 1_000] {
        assert_eq!(pages(&store, &Filter::default(), Order::Ascending, limit), ids, "{limit}");
    }
    ids.reverse();
    assert_eq!(pages(&store, &Filter::default(), Order::Descending, 7), ids);
}

#[test]
fn rows_that_come_and_go_between_pages_shift_nothing() {
    let store = memory();
    let ids: Vec<_> = (0..10).map(|n| create(&store, &due(&n.to_string(), n)).id).collect();
    let page = Page { limit: 4, ..Page::default() };
    let first = read(&store, |read| read.posts(&Filter::default(), &page));
    write(&store, |tx| tx.delete_post(ids[0], Actor::Person));
    create(&store, &due("earlier", -5));
    let next = Page { after: first.next, ..page };
    let second = read(&store, |read| read.posts(&Filter::default(), &next));
    assert_eq!(second.posts.iter().map(|post| post.id).collect::<Vec<_>>(), ids[4..8]);
}

#[test]
fn each_status_stands_in_the_list_that_the_database_derives() {
    let home = Home::new();
    let store = home.store();
    save_account(&store, roost_store::AccountHealth::Connected);
    let raw = rusqlite::Connection::open(home.path()).expect("the file");
    let post = create(&store, &due("x", 10));
    for status in Status::ALL {
        raw.execute(
            "UPDATE scheduled_post SET status = ?1, qstash_message_id = 'm'",
            [status.as_str()],
        )
        .expect("set");
        let only = Filter { list: Some(List::of(status)), ..Filter::default() };
        let ids = read(&store, |read| read.post_ids(&only, Order::Ascending, 9));
        assert_eq!(ids, [post.id], "{status}");
    }
}

#[test]
fn filters_narrow_together() {
    let store = memory();
    let mut tagged = due("tagged", 10);
    tagged.tags = vec!["Launch".into()];
    let tagged = create(&store, &tagged);
    let plain = create(&store, &due("plain", 20));
    let without_time = create(&store, &draft("draft"));
    let ids = |filter: Filter| read(&store, |read| read.post_ids(&filter, Order::Ascending, 99));
    let none = Filter::default;

    assert_eq!(ids(Filter { tag: Some("launch".into()), ..none() }), [tagged.id]);
    assert_eq!(ids(Filter { tag: Some("other".into()), ..none() }), []);
    assert_eq!(ids(Filter { account: Some(me()), ..none() }), [tagged.id, plain.id]);
    assert_eq!(ids(Filter { account: Some(XUserId("1".into())), ..none() }), []);
    assert_eq!(ids(Filter { scheduled: Some(false), ..none() }), [without_time.id]);
    assert_eq!(ids(Filter { scheduled: Some(true), ..none() }), [tagged.id, plain.id]);
    let window = Filter { from: Some(minutes(10)), until: Some(minutes(20)), ..none() };
    assert_eq!(ids(window.clone()), [tagged.id], "from is in, until is out");
    assert_eq!(
        ids(Filter { tag: Some("launch".into()), account: Some(me()), ..window }),
        [tagged.id]
    );
    let statuses = vec![Status::Draft, Status::Pending];
    assert_eq!(ids(Filter { statuses, ..none() }).len(), 3);
    assert_eq!(ids(Filter { statuses: vec![Status::Posted], ..none() }), []);
}

#[test]
fn counts_are_of_what_the_lists_show() {
    let store = memory();
    for n in 0..3 {
        create(&store, &draft(&n.to_string()));
    }
    let posts: Vec<_> = (0..4).map(|n| create(&store, &due(&n.to_string(), n))).collect();
    let queued = hand_over(&store, &posts[0]);
    write(&store, |tx| tx.record_outcome(queued.id, &outcome(&queued, Status::Unknown)));
    write(&store, |tx| tx.withdraw_post(posts[1].id, WithdrawTo::Cancelled, Actor::Person));
    write(&store, |tx| tx.delete_post(posts[2].id, Actor::Person));
    let counts = read(&store, |read| read.status_counts(None));
    assert_eq!((counts.of(Status::Draft), counts.of(Status::Pending)), (3, 1));
    assert_eq!((counts.in_list(List::NeedsYou), counts.in_list(List::Cancelled)), (1, 1));
    assert_eq!(counts.total(), 6);
    for list in List::ALL {
        let filter = Filter { list: Some(*list), ..Filter::default() };
        let shown = read(&store, |read| read.count_posts(&filter));
        assert_eq!(shown, counts.in_list(*list), "{list}");
    }
    let mine = read(&store, |read| read.status_counts(Some(&me())));
    assert_eq!(mine.total(), 3);
}

#[test]
fn what_posts_cost_is_summed_in_the_smallest_unit() {
    let store = memory();
    for text in ["plain", "a link: example.com"] {
        create(&store, &due(text, 10));
    }
    assert_eq!(read(&store, |read| read.cost_of_posts(&Filter::default())), 215_000);
    let none = Filter { text: Some("nothing".into()), ..Filter::default() };
    assert_eq!(read(&store, |read| read.cost_of_posts(&none)), 0);
}

#[test]
fn a_known_text_is_found_by_its_duplicate_key() {
    let store = memory();
    let one = create(&store, &due("the same  words", 10));
    let same = draft("the same words").content.duplicate_key();
    assert_eq!(read(&store, |read| read.posts_by_duplicate_key(same)), std::slice::from_ref(&one));
    let keys = [same, draft("other").content.duplicate_key()];
    assert_eq!(read(&store, |read| read.known_duplicate_keys(None, &keys)), [same]);
    let stranger = XUserId("1".into());
    assert_eq!(read(&store, |read| read.known_duplicate_keys(Some(&stranger), &keys)), []);
}

#[test]
fn the_next_due_post_is_the_soonest_after_now() {
    let store = memory();
    create(&store, &due("past", -1));
    let next = create(&store, &due("next", 1));
    create(&store, &due("later", 2));
    assert_eq!(read(&store, |read| read.next_due(NOW)), Some(next));
    assert_eq!(read(&store, |read| read.next_due(UnixMillis(i64::MAX))), None);
}
