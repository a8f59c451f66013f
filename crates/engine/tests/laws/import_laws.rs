//! What an open import promises whatever happens to its journal, its source and the store.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::{Clock as _, ManualClock, SystemClock};
use roost_engine::{Engine, EngineConfig, NewPost};
use serde_json::{Value, json};

use crate::home::{Home, ask, commit, open, open_ids, posts, refused, set_text};
use crate::world::wall_in;

fn session_of(session: &Value) -> Value {
    json!({ "session": session })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_journal_stayed_makes_no_second_posts() {
    let home = Home::new();
    let path = home.file(6);
    let engine = home.engine();
    let session = open(&engine, &path).await["id"].clone();
    set_text(&engine, &session, 1, "changed").await;
    let kept: Vec<_> =
        home.journals().into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    commit(&engine, &session).await;
    assert_eq!(home.journals().len(), 0);
    // As the end of the process between both leaves it.
    for ask_first in ["list_open_imports", "get_import", "commit_import"] {
        for (journal, path) in &kept {
            fs::write(path, journal).unwrap();
        }
        let engine = home.engine();
        if ask_first == "list_open_imports" {
            assert_eq!(open_ids(&engine).await, Vec::<Value>::new());
        } else {
            let (code, _) = refused(&engine, ask_first, session_of(&session)).await;
            assert_eq!(code, "import_not_open");
        }
        assert_eq!(home.journals().len(), 0, "{ask_first}");
        assert_eq!(posts(&engine).await.len(), 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_committed_twice_at_once_is_imported_once() {
    let home = Home::new();
    let engine = home.engine();
    // So that the same posts again would be taken.
    let open = json!({
        "sources": [{ "path": home.file(40) }],
        "choices": { "duplicates": "keep", "problems": "draft" },
    });
    let session = ask(&engine, "open_import", open).await["id"].clone();
    let commits: Vec<_> = (0..4)
        .map(|_| {
            let (engine, session) = (engine.clone(), session.clone());
            tokio::spawn(async move {
                roost_engine::api::call(&engine, "commit_import", session_of(&session)).await
            })
        })
        .collect();
    let mut done = Vec::new();
    for commit in commits {
        match commit.await.unwrap() {
            Ok(report) => done.push(report["imported"].clone()),
            Err(failure) => assert_eq!(failure.code.as_str(), "import_not_open", "{failure:?}"),
        }
    }
    assert_eq!(done, [json!(40)]);
    assert_eq!(posts(&engine).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_of_the_same_text_that_came_meanwhile_is_judged_and_said() {
    let home = Home::new();
    let engine = home.engine();
    let session = open(&engine, &home.file(5)).await;
    assert_eq!(session["summary"]["ready"], 5);
    let [same, soon] = [(1, 2), (3, 5)].map(|(number, hours)| NewPost {
        text: format!("planned post {number}"),
        wall_time: Some(wall_in(3600 * hours)),
        zone: Some("Europe/Berlin".to_owned()),
        account: Some("22".to_owned()),
        ..NewPost::default()
    });
    home.engine().create(same).await.unwrap();
    let report = commit(&engine, &session["id"]).await;
    assert_eq!((&report["imported"], &report["duplicates"]), (&json!(4), &json!(1)), "{report}");

    // The same words at another time are left out too, and where they wait is said.
    let home = Home::new();
    let engine = home.engine();
    let session = open(&engine, &home.file(5)).await;
    home.engine().create(soon).await.unwrap();
    let report = commit(&engine, &session["id"]).await;
    assert_eq!((&report["imported"], &report["skipped"]), (&json!(4), &json!(1)), "{report}");
    let listed = report["warnings"]["listed"].as_array().unwrap();
    assert!(listed.iter().any(|it| it["row"] == 4 && it["code"] == "waits_elsewhere"), "{report}");
    assert_eq!(posts(&engine).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_is_given_up_and_hides_no_other() {
    let home = Home::new();
    let path = home.file(3);
    let engine = home.engine();
    let sound = open(&engine, &path).await["id"].clone();
    let damaged = [Vec::new(), vec![0xff; 999], b"{}\n".to_vec(), b"[[[[[[\n{}\n".to_vec()];
    for damage in &damaged {
        let session = open(&engine, &path).await["id"].clone();
        let journal = home.path(&format!("open-imports/{}.import", session.as_str().unwrap()));
        fs::write(journal, damage).unwrap();
    }
    let deep = open(&engine, &path).await["id"].clone();
    let journal = home.path(&format!("open-imports/{}.import", deep.as_str().unwrap()));
    fs::write(&journal, "[".repeat(1_000_000)).unwrap();
    drop(engine);
    let engine = home.engine();
    let (code, message) = refused(&engine, "get_import", session_of(&deep)).await;
    assert_eq!(code, "import_not_open", "{message}");
    assert_eq!(open_ids(&engine).await, [sound]);
    assert_eq!(home.journals().len(), 1, "{:?}", home.journals());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_another_thing_by_now_is_said_and_comes_back_with_its_cells() {
    let home = Home::new();
    let path = home.file(3);
    let session = open(&home.engine(), &path).await["id"].clone();
    set_text(&home.engine(), &session, 2, "kept").await;
    let source = fs::read(&path).unwrap();
    let state = |engine: Engine| async move {
        let open = ask(&engine, "list_open_imports", json!({})).await;
        open["imports"][0]["source_state"].clone()
    };
    let takes_its_place: [(&str, &dyn Fn(), &str, &str); 5] = [
        ("changed", &|| fs::write(&path, b"[]").unwrap(), "source_changed", "was changed"),
        ("gone", &|| (), "file_unreadable", "no such file"),
        ("gone", &|| fs::create_dir(&path).unwrap(), "file_unreadable", "is a folder"),
        (
            "gone",
            &|| std::os::unix::fs::symlink(&path, &path).unwrap(),
            "file_unreadable",
            "can't be read",
        ),
        ("gone", &|| pipe(&path), "file_unreadable", "no file, but a pipe"),
    ];
    for (is, put, code, words) in takes_its_place {
        fs::remove_file(&path).unwrap();
        put();
        let engine = home.engine();
        assert_eq!(state(engine.clone()).await, is, "{words}");
        for operation in ["get_import", "import_rows", "commit_import"] {
            let (refused, message) = refused(&engine, operation, session_of(&session)).await;
            assert_eq!(refused, code, "{message}");
            assert!(message.contains("plan.json") && message.contains(words), "{message}");
        }
        let nothing = path.is_dir().then(|| fs::remove_dir(&path).unwrap()).is_some();
        if !nothing {
            drop(fs::remove_file(&path));
        }
        fs::write(&path, &source).unwrap();
        assert_eq!(state(engine.clone()).await, "same");
        let rows = ask(&engine, "import_rows", session_of(&session)).await;
        assert_eq!(rows["rows"][1]["parts"][0], "kept");
    }
    let engine = home.engine();
    assert_eq!(commit(&engine, &session).await["imported"], 3);
}

fn pipe(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_nothing_of_an_open_import_and_its_files_are_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let engine = home.engine();
    let pasted =
        json!({ "sources": [{ "text": "{\"posts\":[{\"content\":\"a pasted secret\"}]}" }] });
    ask(&engine, "open_import", pasted).await;
    let session = open(&engine, &home.file(3)).await["id"].clone();
    set_text(&engine, &session, 1, "a changed secret").await;
    for path in home.journals() {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
    }
    let folder = home.path("open-imports");
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for to in [None, Some(home.path("elsewhere.db"))] {
        let backup = engine.backup(to).await.unwrap();
        let bytes = fs::read(&backup.path).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
        assert!(!holds("a pasted secret") && !holds("a changed secret"));
        // What it does hold can be found so.
        assert!(holds("account"));
    }
    let beside: Vec<_> = fs::read_dir(home.path("backups")).unwrap().collect();
    assert_eq!(beside.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_open_for_a_week_after_its_last_change() {
    let home = Home::new();
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let engine = Engine::open(EngineConfig::new(home.path("roost.db")), clock.clone()).unwrap();
    let day = Duration::from_secs(24 * 3600);
    let session = open(&engine, &home.file(200)).await["id"].clone();
    clock.advance(day * 6);
    set_text(&engine, &session, 1, "changed").await;
    clock.advance(day * 6);
    assert_eq!(open_ids(&engine).await, std::slice::from_ref(&session));
    clock.advance(day + Duration::from_secs(1));
    assert_eq!(open_ids(&engine).await, Vec::<Value>::new());
    assert_eq!(home.journals().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_into_a_store_that_another_program_holds_is_refused_and_stays_open() {
    let home = Home::new();
    let engine = home.engine();
    let session = open(&engine, &home.file(4)).await["id"].clone();
    let store = home.path("roost.db");
    let holder = crate::world::connection(&store);
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (code, message) = refused(&engine, "commit_import", session_of(&session)).await;
    assert_eq!(code, "database_locked", "{message}");
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(open_ids(&engine).await, std::slice::from_ref(&session));
    assert_eq!(commit(&engine, &session).await["imported"], 4);
}
