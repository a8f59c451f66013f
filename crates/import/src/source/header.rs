//! Whether the first rows of a table are its header, told by what stands in them.

/// Rows that are looked at.
pub(super) const ROWS_LOOKED_AT: usize = 50;
/// Rows above a header that may hold a title.
const TITLE_ROWS_MAX: usize = 8;
/// Characters that the name of a column has at most.
const NAME_CHARACTERS_MAX: usize = 60;
/// Longer cells under a first row that is much shorter are what it names.
const LONG_CHARACTERS: usize = 40;

/// Bytes that a date, a number or an address has at most.
const VALUE_BYTES_MAX: usize = 200;

/// Words of which names of columns are made, in the languages of common exports.
const WORDS: &[&str] = &[
    "account",
    "alt",
    "answer",
    "approved",
    "attachment",
    "audience",
    "author",
    "beitrag",
    "body",
    "caption",
    "category",
    "channel",
    "comment",
    "compte",
    "content",
    "contenu",
    "copy",
    "created",
    "cta",
    "cuenta",
    "data",
    "date",
    "datetime",
    "datum",
    "day",
    "description",
    "draft",
    "fecha",
    "file",
    "format",
    "group",
    "handle",
    "hashtag",
    "hashtags",
    "heure",
    "hora",
    "hour",
    "id",
    "image",
    "images",
    "kanal",
    "konto",
    "label",
    "labels",
    "legenda",
    "lien",
    "link",
    "links",
    "media",
    "mensaje",
    "message",
    "month",
    "name",
    "network",
    "note",
    "notes",
    "notiz",
    "ort",
    "owner",
    "photo",
    "picture",
    "plan",
    "platform",
    "poll",
    "post",
    "posts",
    "privacy",
    "profile",
    "publication",
    "publish",
    "published",
    "queue",
    "reply",
    "row",
    "schedule",
    "scheduled",
    "scheduledat",
    "score",
    "section",
    "segment",
    "service",
    "social",
    "state",
    "status",
    "subject",
    "tag",
    "tags",
    "termin",
    "testo",
    "text",
    "texte",
    "texto",
    "theme",
    "thread",
    "time",
    "timestamp",
    "timezone",
    "title",
    "titel",
    "topic",
    "tweet",
    "tweets",
    "type",
    "tz",
    "uhrzeit",
    "updated",
    "url",
    "user",
    "username",
    "video",
    "week",
    "when",
    "zeit",
    "zeitzone",
    "zone",
    "日付",
    "時間",
    "本文",
    "内容",
    "时间",
    "日期",
    "текст",
    "дата",
    "время",
];

/// Returns which of the first rows names the columns, from 0; `None` where none does.
pub(super) fn find<S: AsRef<str>>(rows: &[Vec<S>]) -> Option<usize> {
    let widest = rows.iter().map(|row| filled(row)).max().unwrap_or(0);
    let titled = rows.iter().take(TITLE_ROWS_MAX).position(|row| {
        let known = known_names(row);
        known >= 2 || (known == 1 && filled(row) == widest && (widest > 1 || is_short(row)))
    });
    match titled {
        Some(at)
            if names(&rows[at]) && rows[..at].iter().all(|row| filled(row) < filled(&rows[at])) =>
        {
            Some(at)
        }
        _ => (rows.len() > 1 && names(&rows[0]) && differs(rows)).then_some(0),
    }
}

/// Whether no cell of a row has more than two words: in a single column a longer one may be a post.
fn is_short<S: AsRef<str>>(row: &[S]) -> bool {
    row.iter().all(|cell| words(cell.as_ref()).len() <= 2)
}

/// Returns how many cells of a row are known names of columns.
pub(super) fn known_names<S: AsRef<str>>(row: &[S]) -> usize {
    row.iter().filter(|cell| is_known(cell.as_ref())).count()
}

