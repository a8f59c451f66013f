//! Undo and redo over the store: each step is taken back by a command, and made again by one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_core::failure::Code;
use roost_core::id::{PostId, XUserId};
use roost_core::status::{Actor, Status};
use roost_engine::api::{
    ChangeSettings, HistoryStep, ListHistory, ListTrash, MoveInHistory, PostReversal, Reversal,
    SetSlots, StepState,
};
use roost_engine::{Edit, Engine, EngineConfig, NewPost, Target};
use roost_import::slots::parse as parse_slots;
use roost_store::{Label, Store};

use crate::home::{Home, commit, open, posts};
use crate::world::{new_post, wall_in};

const LAST: MoveInHistory = MoveInHistory { to: None, based_on: None };
/// Further ahead than any horizon and any test.
const FAR: u64 = 40 * 86_400;

/// All that a person sees of a post: text, tags, account, time, and where it stands.
type Face = (String, Vec<String>, Vec<String>, Option<String>, Option<String>, String, Status);

async fn face(engine: &Engine) -> BTreeMap<PostId, Face> {
    let mut faces = BTreeMap::new();
    for row in posts(engine).await {
        let parts = match row.parts {
            0 | 1 => Vec::new(),
            _ => engine.post(row.id).await.unwrap().parts,
        };
        let account = row.account.map(|account| account.0);
        let face = (row.text, parts, row.tags, account, row.wall_time, row.zone, row.status);
        faces.insert(row.id, face);
    }
    faces
}

async fn steps(engine: &Engine) -> Vec<HistoryStep> {
    engine.history(ListHistory::default()).await.unwrap().steps
}

async fn undo(engine: &Engine) -> Reversal {
    engine.undo(LAST).await.unwrap()
}

async fn redo(engine: &Engine) -> Reversal {
    engine.redo(LAST).await.unwrap()
}

fn of(text: &str) -> NewPost {
    NewPost { account: Some("one".to_owned()), ..new_post(text, FAR) }
}

