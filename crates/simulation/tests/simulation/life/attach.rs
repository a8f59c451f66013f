//! Files that a person attaches: a picture, and a video that X works on for a while.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roost_core::post::Content;
use roost_engine::api::AddMedia;

use super::world::World;

const FILES: [(&str, &[u8]); 2] = [
    ("picture.webp", include_bytes!("../../../../media/tests/files/still.webp")),
    ("video.mp4", include_bytes!("../../../../media/tests/files/short.mp4")),
];

/// Attaches a file to some parts of what is said, each with a description of its own.
pub(crate) async fn attach(world: &World, key: &str, said: &mut Content) {
    let rng = &world.shared.rng;
    for (number, part) in said.parts.iter_mut().enumerate() {
        if number > 0 && rng.per_mille(500) {
            continue;
        }
        let Some((name, bytes)) = rng.pick(&FILES).copied() else { return };
        let wanted = AddMedia {
            bytes_base64: Some(STANDARD.encode(bytes)),
            file_name: Some(name.to_owned()),
            alt_text: Some(format!("what {key} shows, number {}", rng.below(1_000))),
            ..AddMedia::default()
        };
        let added =
            world.ask("attach", |engine| async move { engine.add_media(wanted).await }).await;
        part.media.extend(added.map(|added| added.media));
    }
}
