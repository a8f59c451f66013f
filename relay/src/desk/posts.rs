//! Looking posts up.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use roost_relay_api::{BATCH_MAX, Lookup, LookupAnswer};

use super::answer::{Body, No};
use super::auth::Device;
use crate::rows::{post, relay};
use crate::shared::Shared;

pub(super) async fn lookup(
    State(shared): State<Arc<Shared>>,
    _device: Device,
    Body(lookup): Body<Lookup>,
) -> Result<Json<LookupAnswer>, No> {
    if lookup.post_ids.len() > BATCH_MAX {
        return Err(No::invalid(format!("at most {BATCH_MAX} posts in one lookup")));
    }
    let answer = shared
        .read("lookup", move |c| {
            let mut deliveries = Vec::with_capacity(lookup.post_ids.len());
            for id in lookup.post_ids {
                if let Some(post) = post::get(c, id)? {
                    deliveries.push(post.delivery(c)?);
                }
            }
            Ok(LookupAnswer { epoch: relay::row(c)?.epoch, deliveries })
        })
        .await?;
    Ok(Json(answer))
}
