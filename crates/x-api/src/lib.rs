//! A client for X API v2: OAuth 2 with PKCE, posts, timelines, media, and typed failures.
//!
//! X has no idempotency key. What matters about a failed call is therefore one question above all:
//! may it have been processed? [`Failure::class`] answers it. [`Class::Definite`] means that
//! nothing was created; [`Class::Unknown`] means that it may have been, so that the account's
//! timeline ([`Client::user_posts`], [`same_text`]) must be read before anything is repeated.
//!
//! The client keeps nothing: no tokens, no clock, no retries. Its caller decides about all three.

mod classify;
mod client;
mod failure;
mod limits;
mod matching;
mod media;
pub mod oauth;
mod post;
mod read;
mod secret;
pub mod transport;
mod user;

pub use classify::{Operation, classify};
pub use client::{Builder, Client};
pub use failure::{Class, Failure, FailureKind, Parameter};
pub use limits::{RateHeaders, RateWindow, WindowKind};
pub use matching::same_text;
pub use media::{
    Chunk, MEDIA_CHUNK_BYTES, Media, MediaCategory, NewMedia, Processing, ProcessingState, Upload,
};
pub use post::{CreatePost, Created, Poll, ReplySettings};
pub use read::{Entity, Exclude, Lookup, Missing, Page, Post, TimelineQuery, snowflake_millis};
pub use secret::Secret;
pub use user::{Me, Subscription};
