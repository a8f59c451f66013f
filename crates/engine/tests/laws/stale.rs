//! What a person bases on an older version of a post is refused, with what the post says now: of
//! several that write at once one wins, the others learn of it, and nothing is lost.

use std::path::PathBuf;
use std::sync::Arc;

use roost_core::clock::SystemClock;
use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use roost_core::status::Status;
use roost_engine::view::PostRow;
use roost_engine::{Edit, Engine, EngineConfig, Error, Finding, NewPost, Target};
use roost_store::{Account, AccountHealth, OutboxKind, Outcome, Published, Store};

use crate::world::{World, new_post, wall_in};

const RELAY: &str = "https://relay.example";
const WRITERS: usize = 4;
const POSTS: usize = 12;

/// A store with an account, and no services.
pub(crate) struct Desk {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.db");
        let desk = Self { path, _folder: folder };
        let account = Account {
            x_user_id: XUserId("2244994945".to_owned()),
            username: "roost".to_owned(),
            name: "Roost".to_owned(),
            subscription_type: None,
            health: AccountHealth::Connected,
            message: None,
            proven_at: None,
            removed_at: None,
            limits: None,
        };
        desk.store().write("test", |store| store.save_account(&account)).unwrap();
        desk
    }

    /// Another process over the same store.
    pub(crate) fn engine(&self) -> Engine {
        Engine::open(EngineConfig::new(&self.path), Arc::new(SystemClock)).unwrap()
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.path, Arc::new(SystemClock)).unwrap()
    }

    /// Relay and scheduler take a post over, as far as this store can tell.
    pub(crate) fn hand_over(&self, row: &PostRow) {
        let published = Published {
            post_id: row.id,
            revision: row.revision,
            message_id: format!("msg_{}", row.id),
        };
        let store = self.store();
        store.write("test", |store| store.offer(RELAY, &[(row.id, row.revision)])).unwrap();
        store.write("test", |store| store.mark_queued(&[published])).unwrap();
    }

    pub(crate) fn tell(&self, row: &PostRow, status: Status) {
        let outcome = Outcome {
            revision: row.revision,
            status,
            state: String::new(),
            tweet_id: None,
            live: Vec::new(),
            code: None,
            message: None,
            until: None,
            attempts: 1,
            posted_at: None,
            at: row.updated_at,
        };
        self.store().write("test", |store| store.record_outcome(row.id, &outcome)).unwrap();
    }
}

fn text(words: String, row: &PostRow) -> Edit {
    Edit { text: Some(words), based_on: Some(row.version), ..Edit::default() }
}

fn is_stale(error: &Error) -> &PostRow {
    assert_eq!(error.code(), Code::Stale, "{error}");
    &error.stale().unwrap_or_else(|| panic!("{error}")).now
}

