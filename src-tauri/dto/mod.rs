//! What the window is told and what it asks for. The engine's views, in the window's own words:
//! camel case, wall times already in the zone that the window shows.

pub(crate) mod compose;
pub(crate) mod import;
pub(crate) mod overview;
pub(crate) mod post;
pub(crate) mod settings;