/// Does something, undoes it, redoes it, and checks that each of it is whole.
async fn there_and_back(engine: &Engine, title: &str, work: impl Future<Output = ()>) {
    let before = face(engine).await;
    work.await;
    let after = face(engine).await;
    let step = steps(engine).await.remove(0);
    assert_eq!((step.title.as_str(), step.state), (title, StepState::Done));
    let undone = undo(engine).await;
    assert_eq!((undone.done, undone.kept), (step.posts, 0), "{undone:#?}");
    assert_eq!(face(engine).await, before, "undone: {title}");
    assert_eq!(steps(engine).await[0].state, StepState::Undone);
    let redone = redo(engine).await;
    assert_eq!((redone.done, redone.kept), (step.posts, 0), "{redone:#?}");
    assert_eq!(face(engine).await, after, "redone: {title}");
    assert_eq!(steps(engine).await[0].state, StepState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_change_is_undone_and_redone() {
    let home = Home::new();
    let engine = &home.engine();
    there_and_back(engine, "Wrote 1 post", async {
        engine.create(of("a plan")).await.unwrap();
    })
    .await;
    let id = posts(engine).await[0].id;
    let edit = |edit: Edit| async move {
        engine.edit(id, edit).await.unwrap();
    };
    let words = Some("other words".to_owned());
    let thread = Some(vec!["a second".to_owned(), "a third".to_owned()]);
    there_and_back(engine, "Changed 1 post", edit(Edit { text: words, ..Edit::default() })).await;
    there_and_back(engine, "Changed 1 post", edit(Edit { thread, ..Edit::default() })).await;
    let tags = Some(vec!["launch".to_owned()]);
    there_and_back(engine, "Changed 1 post", edit(Edit { tags, ..Edit::default() })).await;
    let later = Edit {
        wall_time: Some(wall_in(FAR + 7_200)),
        zone: Some("Europe/Paris".to_owned()),
        account: Some("two".to_owned()),
        ..Edit::default()
    };
    there_and_back(engine, "Changed 1 post", edit(later)).await;
    let no_time = Edit { wall_time: Some(String::new()), ..Edit::default() };
    there_and_back(engine, "Changed 1 post", edit(no_time)).await;
    let time = Edit { wall_time: Some(wall_in(FAR)), ..Edit::default() };
    there_and_back(engine, "Changed 1 post", edit(time)).await;
    there_and_back(engine, "Cancelled 1 post", async {
        engine.cancel(&[id]).await.unwrap();
    })
    .await;
    there_and_back(engine, "Scheduled again: 1 post", async {
        engine.retry(id).await.unwrap();
    })
    .await;
    there_and_back(engine, "Deleted 1 post", async {
        engine.delete(&[id]).await.unwrap();
    })
    .await;
    assert_eq!(engine.trash(ListTrash::default()).await.unwrap().posts[0].id, id);
    there_and_back(engine, "Took out of the trash: 1 post", async {
        engine.restore_posts(&[Target::from(id)]).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_posting_times_are_undone_and_redone() {
    let home = Home::new();
    let engine = home.engine();
    let zone = || async { engine.preferences().await.unwrap().zone };
    let was = zone().await;
    let change = ChangeSettings {
        zone: Some("Asia/Tokyo".to_owned()),
        watched_folder: Some(home.folder().to_owned()),
        ..ChangeSettings::default()
    };
    engine.change_settings(change).await.unwrap();
    let account = XUserId("11".to_owned());
    let slots = || async { engine.slots(account.clone()).await.unwrap().text };
    let set = SetSlots {
        x_user_id: account.clone(),
        zone: None,
        slots: parse_slots("Mon-Fri 9, 13").unwrap(),
    };
    engine.set_slots(set).await.unwrap();
    let listed = steps(&engine).await;
    assert_eq!(listed[0].about.as_deref(), Some("@one"));
    assert_eq!(listed[1].about.as_deref(), Some("watched folder, time zone"));
    undo(&engine).await;
    assert_eq!(slots().await, "");
    undo(&engine).await;
    assert_eq!(zone().await, was);
    assert_eq!(engine.preferences().await.unwrap().watched_folder, None);
    redo(&engine).await;
    redo(&engine).await;
    assert_eq!(
        (zone().await.as_str(), slots().await.as_str()),
        ("Asia/Tokyo", "Mon-Fri 9:00, 13:00")
    );
    assert_eq!(engine.redo(LAST).await.unwrap_err().to_string(), "There is nothing to redo.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_change_after_an_undo_ends_redo_and_the_undone_step_stays_undone() {
    let home = Home::new();
    let engine = home.engine();
    engine.create(of("first")).await.unwrap();
    engine.create(of("second")).await.unwrap();
    undo(&engine).await;
    engine.create(of("third")).await.unwrap();
    assert_eq!(engine.redo(LAST).await.unwrap_err().code(), Code::ChangeNotAllowed);
    let states: Vec<_> = steps(&engine).await.into_iter().map(|step| step.state).collect();
    assert_eq!(states, [StepState::Done, StepState::Superseded, StepState::Done]);
    undo(&engine).await;
    undo(&engine).await;
    assert_eq!(face(&engine).await.len(), 0);
    assert_eq!(engine.undo(LAST).await.unwrap_err().to_string(), "There is nothing to undo.");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_steps_are_undone_to_one_of_them_at_once_and_what_cannot_be_is_passed_over() {
    let home = Home::new();
    let engine = home.engine();
    engine.create(of("stays")).await.unwrap();
    let before = face(&engine).await;
    let id = engine.create(of("goes")).await.unwrap().post.id;
    let to = steps(&engine).await[0].id;
    let words = |text: &str| Edit { text: Some(text.to_owned()), ..Edit::default() };
    engine.edit(id, words("goes, changed")).await.unwrap();
    engine.note_pairing("https://relay.example").await.unwrap();
    engine.cancel(&[id]).await.unwrap();
    engine.retry(id).await.unwrap();
    engine.delete(&[id]).await.unwrap();
    let after = face(&engine).await;
    let here = MoveInHistory { to: Some(to), based_on: None };
    let told = engine.preview_undo(here).await.unwrap();
    assert!(told.dry_run);
    assert_eq!(face(&engine).await, after, "a preview changes nothing");
    let done = engine.undo(here).await.unwrap();
    assert_eq!(done.steps.len(), 5);
    assert_eq!(done.passed.len(), 1);
    assert!(done.passed[0].cannot.is_some());
    assert_eq!(Reversal { dry_run: false, ..told }, done, "it was told so");
    assert_eq!(face(&engine).await, before);
    let all = engine.redo(MoveInHistory { to: Some(to + 6), based_on: None }).await;
    assert_eq!(all.unwrap_err().code(), Code::ChangeNotAllowed, "that is no step that was undone");
    let last = steps(&engine).await[0].id;
    assert_eq!(
        engine.redo(MoveInHistory { to: Some(last), based_on: None }).await.unwrap().steps.len(),
        5
    );
    assert_eq!(face(&engine).await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_one_history_and_it_outlives_both() {
    let home = Home::new();
    {
        let (window, command_line) = (home.engine(), home.engine());
        window.create(of("by the window")).await.unwrap();
        let seen = window.history(ListHistory::default()).await.unwrap();
        command_line.create(of("by the command line")).await.unwrap();
        let newest = MoveInHistory { to: None, based_on: Some(seen.newest) };
        let moved = window.undo(newest).await.unwrap_err();
        assert_eq!(moved.code(), Code::Stale, "the person has not seen the newest step");
        undo(&window).await;
        assert_eq!(posts(&command_line).await.len(), 1);
        undo(&command_line).await;
    }
    let engine = home.engine();
    redo(&engine).await;
    assert_eq!(posts(&engine).await[0].text, "by the window");
    redo(&engine).await;
    assert_eq!(posts(&engine).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_a_thousand_rows_is_one_step() {
    let home = Home::new();
    let engine = home.engine();
    let session = open(&engine, &home.file(1_000)).await["id"].clone();
    commit(&engine, &session).await;
    let step = steps(&engine).await.remove(0);
    assert_eq!(
        (step.title.as_str(), step.about.as_deref()),
        ("Imported 1000 posts", Some("plan.json"))
    );
    let before = face(&engine).await;
    let undone = undo(&engine).await;
    assert_eq!((undone.done, undone.posts.len()), (1_000, 1_000));
    assert_eq!(face(&engine).await.len(), 0);
    assert!(engine.imports().await.unwrap()[0].undone_at.is_some(), "it is the import's own undo");
    assert_eq!(redo(&engine).await.done, 1_000);
    assert_eq!(face(&engine).await, before);
    let import = &engine.imports().await.unwrap()[0];
    assert_eq!(import.undone_at, None);
    engine.undo_import(import.id).await.unwrap();
    assert_eq!(steps(&engine).await[0].title, "Took an import back: 1000 posts");
    assert_eq!(undo(&engine).await.done, 1_000);
    assert_eq!(face(&engine).await, before);
    assert_eq!(undo(&engine).await.done, 1_000, "the import itself");
    assert_eq!(face(&engine).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_time_has_passed_comes_back_as_a_draft_and_it_is_said() {
    let home = Home::new();
    let engine = home.engine();
    let id = engine.create(of("too late")).await.unwrap().post.id;
    engine.cancel(&[id]).await.unwrap();
    let later = SystemClock.now().plus(Duration::from_secs(FAR + 60));
    let config = EngineConfig::new(home.path("roost.db"));
    let engine = Engine::open(config, Arc::new(ManualClock::at(later))).unwrap();
    let undone = undo(&engine).await;
    assert_eq!((undone.drafts, undone.posts[0].outcome), (1, PostReversal::Draft));
    assert!(undone.posts[0].message.contains("has passed"), "{}", undone.posts[0].message);
    assert_eq!(posts(&engine).await[0].status, Status::Draft);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_something_else_changed_since_is_kept_and_named() {
    let home = Home::new();
    let engine = home.engine();
    let id = engine.create(of("as written")).await.unwrap().post.id;
    engine.edit(id, Edit { text: Some("edited".to_owned()), ..Edit::default() }).await.unwrap();
    let store = Store::open(home.path("roost.db"), Arc::new(SystemClock)).unwrap();
    let content = roost_core::post::Content::of_texts(["by a program of before"]);
    let edit = roost_store::Edit { content: Some(content), ..roost_store::Edit::default() };
    store.write("test", |store| store.edit_post(id, &edit, Actor::Person)).unwrap();
    let undone = undo(&engine).await;
    assert_eq!((undone.done, undone.kept), (0, 1));
    assert!(undone.posts[0].message.contains("changed since"), "{}", undone.posts[0].message);
    assert_eq!(posts(&engine).await[0].text, "by a program of before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_many_posts_is_one_step_and_undone_as_one() {
    let home = Home::new();
    let engine = home.engine();
    for number in 0..12 {
        engine.create(of(&format!("one of many {number}"))).await.unwrap();
    }
    let before = face(&engine).await;
    let store = Store::open(home.path("roost.db"), Arc::new(SystemClock)).unwrap();
    let ids: Vec<PostId> = before.keys().copied().collect();
    let tags = Some(vec!["many".to_owned()]);
    let edit =
        roost_store::Edit { tags, note: Some(Some("a note".to_owned())), ..Default::default() };
    store
        .write("test.many", |store| {
            store.label(Label::Edit);
            ids.iter().try_for_each(|id| store.edit_post(*id, &edit, Actor::Person).map(|_| ()))
        })
        .unwrap();
    let after = face(&engine).await;
    assert_eq!(steps(&engine).await[0].title, "Changed 12 posts");
    assert_eq!(undo(&engine).await.done, 12);
    assert_eq!(face(&engine).await, before);
    assert_eq!(redo(&engine).await.done, 12);
    assert_eq!(face(&engine).await, after);
}

#[derive(Debug, Clone)]
enum Doing {
    Create { draft: bool },
    Text { post: usize, text: u8 },
    Time { post: usize, hours: Option<u64> },
    Tags { post: usize, tag: u8 },
    Account { post: usize, second: bool },
    Cancel { post: usize },
    Retry { post: usize },
    Delete { post: usize },
    Undo,
    Redo,
}

fn doings() -> impl Strategy<Value = Vec<Doing>> {
    let post = 0_usize..4;
    let hours = prop::option::weighted(0.8, 0_u64..50);
    let doing = prop_oneof![
        3 => any::<bool>().prop_map(|draft| Doing::Create { draft }),
        3 => (post.clone(), 0_u8..3).prop_map(|(post, text)| Doing::Text { post, text }),
        3 => (post.clone(), hours).prop_map(|(post, hours)| Doing::Time { post, hours }),
        1 => (post.clone(), 0_u8..3).prop_map(|(post, tag)| Doing::Tags { post, tag }),
        1 => (post.clone(), any::<bool>()).prop_map(|(post, second)| Doing::Account { post, second }),
        2 => post.clone().prop_map(|post| Doing::Cancel { post }),
        2 => post.clone().prop_map(|post| Doing::Retry { post }),
        2 => post.prop_map(|post| Doing::Delete { post }),
        4 => Just(Doing::Undo),
        2 => Just(Doing::Redo),
    ];
    prop::collection::vec(doing, 1..24)
}

/// Does one thing; what is refused changes nothing.
async fn carry_out(engine: &Engine, ids: &mut Vec<PostId>, doing: &Doing) {
    let id = |post: &usize| ids.get(*post % ids.len().max(1)).copied();
    let edit = |post: &usize, edit: Edit| {
        let (id, engine) = (id(post), engine.clone());
        async move {
            if let Some(id) = id {
                drop(engine.edit(id, edit).await);
            }
        }
    };
    match doing {
        Doing::Create { draft } => {
            let new = NewPost { draft: *draft, ..of(&format!("post {}", ids.len())) };
            ids.push(engine.create(new).await.unwrap().post.id);
        }
        Doing::Text { post, text } => {
            let text = Some(format!("words {text}"));
            edit(post, Edit { text, ..Edit::default() }).await;
        }
        Doing::Time { post, hours } => {
            let time = hours.map(|hours| wall_in(FAR + hours * 3_600)).unwrap_or_default();
            edit(post, Edit { wall_time: Some(time), ..Edit::default() }).await;
        }
        Doing::Tags { post, tag } => {
            edit(post, Edit { tags: Some(vec![format!("tag{tag}")]), ..Edit::default() }).await;
        }
        Doing::Account { post, second } => {
            let account = Some(if *second { "two" } else { "one" }.to_owned());
            edit(post, Edit { account, ..Edit::default() }).await;
        }
        Doing::Cancel { post } => {
            if let Some(id) = id(post) {
                drop(engine.cancel(&[id]).await);
            }
        }
        Doing::Retry { post } => {
            // Without a time it would be due at once, and that time has passed when it is redone.
            if let Some(id) = id(post)
                && engine.post(id).await.is_ok_and(|post| post.row.scheduled_at.is_some())
            {
                drop(engine.retry(id).await);
            }
        }
        Doing::Delete { post } => {
            if let Some(id) = id(post) {
                drop(engine.delete(&[id]).await);
            }
        }
        Doing::Undo | Doing::Redo => {}
    }
}

async fn undo_then_redo_is_where_it_was(doings: Vec<Doing>) {
    let home = Home::new();
    let engine = home.engine();
    let mut ids = Vec::new();
    // How everything was after each step in force, and after each that is undone.
    let (mut done, mut undone) = (vec![face(&engine).await], Vec::new());
    for doing in &doings {
        match doing {
            Doing::Undo if done.len() > 1 => {
                let was = undo(&engine).await;
                assert_eq!(was.kept, 0, "{was:#?}");
                undone.push(done.pop().unwrap());
            }
            Doing::Redo if !undone.is_empty() => {
                let was = redo(&engine).await;
                assert_eq!(was.kept, 0, "{was:#?}");
                done.push(undone.pop().unwrap());
            }
            Doing::Undo => assert!(engine.undo(LAST).await.is_err()),
            Doing::Redo => assert!(engine.redo(LAST).await.is_err()),
            doing => {
                let newest =
                    || async { engine.history(ListHistory::default()).await.unwrap().newest };
                let before = newest().await;
                carry_out(&engine, &mut ids, doing).await;
                if newest().await != before {
                    done.push(face(&engine).await);
                    undone.clear();
                }
            }
        }
        assert_eq!(Some(&face(&engine).await), done.last(), "after {doing:?}");
    }
    let engine = home.engine();
    let end = face(&engine).await;
    let first = engine.history(ListHistory { limit: 1_000, before: None }).await.unwrap();
    let first = first.steps.iter().filter(|it| it.state == StepState::Done).map(|it| it.id).min();
    let Some(first) = first else { return };
    engine.undo(MoveInHistory { to: Some(first), based_on: None }).await.unwrap();
    assert_eq!(Some(&face(&engine).await), done.first(), "all is undone at once");
    for _ in 1..done.len() {
        redo(&engine).await;
    }
    assert_eq!(face(&engine).await, end);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn undo_then_redo_is_where_it_was_whatever_was_done(doings in doings()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(undo_then_redo_is_where_it_was(doings));
    }
}
