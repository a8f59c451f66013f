//! The version check: a request that is based on an older version of a post than the stored one is stale.

use roost_core::id::Version;
use roost_store::{Post, Read};

use crate::row::{self, Scene};
use crate::{Error, Result, Stale};

/// Refuses a request that is based on another version of the post than the one that is there.
pub(crate) fn check_version(
    store: &Read<'_>,
    post: &Post,
    based_on: Option<Version>,
    scene: &Scene,
) -> Result<()> {
    match stale(store, post, based_on, scene)? {
        Some(stale) => Err(Error::Stale(Box::new(stale))),
        None => Ok(()),
    }
}

/// Returns what the post is now, when a request is based on another version of it.
pub(crate) fn stale(
    store: &Read<'_>,
    post: &Post,
    based_on: Option<Version>,
    scene: &Scene,
) -> std::result::Result<Option<Stale>, roost_store::Error> {
    let Some(based_on) = based_on.filter(|version| *version != post.version) else {
        return Ok(None);
    };
    let now = row::of(store, post.id, scene)?;
    Ok(Some(Stale { based_on, now }))
}
