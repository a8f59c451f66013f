//! The table of findings.

use roost_core::failure::Code;

use super::FixId;
use super::Severity::{self, Error, Warning};

/// What a finding is.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its code.
    pub code: Code,
    /// How much it is in the way, unless a check says otherwise.
    pub severity: Severity,
    /// What it is called in lists and filters.
    pub title: &'static str,
    /// What it means, in a sentence or two.
    pub meaning: &'static str,
    /// The fixes that it offers, the likeliest first.
    pub fixes: &'static [FixId],
}

/// Returns what the finding of a code is; `None` for a code that no check of rows gives.
#[must_use]
pub fn entry(code: Code) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.code == code)
}

const fn of(
    code: Code,
    severity: Severity,
    title: &'static str,
    meaning: &'static str,
    fixes: &'static [FixId],
) -> Entry {
    Entry { code, severity, title, meaning, fixes }
}

/// What becomes of a row that can't be mended.
const SET_ASIDE: &[FixId] = &[FixId::MakeDraft, FixId::LeaveOut];

/// Every finding: what stands in the text, the time, the account, beside other rows, in the row itself,
/// and in the file.
pub const TABLE: &[Entry] = &[
    of(
        Code::TextMissing,
        Error,
        "No text",
        "The row has no text, or one that shows nothing.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::TextTooLong,
        Error,
        "Too long",
        "X counts more than the account may post. Most letters count 1, emoji and Asian scripts 2, \
         a link 23.",
        &[
            FixId::Shorten,
            FixId::MakeThread,
            FixId::MakeNumberedThread,
            FixId::MakeDraft,
            FixId::LeaveOut,
        ],
    ),
    of(
        Code::InvalidCharacter,
        Error,
        "Character that X refuses",
        "The text holds a control character or a byte order mark.",
        &[FixId::RemoveCharacters],
    ),
    of(
        Code::TooManyCashtags,
        Error,
        "More than one cashtag",
        "X refuses a post with more than one cashtag from an app.",
        &[FixId::KeepOneCashtag, FixId::MakeDraft, FixId::LeaveOut],
    ),
    of(
        Code::ThreadTooLong,
        Error,
        "Thread with too many parts",
        "A thread may have 100 parts.",
        SET_ASIDE,
    ),
    of(
        Code::HtmlEntities,
        Warning,
        "HTML entities",
        "The text came from a web page or an export, and X shows its entities letter by letter.",
        &[FixId::DecodeEntities],
    ),
    of(
        Code::HtmlTags,
        Warning,
        "HTML tags",
        "The text came from a web editor: X shows tags as they stand.",
        &[FixId::RemoveTags],
    ),
    of(
        Code::LiteralEscapes,
        Warning,
        "Literal \\n",
        "A backslash and a letter stand where a line break, a tab or a quote was meant.",
        &[FixId::DecodeEscapes],
    ),
    of(
        Code::MarkdownMarks,
        Warning,
        "Markdown",
        "X shows the marks of bold text, headings and links as they stand.",
        &[FixId::RemoveMarkdown],
    ),
    of(
        Code::PlaceholderLeft,
        Warning,
        "Placeholder",
        "A template's placeholder was not filled in. Only a person knows what belongs there.",
        SET_ASIDE,
    ),
    of(
        Code::ChatLeftover,
        Warning,
        "Words of the assistant",
        "A language model numbered or counted the text, or talked about it.",
        &[FixId::RemoveLeftover],
    ),
    of(
        Code::AccidentalLink,
        Warning,
        "Word that becomes a link",
        "X makes a link of a file's name or of two sentences without a blank between them, and \
         charges the post as one with a link.",
        &[FixId::BreakLink],
    ),
    of(
        Code::FormulaMark,
        Warning,
        "Apostrophe of a spreadsheet",
        "The text begins with an apostrophe before =, +, - or @. Programs write one so that a \
         spreadsheet runs no formula; it may be a quotation mark, too.",
        &[FixId::RemoveFormulaMark],
    ),
    of(
        Code::GarbledText,
        Warning,
        "Garbled letters",
        "UTF-8 was read as another encoding, so that é became Ã©.",
        &[FixId::RepairEncoding],
    ),
    of(
        Code::TimeInvalid,
        Error,
        "No date and time",
        "The cell holds no date and time, or one that does not exist.",
        SET_ASIDE,
    ),
    of(
        Code::DateMissing,
        Error,
        "Only a time of day",
        "The spreadsheet's cell held a time without a date; such cells are exported with a date in \
         1899 or 1900, or with none.",
        SET_ASIDE,
    ),
    of(
        Code::TimeOfDayMissing,
        Error,
        "Only a date",
        "The cell holds a date without a time of day.",
        SET_ASIDE,
    ),
    of(
        Code::DateOrderUnclear,
        Error,
        "Day or month first",
        "Nothing in the column tells whether 03/04 is in March or in April: it is asked, never \
         guessed.",
        &[],
    ),
    of(
        Code::NumberIsNoDate,
        Error,
        "Number instead of a date",
        "The cell holds a number, and its column does not tell what it counts: days of a spreadsheet, \
         or seconds or milliseconds since 1970.",
        SET_ASIDE,
    ),
    of(
        Code::TimeInPast,
        Error,
        "Time has passed",
        "The row's time has passed; what becomes of such rows is chosen for the import.",
        &[FixId::NextFreeTime, FixId::MakeDraft, FixId::LeaveOut],
    ),
    of(
        Code::TimeLongPast,
        Error,
        "Date years ago",
        "The date lies more than a year back: no late post, but a wrong year or an old file.",
        SET_ASIDE,
    ),
    of(
        Code::TimeMoved,
        Warning,
        "Moved to a free time",
        "The time had passed, and the row takes the next free time, as chosen.",
        &[],
    ),
    of(
        Code::MadeDraft,
        Warning,
        "Became a draft",
        "The row names no time and its account has no posting times, or its time had passed and \
         drafts were chosen for such rows.",
        &[FixId::NextFreeTime, FixId::LeaveOut],
    ),
    of(
        Code::TimeInGap,
        Error,
        "Clocks skip the time",
        "Clocks are put forward over this time, so that it does not exist that day.",
        &[FixId::AfterGap, FixId::BeforeGap, FixId::MakeDraft, FixId::LeaveOut],
    ),
    of(
        Code::TimeTwice,
        Warning,
        "Clocks show the time twice",
        "Clocks are put back over this time; the first of the two is taken.",
        &[],
    ),
    of(
        Code::UtcTime,
        Warning,
        "Z beside a zone",
        "The time ends in Z or +00:00 while a zone is named. Many programs write Z behind local \
         times.",
        &[FixId::ReadAsWallTime],
    ),
    of(
        Code::ZoneAbbreviation,
        Warning,
        "Abbreviation as a zone",
        "EST, MST, HST and GMT never change their clocks, and EST5EDT is an old name: a city's zone \
         is what people mean.",
        &[FixId::UseZone],
    ),
    of(
        Code::UnknownZone,
        Error,
        "No time zone",
        "No zone has that name.",
        &[FixId::UseZone, FixId::MakeDraft, FixId::LeaveOut],
    ),
    of(
        Code::AccountMissing,
        Error,
        "No account",
        "Several accounts are connected and the row names none, or none is connected.",
        SET_ASIDE,
    ),
    of(
        Code::AccountUnknown,
        Error,
        "Unknown account",
        "No account of that name is connected.",
        SET_ASIDE,
    ),
    of(
        Code::SignInNeeded,
        Warning,
        "Account signed out",
        "The account's sign-in no longer works: its posts wait until it is signed in again.",
        &[],
    ),
    of(
        Code::DuplicateContent,
        Warning,
        "Same text and time",
        "An earlier row or a post says the same at the same time.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::RepeatedSoon,
        Error,
        "Same text within 48 hours",
        "X refuses a text that the account posted a short while ago.",
        &[FixId::LeaveOut, FixId::MakeDraft],
    ),
    of(
        Code::RepeatedText,
        Warning,
        "Same text within 14 days",
        "The text is repeated soon. Further apart it is no finding: some texts are meant to come \
         again.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::WaitsElsewhere,
        Warning,
        "Waits for another time",
        "A post with the same text waits for another time: it can be moved instead of doubled.",
        &[FixId::MoveWaitingPost, FixId::LeaveOut],
    ),
    of(
        Code::NearDuplicate,
        Warning,
        "Nearly the same text",
        "The text is nearly that of another row or post of the account within 14 days. Texts that \
         differ in digits alone are a series.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::TimesCollide,
        Warning,
        "Minutes apart",
        "Two posts of the account go out closer to each other than chosen.",
        &[FixId::NextFreeTime],
    ),
    of(
        Code::RateLimited,
        Warning,
        "More than X lets out",
        "More posts fall within 15 minutes, 3 hours or a day than X takes. What is over is not \
         lost: it waits.",
        &[FixId::Spread, FixId::NextFreeTime],
    ),
    of(
        Code::TagInvalid,
        Error,
        "No tag",
        "Tags have 1 to 50 characters, and a post 20 of them.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::PollInvalid,
        Error,
        "Poll that X would refuse",
        "A poll has 2 to 4 answers of 25 characters and runs for 5 minutes to 7 days.",
        SET_ASIDE,
    ),
    of(
        Code::CommunityInvalid,
        Error,
        "No community",
        "A community is named by the digits at the end of its address on X.",
        SET_ASIDE,
    ),
    of(
        Code::MediaNotFetched,
        Warning,
        "Media",
        "An image or a video of the row can't be taken in: the row becomes a draft.",
        &[],
    ),
    of(
        Code::MediaReference,
        Error,
        "No media file",
        "The cell holds no address and no path beside the file.",
        SET_ASIDE,
    ),
    of(
        Code::CellBroken,
        Error,
        "Half a character",
        "An emoji was cut in two, or a cell can't be read.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::WrongType,
        Error,
        "Another kind of value",
        "A list stands where a text is expected, or the like.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::RepeatedField,
        Error,
        "Field there twice",
        "The row has the same field twice.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::RowNotObject,
        Error,
        "No row",
        "A text or a number stands where a row is expected.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::RowNotJson,
        Error,
        "Line that is no JSON",
        "A line of a JSON Lines file can't be read; the others are.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::RowRagged,
        Error,
        "Cells too many or too few",
        "The row has more cells than the header: a text with the separator in it lacks its quotation \
         marks. Where it has fewer, the last ones are taken as empty, with a warning.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::RowBrokenQuote,
        Error,
        "Broken quotation marks",
        "A quotation mark has no partner, or stands inside a quoted value without being doubled.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::OwnIdRepeated,
        Error,
        "Same id twice",
        "Two rows of the file have the same id of the person's own.",
        &[FixId::LeaveOut],
    ),
    of(
        Code::OtherNetwork,
        Warning,
        "For another network",
        "A column says that the row is for another network: it is left out.",
        &[],
    ),
    of(
        Code::AlreadyPosted,
        Warning,
        "Went out already",
        "The row carries the address of a post on X, or says that it was published: it is never \
         posted again.",
        &[],
    ),
    of(
        Code::UnknownColumn,
        Warning,
        "Column that is no field",
        "The column is left out, or kept as the post's note if that is chosen.",
        &[],
    ),
    of(Code::UnknownField, Warning, "Field that is none", "No field has that name.", &[]),
    of(
        Code::SourceRepaired,
        Warning,
        "Read all the same",
        "The file has comments, trailing commas, text around the posts, or another small fault.",
        &[],
    ),
    of(
        Code::FileEncodingGuessed,
        Warning,
        "Encoding guessed",
        "The file is no UTF-8 and does not say what it is; the likeliest encoding was taken.",
        &[],
    ),
    of(
        Code::FileDialectGuessed,
        Warning,
        "Separator guessed",
        "The rows do not all have the same number of cells, whatever separates them.",
        &[],
    ),
    of(
        Code::FileListFound,
        Warning,
        "Posts under another name",
        "The list of posts is not called posts; the one that was taken is named.",
        &[],
    ),
    of(
        Code::FileCellsMerged,
        Warning,
        "Merged cells",
        "A cell that spans several rows of a workbook holds for each of them.",
        &[],
    ),
    of(Code::StatusUnknown, Warning, "Unknown status", "The row becomes a draft.", &[]),
    of(Code::MediaOutside, Warning, "Media elsewhere", "The path leaves the file's folder.", &[]),
    of(
        Code::ColumnUnused,
        Warning,
        "Column not appended",
        "Links and hashtags are, if chosen.",
        &[],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_code_stands_in_the_table_once_and_says_what_it_means() {
        let codes: HashSet<_> = TABLE.iter().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), TABLE.len());
        for found in TABLE {
            assert!(found.meaning.ends_with('.'), "{}", found.code);
            assert!(!found.title.ends_with('.'), "{}", found.code);
            assert_eq!(entry(found.code).map(|it| it.title), Some(found.title));
        }
    }

    #[test]
    fn every_fix_is_offered_by_a_finding() {
        for id in FixId::ALL {
            assert!(TABLE.iter().any(|entry| entry.fixes.contains(id)), "{id:?}");
        }
    }
}
