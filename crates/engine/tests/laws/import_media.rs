//! Images and videos that rows name are taken in when the import is committed, and never before.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use roost_core::clock::SystemClock;
use roost_core::failure::Code;
use roost_core::post::Part;
use roost_core::status::Status;
use roost_engine::api::{ExportFilter, ExportPosts, ImportReport, ListMedia};
use roost_engine::view::{PostDetail, PostQuery};
use roost_engine::{Engine, EngineConfig, ImportBytes, ImportRun};
use roost_import::choices::Choices;
use roost_import::export::ExportFormat;
use serde_json::{Value, json};

use crate::media::{corpus, pictured, png};
use crate::world::wall_in;

/// This computer stands for a public address, and no other of a network behind it.
fn refuses(address: IpAddr) -> Option<&'static str> {
    let is_server = address == IpAddr::from([127, 0, 0, 1]);
    if is_server { None } else { roost_media_fetch::not_public(address) }
}

fn engine(folder: &Path) -> Engine {
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut config = EngineConfig::new(folder.join("roost.db"));
    config.refuses_address = refuses;
    Engine::open(config, Arc::new(SystemClock)).unwrap()
}

async fn serve(asked: Arc<AtomicUsize>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let dog = move || {
        let asked = asked.clone();
        async move {
            asked.fetch_add(1, Ordering::SeqCst);
            ([(CONTENT_TYPE, "image/png")], png(9))
        }
    };
    let page = || async { ([(CONTENT_TYPE, "text/html")], "<html>") };
    let app = Router::new().route("/dog.png", get(dog)).route("/page.png", get(page));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    format!("http://{address}")
}

fn write(folder: &Path, posts: &[Value]) -> PathBuf {
    let path = folder.join("plan.json");
    let file = json!({ "timezone": "Europe/Berlin", "posts": posts });
    std::fs::write(&path, file.to_string()).unwrap();
    path
}

fn row(number: u64, media: &[&str]) -> Value {
    let when = wall_in(86_400 + number * 3_600);
    json!({ "content": format!("Row {number}"), "scheduledAt": when, "media": media })
}

async fn import(engine: &Engine, path: &Path, dry_run: bool, outside: bool) -> ImportReport {
    let bytes = std::fs::read(path).unwrap();
    let source = ImportBytes { name: "plan.json".to_owned(), bytes, path: Some(path.to_owned()) };
    let choices = Choices { media_outside: outside, ..Choices::default() };
    let run = ImportRun { sources: vec![source], choices, dry_run, ..ImportRun::default() };
    let going_on = Arc::new(|_| ControlFlow::Continue(()));
    engine.run_import(run, going_on).await.unwrap().report
}

/// The posts by their texts.
async fn posts(engine: &Engine) -> Vec<PostDetail> {
    let query = PostQuery { limit: 100, ..PostQuery::default() };
    let mut posts = Vec::new();
    for row in engine.posts(&query).await.unwrap().posts {
        posts.push(engine.post(row.id).await.unwrap());
    }
    posts.sort_by(|one, other| one.row.text.cmp(&other.row.text));
    posts
}

fn warnings(report: &ImportReport) -> Vec<(u32, String)> {
    let of_media = report.warnings.listed.iter().filter(|it| it.code == Code::MediaNotFetched);
    of_media.map(|it| (it.row.unwrap(), it.message.clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_addresses_are_taken_in_at_the_commit_and_what_can_not_be_had_makes_a_draft() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("plan");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("cat.png"), png(8)).unwrap();
    std::fs::write(home.path().join("private.png"), png(7)).unwrap();
    std::fs::copy(corpus("hevc.mp4"), folder.join("hevc.mp4")).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let server = serve(asked.clone()).await;
    let dog = format!("{server}/dog.png");
    let page = format!("{server}/page.png");
    let rows = [
        row(1, &["cat.png", &dog]),
        row(2, &[&page]),
        row(3, &["../private.png"]),
        row(4, &["hevc.mp4"]),
        row(5, &["http://10.0.0.1/cat.png"]),
        row(6, &["cat.png", "no such file.png"]),
    ];
    let path = write(&folder, &rows);
    let engine = engine(home.path());

    let rehearsed = import(&engine, &path, true, false).await;
    assert_eq!((rehearsed.ready, asked.load(Ordering::SeqCst)), (6, 0), "{rehearsed:?}");
    assert_eq!(engine.list_media(ListMedia::default()).await.unwrap().files, 0);

    let report = import(&engine, &path, false, false).await;
    assert_eq!((report.ready, report.drafts, report.imported), (1, 5, 6), "{report:?}");
    let told = warnings(&report);
    let words = ["web page", "outside", "H.264", "10.0.0.1", "no such file"];
    for ((row, words), (told_row, message)) in (2..).zip(words).zip(&told) {
        assert_eq!(*told_row, row, "{told:?}");
        assert!(message.contains(words), "{message}");
    }
    let made = posts(&engine).await;
    let statuses: Vec<Status> = made.iter().map(|post| post.row.status).collect();
    assert_eq!(statuses[0], Status::Pending);
    assert!(statuses[1..].iter().all(|status| *status == Status::Draft), "{statuses:?}");
    let media = &made[0].content.parts[0].media;
    assert_eq!(media.len(), 2);
    assert!(media.iter().all(|media| media.file.is_some()));
    // All of a part is taken in, or none.
    assert_eq!(made[5].content.parts[0].media_sources.len(), 2);
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    // The same file again is there already, pictures and drafts alike.
    let again = import(&engine, &path, false, false).await;
    assert_eq!((again.imported, again.duplicates), (0, 6), "{again:?}");

    // What the person allows is taken from elsewhere, too.
    let path = write(&folder, &[row(7, &["../private.png"])]);
    let allowed = import(&engine, &path, false, true).await;
    assert_eq!((allowed.ready, allowed.drafts), (1, 0), "{allowed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_brings_its_pictures_with_it_and_comes_back_as_what_it_was() {
    let home = tempfile::tempdir().unwrap();
    let engine = engine(home.path());
    let source = home.path().join("cat.png");
    std::fs::write(&source, png(3)).unwrap();
    let mut media = crate::media::add_file(&engine, source).await;
    media.alt_text = Some("A cat.".to_owned());
    let mut content = pictured("With a cat", vec![media.clone()]);
    let last = pictured("And another", vec![media.clone(), media.clone()]);
    content.parts.push(Part::of_text("Between them"));
    content.parts.extend(last.parts);
    let content = Some(content);
    let post = roost_engine::NewPost { content, ..crate::world::new_post("", 86_400) };
    engine.create(post).await.unwrap();

    for format in [ExportFormat::Json, ExportFormat::Csv] {
        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join(format!("posts.{}", format.as_str()));
        let export = ExportPosts {
            path: path.clone(),
            format,
            filter: ExportFilter::default(),
            query: None,
        };
        engine.export_posts(export).await.unwrap();
        // In the same store nothing changes.
        let again = import(&engine, &path, false, false).await;
        assert_eq!((again.imported, again.updated), (0, 0), "{again:?}");
        // Another store gets post and picture.
        let other = self::engine(elsewhere.path());
        let report = import(&other, &path, false, false).await;
        assert_eq!((report.imported, report.drafts), (1, 0), "{report:?}");
        let there = posts(&other).await.remove(0).content.parts;
        let files: Vec<usize> = there.iter().map(|part| part.media.len()).collect();
        assert_eq!(files, [1, 0, 2], "{format:?}");
        for there in there.iter().flat_map(|part| &part.media) {
            assert_eq!((there.file, there.alt_text.as_deref()), (media.file, Some("A cat.")));
        }
    }
}
