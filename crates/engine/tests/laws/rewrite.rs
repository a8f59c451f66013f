//! Other words, account, tags or state for many posts at once: what is shown is what is applied, judged by
//! the rules by which a post is written alone.

use std::time::{Duration, Instant};

use roost_core::failure::Code;
use roost_core::id::PostId;
use roost_core::status::Status;
use roost_engine::api::{
    BulkEdit, BulkEditRow, BulkTerms, HandoverChange, MatchRef, MoveInHistory, ReplaceText,
    Rewrite, RewriteChange, Selection, SplitText,
};
use roost_engine::view::PostQuery;
use roost_engine::{Engine, NewPost};
use roost_store::Label;

use crate::stale::Desk;
use crate::world::{World, new_post};

fn of(posts: &[PostId], change: RewriteChange) -> Rewrite {
    let posts = posts.iter().map(|id| (*id).into()).collect();
    let selection = Selection { posts, query: None };
    Rewrite { selection, change, terms: BulkTerms::default() }
}

fn replace(find: &str, replacement: &str) -> ReplaceText {
    let (find, replacement) = (find.to_owned(), replacement.to_owned());
    ReplaceText { find, replacement, ..ReplaceText::default() }
}

fn row(shown: &BulkEdit, id: PostId) -> &BulkEditRow {
    shown.posts.iter().find(|row| row.id == id).expect("a selected post")
}

async fn make(engine: &Engine, text: &str) -> PostId {
    engine.create(new_post(text, 3600)).await.unwrap().post.id
}

