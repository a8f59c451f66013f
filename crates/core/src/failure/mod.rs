//! What can go wrong, in one closed list of codes that engine and window branch on, and the shape
//! in which a person is told.

mod code;
mod findings;
mod problem;

pub use code::{Code, UnknownCode};
pub use findings::Findings;
pub use problem::clip;
pub use problem::{Problem, Problems};
