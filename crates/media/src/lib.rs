//! Pictures and videos of posts: what a file is by its bytes, whether X takes it, where it is kept,
//! and how it is shown small.
//!
//! Every file is hostile until it was read: what it says of itself is believed only as far as its
//! bytes bear it out, memory is bounded whatever a header claims, and a file that can't be read to
//! its end is refused here, not by X at the moment of posting. Bytes are never changed.

mod animation;
mod facts;
mod inspect;
mod kind;
mod library;
mod limits;
mod partial;
mod picture;
mod thumbnail;
mod unreadable;
mod video;

pub use facts::{Facts, VideoFacts};
pub use inspect::inspect;
pub use kind::{Category, Kind};
pub use library::{Digest, Kept, Library, NotKept};
pub use limits::{Unfit, unfit_for_x};
pub use partial::{Arrival, NotAppended, Partial};
pub use thumbnail::{NoThumbnail, Thumbnail, thumbnail};
pub use unreadable::Unreadable;