#[tokio::test(flavor = "multi_thread")]
async fn of_writers_that_race_one_wins_the_others_are_told_and_nothing_is_lost() {
    let desk = Desk::new();
    let engines: Vec<Engine> = (0..WRITERS).map(|_| desk.engine()).collect();
    for number in 0..POSTS {
        let written =
            engines[0].create(new_post(&format!("post {number}"), 3600)).await.unwrap().post;
        let attempts = engines.iter().cloned().enumerate().map(|(writer, engine)| {
            let edit = text(format!("post {number} by writer {writer}"), &written);
            tokio::spawn(async move { engine.edit(written.id, edit).await })
        });
        let mut saved = Vec::new();
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(won) => saved.push(won.post),
                Err(error) => {
                    let now = is_stale(&error);
                    assert_eq!(now.version, written.version.next(), "one change and no more");
                    assert!(now.text.contains("by writer"), "the words that won: {now:?}");
                }
            }
        }
        assert_eq!(saved.len(), 1, "{saved:#?}");
        let row = engines[0].post(written.id).await.unwrap().row;
        assert_eq!((row.text, row.version), (saved[0].text.clone(), saved[0].version));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_and_a_move_count_as_changes_and_what_was_seen_after_them_is_taken() {
    let desk = Desk::new();
    let engine = desk.engine();
    let draft = NewPost { text: "a draft".to_owned(), ..NewPost::default() };
    let draft = engine.create(draft).await.unwrap().post;
    let tagged = Edit { tags: Some(vec!["launch".to_owned()]), ..Edit::default() };
    let tagged = engine.edit(draft.id, tagged).await.unwrap().post;
    assert!(tagged.version > draft.version);
    let error = engine.edit(draft.id, text("words".to_owned(), &draft)).await.unwrap_err();
    assert_eq!(is_stale(&error).tags, ["launch"]);
    let at = Edit {
        wall_time: Some(wall_in(7200)),
        zone: Some("Europe/Berlin".to_owned()),
        based_on: Some(tagged.version),
        ..Edit::default()
    };
    let moved = engine.edit(draft.id, at.clone()).await.unwrap().post;
    let error = engine.edit(draft.id, at).await.unwrap_err();
    assert_eq!(is_stale(&error).scheduled_at, moved.scheduled_at);
    engine.edit(draft.id, text("words".to_owned(), &moved)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_relay_and_scheduler_took_over_is_what_the_person_saw() {
    let mut world = World::new().await;
    let post = world.engine.create(new_post("being written", 3600)).await.unwrap().post;
    world.run();
    let queued = world.wait_for(post.id, Status::Queued).await.row;
    assert_eq!(queued.version, post.version);
    let saved = world.engine.edit(post.id, text("written".to_owned(), &post)).await.unwrap().post;
    assert_eq!(saved.text, "written");
    let again = world.wait_for(post.id, Status::Queued).await.row;
    let seen = Target::seen(post.id, saved.version);
    assert_eq!(again.version, saved.version);
    assert_eq!(world.engine.cancel(&[seen]).await.unwrap().cancelling, [post.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_batch_what_was_changed_meanwhile_is_left_as_it_is_and_named() {
    let desk = Desk::new();
    let engine = desk.engine();
    let mut posts = Vec::new();
    for number in 0..4 {
        posts.push(engine.create(new_post(&format!("{number}"), 3600)).await.unwrap().post);
    }
    let changed =
        engine.edit(posts[1].id, text("changed".to_owned(), &posts[1])).await.unwrap().post;
    desk.hand_over(&posts[2]);
    desk.tell(&posts[2], Status::Posted);
    let seen: Vec<Target> = posts.iter().map(|row| Target::seen(row.id, row.version)).collect();
    let cancelled = engine.cancel(&seen).await.unwrap();
    assert_eq!(cancelled.cancelled, [posts[0].id, posts[3].id]);
    assert_eq!(cancelled.too_late, [posts[2].id], "it is on X");
    let [stale] = cancelled.stale.as_slice() else { panic!("{cancelled:?}") };
    assert_eq!((stale.based_on, stale.now.clone()), (posts[1].version, changed.clone()));
    assert_eq!(engine.post(posts[1].id).await.unwrap().row, changed);
    // Deleting is held against the same.
    let deleted = engine.delete(&seen).await.unwrap();
    let left: Vec<PostId> = deleted.stale.iter().map(|stale| stale.now.id).collect();
    assert_eq!(left, [posts[0].id, posts[1].id, posts[3].id], "{deleted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_tried_again_once_however_many_people_ask_for_it() {
    let desk = Desk::new();
    let engine = desk.engine();
    let post = engine.create(new_post("failed", 3600)).await.unwrap().post;
    desk.hand_over(&post);
    desk.tell(&post, Status::Failed);
    let failed = engine.post(post.id).await.unwrap().row;
    let seen = Target::seen(failed.id, failed.version);
    let again = engine.retry(seen).await.unwrap().post;
    let error = desk.engine().retry(seen).await.unwrap_err();
    assert_eq!(is_stale(&error).revision, again.revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_needs_a_check_is_decided_about_once() {
    let desk = Desk::new();
    let engine = desk.engine();
    let post = engine.create(new_post("who knows", 3600)).await.unwrap().post;
    desk.hand_over(&post);
    desk.tell(&post, Status::Unknown);
    let parked = engine.post(post.id).await.unwrap().row;
    let seen = Target::seen(parked.id, parked.version);
    let decided = engine.resolve(seen, Finding::SendAgain).await;
    assert!(matches!(decided, Err(Error::NoServices)), "written down: {decided:?}");
    let error = desk.engine().resolve(seen, Finding::SendAgain).await.unwrap_err();
    assert_eq!(is_stale(&error).status, Status::Unknown);
    let open = desk.store().read(|store| store.outbox_of(post.id)).unwrap();
    assert_eq!(open.iter().filter(|it| it.kind == OutboxKind::Resolve).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_going_out_is_too_late_to_change_whatever_was_seen() {
    let desk = Desk::new();
    let engine = desk.engine();
    let post = engine.create(new_post("out", 3600)).await.unwrap().post;
    desk.hand_over(&post);
    desk.tell(&post, Status::Posted);
    let error = engine.edit(post.id, text("changed".to_owned(), &post)).await.unwrap_err();
    assert_eq!(error.code(), Code::TooLate);
    let tags = Edit {
        tags: Some(vec!["out".to_owned()]),
        based_on: Some(post.version),
        ..Edit::default()
    };
    assert_eq!(is_stale(&engine.edit(post.id, tags).await.unwrap_err()).status, Status::Posted);
}
