//! A stand-in for Roost's AppImage, a server on this computer, and real signatures.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign::KeyPair;
use roost_core::clock::SystemClock;
use roost_engine::{Engine, EngineConfig};
use serde_json::{Value, json};
use tauri::App;
use tauri::test::{MockRuntime, mock_builder, mock_context, noop_assets};

use super::*;

/// The stand-in's version, as Tauri's test application has it, and two others.
const CURRENT: &str = "0.1.0";
const NEWER: &str = "0.2.0";
const OLDER: &str = "0.0.9";

/// How many bytes of an endless body come at a time.
const PIECE: usize = 16 * 1024;

/// What a server answers at a path.
#[derive(Clone)]
enum Answers {
    Bytes(Vec<u8>),
    /// So many bytes of a body that was announced as longer.
    Half(Vec<u8>, usize),
    Status(StatusCode),
    Redirect(String),
    /// A body without an end; so many bytes of it were asked for.
    Endless(Arc<AtomicUsize>),
}

type Pages = Arc<Mutex<Vec<(String, Answers)>>>;

struct World {
    folder: tempfile::TempDir,
    app: App<MockRuntime>,
    engine: Engine,
    updates: Updates,
    installation: Installation,
    server: String,
    pages: Pages,
    keys: KeyPair,
    stages: Mutex<Vec<UpdateStage>>,
}

impl World {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("Roost.AppImage");
        fs::copy("/bin/true", &program).unwrap();
        let mut context = mock_context(noop_assets());
        configure(&mut context);
        let app = mock_builder().plugin(plugin()).build(context).unwrap();
        let pages = Pages::default();
        let server = serve(pages.clone()).await;
        let keys = KeyPair::generate_unencrypted_keypair().unwrap();
        let config = EngineConfig::new(folder.path().join("roost.db"));
        let engine = Engine::open(config, Arc::new(SystemClock)).unwrap();
        keep_source(folder.path(), &format!("{server}/latest"), &keys.pk.to_base64()).unwrap();
        Self {
            folder,
            app,
            engine,
            updates: Updates::default(),
            installation: Installation::AppImage(program),
            server,
            pages,
            keys,
            stages: Mutex::default(),
        }
    }

    fn program(&self) -> &Path {
        self.installation.program().unwrap()
    }

    fn page(&self, path: &str, answers: Answers) {
        lock(&self.pages).push((path.to_owned(), answers));
    }

    /// Offers a file, signed for a version by a key, and announced as another.
    fn offer(&self, announced: &str, signed: Option<&str>, keys: &KeyPair, file: &[u8]) {
        let comment = match signed {
            Some(version) => format!("timestamp:1\tfile:Roost.AppImage\tversion:{version}"),
            None => "timestamp:1".to_owned(),
        };
        let signature = minisign::sign(None, &keys.sk, file, Some(&comment), None).unwrap();
        let download = json!({
            "url": format!("{}/Roost.AppImage", self.server),
            "signature": STANDARD.encode(signature.to_string()),
        });
        let platform = format!("linux-{}", std::env::consts::ARCH);
        let offer = json!({
            "version": announced,
            "notes": "Posts better.",
            "platforms": { platform: download },
        });
        self.announce(&offer);
        self.page("/Roost.AppImage", Answers::Bytes(file.to_owned()));
    }

    fn announce(&self, offer: &Value) {
        self.page("/latest", Answers::Bytes(offer.to_string().into_bytes()));
    }

    async fn check(&self) -> Result<Option<UpdateOffer>, Error> {
        check(self.app.handle(), self.folder.path(), &self.installation).await
    }

    async fn install(&self) -> Result<String, Error> {
        let at = Place {
            updates: &self.updates,
            engine: &self.engine,
            data: self.folder.path(),
            installation: &self.installation,
        };
        let stages = &self.stages;
        let tell = |stage| lock(stages).push(stage);
        install(self.app.handle(), at, tell, || async {}, || {}).await
    }

    /// Tries to install what is refused, and returns the words.
    async fn refused(&self) -> String {
        let before = fs::read(self.program()).unwrap();
        let words = self.install().await.unwrap_err().to_string();
        assert_eq!(fs::read(self.program()).unwrap(), before, "byte for byte as it was");
        let names = || fs::read_dir(self.folder.path()).unwrap().map(|it| it.unwrap().file_name());
        assert!(names().all(|name| !name.to_string_lossy().contains(".update")), "{words}");
        words
    }
}

