//! A data folder that was copied to another place, with relay, keys and all.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use roost_core::clock::SystemClock;
use roost_core::failure::Code;
use roost_core::status::Status;
use roost_engine::{Endpoint, Endpoints, Engine, EngineConfig, NextStep, Secret};
use roost_local::{Local, LocalConfig};
use roost_store::Store;
use tokio_util::sync::CancellationToken;

use crate::world::{World, new_post};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn endpoints(local: &Local) -> Endpoints {
    let it = local.endpoints();
    let endpoint =
        |url: &str, bearer: &str| Endpoint { url: url.to_owned(), bearer: Secret::new(bearer) };
    Endpoints {
        relay: endpoint(&it.relay_url, &it.relay_key),
        relay_public_url: it.relay_public_url.clone(),
        pin: None,
        qstash: Some(endpoint(&it.qstash_url, &it.qstash_token)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_data_folder_posts_nothing_before_the_person_chooses_it() {
    let mut world = World::new().await;
    let id = world.post_in("once", 4).await;
    world.engine.sync().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&world.path(""), folder.path());

    let config = EngineConfig::new(folder.path().join("roost.db"));
    let engine = Engine::open(config, Arc::new(SystemClock)).unwrap();
    let mut config = LocalConfig::new(folder.path(), world.sandbox.base_url());
    config.wait_for_release = true;
    let local = Local::start(config).await.unwrap();
    engine.use_endpoints(Some(endpoints(&local))).unwrap();
    let error = engine.flush_outbox().await.unwrap_err();
    assert_eq!(error.code(), Code::OtherStore, "{error}");
    let trouble = engine.sync_state().await.unwrap().trouble.unwrap();
    assert_eq!(trouble.next_steps, [NextStep::TakeOver], "{}", trouble.message);
    // Even let go, its relay rests: nobody has introduced himself to it.
    local.release();
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (engine, stop) = (engine.clone(), stop.clone());
        async move { engine.run(stop).await }
    });

    world.run();
    world.wait_for(id, Status::Posted).await;
    let control = world.post_in("a while later", 3).await;
    world.wait_for(control, Status::Posted).await;
    assert_eq!(world.texts().await, ["once", "a while later"]);

    // Another process says so; the loop notices, and looks on X before it sends what was due.
    let beside =
        Engine::open(EngineConfig::new(folder.path().join("roost.db")), Arc::new(SystemClock));
    beside.unwrap().take_over().await.unwrap();
    let own = engine.create(new_post("from the copy", 2)).await.unwrap().post.id;
    let end = tokio::time::Instant::now() + Duration::from_secs(40);
    while engine.post(own).await.unwrap().row.status != Status::Posted
        || engine.post(id).await.unwrap().row.status != Status::Posted
    {
        assert!(tokio::time::Instant::now() < end, "not posted in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.texts().await, ["once", "a while later", "from the copy"]);
    stop.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_restored_by_roost_itself_is_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join("roost.db"), folder.path().join("backup.db"));
    let store = Store::open(&path, Arc::new(SystemClock)).unwrap();
    store.backup_to(&backup).unwrap();
    drop(store);
    roost_store::restore_backup(&path, &backup, &SystemClock).unwrap();
    assert!(!Store::open(&path, Arc::new(SystemClock)).unwrap().is_copy().unwrap());
    let elsewhere = folder.path().join("elsewhere.db");
    for suffix in ["", "-wal"] {
        let beside = |name: &str| folder.path().join(format!("{name}.db{suffix}"));
        if beside("roost").exists() {
            std::fs::copy(beside("roost"), beside("elsewhere")).unwrap();
        }
    }
    let copied = Store::open(&elsewhere, Arc::new(SystemClock)).unwrap();
    assert!(copied.is_copy().unwrap());
    copied.claim_location().unwrap();
    assert!(!copied.is_copy().unwrap());
}
