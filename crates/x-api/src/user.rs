//! Whose token is this, and what may that account do.

use http::Method;
use serde::Deserialize;

use crate::classify::Operation;
use crate::client::Client;
use crate::failure::Failure;
use crate::limits::RateHeaders;

/// The token's account: `GET /2/users/me`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The X user id: the account's identity.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// The handle, without `@`.
    pub username: String,
    /// Whether X calls the account verified.
    pub verified: Option<bool>,
    /// `blue`, `government`, `business` or `none`.
    pub verified_type: Option<String>,
    /// What the account pays for; decides about long posts and daily numbers.
    pub subscription: Subscription,
    /// The address of the profile picture.
    pub profile_image_url: Option<String>,
    /// The rate windows after this call.
    pub limits: RateHeaders,
}

/// What an account pays X for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Subscription {
    /// Nothing.
    None,
    /// Basic.
    Basic,
    /// Premium.
    Premium,
    /// Premium+.
    PremiumPlus,
    /// X did not say, or in a word that was unknown when this was written.
    #[default]
    Unknown,
}

impl Subscription {
    /// Returns what X's word means.
    #[must_use]
    pub fn read(word: Option<&str>) -> Self {
        match word {
            Some("None") => Self::None,
            Some("Basic") => Self::Basic,
            Some("Premium") => Self::Premium,
            Some("PremiumPlus") => Self::PremiumPlus,
            _ => Self::Unknown,
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    id: String,
    name: String,
    username: String,
    verified: Option<bool>,
    verified_type: Option<String>,
    subscription_type: Option<String>,
    profile_image_url: Option<String>,
}

impl Client {
    /// Returns the account that the token belongs to.
    ///
    /// # Errors
    /// As every call; being a read, it may be repeated freely.
    pub async fn me(&self, access_token: &str) -> Result<Me, Failure> {
        let received = self
            .call("x.me", Operation::Read, Method::GET, &["2", "users", "me"])
            .query(
                "user.fields",
                "id,name,username,verified,verified_type,subscription_type,profile_image_url",
            )
            .bearer(access_token)
            .send()
            .await?;
        let data = received.read::<Envelope>()?.data.ok_or_else(|| received.malformed())?;
        Ok(Me {
            subscription: Subscription::read(data.subscription_type.as_deref()),
            id: data.id,
            name: data.name,
            username: data.username,
            verified: data.verified,
            verified_type: data.verified_type,
            profile_image_url: data.profile_image_url,
            limits: received.limits(),
        })
    }
}
