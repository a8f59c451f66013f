//! What the tests of the store share: a store on a clock that stands still, and posts for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{ManualClock, UnixMillis};
use roost_core::id::{ImportId, PostId, Revision, TweetId, XUserId};
use roost_core::post::Content;
use roost_core::status::{Actor, Status};
use roost_store::{
    Account, AccountHealth, Edit, Error, NewImport, NewPost, Options, Outcome, Post, Published,
    Read, Schedule, Store, Tx,
};

pub(crate) const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

/// The relay that is in use.
pub(crate) const RELAY: &str = "https://relay.example";

pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, clock: Arc::new(ManualClock::at(NOW)) }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("roost.db")
    }

    pub(crate) fn open(&self) -> Result<Store, Error> {
        let options = Options { busy_timeout: Duration::from_millis(300), ..Options::default() };
        Store::open_with(self.path(), self.clock.clone(), options)
    }

    pub(crate) fn store(&self) -> Store {
        self.open().expect("a store")
    }
}

/// A store in memory with one connected account.
pub(crate) fn memory() -> Store {
    let store = Store::open_in_memory(Arc::new(ManualClock::at(NOW))).expect("a store");
    save_account(&store, AccountHealth::Connected);
    store
}

pub(crate) fn me() -> XUserId {
    XUserId("2244994945".into())
}

pub(crate) fn save_account(store: &Store, health: AccountHealth) {
    let account = Account {
        x_user_id: me(),
        username: "roost".into(),
        name: "Roost".into(),
        subscription_type: None,
        health,
        message: None,
        proven_at: None,
        removed_at: None,
        limits: None,
    };
    store.write("save-account", |tx| tx.save_account(&account)).expect("an account");
}

/// So many minutes after [`NOW`].
pub(crate) fn minutes(after: i64) -> UnixMillis {
    UnixMillis(NOW.0 + after * 60_000)
}

pub(crate) fn schedule(at: UnixMillis) -> Schedule {
    Schedule { at, wall_time: "2027-01-15 13:30".into(), zone: "Asia/Kolkata".into() }
}

pub(crate) fn draft(text: &str) -> NewPost {
    NewPost::draft(PostId::new(NOW), Content::of_texts([text]))
}

/// A post that is due so many minutes after [`NOW`].
pub(crate) fn due(text: &str, after: i64) -> NewPost {
    NewPost {
        account: Some(me()),
        schedule: Some(schedule(minutes(after))),
        status: Status::Pending,
        ..draft(text)
    }
}

/// Another text.
pub(crate) fn retext(text: &str) -> Edit {
    Edit { content: Some(Content::of_texts([text])), ..Edit::default() }
}

/// A thread that is due so many minutes after [`NOW`].
pub(crate) fn thread(texts: &[&str], after: i64) -> NewPost {
    NewPost { content: Content::of_texts(texts.iter().copied()), ..due("", after) }
}

pub(crate) fn import_of(found: u64) -> NewImport {
    NewImport {
        id: ImportId::new(NOW),
        source: "tweets.json".into(),
        format: "json".into(),
        sha256: Some([7; 32]),
        account: Some(me()),
        zone: Some("Asia/Kolkata".into()),
        options: serde_json::json!({ "past": "error" }),
        found,
        skipped: 0,
        plan: None,
        warnings: 0,
    }
}

pub(crate) fn write<T>(store: &Store, body: impl FnOnce(&mut Tx<'_>) -> Result<T, Error>) -> T {
    store.write("test", body).expect("a write")
}

pub(crate) fn read<T>(store: &Store, body: impl FnOnce(&Read<'_>) -> Result<T, Error>) -> T {
    store.read(body).expect("a read")
}

pub(crate) fn create(store: &Store, new: &NewPost) -> Post {
    write(store, |tx| tx.create_post(new, Actor::Person))
}

pub(crate) fn get(store: &Store, id: PostId) -> Post {
    read(store, |read| read.expect_post(id))
}

/// What a post says.
pub(crate) fn content(store: &Store, post: &Post) -> Content {
    read(store, |read| read.content(post))
}

/// Stages and publishes, as the engine does: the offer first.
pub(crate) fn hand_over(store: &Store, post: &Post) -> Post {
    let revision = post.revision;
    let offered = write(store, |tx| tx.offer(RELAY, &[(post.id, revision)]));
    assert_eq!(offered, [post.id]);
    let message_id = format!("msg_{}_{revision}", post.id);
    let published = Published { post_id: post.id, revision, message_id };
    assert_eq!(write(store, |tx| tx.mark_queued(&[published])), []);
    get(store, post.id)
}

/// The relay's word on a post at its newest revision.
pub(crate) fn outcome(post: &Post, status: Status) -> Outcome {
    Outcome {
        revision: post.revision,
        status,
        state: String::new(),
        live: Vec::new(),
        tweet_id: (status == Status::Posted).then(|| TweetId("1900000000000000001".into())),
        code: None,
        message: None,
        until: None,
        attempts: 1,
        posted_at: (status == Status::Posted).then_some(minutes(1)),
        at: minutes(1),
    }
}

pub(crate) const FIRST: Revision = Revision(1);
