//! Deleting on X what went out, at the person's word.

pub(crate) mod request;
pub(crate) mod wish;
