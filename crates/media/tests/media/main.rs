//! Files as people have them, good and bad.

mod inspect;
mod library;
mod limits;
mod made;
mod partial;
