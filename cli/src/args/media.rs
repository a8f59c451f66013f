//! Pictures and videos: of a post, and of the library.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The pictures and videos of a post.
#[derive(Debug, Args)]
pub(crate) struct MediaArgs {
    /// A picture or a video of the post, or of a thread's first part; pictures may be given up to four
    /// times.
    #[arg(long, value_name = "FILE")]
    pub(crate) media: Vec<PathBuf>,
    /// What the picture or video at the same place shows, for people who do not see it.
    #[arg(long, value_name = "TEXT", requires = "media", allow_hyphen_values = true)]
    pub(crate) alt: Vec<String>,
}

/// `roost media …`
#[derive(Debug, Subcommand)]
pub(crate) enum Media {
    /// List the pictures and videos that are kept, the newest first, and the room that they take.
    List(ListMediaArgs),
    /// Keep pictures or videos, for posts to come. Nothing is sent.
    Add(AddMediaArgs),
    /// Remove those that no post uses and that are kept for an hour or longer.
    Prune,
}

/// `roost media list`
#[derive(Debug, Args)]
pub(crate) struct ListMediaArgs {
    /// Files at most.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    /// How many of the newest to pass over.
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: u32,
}

/// `roost media add`
#[derive(Debug, Args)]
pub(crate) struct AddMediaArgs {
    /// The files.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}