async fn parts(engine: &Engine, id: PostId) -> Vec<String> {
    engine.post(id).await.unwrap().parts
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_queued_post_are_replaced_and_only_the_new_ones_go_out() {
    let mut world = World::new().await;
    world.run();
    let single = world.post_in("Sprng is here", 12).await;
    let thread = NewPost { thread: vec!["sprng again".to_owned()], ..new_post("Nothing", 12) };
    let thread = world.engine.create(thread).await.unwrap().post.id;
    world.wait_for(single, Status::Queued).await;
    world.wait_for(thread, Status::Queued).await;
    let asked = of(&[single, thread], RewriteChange::Replace(replace("sprng", "spring")));
    let shown = world.engine.preview_rewrite(asked.clone()).await.unwrap();
    assert_eq!(shown.changed, 2);
    assert_eq!(row(&shown, single).handover, HandoverChange::Armed);
    let found = &row(&shown, thread).matches[0];
    assert_eq!((found.part, found.start, found.end, found.found.as_str()), (1, 0, 5, "sprng"));
    let terms = BulkTerms { token: Some(shown.token), ..BulkTerms::default() };
    world.engine.rewrite(Rewrite { terms, ..asked }).await.unwrap();
    world.wait_for(single, Status::Posted).await;
    world.wait_for(thread, Status::Posted).await;
    let mut texts = world.texts().await;
    texts.sort();
    assert_eq!(texts, ["Nothing", "spring again", "spring is here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_match_can_be_left_as_it_is() {
    let desk = Desk::new();
    let engine = desk.engine();
    let id = make(&engine, "🐓 cat, cat and cat").await;
    let mut change = replace("cat", "dog");
    change.skip = vec![MatchRef { post: id, part: 0, number: 1 }];
    let done = engine.rewrite(of(&[id], RewriteChange::Replace(change))).await.unwrap();
    assert_eq!(parts(&engine, id).await, ["🐓 dog, cat and dog"]);
    let matches = &row(&done, id).matches;
    assert_eq!(matches.iter().map(|it| it.is_skipped).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!((matches[0].start, matches[1].start), (3, 8), "a rooster is two units of UTF-16");
    let swap = ReplaceText { is_regex: true, ..replace(r"(\w+) and (\w+)", "$2 or $1") };
    engine.rewrite(of(&[id], RewriteChange::Replace(swap))).await.unwrap();
    assert_eq!(parts(&engine, id).await, ["🐓 dog, dog or cat"]);
    let unclosed = ReplaceText { is_regex: true, ..replace("(", "") };
    let error =
        engine.preview_rewrite(of(&[id], RewriteChange::Replace(unclosed))).await.unwrap_err();
    assert_eq!(error.code(), Code::BadRequest);
    assert!(error.to_string().contains("unclosed group"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_too_long_is_refused_row_by_row_and_a_draft_is_warned_of() {
    let desk = Desk::new();
    let engine = desk.engine();
    let short = make(&engine, "short").await;
    let long = make(&engine, &"x".repeat(275)).await;
    let draft = NewPost { draft: true, ..new_post(&"y".repeat(275), 3600) };
    let draft = engine.create(draft).await.unwrap().post.id;
    let text = "and more of it".to_owned();
    let asked = of(&[short, long, draft], RewriteChange::Append { text, new_line: false });
    let shown = engine.preview_rewrite(asked.clone()).await.unwrap();
    let code = |id| row(&shown, id).refused.as_ref().map(|problem| problem.code);
    assert_eq!([code(short), code(long), code(draft)], [None, Some(Code::TextTooLong), None]);
    assert_eq!(row(&shown, draft).warnings[0].code, Code::TextTooLong);
    assert!(engine.rewrite(asked.clone()).await.is_err());
    assert_eq!(parts(&engine, short).await, ["short"]);
    let terms = BulkTerms { skip_refused: true, ..BulkTerms::default() };
    assert_eq!(engine.rewrite(Rewrite { terms, ..asked }).await.unwrap().changed, 2);
    assert_eq!(parts(&engine, short).await, ["short and more of it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_becomes_a_thread_in_one_step_which_undo_takes_back() {
    let desk = Desk::new();
    let engine = desk.engine();
    let sentence = "This sentence has some words that stand for what people write. ";
    let long = NewPost { draft: true, ..new_post(&sentence.repeat(8), 3600) };
    let long = engine.create(long).await.unwrap().post.id;
    let short = make(&engine, "short").await;
    let before = parts(&engine, long).await;
    let done =
        engine.rewrite(of(&[long, short], RewriteChange::Split { numbered: true })).await.unwrap();
    assert_eq!((done.changed, done.unchanged), (1, 1), "what fits stays as it is");
    assert!(row(&done, long).warnings.iter().all(|it| it.code != Code::TextTooLong));
    let split = parts(&engine, long).await;
    assert_eq!(split, row(&done, long).after.as_ref().unwrap().texts);
    assert_eq!(split.len(), 2);
    for (part, number) in split.iter().zip(1..) {
        assert!(part.ends_with(&format!("people write. {number}/2")), "{part}");
    }
    let asked = SplitText { parts: before.clone(), account: None, numbered: true };
    assert_eq!(engine.split(asked).await.unwrap().parts.concat(), split, "the composer splits so");
    let newest = desk.store().read(|store| store.events(long)).unwrap().pop().unwrap();
    assert_eq!(newest.label, Label::SplitText);
    engine.undo(MoveInHistory { to: None, based_on: None }).await.unwrap();
    assert_eq!(parts(&engine, long).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_go_to_the_ends_of_a_thread_and_a_link_is_priced() {
    let desk = Desk::new();
    let engine = desk.engine();
    let thread = NewPost { thread: vec!["last".to_owned()], ..new_post("first", 3600) };
    let id = engine.create(thread).await.unwrap().post.id;
    let text = "https://example.com".to_owned();
    let link = of(&[id], RewriteChange::Append { text, new_line: true });
    let done = engine.rewrite(link).await.unwrap();
    assert!(done.cost_after_micros > done.cost_before_micros, "a link makes it dear: {done:?}");
    let shown = engine.post(id).await.unwrap().row;
    assert_eq!((shown.cost_micros, shown.has_link), (done.cost_after_micros, true));
    let text = "NEW:".to_owned();
    engine.rewrite(of(&[id], RewriteChange::Prepend { text, new_line: false })).await.unwrap();
    assert_eq!(parts(&engine, id).await, ["NEW: first", "last\nhttps://example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_and_notes_change_without_arming_anything_anew() {
    let desk = Desk::new();
    let engine = desk.engine();
    let post = engine.create(new_post("tagged", 3600)).await.unwrap().post;
    desk.hand_over(&post);
    let tags = |add: &[&str], remove: &[&str]| {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        RewriteChange::Tags { add: names(add), remove: names(remove) }
    };
    let done = engine.rewrite(of(&[post.id], tags(&["Launch", "web"], &[]))).await.unwrap();
    assert_eq!(row(&done, post.id).handover, HandoverChange::None);
    engine.rewrite(of(&[post.id], tags(&["news", "launch"], &["WEB"]))).await.unwrap();
    let now = engine.post(post.id).await.unwrap().row;
    assert_eq!(now.tags, ["Launch", "news"], "a tag is the same in capital and small letters");
    assert_eq!((now.status, now.revision), (Status::Queued, post.revision), "it stays handed over");
    let note = |note: &str| RewriteChange::SetNote { note: note.to_owned() };
    engine.rewrite(of(&[post.id], note(" ask Ada "))).await.unwrap();
    let kept = || desk.store().read(|store| Ok(store.post(post.id)?.unwrap().note)).unwrap();
    assert_eq!(kept().as_deref(), Some("ask Ada"));
    engine.rewrite(of(&[post.id], note(""))).await.unwrap();
    assert_eq!(kept(), None);
    let newest = desk.store().read(|store| store.events(post.id)).unwrap().pop().unwrap();
    assert_eq!(newest.label, Label::SetNote);
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_go_to_another_account_and_are_sent_by_it() {
    let mut world = World::new().await;
    world.connect("other").await;
    world.run();
    let engine = world.engine.clone();
    let post = NewPost { account: Some("demo".to_owned()), ..new_post("whose?", 10) };
    let id = engine.create(post).await.unwrap().post.id;
    world.wait_for(id, Status::Queued).await;
    let change = RewriteChange::SetAccount { account: "@other".to_owned() };
    engine.rewrite(of(&[id], change)).await.unwrap();
    let posted = world.wait_for(id, Status::Posted).await;
    assert_eq!(posted.row.username.as_deref(), Some("other"));
    let other = engine.account_named("other").await.unwrap();
    let ledger = world.ledger().await;
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].account_id, Some(other.0));
    let unknown = RewriteChange::SetAccount { account: "@nobody".to_owned() };
    let error = engine.preview_rewrite(of(&[id], unknown)).await.unwrap_err();
    assert_eq!(error.code(), Code::AccountUnknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_posts_become_drafts_with_proof_and_one_action_schedules_them_again() {
    let mut world = World::new().await;
    world.run();
    let engine = world.engine.clone();
    let near = world.post_in("near", 1800).await;
    let far = world.post_in("far", 40 * 24 * 60 * 60).await;
    let untimed = NewPost { text: "no time".to_owned(), ..NewPost::default() };
    let untimed = engine.create(untimed).await.unwrap().post.id;
    world.wait_for(near, Status::Queued).await;
    let done = engine.rewrite(of(&[near, far], RewriteChange::ToDraft)).await.unwrap();
    assert_eq!(row(&done, near).handover, HandoverChange::Withdrawn);
    assert_eq!(row(&done, far).handover, HandoverChange::None);
    world
        .wait_until(near, "a draft", |post| {
            post.row.status == Status::Draft && post.row.waiting_for.is_none()
        })
        .await;
    assert_eq!(world.status(far).await, Status::Draft);
    assert!(world.show(near).await.row.wall_time.is_some(), "a draft keeps its time");
    let selection = Selection {
        query: Some(PostQuery { statuses: vec![Status::Draft], ..PostQuery::default() }),
        ..Selection::default()
    };
    let terms = BulkTerms { skip_refused: true, ..BulkTerms::default() };
    let asked = Rewrite { selection, change: RewriteChange::Schedule, terms };
    let done = engine.rewrite(asked).await.unwrap();
    let code = row(&done, untimed).refused.as_ref().map(|problem| problem.code);
    assert_eq!((done.changed, code), (2, Some(Code::TimeMissing)));
    world.wait_for(near, Status::Queued).await;
    assert_eq!(world.status(far).await, Status::Pending);
    assert_eq!(world.status(untimed).await, Status::Draft);
    let events = world.store().read(|store| store.events(far)).unwrap();
    assert_eq!(events.last().unwrap().label, Label::Schedule);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_posts_are_cancelled_or_deleted_as_shown_and_one_undo_brings_them_back() {
    let mut world = World::new().await;
    world.run();
    let engine = world.engine.clone();
    let queued = world.post_in("with the relay", 1800).await;
    let waiting = world.post_in("still here", 40 * 24 * 60 * 60).await;
    let out = world.post_in("on X", 2).await;
    world.wait_for(queued, Status::Queued).await;
    world.wait_for(out, Status::Posted).await;
    let all = [queued, waiting, out];
    let shown = engine.preview_rewrite(of(&all, RewriteChange::Cancel)).await.unwrap();
    let code = |id| row(&shown, id).refused.as_ref().map(|problem| problem.code);
    assert_eq!(all.map(code), [None, None, Some(Code::TooLate)]);
    assert_eq!(row(&shown, queued).handover, HandoverChange::Withdrawn);
    let cost = row(&shown, out).before.cost_micros;
    assert_eq!(shown.cost_after_micros, cost, "what is out was paid");
    assert!(engine.rewrite(of(&all, RewriteChange::Cancel)).await.is_err());
    assert_eq!(world.status(waiting).await, Status::Pending, "all or none");
    let skip_refused = true;
    let terms = BulkTerms { skip_refused, token: Some(shown.token), ..BulkTerms::default() };
    let asked = Rewrite { terms, ..of(&all, RewriteChange::Cancel) };
    assert_eq!(engine.rewrite(asked).await.unwrap().changed, 2);
    world.wait_for(queued, Status::Cancelled).await;
    assert_eq!(world.status(waiting).await, Status::Cancelled);
    engine.undo(MoveInHistory { to: None, based_on: None }).await.unwrap();
    world.wait_for(queued, Status::Queued).await;
    assert_eq!(world.status(waiting).await, Status::Pending);

    let shown = engine.preview_rewrite(of(&all, RewriteChange::Delete)).await.unwrap();
    assert!(shown.posts.iter().all(|row| row.after.as_ref().unwrap().is_deleted));
    let done = engine.rewrite(of(&all, RewriteChange::Delete)).await.unwrap();
    assert_eq!((done.changed, done.refused), (3, 0));
    let listed = || async { engine.posts(&PostQuery::default()).await.unwrap().posts.len() };
    let deadline = Instant::now() + Duration::from_secs(60);
    while listed().await > 0 {
        assert!(Instant::now() < deadline, "the relay's proof did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    engine.undo(MoveInHistory { to: None, based_on: None }).await.unwrap();
    assert_eq!(listed().await, 3);
}
