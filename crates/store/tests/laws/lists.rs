//! Lists: pages, filters and counts.
#![expect(clippy::disallowed_methods, reason = "the test plays another program's part on the file")]

use crate::common::*;
use roost_core::id::{PostId, XUserId};
use roost_core::status::{Actor, Status};
use roost_store::{Cursor, Filter, List, Order, Page, Span, Store, Total, WithdrawTo};

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
    let these = vec![plain.id, without_time.id, PostId::new(NOW)];
    let drafts = Some(List::Drafts);
    assert_eq!(ids(Filter { ids: these.clone(), list: drafts, ..none() }), [without_time.id]);
    assert_eq!(ids(Filter { ids: these, tag: Some("launch".into()), ..none() }), []);
}

#[test]
fn a_list_of_several_statuses_is_merged_in_the_order_of_time() {
    let store = memory();
    let posts: Vec<_> = (0..30).map(|n| create(&store, &due(&n.to_string(), n / 2))).collect();
    for post in posts.iter().filter(|post| post.seq % 3 == 0) {
        write(&store, |tx| tx.withdraw_post(post.id, WithdrawTo::Cancelled, Actor::Person));
    }
    for post in posts.iter().filter(|post| post.seq % 3 == 1) {
        hand_over(&store, post);
    }
    let ids: Vec<_> = posts.iter().map(|post| post.id).collect();
    let statuses = vec![Status::Pending, Status::Queued, Status::Cancelled];
    let filter = Filter { statuses, ..Filter::default() };
    for limit in [1, 4, 1_000] {
        assert_eq!(pages(&store, &filter, Order::Ascending, limit), ids, "{limit}");
    }
    let reversed: Vec<_> = ids.into_iter().rev().collect();
    assert_eq!(pages(&store, &filter, Order::Descending, 4), reversed);
}

#[test]
fn beyond_a_thousand_hits_a_search_is_paged_in_order_and_counted_as_more() {
    let store = memory();
    let posts: Vec<_> = (0..1_100)
        .map(|n| {
            let mut new = due(&format!("common words, number {n}"), 2_000 - n);
            new.tags = vec!["common".into()];
            new
        })
        .collect();
    write(&store, |tx| tx.import_posts(&import_of(1_100), &[], &posts, Actor::Person));
    let mut ids: Vec<_> = posts.iter().map(|post| post.id).collect();
    ids.reverse();
    let words = |text: &str| Filter { text: Some(text.into()), ..Filter::default() };
    let tagged = Filter { tag: Some("common".into()), ..Filter::default() };
    for (filter, posts, is_exact) in [
        (words("common"), 1_000, false),
        (tagged, 1_000, false),
        (words("common 999"), 1, true),
        (words("absent"), 0, true),
        (Filter::default(), 1_100, true),
    ] {
        let found = read(&store, |read| read.rows(&filter, &Page::default()));
        assert_eq!(found.total, Total { posts, is_exact }, "{filter:?}");
        let shown: Vec<_> = found.rows.iter().map(|(post, _)| post.id).collect();
        if posts > 100 {
            assert_eq!(shown, ids[..100], "{filter:?}");
            assert_eq!(pages(&store, &filter, Order::Ascending, 400), ids, "{filter:?}");
        }
    }
    assert_eq!(read(&store, |read| read.count_posts(&words("common"))), 1_100);
}

