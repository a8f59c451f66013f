//! The words for a person's commands, as events and steps of history keep them, and which of them make a
//! step and can be taken back.

use roost_core::status::Actor;

use super::event_kind::EventKind;
use crate::sql::words;

words! {
    /// The command that changed posts, as a person knows it.
    Label, "label of a command" {
        /// Written by hand.
        Create = "create",
        /// Taken in from a file.
        Import = "import",
        /// Words, time, account or tags were changed.
        Edit = "edit",
        /// Scheduled again.
        Retry = "retry",
        /// Withdrawn.
        Cancel = "cancel",
        /// Moved to the trash.
        Delete = "delete",
        /// Taken out of the trash.
        Restore = "restore",
        /// An import was taken back.
        UndoImport = "undo_import",
        /// The person said what became of a post.
        Resolve = "resolve",
        /// What a late change meant was posted beside what went out.
        PostToo = "post_too",
        /// What went out was replaced on X.
        Replace = "replace",
        /// What went out was deleted on X.
        DeleteOnX = "delete_on_x",
        /// A step was taken back.
        Undo = "undo",
        /// What was taken back was made again.
        Redo = "redo",
        /// Preferences changed.
        Settings = "settings",
        /// The weekly posting times of an account changed.
        Slots = "slots",
        /// An account was signed in.
        SignIn = "sign_in",
        /// An account's sign-in was taken from the relay.
        Disconnect = "disconnect",
        /// Another relay came into use.
        Pair = "pair",
        /// A relay was left.
        Unpair = "unpair",
        /// Everything was paused.
        Pause = "pause",
        /// A pause ended.
        Resume = "resume",
        /// Many posts moved by the same distance.
        Shift = "posts.shift",
        /// Many posts moved so that the first of them is at a time.
        Move = "posts.move",
        /// Many posts at another time of day.
        SetTime = "posts.time",
        /// Many posts on another day.
        SetDate = "posts.date",
        /// Many posts in another zone.
        SetZone = "posts.zone",
        /// Many posts spread over days and hours.
        Spread = "posts.spread",
        /// Many posts on the weekly posting times of their accounts.
        ToSlots = "posts.slots",
        /// The times of many posts in another order.
        Arrange = "posts.arrange",
        /// The times of many posts the other way round.
        Reverse = "posts.reverse",
        /// The times of many posts in an order by chance.
        Shuffle = "posts.shuffle",
        /// The times of two posts exchanged.
        Swap = "posts.swap",
        /// Long pauses between many posts shortened.
        Compress = "posts.compress",
        /// Many posts pushed back to make room.
        PushBack = "posts.push",
        /// A post put among others, which were pushed back.
        Insert = "posts.insert",
        /// Many posts moved off the weekend.
        OutOfWeekend = "posts.weekend",
        /// Posts settled after the clock rules of their zones changed.
        TimeRules = "posts.rules",
        /// Words replaced in many posts.
        ReplaceText = "posts.replace",
        /// Words put behind those of many posts.
        AppendText = "posts.append",
        /// Words put before those of many posts.
        PrependText = "posts.prepend",
        /// Texts of many posts that were too long, split into threads.
        SplitText = "posts.split",
        /// Another account for many posts.
        SetAccount = "posts.account",
        /// Tags put on many posts, or taken off.
        SetTags = "posts.tag",
        /// A note on many posts.
        SetNote = "posts.note",
        /// Many posts made drafts.
        ToDraft = "posts.draft",
        /// Many drafts scheduled.
        Schedule = "posts.schedule",
        /// A post was made to repeat.
        CreateSeries = "series.create",
        /// A series was changed, from some occurrence on.
        EditSeries = "series.edit",
        /// An occurrence of a series was left out.
        SkipOccurrence = "series.skip",
        /// A series was ended.
        EndSeries = "series.end",
        /// Handed over to relay and scheduler.
        HandOver = "hand_over",
        /// The relay told.
        Sync = "sync",
    }
}

impl Label {
    /// Returns whether a step of history with this label can be taken back. What is said to the relay or
    /// to X as a whole can't.
    #[must_use]
    pub const fn can_be_undone(self) -> bool {
        !matches!(
            self,
            Self::Undo
                | Self::Redo
                | Self::Resolve
                | Self::Replace
                | Self::DeleteOnX
                | Self::SignIn
                | Self::Disconnect
                | Self::Pair
                | Self::Unpair
                | Self::Pause
                | Self::Resume
                | Self::HandOver
                | Self::Sync
        )
    }

    /// Returns whether a step with this label is about a series, which it names and tells as it was and is.
    #[must_use]
    pub const fn is_of_series(self) -> bool {
        matches!(
            self,
            Self::CreateSeries | Self::EditSeries | Self::SkipOccurrence | Self::EndSeries
        )
    }

    /// Returns whether a write with this label that changes posts is a step by itself. The others note
    /// their steps, or are not the person's.
    pub(crate) const fn makes_a_step(self) -> bool {
        self.can_be_undone() || matches!(self, Self::Resolve)
    }

    /// The command behind an event that names none: what most events of its kind come from.
    pub(super) const fn of(kind: EventKind, actor: Actor) -> Self {
        match (kind, actor) {
            (EventKind::Created, _) => Self::Create,
            (EventKind::Imported, _) => Self::Import,
            (EventKind::Decided, _) => Self::Resolve,
            (EventKind::Restored, _) => Self::Restore,
            (EventKind::Deleted, _) => Self::Delete,
            (EventKind::GoneFromX, _) => Self::Replace,
            (EventKind::Tagged, _) | (EventKind::Edited, Actor::Person) => Self::Edit,
            // A post that needed a check is left as it is.
            (EventKind::Withdrawing, _)
            | (EventKind::Withdrawn | EventKind::Status, Actor::Person) => Self::Cancel,
            (EventKind::Armed, Actor::Person) => Self::Retry,
            (EventKind::Armed | EventKind::Queued | EventKind::Status, Actor::Engine) => {
                Self::HandOver
            }
            _ => Self::Sync,
        }
    }
}
