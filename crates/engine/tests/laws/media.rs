//! Pictures and videos of posts: taken in, kept, shown small and let go.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use image::{ImageFormat, Rgb, RgbImage};
use roost_core::clock::{Clock, ManualClock, SystemClock};
use roost_core::failure::Code;
use roost_core::post::{Content, MediaCategory, MediaKind, MediaRef, Part};
use roost_core::status::Status;
use roost_engine::api::{AddMedia, GetThumbnail, ListMedia, ListMediaUses};
use roost_engine::{Edit, Engine, EngineConfig, NewPost};

use crate::world::{PATIENCE, World, new_post};

/// A picture that is another one for each shade.
pub(crate) fn png(shade: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(64, 48, |x, _| Rgb([shade, u8::try_from(x).unwrap(), 7]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A file of the corpus of the media crate.
pub(crate) fn corpus(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../media/tests/files").join(name)
}

pub(crate) async fn add_file(engine: &Engine, path: PathBuf) -> MediaRef {
    let wanted = AddMedia { path: Some(path), ..AddMedia::default() };
    engine.add_media(wanted).await.unwrap().media
}

pub(crate) fn pictured(text: &str, media: Vec<MediaRef>) -> Content {
    Content { parts: vec![Part { media, ..Part::of_text(text) }] }
}

fn pasted(bytes: &[u8]) -> AddMedia {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    AddMedia {
        bytes_base64: Some(encoded),
        file_name: Some("pasted.png".into()),
        alt_text: Some(" A cat. ".into()),
        ..AddMedia::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_tells_which_parts_have_it_and_which_of_them_describe_it() {
    let world = World::new().await;
    let plain = world.engine.add_media(AddMedia { alt_text: None, ..pasted(&png(3)) });
    let plain = plain.await.unwrap().media;
    let described = MediaRef { alt_text: Some("A cat.".into()), ..plain.clone() };
    let content = Content {
        parts: vec![
            Part { media: vec![plain.clone()], ..Part::of_text("first") },
            Part { media: vec![described], ..Part::of_text("second") },
        ],
    };
    let thread = NewPost { content: Some(content), ..new_post("", 3600) };
    let thread = world.engine.create(thread).await.unwrap().post;
    let gone =
        NewPost { content: Some(pictured("gone", vec![plain.clone()])), ..new_post("", 7200) };
    let gone = world.engine.create(gone).await.unwrap().post;
    world.engine.delete(&[gone.id]).await.unwrap();

    let item = world.engine.list_media(ListMedia::default()).await.unwrap().items.remove(0);
    assert_eq!((item.posts, item.undescribed), (2, 1), "the trash counts, and is told no more");
    let wanted = ListMediaUses { media_id: plain.media_id };
    let uses = world.engine.list_media_uses(wanted).await.unwrap().uses;
    let told: Vec<_> = uses.iter().map(|it| (it.row.id, it.part, it.is_described)).collect();
    assert_eq!(told, [(thread.id, 1, false), (thread.id, 2, true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_kept_as_it_is_once_and_listed_with_its_posts() {
    let world = World::new().await;
    let bytes = png(1);
    let path = world.path("cat.png");
    std::fs::write(&path, &bytes).unwrap();
    let from_path = add_file(&world.engine, path).await;
    let added = world.engine.add_media(pasted(&bytes)).await.unwrap();
    assert_eq!((added.media.media_id, added.is_new), (from_path.media_id, false));
    assert_eq!(added.media.alt_text.as_deref(), Some("A cat."));
    let file = from_path.file.unwrap();
    assert_eq!((file.kind, file.category), (MediaKind::Png, MediaCategory::Image));
    let name = file.sha256.to_string();
    let kept = world.path("media").join(&name[..2]).join(&name[2..]);
    assert_eq!(std::fs::read(kept).unwrap(), bytes);

    let scheduled =
        NewPost { content: Some(pictured("", vec![from_path.clone()])), ..new_post("", 3600) };
    let post = world.engine.create(scheduled).await.unwrap().post;
    assert_eq!((post.status, post.media), (Status::Pending, 1));
    let library = world.engine.list_media(ListMedia::default()).await.unwrap();
    assert_eq!((library.files, library.bytes), (1, bytes.len() as u64));
    let item = &library.items[0];
    assert_eq!((item.posts, item.is_here, item.width), (1, true, Some(64)));
    assert!(item.placeholder_base64.is_some());

    for _ in 0..2 {
        let small = GetThumbnail { media_id: from_path.media_id, side_max: 100 };
        let png = world.engine.media_thumbnail(small).await.unwrap().png_base64.unwrap();
        assert!(png.starts_with("iVBOR"), "it is a PNG");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_x_would_not_take_is_refused_in_words_and_nothing_of_it_is_kept() {
    let world = World::new().await;
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(world.path(name), bytes).unwrap();
        world.path(name)
    };
    let whole = png(2);
    let large: Vec<u8> = [whole.as_slice(), &vec![0; 5_000_001]].concat();
    let cases = [
        (write("empty.jpg", b""), "empty"),
        (write("page.jpg", b"<!doctype html><title>404</title>"), "a web page"),
        (write("half.png", &whole[..whole.len() / 2]), "damaged"),
        (write("large.png", &large), "X takes 5 MB of an image"),
        (corpus("animated.png"), "moves"),
        (corpus("hevc.mp4"), "H.264"),
        (corpus("fragmented.mp4"), "fragmented"),
        (world.path("no such file"), "can't be read"),
        (world.path("."), "no file"),
    ];
    for (path, words) in cases {
        let wanted = AddMedia { path: Some(path.clone()), ..AddMedia::default() };
        let error = world.engine.add_media(wanted).await.unwrap_err();
        assert!(error.to_string().contains(words), "{}: {error}", path.display());
    }
    let neither = world.engine.add_media(AddMedia::default()).await.unwrap_err();
    assert_eq!(neither.code(), Code::BadRequest);
    assert_eq!(world.engine.list_media(ListMedia::default()).await.unwrap().files, 0);
    let library = roost_media::Library::open(world.path("media")).unwrap();
    assert_eq!(library.files().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_says_of_its_file_what_the_library_knows() {
    let world = World::new().await;
    let video = add_file(&world.engine, corpus("short.mp4")).await;
    assert_eq!(video.file.unwrap().category, MediaCategory::Video);
    // A host that passes on the id alone, and one that passes on something else.
    let bare = MediaRef { file: None, ..video.clone() };
    let mut lying = video.clone();
    lying.file.as_mut().unwrap().bytes = 1;
    for media in [bare, lying] {
        let content = Some(pictured("look", vec![media]));
        let post =
            world.engine.create(NewPost { content, ..new_post("", 3600) }).await.unwrap().post;
        assert_eq!(world.show(post.id).await.content.parts[0].media, std::slice::from_ref(&video));
    }
    let still = add_file(&world.engine, corpus("still.webp")).await;
    let content = Some(pictured("both", vec![video, still]));
    let refused = world.engine.create(NewPost { content, ..new_post("", 3600) }).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidMedia);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_post_uses_goes_when_the_person_asks() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let config = EngineConfig::new(folder.path().join("roost.db"));
    let engine = Engine::open(config, clock.clone()).unwrap();
    let mut kept = Vec::new();
    for shade in 0..3 {
        kept.push(engine.add_media(pasted(&png(shade))).await.unwrap().media);
    }
    let draft = NewPost {
        content: Some(pictured("uses one", vec![kept[0].clone()])),
        draft: true,
        ..NewPost::default()
    };
    let post = engine.create(draft).await.unwrap().post;
    assert_eq!(engine.remove_unused_media().await.unwrap().files, 0, "they were just taken in");
    clock.advance(Duration::from_secs(3_601));
    engine.add_media(pasted(&png(1))).await.unwrap();
    assert_eq!(engine.remove_unused_media().await.unwrap().files, 1, "one was taken in again");
    let there = engine.list_media(ListMedia::default()).await.unwrap();
    assert_eq!(there.items.iter().filter(|item| item.is_here).count(), 2);
    engine.post(post.id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_post_used_for_a_month_goes_by_itself_and_what_a_change_since_names_stays() {
    let mut world = World::new().await;
    let days_ago = |days: u32| {
        let then = SystemClock.now().minus(Duration::from_hours(24) * days);
        world.beside_at(None, Arc::new(ManualClock::at(then)))
    };
    let long_ago = days_ago(40);
    let forgotten = long_ago.add_media(pasted(&png(1))).await.unwrap().media;
    let taken_off = long_ago.add_media(pasted(&png(2))).await.unwrap().media;
    let draft = NewPost {
        content: Some(pictured("uses one", vec![taken_off.clone()])),
        draft: true,
        ..NewPost::default()
    };
    let post = long_ago.create(draft).await.unwrap().post;
    let edit = Edit { content: Some(Content::of_texts(["uses none"])), ..Edit::default() };
    days_ago(20).edit(post.id, edit).await.unwrap();
    let fresh = world.engine.add_media(pasted(&png(3))).await.unwrap().media;
    world.run();
    let end = tokio::time::Instant::now() + PATIENCE;
    let there = loop {
        let items = world.engine.list_media(ListMedia::default()).await.unwrap().items;
        if items.len() < 3 {
            break items;
        }
        assert!(tokio::time::Instant::now() < end, "nothing was removed in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let ids: Vec<_> = there.iter().map(|item| item.id).collect();
    assert!(!ids.contains(&forgotten.media_id));
    assert_eq!(ids, [fresh.media_id, taken_off.media_id]);
    assert!(there.iter().all(|item| item.is_here));
    world.stop_engine().await;
}
