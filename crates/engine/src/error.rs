//! What can go wrong, in words a person can act on, under one closed code.

use roost_core::failure::{Code, Problem};
use roost_core::id::{ImportId, PostId, SeriesId};
use roost_core::status::Status;
use roost_core::zone::UnknownZone;
use roost_qstash::Error as SchedulerError;
use roost_relay_api::{ClientError, RefusalCode};
use roost_store::Error as StoreError;

use crate::clock_difference::clock_difference;
use crate::view::Trouble;
use crate::{NextStep, Stale};

/// Why a use case failed. [`Error::code`] is what the window branches on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused or could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The relay could not be reached, or said no.
    #[error("{}", relay_words(.0))]
    Relay(#[from] ClientError),
    /// The scheduler could not be reached, or said no.
    #[error("{}.", capitalised(.0))]
    Scheduler(#[from] SchedulerError),
    /// No relay is known.
    #[error(
        "No relay is known, so nothing can go out from here: none runs in Roost now, and this \
         computer is paired with none."
    )]
    NoServices,
    /// The relay is known, and its scheduler is not.
    #[error(
        "QStash's token is not known here, so that posts can't be handed over. Keep it beside the \
         pairing, or set QSTASH_TOKEN."
    )]
    NoScheduler,
    /// A relay is known, and can't be entered before the person has done something.
    #[error("{}", .0.message)]
    Withheld(Trouble),
    /// The posts were not moved to another computer.
    #[error(
        "The posts of this data folder were not moved to another computer. Nothing was changed."
    )]
    NotMoved,
    /// The relay was not told of a pause, or of its end.
    #[error("The relay was not told yet. It is told as soon as it can be; look at the status bar.")]
    PauseNotHeard,
    /// The relay is of a release that can't pause a single account.
    #[error("The relay can't pause a single account: update it, or pause everything.")]
    AccountPauseUnknown,
    /// A post on X is to be replaced, and is there still.
    #[error(
        "Post {post} is not deleted on X yet, and nothing was posted in its place. {why} It is tried \
         again by itself; to take it back, delete its draft."
    )]
    NotReplacedYet {
        /// The post.
        post: PostId,
        /// What it waits for.
        why: Box<Self>,
    },
    /// What is to be deleted on X is there still.
    #[error("Post {post} is not deleted on X yet. {why} It is tried again by itself.")]
    NotDeletedYet {
        /// The post.
        post: PostId,
        /// What it waits for.
        why: Box<Self>,
    },
    /// The relay is of an earlier release, and deletes nothing on X.
    #[error("The relay is of an earlier release and deletes nothing on X: update the relay.")]
    DeletionUnknown,
    /// What is to happen now has no time: this computer's clock is wrong.
    #[error(
        "This computer's clock is {} the relay's, so that nothing can be scheduled for now. Set it by \
         NTP, then try again.",
        clock_difference(*.ahead_ms)
    )]
    OwnClockWrong {
        /// By how many milliseconds it is ahead of the relay's; below zero where it is behind.
        ahead_ms: i64,
    },
    /// The relay is of an earlier release, and takes no signing keys from a computer.
    #[error(
        "The relay is of an earlier release and takes no signing keys from here: update the relay, or \
         put QStash's keys into its configuration."
    )]
    SchedulerKeysUnknown,
    /// No scheduler runs inside the relay.
    #[error(
        "No scheduler runs inside the relay: set embedded_scheduler = true in its configuration, start \
         it again, and come back. Nothing was changed."
    )]
    NoOwnScheduler,
    /// A post has to be mended before it can be saved.
    #[error("{}", listed(.0))]
    Invalid(Vec<Problem>),
    /// A file to import that can't be read.
    #[error("{message}")]
    File {
        /// What kind of failure.
        code: Code,
        /// What happened and what to do, in whole sentences.
        message: String,
    },
    /// A zone that is none.
    #[error(transparent)]
    UnknownZone(#[from] UnknownZone),
    /// A handle that no connected account has.
    #[error("No account \"{name}\" is connected. {}", connect_or_choose(.connected))]
    UnknownAccount {
        /// What was asked for.
        name: String,
        /// The handles of those that are, for the message; may be empty.
        connected: String,
    },
    /// No such post.
    #[error("There is no post {0}. It may have been deleted.")]
    NoSuchPost(PostId),
    /// No such series.
    #[error("There is no series {0}.")]
    NoSuchSeries(SeriesId),
    /// No such import.
    #[error("There is no import {0}.")]
    NoSuchImport(ImportId),
    /// An import that was committed or dropped, or is older than a week.
    #[error("The import is not open any more. Open the file again.")]
    ImportNotOpen(ImportId),
    /// The source of an open import says something else by now.
    #[error(
        "{name} was changed since it was opened. Have it judged as it is now; what you changed in it \
         is given up then."
    )]
    SourceChanged {
        /// What the source is called.
        name: String,
    },
    /// A source that is refused as a whole.
    #[error("{name}: {} {}", .problem.message, .problem.remedy)]
    Source {
        /// What the source is called.
        name: String,
        /// What is wrong with it.
        problem: Box<Problem>,
        /// The sheets or lists of which the person has to choose one; none where nothing is to be chosen.
        options: Vec<String>,
    },
    /// The person gave an import up while it was under way.
    #[error("The import was given up. Nothing was imported.")]
    ImportGivenUp,
    /// The post is going out or has gone out.
    #[error("Post {post} is \"{}\": it is too late to change it. Nothing was changed.", .status.label())]
    TooLate {
        /// The post.
        post: PostId,
        /// What it is.
        status: Status,
    },
    /// The post was changed after the version on which the request was based.
    #[error(
        "Post {} was changed meanwhile: it is version {}, and this was based on version {}. Nothing \
         was changed.", .0.now.id, .0.now.version, .0.based_on
    )]
    Stale(Box<Stale>),
    /// A change of many posts would come out otherwise than the person was shown.
    #[error(
        "The posts are not what the preview showed: one of them was changed or went out meanwhile, or a \
         new time has passed. Look at the preview again. Nothing was changed."
    )]
    PreviewOutdated,
    /// What was asked makes no sense for a post in that state.
    #[error("Post {post} is \"{}\"; that can't be done with it. Nothing was changed.", .status.label())]
    NotAllowed {
        /// The post.
        post: PostId,
        /// What it is.
        status: Status,
    },
    /// A cancelled post is not scheduled again by the way.
    #[error(
        "Post {0} is cancelled: with a time it would go out after all. Schedule it again first, or \
         say with the change that it is to be restored. Nothing was changed."
    )]
    RestoreFirst(PostId),
    /// No change of the post came too late, or nothing of it is kept any more.
    #[error(
        "No draft keeps a change of post {0} that came too late: none did, or the draft was \
         scheduled or deleted since. Nothing was changed."
    )]
    NoLateEdit(PostId),
    /// There is no step in force that can be undone.
    #[error("There is nothing to undo.")]
    NothingToUndo,
    /// No step is undone, or something else was done since.
    #[error("There is nothing to redo.")]
    NothingToRedo,
    /// No change has that number.
    #[error("History has no step {0}. Nothing was changed.")]
    NoSuchStep(i64),
    /// The step can't be undone or redone.
    #[error("Step {step} stays as it is. {why} Nothing was changed.")]
    StepStays {
        /// The step.
        step: i64,
        /// Why, in a sentence.
        why: String,
    },
    /// Something was done, undone or redone since the person looked.
    #[error("Something else was done since you looked at the history. Nothing was changed.")]
    HistoryMoved,
    /// Another process hands over for this store.
    #[error(
        "Roost runs already for the store {}, in the window or in a terminal. Use that one, or stop \
         it first.", .0.display()
    )]
    AlreadyRunning(std::path::PathBuf),
    /// The relay or the scheduler was given an address that is none.
    #[error("\"{0}\" is no address: it must begin with http:// or https://.")]
    Address(String),
    /// Something that should never happen.
    #[error("Something broke inside Roost: {0}. Try again; if it stays, report it with the log.")]
    Internal(String),
}

