//! A change of a post that is being written: kept beside it until the person saves it or throws it away.

pub(crate) mod keep;
pub(crate) mod shown;
