//! Posts as files: what is written, and that it is read again as it was.

mod posts;
mod round_trip;
mod written;