#[test]
fn an_agenda_counts_and_shows_what_has_a_time_in_each_span() {
    let store = memory();
    let posts: Vec<_> = (0..6).map(|n| create(&store, &due(&n.to_string(), n * 10))).collect();
    create(&store, &draft("without a time"));
    write(&store, |tx| tx.delete_post(posts[1].id, Actor::Person));
    hand_over(&store, &posts[2]);
    let span = |from, until| Span { from: minutes(from), until: minutes(until) };
    let spans = [span(-10, 0), span(0, 30), span(30, 60)];
    let counts = read(&store, |read| read.counts_of_spans(&spans, None));
    let of = |span: usize, status| counts[span].of(status);
    assert_eq!(counts[0].total(), 0);
    assert_eq!((of(1, Status::Pending), of(1, Status::Queued)), (1, 1));
    assert_eq!((of(2, Status::Pending), counts[2].total()), (3, 3));
    let mine = read(&store, |read| read.counts_of_spans(&spans, Some(&me())));
    assert_eq!(mine, counts);
    let other = XUserId("1".into());
    let others = read(&store, |read| read.counts_of_spans(&spans, Some(&other)));
    assert!(others.iter().all(|counts| counts.total() == 0));
    let first = read(&store, |read| read.first_of_spans(&spans, &Filter::default(), 2));
    let ids: Vec<Vec<PostId>> =
        first.iter().map(|rows| rows.iter().map(|(post, _)| post.id).collect()).collect();
    assert_eq!(ids, [vec![], vec![posts[0].id, posts[2].id], vec![posts[3].id, posts[4].id]]);
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
    create(&store, &due("the same  words", 10));
    let same = draft("the same words").content.duplicate_key();
    let keys = [same, draft("other").content.duplicate_key()];
    let known = read(&store, |read| read.known_posts(None, &keys));
    assert_eq!(known.iter().map(|post| post.key).collect::<Vec<_>>(), [same]);
    let stranger = XUserId("1".into());
    assert_eq!(read(&store, |read| read.known_posts(Some(&stranger), &keys)), []);
}

#[test]
fn planned_posts_of_one_account_that_say_the_same_are_found_in_pages() {
    let store = memory();
    let of_nobody = |text: &str, after| {
        let mut new = due(text, after);
        new.account = None;
        new
    };
    // Three of one text, as a reader sees it, the draft without a time last.
    let late = create(&store, &due("the same  words", 30));
    let early = create(&store, &due("the same words", 10));
    let mut unplanned = draft("the same words");
    unplanned.account = Some(me());
    let unplanned = create(&store, &unplanned);
    // Each account for itself, and what names none.
    create(&store, &of_nobody("the same words", 5));
    let twice: Vec<_> = (0..2).map(|n| create(&store, &of_nobody("twice", n)).id).collect();
    // These are no repeats: a single one, a blank one, what is withdrawn, deleted or over.
    create(&store, &due("once", 1));
    for n in 0..2 {
        create(&store, &draft(" "));
        let gone = create(&store, &due("gone", n));
        write(&store, |tx| tx.delete_post(gone.id, Actor::Person));
        let cancelled = create(&store, &due("cancelled", n));
        write(&store, |tx| tx.withdraw_post(cancelled.id, WithdrawTo::Cancelled, Actor::Person));
        let queued = hand_over(&store, &create(&store, &due("on X", n)));
        write(&store, |tx| tx.record_outcome(queued.id, &outcome(&queued, Status::Posted)));
        let leaving = hand_over(&store, &create(&store, &due("leaving", n)));
        write(&store, |tx| tx.withdraw_post(leaving.id, WithdrawTo::Cancelled, Actor::Person));
    }

    let first = read(&store, |read| read.repeated(None, None, 1));
    assert_eq!((first.repeated.len(), first.total, first.repeats), (1, 2, 3));
    assert_eq!((first.repeated[0].posts, &first.repeated[0].account), (3, &Some(me())));
    let second = read(&store, |read| read.repeated(None, first.repeated.first(), 9));
    assert_eq!((second.repeated.len(), second.total, second.repeats), (1, 2, 3));
    assert_eq!(second.repeated[0].account, None);
    let both = [first.repeated, second.repeated].concat();
    assert_eq!(read(&store, |read| read.repeated(None, both.last(), 9)).repeated, []);

    let rows = read(&store, |read| read.repeated_posts(&both));
    let ids: Vec<_> = rows.iter().map(|(post, _)| post.id).collect();
    assert_eq!(ids, [early.id, late.id, unplanned.id, twice[0], twice[1]]);
    let of_one = read(&store, |read| read.repeated(Some(&me()), None, 9));
    assert_eq!((of_one.repeated.len(), of_one.total, of_one.repeats), (1, 1, 2));
}
