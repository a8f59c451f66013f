//! The closed list of codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is no code of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no failure code")]
pub struct UnknownCode(pub String);

macro_rules! codes {
    ($($variant:ident = $name:literal: $text:literal, $remedy:literal;)+) => {
        /// What went wrong, or what a post waits for. The name is what stands in databases, on
        /// the wire and in `--json`; text and remedy are what a person reads.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "specta", derive(specta::Type))]
        pub enum Code {
            $(
                #[doc = $text]
                #[serde(rename = $name)]
                $variant,
            )+
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the name in databases, on the wire and in `--json`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns what happened, in plain words.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Returns what to do about it, in plain words.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)+ }
            }
        }

        impl FromStr for Code {
            type Err = UnknownCode;

            fn from_str(name: &str) -> Result<Self, UnknownCode> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(UnknownCode(super::clip(name, 64))),
                }
            }
        }
    };
}

codes! {
    // The text itself: found here before it is sent, or refused by X.
    TextMissing = "text_missing":
        "The post is empty.", "Write some text.";
    TextTooLong = "text_too_long":
        "The post is longer than X allows.", "Shorten it, or make it a thread.";
    InvalidCharacter = "invalid_character":
        "The post holds a character that X refuses.", "Remove it.";
    TooManyCashtags = "too_many_cashtags":
        "X allows one cashtag in a post.", "Keep one, and write the others without \"$\".";
    ThreadTooLong = "thread_too_long":
        "The thread has too many parts.", "Split it into several threads.";
    DuplicateContent = "duplicate_content":
        "The same text is there already.", "Change the text, or leave this one out.";
    InvalidLink = "invalid_link":
        "X blocks a link in this post.", "Remove or replace the link.";
    InvalidMedia = "invalid_media":
        "X refused an image or video of this post.", "Attach it again, or choose another file.";
    PollInvalid = "poll_invalid":
        "X would refuse the poll.", "Give it 2 to 4 answers of 25 characters, for 5 minutes to 7 days.";
    CommunityInvalid = "community_invalid":
        "That is no id of a community on X.",
        "Take the digits at the end of the community's address on X.";
    AttachmentUnsupported = "attachment_unsupported":
        "The relay does not send what the post has beside its text.",
        "Update the relay, or take it off the post.";
    MediaFileMissing = "media_file_missing":
        "Roost does not have an image or a video of this post.",
        "Attach the file again, or take it off.";
    MediaNotFetched = "media_not_fetched":
        "An image or a video that the post names was not fetched.",
        "Attach the file itself, or take it off.";
    ReplyNotAllowed = "reply_not_allowed":
        "X does not allow this reply.", "Post it on its own.";
    QuoteNotAllowed = "quote_not_allowed":
        "X does not allow this quote.", "Post it with a link instead.";
    ParentGone = "parent_gone":
        "The post that this one answers is gone.", "Post it on its own.";
    NotPermitted = "not_permitted":
        "X does not let this account make the post.",
        "Check its length, its media and what the account may do on X, then try again.";
    RequestRefused = "request_refused":
        "X did not understand the post.", "Update Roost; if it stays, report it with the receipt.";

    // Its time.
    TimeMissing = "time_missing":
        "The post has no time.", "Add one, such as 2027-03-01 09:00.";
    TimeInvalid = "time_invalid":
        "That is no date and time.", "Write it as 2027-03-01 09:00.";
    TimeInGap = "time_in_gap":
        "Clocks skip this time.", "Choose a time before or after.";
    TimeTwice = "time_twice":
        "Clocks show this time twice that day.",
        "The first of the two is taken; choose another time if you meant the second.";
    TimeInPast = "time_in_past":
        "The time has passed.", "Choose a later time.";
    TimeMoved = "time_moved":
        "The time had passed; the post was moved.", "Check the new time.";
    MadeDraft = "made_draft":
        "The time had passed; the post became a draft.", "Give it a new time.";
    UnknownZone = "unknown_zone":
        "That is no time zone.", "Use an IANA name, such as Asia/Kolkata.";
    Missed = "missed":
        "The post's time passed before it could go out.", "Give it a new time, or post it now.";
    TooLate = "too_late":
        "The post is going out or has gone out already.", "Look at its receipt.";
    TagInvalid = "tag_invalid":
        "That is no tag.", "Use up to 20 tags of 1 to 50 characters.";

    // Its account.
    AccountMissing = "account_missing":
        "No account is named.", "Choose the account that is to post.";
    AccountUnknown = "account_unknown":
        "No account of that name is connected.", "Connect it, or choose another.";
    SignInNeeded = "sign_in_needed":
        "This account's sign-in no longer works.", "Sign in again; the posts wait.";
    SignInDoubtful = "sign_in_doubtful":
        "X refuses this account's sign-in, and those of other accounts too: X may be out of order.",
        "The relay tries again each minute, and the posts wait. Should the sign-in be lost, signing \
         in again heals it at once.";
    RefreshRefused = "refresh_refused":
        "X does not renew this account's sign-in at the moment.",
        "Nothing to do: the relay tries again each minute, and the posts wait.";
    SignInIncomplete = "sign_in_incomplete":
        "The sign-in did not come to its end.", "Begin it again.";
    SignInTimeout = "sign_in_timeout":
        "The browser did not come back in time.", "Compare the app's settings at X, then sign in again.";
    SignInDenied = "sign_in_denied":
        "The sign-in was not allowed on X's page.", "Sign in again to allow it.";
    RedirectMismatch = "redirect_mismatch":
        "The app's callback address at X is another one.",
        "Set it to the letter in X's developer portal, then sign in again.";
    ClientRefused = "client_refused":
        "X does not accept the app.", "Compare its id, secret and type in X's developer portal.";
    MissingScopes = "missing_scopes":
        "X granted less than Roost needs.",
        "Let the app read and write in X's developer portal, then sign in again.";
    OtherAccount = "other_account":
        "Another account signed in than the one that was meant.",
        "Switch the account on x.com, then sign in again.";
    XRefused = "x_refused":
        "X refused the sign-in.", "Sign in again.";
    AccountSuspended = "account_suspended":
        "X suspended or locked the account.",
        "Settle it on x.com, then try now; the posts wait.";
    AccountLimited = "account_limited":
        "X has had enough posts from this account for now.",
        "Nothing to do: the posts wait and go on by themselves.";

    // The X app.
    RateLimited = "rate_limited":
        "X's limit is reached.", "Nothing to do: the post waits for the next free slot.";
    CreditsDepleted = "credits_depleted":
        "The X app has no credits left.",
        "Add credits in X's developer console, then try now; the posts wait.";
    SpendCapReached = "spend_cap_reached":
        "The X app's spending limit is reached.",
        "Raise it in X's developer console, or wait for the next cycle.";
    UsageCapped = "usage_capped":
        "The X plan's volume is used up.", "Change the plan, or wait for the next period.";
    AppNotEnrolled = "app_not_enrolled":
        "The X app may not post.", "Move it to a plan that can post, in X's developer console.";
    AppSuspended = "app_suspended":
        "X suspended the app.",
        "Settle it with X, then try now; the posts wait.";
    XUnreachable = "x_unreachable":
        "X could not be reached.", "Nothing to do: the relay tries again.";
    XUnavailable = "x_unavailable":
        "X is in trouble.", "Nothing to do: the relay tries again.";

    // What a post waits for, or what nobody can know.
    Paused = "paused":
        "Everything is paused.", "Resume when you are ready.";
    AccountPaused = "account_paused":
        "The account is paused.", "Resume it when you are ready.";
    Spaced = "spaced":
        "Overdue posts go out one by one.", "Nothing to do: its turn comes.";
    Early = "early":
        "The post was called before its time.", "Nothing to do: it goes out at its time.";
    AwaitsParent = "awaits_parent":
        "It waits for the post that it replies to.",
        "Nothing to do: it goes out after that post.";
    ParentNotOut = "parent_not_out":
        "The post that it replies to is not on X.",
        "Send that post, or cancel this one.";
    MediaMissing = "media_missing":
        "The relay does not have all images and videos of this post yet.",
        "Nothing to do: Roost uploads them while it is open, and the post waits for them.";
    MediaUnavailable = "media_unavailable":
        "X's service for images and videos is in trouble.",
        "Nothing to do: the relay tries again. The post does not go out without its media.";
    MediaProcessing = "media_processing":
        "X is still working on a video of this post.",
        "Nothing to do: the post goes out when X is done.";
    ParentNotVisible = "parent_not_visible":
        "X does not show the part before this one yet.", "Nothing to do: the relay tries again.";
    DryRun = "dry_run":
        "The relay only rehearses: everything was done but the call to X.",
        "Set dry_run = false in the relay's configuration, then schedule it again.";
    OutcomeUnknown = "outcome_unknown":
        "X gave no clear answer; the post may be live.",
        "Look at the account's timeline, then say whether it went out.";
    NotAPostOnX = "not_a_post_on_x":
        "That is no address of a post on X.",
        "Copy the post's link on X, such as https://x.com/name/status/123.";
    PartialThread = "partial_thread":
        "Some parts of the thread are live, others are not.", "Resume it, or delete what is live.";

    // The relay.
    RelayUnreachable = "relay_unreachable":
        "The relay could not be reached.",
        "Check the network and the relay; Roost tries again by itself.";
    RelayUnauthorized = "relay_unauthorized":
        "The relay does not accept this device's key.", "Pair this computer with the relay again.";
    RelayRefused = "relay_refused":
        "The relay refused.", "Update Roost and the relay to the same version.";
    RelayUnavailable = "relay_unavailable":
        "The relay cannot write at the moment.", "Check its disk; Roost tries again by itself.";
    RelayOutdated = "relay_outdated":
        "The relay is too old for what this post has.", "Update the relay; the post waits until then.";
    OtherStore = "other_store":
        "Another computer feeds this relay.", "Take over, or stay read-only.";
    StoreMoved = "store_moved":
        "The posts were moved to another computer.", "Use Roost there, or use this computer again.";
    ClockWrong = "clock_wrong":
        "The relay's clock is wrong.", "Set the clock of the relay's computer by NTP.";
    TimeRulesChanged = "time_rules_changed":
        "The clock rules of a time zone changed after posts were planned.",
        "Choose whether they keep their times of day or their instants.";
    NoLongerFits = "no_longer_fits":
        "The post no longer fits what its account may post: its X Premium or its limits ended.",
        "Shorten it, split it, or give it to another account.";
    RelayUnknown = "relay_unknown":
        "Which relay is in use, or its key, can't be told.", "Pair this computer with it again.";

    // The scheduler.
    SchedulerUnknown = "scheduler_unknown":
        "QStash's token is not known here.",
        "Keep it beside the pairing.";
    SchedulerUnreachable = "scheduler_unreachable":
        "QStash could not be reached.", "Check the network; Roost tries again by itself.";
    SchedulerUnauthorized = "scheduler_unauthorized":
        "QStash does not accept the token.", "Copy the token from QStash's console again.";
    SchedulerRefused = "scheduler_refused":
        "QStash refused the message.", "Check the relay's URL in the settings.";
    SchedulerQuota = "scheduler_quota":
        "The QStash plan's volume is used up.", "Change the plan, or wait.";

    // This computer.
    PostNotFound = "post_not_found":
        "There is no such post.", "Refresh the list.";
    ChangeNotAllowed = "change_not_allowed":
        "A post in this state cannot be changed like that.", "Look at its receipt.";
    Stale = "stale":
        "The post was changed meanwhile.", "Look at it as it is now, then say what is to stand.";
    DatabaseDamaged = "database_damaged":
        "The database file is damaged.",
        "Restore a backup.";
    DatabaseLocked = "database_locked":
        "Another program holds the database.", "Close the other Roost, then try again.";
    DatabaseNewer = "database_newer":
        "The database was written by a newer Roost.", "Update Roost.";
    DatabaseReadOnly = "database_read_only":
        "The database cannot be written.",
        "Allow Roost to write to its folder, or choose another data folder.";
    DiskFull = "disk_full":
        "The disk is full.", "Free some space, then try again.";
    KeyringUnavailable = "keyring_unavailable":
        "The system's keyring cannot be opened.", "Unlock it, then try again.";
    Passphrase = "passphrase":
        "The passphrase is not the right one.", "Type it again.";
    ShellFailed = "shell_failed":
        "Roost's window could not start everything.", "Do what the message says, then open it again.";
    UnknownOperation = "unknown_operation":
        "There is no such operation.", "Update Roost.";
    BadRequest = "bad_request":
        "The request cannot be read.", "Write it as the documentation says.";
    Internal = "internal":
        "Something broke inside Roost.", "Try again; if it stays, report it with the log.";

    // A file to import, as a whole.
    FileUnreadable = "file_unreadable":
        "The file cannot be read.", "Check that it exists and may be read.";
    FileTooLarge = "file_too_large":
        "The file is too large.", "Split it into smaller files.";
    FileNotText = "file_not_text":
        "The file is no text.", "Save it as UTF-8.";
    FileNotJson = "file_not_json":
        "The file is no JSON.", "Correct it at the place named.";
    FileTooDeep = "file_too_deep":
        "The file is nested too deeply.", "Write the posts as a plain list.";
    FileWrongShape = "file_wrong_shape":
        "The file has another shape than an import.",
        "Write {\"timezone\": …, \"posts\": [{\"content\": …, \"scheduledAt\": …}]}.";
    FileTooManyRows = "file_too_many_rows":
        "The file holds too many posts.", "Split it into smaller files.";
    SourceChanged = "source_changed":
        "The file was changed since it was opened.", "Have it judged anew.";
    ImportNotOpen = "import_not_open":
        "The import is not open any more.", "Open the file again.";
    FileTooManyColumns = "file_too_many_columns":
        "The file has too many columns.", "Keep those that a post needs.";
    FileUnsupported = "file_unsupported":
        "Roost does not read files of this kind.", "Save the posts as CSV, JSON or .xlsx.";
    FileEncrypted = "file_encrypted":
        "The file is protected by a password.", "Save a copy without a password.";
    FileDamaged = "file_damaged":
        "The file is damaged.", "Save or download it again.";
    SheetNeeded = "sheet_needed":
        "The workbook has several sheets with rows.", "Choose one.";
    ListNeeded = "list_needed":
        "The file holds several lists that may be the posts.",
        "Choose one, or call the one with the posts \"posts\".";

    // How a file was read.
    FileEncodingGuessed = "file_encoding_guessed":
        "The file does not say its encoding; Roost took the likeliest.",
        "If letters look wrong, save it as UTF-8 or choose another encoding.";
    FileDialectGuessed = "file_dialect_guessed":
        "The file does not say clearly how its values are separated.",
        "If cells look wrong, choose another separator.";
    FileListFound = "file_list_found":
        "The posts stand under another name than expected.", "Nothing to do if it is the right list.";
    FileCellsMerged = "file_cells_merged":
        "Cells are merged over several rows; Roost read each row with their value.",
        "Nothing to do if each row was meant to have it.";

    // A row of it.
    RowNotObject = "row_not_object":
        "The row is no object.", "Write it as {\"content\": …, \"scheduledAt\": …}.";
    UnknownField = "unknown_field":
        "There is no such field.", "Remove it, or correct its name.";
    RepeatedField = "repeated_field":
        "The field is there twice.", "Keep one.";
    WrongType = "wrong_type":
        "The field holds another kind of value than expected.", "Write what is expected.";
    CellBroken = "cell_broken":
        "The cell can't be read.", "Write it anew.";
    OtherNetwork = "other_network":
        "The row is for another network.", "Nothing to do: it is left out.";
    AlreadyPosted = "already_posted":
        "The row went out already.", "Nothing to do: it is never posted again.";
    OwnIdRepeated = "own_id_repeated":
        "An earlier row has the same id.", "Give each row an id of its own.";
    MediaReference = "media_reference":
        "That is no address and no path of an image or a video.",
        "Write an address that begins with https://, or a path beside the file.";
    RowNotJson = "row_not_json":
        "The line is no JSON.", "Write one JSON object on it.";
    RowRagged = "row_ragged":
        "The row has another number of cells than the header.",
        "Put a text that holds the separator between double quotes.";
    RowBrokenQuote = "row_broken_quote":
        "A quotation mark of the row has no partner.",
        "Close it, and write a quotation mark inside a quoted value twice.";
    StatusUnknown = "status_unknown":
        "The row has a status that Roost does not know.",
        "The row becomes a draft; write scheduled if it is to go out.";
    MediaOutside = "media_outside":
        "The media lie outside the file's folder.", "Check that this is the file that you mean.";

    // What a row's text holds and X would show as it stands.
    HtmlEntities = "html_entities":
        "The text holds HTML entities, which X shows as they stand.",
        "Write the characters that they stand for.";
    HtmlTags = "html_tags":
        "The text holds HTML tags, which X shows as they stand.", "Remove them.";
    LiteralEscapes = "literal_escapes":
        "The text holds a backslash and a letter where one character is meant.",
        "Write a line break where \\n stands.";
    MarkdownMarks = "markdown_marks":
        "The text holds Markdown, which X shows as it stands.", "Remove the marks.";
    PlaceholderLeft = "placeholder_left":
        "The text holds a placeholder that was not filled in.", "Fill it in.";
    ChatLeftover = "chat_leftover":
        "The text holds words of the assistant that wrote it.", "Remove them.";
    AccidentalLink = "accidental_link":
        "A word of the text becomes a link on X.", "Put a blank into it if no link is meant.";
    FormulaMark = "formula_mark":
        "The text begins with an apostrophe as programs write it for spreadsheets.",
        "Remove the apostrophe, unless you mean it.";
    GarbledText = "garbled_text":
        "Letters of the text were read in the wrong encoding.", "Write them anew.";

    // A row's time.
    UtcTime = "utc_time":
        "The time is marked as UTC although a zone is named.",
        "Read it as the time of the zone if that is meant.";
    ZoneAbbreviation = "zone_abbreviation":
        "The zone is an abbreviation or an old name, not a place.",
        "Name a place, such as America/New_York.";
    TimeLongPast = "time_long_past":
        "The date lies years ago.", "Correct the date.";
    DateMissing = "date_missing":
        "Only a time of day stands there.", "Add the date.";
    TimeOfDayMissing = "time_of_day_missing":
        "Only a date stands there.", "Add the time of day.";
    DateOrderUnclear = "date_order_unclear":
        "The dates can be read day first or month first.", "Say which of the two it is.";
    NumberIsNoDate = "number_is_no_date":
        "A number is no date.", "Say what the column's numbers count, or write it as 2027-03-01 09:00.";

    // A row beside other rows and posts.
    RepeatedSoon = "repeated_soon":
        "The same text goes out within 48 hours.", "Change the text, or leave one of them out.";
    RepeatedText = "repeated_text":
        "The same text goes out within 14 days.", "Change the text to be safe.";
    WaitsElsewhere = "waits_elsewhere":
        "The same text waits for another time.", "Move the waiting post, or leave the row out.";
    NearDuplicate = "near_duplicate":
        "Nearly the same text goes out within 14 days.", "Compare the two.";
    TimesCollide = "times_collide":
        "Two posts of the account go out minutes apart.", "Move one of them.";

    // A series.
    RecurrenceInvalid = "recurrence_invalid":
        "The rule by which the post repeats can't be followed.",
        "Write it as every day, every weekday or every week on mon, or as a rule of RFC 5545.";

    // A column, or the source as a whole.
    UnknownColumn = "unknown_column":
        "The column is no field of a post.", "Say which field it is, or leave it out.";
    SourceRepaired = "source_repaired":
        "The file is not quite of its format; it was read all the same.",
        "Compare what was read with the file.";
    ColumnUnused = "column_unused":
        "The column is not appended to the texts.", "Choose that it is, if you want it.";
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own_that_reads_back() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
        assert!("no_such_code".parse::<Code>().is_err());
    }

    #[test]
    fn every_code_says_what_happened_and_what_to_do_in_whole_sentences() {
        for code in Code::ALL {
            for words in [code.text(), code.remedy()] {
                assert!(words.ends_with('.'), "{code}: {words}");
                assert!(words.starts_with(char::is_uppercase), "{code}: {words}");
            }
        }
    }
}