/// Answers by path, the word that came last for it first.
async fn serve(pages: Pages) -> String {
    async fn answer(State(pages): State<Pages>, request: Request) -> Response {
        let pages = lock(&pages).clone();
        let found = pages.iter().rfind(|(path, _)| path == request.uri().path());
        match found.map(|(_, answers)| answers.clone()) {
            None => StatusCode::NOT_FOUND.into_response(),
            Some(Answers::Status(status)) => status.into_response(),
            Some(Answers::Bytes(bytes)) => bytes.into_response(),
            Some(Answers::Redirect(to)) => (StatusCode::FOUND, [("location", to)]).into_response(),
            Some(Answers::Endless(asked)) => Body::from_stream(endless(asked)).into_response(),
            Some(Answers::Half(bytes, length)) => Response::builder()
                .header("content-length", length)
                .body(Body::from_stream(half(bytes)))
                .unwrap(),
        }
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer).with_state(pages);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A body that breaks off after some bytes.
fn half(bytes: Vec<u8>) -> impl futures::Stream<Item = Result<Vec<u8>, std::io::Error>> {
    let cut = std::io::Error::other("the connection is cut");
    futures::stream::iter([Ok(bytes), Err(cut)])
}

/// A body that begins as an announcement does, and never ends.
fn endless(
    asked: Arc<AtomicUsize>,
) -> impl futures::Stream<Item = Result<Vec<u8>, std::io::Error>> {
    futures::stream::repeat_with(move || {
        let begun = asked.fetch_add(PIECE, Ordering::SeqCst) > 0;
        let mut piece = vec![b' '; PIECE];
        if !begun {
            piece[0] = b'{';
        }
        Ok(piece)
    })
}

/// Another program than the stand-in's.
fn newer_program() -> Vec<u8> {
    let mut bytes = fs::read("/bin/false").unwrap();
    bytes.extend(vec![7; 600_000]);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_update_replaces_the_program_and_the_next_start_uses_it() {
    let world = World::new().await;
    let file = newer_program();
    world.offer(NEWER, Some(NEWER), &world.keys, &file);
    let offer = world.check().await.unwrap().unwrap();
    assert_eq!((offer.version.as_str(), offer.notes.as_deref()), (NEWER, Some("Posts better.")));
    assert_ne!(fs::read(world.program()).unwrap(), file, "asking replaces nothing");
    assert_eq!(world.install().await.unwrap(), NEWER);
    assert_eq!(fs::read(world.program()).unwrap(), file);
    let ended = std::process::Command::new(world.program()).status().unwrap();
    assert_eq!(ended.code(), Some(1), "it runs, and is the other one");
    let stages = lock(&world.stages).clone();
    let total = Some(file.len() as u64);
    let whole = UpdateStage::Downloading { received: file.len() as u64, total };
    assert!(stages.contains(&whole), "{stages:?}");
    assert_eq!(stages.last(), Some(&UpdateStage::Installed { version: NEWER.to_owned() }));
    let state = world.updates.state(world.app.handle(), world.folder.path(), &world.installation);
    assert_eq!(state.unwrap().installed.as_deref(), Some(NEWER));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_signed_with_the_key_leaves_the_program_as_it_was() {
    let world = World::new().await;
    let other = KeyPair::generate_unencrypted_keypair().unwrap();
    world.offer(NEWER, Some(NEWER), &other, &newer_program());
    assert!(world.refused().await.contains("not the one that was signed with your key"));
    // Signed, and changed on the way.
    world.offer(NEWER, Some(NEWER), &world.keys, &newer_program());
    let mut changed = newer_program();
    *changed.last_mut().unwrap() ^= 1;
    world.page("/Roost.AppImage", Answers::Bytes(changed));
    assert!(world.refused().await.contains("not the one that was signed with your key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_file_leaves_the_program_as_it_was() {
    let world = World::new().await;
    let file = newer_program();
    world.offer(NEWER, Some(NEWER), &world.keys, &file);
    world.page("/Roost.AppImage", Answers::Half(file[..1000].to_vec(), file.len()));
    assert!(world.refused().await.contains("ended before the file was whole"));
    // A server that has only half of it, and says so.
    world.page("/Roost.AppImage", Answers::Bytes(file[..1000].to_vec()));
    assert!(world.refused().await.contains("not the one that was signed with your key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_is_refused_whatever_it_is_announced_as() {
    let world = World::new().await;
    world.offer(OLDER, Some(OLDER), &world.keys, &newer_program());
    let words = world.check().await.unwrap_err().to_string();
    assert!(words.contains("0.0.9, which is older than 0.1.0"), "{words}");
    assert!(world.refused().await.contains("does not go back"));
    world.offer(NEWER, Some(OLDER), &world.keys, &newer_program());
    assert!(world.refused().await.contains("signed as version 0.0.9 and is offered as 0.2.0"));
    world.offer(NEWER, None, &world.keys, &newer_program());
    assert!(world.refused().await.contains("does not name the version"));
    world.offer(CURRENT, Some(CURRENT), &world.keys, &newer_program());
    assert_eq!(world.check().await.unwrap(), None);
    assert!(world.refused().await.contains("no newer version"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_and_a_server_that_is_away_have_words_of_their_own() {
    let world = World::new().await;
    assert!(world.refused().await.contains("does not tell of updates (it answers with an error)"));
    world.page("/latest", Answers::Bytes(b"<html>Welcome</html>".to_vec()));
    assert!(world.refused().await.contains("does not tell of updates (no JSON)"));
    world.announce(&json!({ "hello": "world" }));
    assert!(world.refused().await.contains("does not tell of updates"));
    let elsewhere = json!({ "url": "https://updates.example/x", "signature": "" });
    world.announce(&json!({ "version": NEWER, "platforms": { "darwin-aarch64": elsewhere } }));
    assert!(world.refused().await.contains("no file for this computer"));
    let open = json!({ "url": "http://updates.example/Roost.AppImage", "signature": "" });
    let platform = format!("linux-{}", std::env::consts::ARCH);
    world.announce(&json!({ "version": NEWER, "platforms": { platform: open } }));
    assert!(world.refused().await.contains("not safe (http://updates.example"));
    world.page("/latest", Answers::Redirect("http://updates.example/".to_owned()));
    assert!(world.refused().await.contains("it sends to an address that is not safe"));
    world.offer(NEWER, Some(NEWER), &world.keys, &newer_program());
    world.page("/Roost.AppImage", Answers::Status(StatusCode::FORBIDDEN));
    assert!(world.refused().await.contains("403"));
    world.offer(NEWER, Some(NEWER), &world.keys, b"\x1f\x8b an archive");
    assert!(world.refused().await.contains("no AppImage"));
    // A port at which nobody listens.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    keep_source(world.folder.path(), &format!("http://{free}/"), &world.keys.pk.to_base64())
        .unwrap();
    assert!(world.refused().await.contains("can't be reached"));
    keep_source(world.folder.path(), "", "").unwrap();
    assert!(world.refused().await.contains("does not know where its updates come from"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_without_an_end_is_given_up_once_it_is_larger_than_any() {
    let world = World::new().await;
    let asked = Arc::new(AtomicUsize::new(0));
    world.page("/latest", Answers::Endless(asked.clone()));
    let words = world.refused().await;
    assert!(words.contains("does not tell of updates (it sends more than 256 kB)"), "{words}");
    // What lies in the buffers of both ends was asked for as well, and no more than that.
    let bytes = asked.load(Ordering::SeqCst);
    assert!((256 * 1024..32 * 1024 * 1024).contains(&bytes), "{bytes} bytes were sent");
    // Notes of an ordinary length are no trouble.
    world.offer(NEWER, Some(NEWER), &world.keys, &newer_program());
    assert_eq!(world.check().await.unwrap().unwrap().version, NEWER);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_is_here_waits_for_what_is_on_its_way_and_can_be_given_up() {
    let world = World::new().await;
    world.offer(NEWER, Some(NEWER), &world.keys, &newer_program());
    // A pause that no relay was told of yet: there is none to tell.
    let told = world.engine.pause(true).await;
    assert!(told.is_err(), "{told:?}");
    let before = fs::read(world.program()).unwrap();
    let waiting = async {
        let end = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            let found = lock(&world.stages).iter().find_map(|stage| match stage {
                UpdateStage::Waiting { message, .. } => Some(message.clone()),
                _ => None,
            });
            if let Some(message) = found {
                assert!(message.contains("has yet to be told of 1 change"), "{message}");
                break;
            }
            assert!(tokio::time::Instant::now() < end, "{:?}", lock(&world.stages));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(matches!(world.install().await, Err(Error::UnderWay)));
        world.updates.cancel();
    };
    let (installed, ()) = tokio::join!(world.install(), waiting);
    assert!(matches!(installed, Err(Error::Cancelled)), "{installed:?}");
    assert_eq!(fs::read(world.program()).unwrap(), before);
    let refused = may_start_again(&world.engine).await.unwrap_err();
    assert!(matches!(refused, Error::Held(_)), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_left_to_the_package_manager() {
    let world = World::new().await;
    world.offer(NEWER, Some(NEWER), &world.keys, &newer_program());
    let package = Installation::Package;
    let refused = check(world.app.handle(), world.folder.path(), &package).await.unwrap_err();
    assert!(refused.to_string().contains("with your package manager"), "{refused}");
}

#[test]
fn no_address_is_compiled_in_and_the_window_may_not_call_the_updater() {
    let context = crate::context();
    let config = context.config();
    let updater = &config.plugins.0["updater"];
    assert_eq!(updater["endpoints"], json!([]));
    assert_eq!(updater["pubkey"], "");
    assert_eq!(updater["requireSignedVersion"], true);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tauri.conf.json");
    let shipped: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let capabilities = shipped["app"]["security"]["capabilities"].to_string();
    assert!(!capabilities.contains("updater"), "{capabilities}");
}
