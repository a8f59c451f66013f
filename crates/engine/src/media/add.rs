//! A file is taken in: copied into the library as it is, read to its end there, and noted.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roost_core::failure::{Code, Problem};
use roost_core::post::{
    ALT_TEXT_CHARS_MAX, MediaCategory, MediaDigest, MediaFile, MediaKind, MediaRef,
};
use roost_media::{Category, Facts, Kept, Kind, Library, inspect, unfit_for_x};
use roost_store::{Media, MediaUse, NewMedia, Tx};

use super::item::item;
use super::refused;
use crate::api::{AddMedia, MediaAdded};
use crate::state::EngineState;
use crate::{Error, Result};

/// The longer side of the picture from which the placeholder is made.
const PLACEHOLDER_SIDE: u32 = 100;
/// Characters of a file's name that are kept.
const NAME_CHARS_MAX: usize = 200;

/// Takes a file in.
///
/// # Errors
/// When it can't be read, X takes no such file, or the library can't be written; nothing of it is
/// kept then.
pub(crate) async fn add(engine: &EngineState, wanted: AddMedia) -> Result<MediaAdded> {
    let alt_text = alt_text(wanted.alt_text.as_deref())?;
    let source = Source::of(wanted)?;
    let library = engine.media_library().await?;
    let of_reader = library.clone();
    let incoming = engine.blocking(move || take_in(&of_reader, source)).await?;
    let (facts, is_new) = (incoming.facts.clone(), incoming.kept.is_new);
    let media = engine.write("media.add", move |store| note_in(store, &library, &incoming)).await?;
    engine.uploads().forget_failure(MediaDigest(media.sha256));
    let warnings = unfit_for_x(&facts, false)
        .iter()
        .map(|unfit| {
            Problem::new(Code::InvalidMedia, unfit.to_string())
                .with_remedy("Only accounts with X Premium post longer videos.")
        })
        .collect();
    let file = media.file();
    let item = item(MediaUse { media: media.clone(), posts: 0, undescribed: 0 }, true);
    Ok(MediaAdded {
        media: MediaRef { media_id: media.id, alt_text, file },
        item,
        is_new,
        warnings,
    })
}

/// Where the bytes come from.
enum Source {
    Path(PathBuf),
    Bytes { name: String, bytes: Vec<u8> },
}

impl Source {
    fn of(wanted: AddMedia) -> Result<Self> {
        match (wanted.path, wanted.bytes_base64) {
            (Some(path), None) => Ok(Self::Path(path)),
            (None, Some(encoded)) => {
                let name = wanted.file_name.unwrap_or_else(|| "pasted".to_owned());
                let bytes = STANDARD
                    .decode(encoded.as_bytes())
                    .map_err(|_| refused(&name, "What was pasted can't be read"))?;
                Ok(Self::Bytes { name, bytes })
            }
            _ => Err(Error::File {
                code: Code::BadRequest,
                message: "Name a file, or give its bytes: one of the two.".to_owned(),
            }),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Path(path) => file_name(path),
            Self::Bytes { name, .. } => clip_name(name),
        }
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    clip_name(&name.to_string_lossy())
}

fn clip_name(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX).collect()
}

fn alt_text(written: Option<&str>) -> Result<Option<String>> {
    let text = written.map(str::trim).filter(|text| !text.is_empty());
    let length = text.map_or(0, |text| text.chars().count());
    if length > ALT_TEXT_CHARS_MAX {
        let message =
            format!("The description has {length} characters; X takes {ALT_TEXT_CHARS_MAX}.");
        return Err(Error::File { code: Code::InvalidMedia, message });
    }
    Ok(text.map(str::to_owned))
}

/// A file that was copied into the library and read there, and is not noted yet.
pub(crate) struct Incoming {
    new: NewMedia,
    kept: Kept,
    facts: Facts,
}

impl Incoming {
    /// Copies a file into the library and reads it there. It is called `name`, or by its own. Blocking.
    ///
    /// # Errors
    /// When it can't be read, or X takes no such file; nothing of it stays then.
    pub(crate) fn read(library: &Library, path: &Path, name: Option<String>) -> Result<Self> {
        let name = name.map_or_else(|| file_name(path), |name| clip_name(&name));
        let kept = keep(library, &mut open(path, &name)?, &name)?;
        Self::of_kept(library, kept, name)
    }