impl Error {
    /// The kind, for the window.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Store(error) => store_code(error),
            Self::Relay(error) => relay_code(error),
            Self::Scheduler(error) => scheduler_code(error),
            Self::NoServices | Self::PauseNotHeard => Code::RelayUnreachable,
            Self::AccountPauseUnknown | Self::DeletionUnknown | Self::SchedulerKeysUnknown => {
                Code::RelayOutdated
            }
            Self::NoOwnScheduler => Code::RelayRefused,
            Self::NotReplacedYet { why, .. } | Self::NotDeletedYet { why, .. } => why.code(),
            Self::OwnClockWrong { .. } => Code::ClockWrong,
            Self::NoScheduler => Code::SchedulerUnknown,
            Self::Withheld(trouble) => trouble.code,
            Self::Invalid(problems) => {
                problems.first().map_or(Code::Internal, |problem| problem.code)
            }
            Self::File { code, .. } => *code,
            Self::UnknownZone(_) => Code::UnknownZone,
            Self::UnknownAccount { .. } => Code::AccountUnknown,
            Self::NoSuchPost(_) | Self::NoSuchImport(_) | Self::NoSuchSeries(_) => {
                Code::PostNotFound
            }
            Self::ImportNotOpen(_) | Self::ImportGivenUp => Code::ImportNotOpen,
            Self::SourceChanged { .. } => Code::SourceChanged,
            Self::Source { problem, .. } => problem.code,
            Self::AlreadyRunning(_) => Code::DatabaseLocked,
            Self::TooLate { .. } => Code::TooLate,
            Self::Stale(_) | Self::HistoryMoved | Self::PreviewOutdated => Code::Stale,
            Self::NotAllowed { .. }
            | Self::RestoreFirst(_)
            | Self::NoLateEdit(_)
            | Self::NothingToUndo
            | Self::NothingToRedo
            | Self::NoSuchStep(_)
            | Self::StepStays { .. }
            | Self::NotMoved => Code::ChangeNotAllowed,
            Self::Address(_) | Self::Internal(_) => Code::Internal,
        }
    }

    /// Returns what the person can do about it in Roost, the most likely first.
    #[must_use]
    pub fn next_steps(&self) -> Vec<NextStep> {
        match self {
            Self::Withheld(trouble) => trouble.next_steps.clone(),
            Self::NoServices => vec![NextStep::KeepRunning, NextStep::Pair],
            Self::RestoreFirst(post) => vec![NextStep::RetryPost { post: *post }],
            Self::NotReplacedYet { why, .. } | Self::NotDeletedYet { why, .. } => why.next_steps(),
            // Its problems say which field is to be mended.
            Self::Invalid(_) => Vec::new(),
            other => NextStep::of(other.code()),
        }
    }

    /// The problems of a post that has to be mended, for the fields of a form.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid(problems) => problems,
            Self::Source { problem, .. } => std::slice::from_ref(problem),
            _ => &[],
        }
    }

    /// Returns what the person has to choose from before a source can be read.
    #[must_use]
    pub fn options(&self) -> &[String] {
        match self {
            Self::Source { options, .. } => options,
            _ => &[],
        }
    }

    /// What the post is now, where the request was based on an older version of it.
    #[must_use]
    pub fn stale(&self) -> Option<&Stale> {
        match self {
            Self::Stale(stale) => Some(stale),
            _ => None,
        }
    }
}