/// Returns whether a cell says a date, a time, a number or an address, and so no name.
pub(super) fn is_value(cell: &str) -> bool {
    let cell = cell.trim();
    if cell.len() > VALUE_BYTES_MAX {
        return false;
    }
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    cell.replace(',', ".").parse::<f64>().is_ok()
        || cell.contains("://")
        || (digits >= 3
            && digits * 2 + 4 >= cell.chars().count()
            && cell.contains([':', '-', '/', '.']))
        || matches!(cell.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no")
}

/// Returns whether a cell seems to say when.
pub(super) fn is_date(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    digits >= 4 && cell.chars().count() <= 40 && cell.contains(['-', '/', '.', ':', ','])
}

fn is_known(cell: &str) -> bool {
    if cell.chars().count() > NAME_CHARACTERS_MAX {
        return false;
    }
    let mut words = words(cell);
    !words.is_empty()
        && words.len() <= 5
        && words.iter_mut().any(|word| {
            WORDS.contains(&word.as_str())
                || word.strip_suffix('s').is_some_and(|one| WORDS.contains(&one))
        })
}

/// Returns the words of a name such as `scheduledAt`, `Post Text` or `publish_date`, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        let starts = after_small && letter.is_uppercase();
        after_small = letter.is_lowercase();
        if (starts || !letter.is_alphanumeric())
            && words.last().is_some_and(|word| !word.is_empty())
        {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn filled<S: AsRef<str>>(row: &[S]) -> usize {
    row.iter().filter(|cell| !cell.as_ref().trim().is_empty()).count()
}

/// Whether every cell of a row can be the name of a column.
fn names<S: AsRef<str>>(row: &[S]) -> bool {
    let mut seen = std::collections::HashSet::new();
    row.iter().map(|cell| cell.as_ref().trim()).filter(|cell| !cell.is_empty()).all(|cell| {
        let short = cell.chars().count() <= NAME_CHARACTERS_MAX && !cell.contains('\n');
        // Two columns may be called the same; most of a header is not.
        seen.insert(cell);
        short && !is_value(cell)
    }) && seen.len() * 2 >= filled(row)
}

/// Whether the rows below the first hold something else than names.
fn differs<S: AsRef<str>>(rows: &[Vec<S>]) -> bool {
    let (first, rest) = (&rows[0], &rows[1..]);
    let columns = first.len();
    (0..columns).any(|column| {
        let name = first[column].as_ref().trim();
        let cells = rest.iter().filter_map(|row| row.get(column)).map(|cell| cell.as_ref().trim());
        let cells: Vec<_> = cells.filter(|cell| !cell.is_empty()).collect();
        let values = cells.iter().filter(|cell| is_value(cell) || is_date(cell)).count();
        let length: usize = cells.iter().map(|cell| cell.chars().count()).sum();
        let typed = !cells.is_empty() && values * 5 >= cells.len() * 4;
        let name_length = name.chars().count();
        let long = length >= cells.len() * LONG_CHARACTERS
            && !cells.is_empty()
            && name_length * 2 < LONG_CHARACTERS;
        !name.is_empty() && (typed || (long && columns > 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(rows: &[&[&str]]) -> Option<usize> {
        let rows: Vec<_> = rows.iter().map(|row| row.to_vec()).collect();
        find(&rows)
    }

    #[test]
    fn a_header_is_found_by_its_words_or_by_what_stands_below_it() {
        let long = "A whole sentence that a person would post some day in spring.";
        for (rows, expected) in [
            (&[&["content", "scheduledAt"][..], &["a", "2027-03-01 09:00"]][..], Some(0)),
            (&[&["Datum", "Uhrzeit", "Text"], &["01.03.2027", "09:00", "Hallo"]], Some(0)),
            (&[&["Message", "X Handle (Optional)"]], Some(0)),
            (&[&["foo", "bar"], &["2027-03-01", "x"], &["2027-03-02", "y"]], Some(0)),
            (&[&["foo", "bar"], &[long, "x"], &[long, "y"]], Some(0)),
            (&[&["content"], &["Hello, world"]], Some(0)),
            (
                &[
                    &["Content calendar 2027", ""],
                    &["", ""],
                    &["Date", "Copy"],
                    &["2027-03-01", "a"],
                ],
                Some(2),
            ),
            (&[&["2027-03-01 09:00", "Good morning"], &["2027-03-02 09:00", "Good night"]], None),
            (&[&[long, "2027-03-01"], &[long, "2027-03-02"]], None),
            (&[&["Good morning"], &["Good night"]], None),
            (&[&["A post about time"], &["Good night"]], None),
            (&[], None),
        ] {
            assert_eq!(header(rows), expected, "{rows:?}");
        }
    }

    #[test]
    fn a_name_is_cut_into_its_words() {
        assert_eq!(words("scheduledAt"), ["scheduled", "at"]);
        assert_eq!(words(" Post-Text_2 (optional)"), ["post", "text", "2", "optional"]);
        assert_eq!(words("URL"), ["url"]);
    }
}
