//! Who asks: a device, by its bearer key.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use roost_relay_api::RefusalCode;
use subtle::ConstantTimeEq;

use super::error::ApiError;
use crate::rows::device;
use crate::shared::Shared;

/// A device that showed its key.
#[derive(Debug, Clone)]
pub(crate) struct Device(pub(crate) String);

impl FromRequestParts<Arc<Shared>> for Device {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        match Self::find(&parts.headers, shared).await? {
            Some(device) => Ok(device),
            None => {
                shared.metrics.unauthorized.add(1);
                Err(ApiError::new(
                    RefusalCode::Unauthorized,
                    "the device key is missing or not known here: pair this computer again \
                     (roost-relay pair)",
                ))
            }
        }
    }
}

/// The one key that the headers carry.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else { return None };
    value.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

impl Device {
    /// The device whose key the headers carry.
    pub(crate) async fn find(
        headers: &HeaderMap,
        shared: &Shared,
    ) -> Result<Option<Self>, ApiError> {
        let Some(key) = bearer(headers) else { return Ok(None) };
        let hash = device::hash(key);
        let in_memory = shared
            .devices
            .iter()
            .filter(|(known, _)| bool::from(known.ct_eq(&hash)))
            .map(|(_, name)| name.clone())
            .last();
        if let Some(name) = in_memory {
            return Ok(Some(Self(name)));
        }
        let found = shared.read("device", move |c| device::find(c, &hash)).await?;
        Ok(found.map(Self))
    }
}