const fn store_code(error: &StoreError) -> Code {
    match error {
        StoreError::Missing { .. }
        | StoreError::Emptied { .. }
        | StoreError::NotADatabase { .. }
        | StoreError::OtherApplication { .. }
        | StoreError::Damaged { .. }
        | StoreError::History { .. } => Code::DatabaseDamaged,
        StoreError::Newer { .. } => Code::DatabaseNewer,
        StoreError::Locked | StoreError::InUse { .. } | StoreError::InUseByOlder { .. } => {
            Code::DatabaseLocked
        }
        StoreError::ReadOnly => Code::DatabaseReadOnly,
        StoreError::MovedAway { .. } => Code::StoreMoved,
        StoreError::DiskFull => Code::DiskFull,
        StoreError::NotFound { .. } => Code::PostNotFound,
        StoreError::NotEditable { .. } => Code::TooLate,
        StoreError::Refused { .. }
        | StoreError::StillHandedOver { .. }
        | StoreError::Deleted { .. }
        | StoreError::AlreadyUndone { .. } => Code::ChangeNotAllowed,
        _ => Code::Internal,
    }
}

/// The code behind a failure to reach or use the relay.
pub(crate) fn relay_code(error: &ClientError) -> Code {
    match error.refusal().map(|refusal| refusal.code) {
        Some(RefusalCode::Unauthorized) => Code::RelayUnauthorized,
        Some(RefusalCode::OtherStore) => Code::OtherStore,
        Some(RefusalCode::TooLate) => Code::TooLate,
        Some(RefusalCode::NotFound) => Code::PostNotFound,
        Some(RefusalCode::OtherAccount) => Code::SignInNeeded,
        Some(RefusalCode::Unavailable | RefusalCode::TooManyAttempts) => Code::RelayUnavailable,
        Some(
            RefusalCode::Invalid
            | RefusalCode::CursorGone
            | RefusalCode::WrongOffset
            | RefusalCode::WrongDigest
            | RefusalCode::TooLarge
            | RefusalCode::StorageFull,
        ) => Code::RelayRefused,
        None if error.is_unreachable() => Code::RelayUnreachable,
        None => Code::RelayRefused,
    }
}

/// The code behind a failure to reach or use the scheduler.
pub(crate) const fn scheduler_code(error: &SchedulerError) -> Code {
    match error {
        SchedulerError::NotReached(_)
        | SchedulerError::NoAnswer(_)
        | SchedulerError::Failed { .. } => Code::SchedulerUnreachable,
        SchedulerError::Unauthorized { .. } => Code::SchedulerUnauthorized,
        SchedulerError::QuotaExceeded { .. }
        | SchedulerError::DailyLimit { .. }
        | SchedulerError::RateLimited { .. } => Code::SchedulerQuota,
        _ => Code::SchedulerRefused,
    }
}

fn relay_words(error: &ClientError) -> String {
    match error.refusal() {
        Some(refusal) => refusal.message.clone(),
        None => format!("{}. {}", capitalised(error), relay_code(error).remedy()),
    }
}

fn connect_or_choose(connected: &str) -> String {
    if connected.is_empty() {
        "None is: sign in with one.".to_owned()
    } else {
        format!("Sign in with it, or choose one of {connected}.")
    }
}

fn capitalised(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