    /// What is looked at is what is kept.
    fn of_kept(library: &Library, kept: Kept, name: String) -> Result<Self> {
        match look_at(library, kept, &name) {
            Ok((new, facts)) => Ok(Self { new, kept, facts }),
            Err(error) => {
                if kept.is_new {
                    // Left behind, it would be found and removed as an orphan later.
                    let _ = library.remove(kept.digest);
                }
                Err(error)
            }
        }
    }
}

fn take_in(library: &Library, source: Source) -> Result<Incoming> {
    let name = source.name();
    match source {
        Source::Path(path) => Incoming::read(library, &path, Some(name)),
        Source::Bytes { bytes, .. } => {
            let kept = keep(library, &mut Cursor::new(bytes), &name)?;
            Incoming::of_kept(library, kept, name)
        }
    }
}

fn open(path: &Path, name: &str) -> Result<File> {
    let unreadable = |error: io::Error| Error::File {
        code: Code::FileUnreadable,
        message: format!("{name} can't be read: {error}."),
    };
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(refused(name, "It is no file"));
    }
    File::open(path).map_err(unreadable)
}

fn keep<R: Read + Seek>(library: &Library, file: &mut R, name: &str) -> Result<Kept> {
    // A file that is no picture and no video is not copied first: it may be anything, of any size.
    let mut first = Vec::new();
    let peeked = file.by_ref().take(32).read_to_end(&mut first);
    peeked
        .and_then(|_| file.seek(SeekFrom::Start(0)))
        .map_err(|error| refused(name, &error.to_string()))?;
    if Kind::of(&first).is_none() {
        let why = inspect(&mut *file).err().map_or_else(String::new, |error| error.to_string());
        return Err(refused(name, &why));
    }
    library.keep(file).map_err(|error| refused(name, &error.to_string()))
}

fn look_at(library: &Library, kept: Kept, name: &str) -> Result<(NewMedia, Facts)> {
    let open = || -> Result<File> {
        let file = library.file(kept.digest).map_err(|error| refused(name, &error.to_string()))?;
        file.ok_or_else(|| refused(name, "It was removed while it was read"))
    };
    let facts = inspect(open()?).map_err(|error| refused(name, &error.to_string()))?;
    let unfit = unfit_for_x(&facts, true);
    if !unfit.is_empty() {
        let why: Vec<String> = unfit.iter().map(ToString::to_string).collect();
        return Err(refused(name, &why.join(" ")));
    }
    let small = roost_media::thumbnail(open()?, facts.kind, PLACEHOLDER_SIDE);
    let new = NewMedia {
        file: MediaFile {
            sha256: MediaDigest(kept.digest.0),
            kind: kind(facts.kind),
            category: category(facts.category()),
            bytes: facts.bytes,
        },
        file_name: name.to_owned(),
        width: Some(facts.width),
        height: Some(facts.height),
        duration_ms: facts.duration_ms(),
        placeholder: small.ok().map(|small| small.placeholder),
    };
    Ok((new, facts))
}

/// Notes a file that is in the library. Files are removed in a transaction too, so that one that is noted
/// is there.
///
/// # Errors
/// When it was removed meanwhile, or SQLite cannot write.
pub(crate) fn note_in(store: &mut Tx<'_>, library: &Library, incoming: &Incoming) -> Result<Media> {
    let is_there = library.file(incoming.kept.digest).is_ok_and(|file| file.is_some());
    if !is_there {
        return Err(refused(&incoming.new.file_name, "It was removed while it was taken in"));
    }
    Ok(store.save_media(&incoming.new)?)
}

const fn kind(kind: Kind) -> MediaKind {
    match kind {
        Kind::Jpeg => MediaKind::Jpeg,
        Kind::Png => MediaKind::Png,
        Kind::WebP => MediaKind::WebP,
        Kind::Gif => MediaKind::Gif,
        Kind::Mp4 => MediaKind::Mp4,
        Kind::QuickTime => MediaKind::QuickTime,
    }
}

const fn category(category: Category) -> MediaCategory {
    match category {
        Category::Image => MediaCategory::Image,
        Category::Gif => MediaCategory::Gif,
        Category::Video => MediaCategory::Video,
    }
}
