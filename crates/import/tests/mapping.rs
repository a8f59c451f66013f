//! What the columns of people's files are taken for: the layouts of other programs, names in many
//! languages, and what cells hold where names say nothing.

use roost_import::field::Field;
use roost_import::format::Format;
use roost_import::mapping::{DateOrder, MapError, Mapping, NumberDates, Question, RecognisedBy};
use roost_import::table::{Column, Kind, RawTable};
use roost_import::time::{TimeReading, join, read};

/// Returns a table of texts; an empty text is no cell. Digits behind `=` are a number.
fn table(names: &[&str], rows: &[&[&str]]) -> RawTable {
    let mut table = RawTable::new(Format::Csv);
    table.columns = names.iter().map(|name| Column { name: (*name).to_owned() }).collect();
    for (line, row) in (2..).zip(rows) {
        table.begin_row(line);
        for (column, text) in (0..).zip(*row) {
            match text.strip_prefix('=') {
                Some(number) => table.push(column, Kind::Number, number),
                None if text.is_empty() => {}
                None => table.push(column, Kind::Text, text),
            }
        }
    }
    table
}

/// Returns the fields of the columns, with `-` for none.
fn fields(mapping: &Mapping) -> String {
    let word = |field: Option<Field>| field.map_or("-", Field::word);
    mapping.columns.iter().map(|column| word(column.field)).collect::<Vec<_>>().join(" ")
}

fn recognised(names: &[&str], rows: &[&[&str]]) -> Mapping {
    Mapping::recognise(&table(names, rows))
}

/// Returns the moment of a row, as the mapping reads it.
fn moment(table: &RawTable, mapping: &Mapping, row: usize) -> String {
    let row = table.row(row).unwrap();
    let cell = |field| {
        let column = mapping.column_of(field)?;
        let rules = mapping.columns[usize::from(column)].date_rules();
        row.cell(column).map(|cell| read(cell, rules))
    };
    let reading = match cell(Field::ScheduledAt) {
        Some(whole) => whole,
        None => join(
            cell(Field::Date).unwrap_or(TimeReading::Empty),
            cell(Field::Time).unwrap_or(TimeReading::Empty),
        ),
    };
    reading.canonical().unwrap_or_else(|| format!("{reading:?}"))
}

#[test]
fn hootsuite_s_files_are_recognised_with_and_without_a_header() {
    let rows: &[&[&str]] = &[
        &["03/25/2027 09:00", "Doors open today.", "https://example.com/doors"],
        &["03/26/2027 09:00", "Second day.", ""],
    ];
    for names in [["Date", "Message", "Link"], ["", "", ""]] {
        let file = table(&names, rows);
        let mapping = Mapping::recognise(&file);
        assert_eq!(fields(&mapping), "when text link");
        assert!(mapping.columns.iter().all(|it| it.recognised_by == RecognisedBy::Layout));
        assert_eq!(mapping.columns[0].date_order, Some(DateOrder::MonthDayYear));
        assert_eq!(moment(&file, &mapping, 0), "2027-03-25 09:00");
        assert_eq!(mapping.questions().count(), 0);
    }
    assert_eq!(fields(&recognised(&["", ""], &[&["2027-03-25 09:00", "Short."]])), "when text");
}

#[test]
fn the_layouts_of_other_programs_are_recognised() {
    for (names, row, expected) in [
        (
            &["Text", "Image URL", "Tags", "Posting Time"][..],
            &["Hello there.", "https://example.com/a.png", "launch", "2027-03-01 09:00"][..],
            "text media tags when",
        ),
        (
            &[
                "Date - Intl. format or prompt",
                "Text",
                "Link(s)",
                "Media URL(s)",
                "Title - For the video, pin, PDF",
                "Label(s)",
                "Alt text(s)",
                "Comment(s)",
                "Pin board, FB album, or Google category",
                "Post subtype",
                "CTA",
                "Reminder",
            ],
            &["2027-03-01 09:00", "Hello there.", "", "", "", "launch", "", "", "", "", "", ""],
            "when text link media - tags alt - - - - -",
        ),
        (
            &["content", "threadify", "schedule-date", "share"],
            &["Hi.", "", "2027-03-01T09:00:00Z", ""],
            "thread - when -",
        ),
        (
            &["id", "status", "text", "scheduled_date", "num_tweets", "twitter_url"],
            &["17", "scheduled", "Hello there.", "2027-03-01T09:00:00Z", "=1", ""],
            "id status thread when - tweet-id",
        ),
        (
            &["id", "content", "publishDate", "state", "releaseURL", "integration", "group"],
            &["cm1", "Hello there.", "2027-03-01T09:00:00.000Z", "QUEUE", "", "x", "g1"],
            "id text when status tweet-id network -",
        ),
        (
            &[
                "id",
                "status",
                "content",
                "scheduledAt",
                "timezone",
                "account",
                "tags",
                "note",
                "tweetId",
            ],
            &[
                "7",
                "pending",
                "Hello there.",
                "2027-03-01 09:00",
                "Europe/Berlin",
                "@example",
                "",
                "",
                "",
            ],
            "id status text when zone account tags note tweet-id",
        ),
    ] {
        assert_eq!(fields(&recognised(names, &[row])), expected, "{names:?}");
    }
}

#[test]
fn an_archive_of_x_is_text_id_and_time_whatever_else_it_holds() {
    let names = ["edit_info", "id_str", "full_text", "created_at", "lang", "favorite_count"];
    let row =
        ["", "1400000000000000000", "Hello there.", "Wed Oct 10 20:19:24 +0000 2018", "en", "0"];
    let mut archive = table(&names, &[&row]);
    archive.format = Format::XArchive;
    let mapping = Mapping::recognise(&archive);
    assert_eq!(fields(&mapping), "- tweet-id text when - -");
    assert_eq!(moment(&archive, &mapping, 0), "2018-10-10T20:19:24+00:00");
}

#[test]
fn a_planning_sheet_of_many_columns_is_mapped_once() {
    let names = [
        "Week",
        "Day",
        "Date",
        "Publish Time",
        "Platform",
        "Content Type",
        "Status",
        "Theme",
        "Full Caption",
        "Hashtags",
        "Media File",
        "Link",
        "CTA",
        "Review By",
        "Approved",
        "Notes",
    ];
    let row = |day, clock, platform| {
        [
            "=1",
            "Monday",
            day,
            clock,
            platform,
            "Tweet",
            "Approved",
            "Launch",
            "Doors open today.",
            "#launch #indie",
            "doors.png",
            "example.com/doors",
            "Comment",
            "R. Example",
            "Yes",
            "",
        ]
    };
    let file = table(
        &names,
        &[&row("2027-03-01", "09:00 AM", "X"), &row("2027-03-01", "11:30 AM", "LinkedIn")],
    );
    let mapping = Mapping::recognise(&file);
    assert_eq!(
        fields(&mapping),
        "- - date time network - status - text hashtags media link - - - note"
    );
    assert_eq!(moment(&file, &mapping, 1), "2027-03-01 11:30");
    assert_eq!(mapping.unused().count(), 7, "one message each, never one a row");
}

#[test]
fn notion_and_airtable_name_the_text_and_its_time_as_they_like() {
    let names = ["Name", "Publish", "Status", "Tags", "Copy"];
    let rows: &[&[&str]] = &[
        &[
            "Launch teaser",
            "March 1, 2027 9:00 AM (GMT+1)",
            "Ready",
            "launch, teaser",
            "Something is coming.",
        ],
        &["Launch day", "March 2, 2027 9:00 AM (GMT+1) → 9:30 AM", "Idea", "", ""],
    ];
    let file = table(&names, rows);
    let mapping = Mapping::recognise(&file);
    assert_eq!(fields(&mapping), "- when status tags text");
    assert_eq!(moment(&file, &mapping, 0), "2027-03-01T09:00:00+01:00");
    let names = ["Post", "Publish date", "Channel", "Attachments", "Created"];
    let row: &[&str] = &[
        "Hello there, everyone.",
        "2027-03-01T09:00:00.000Z",
        "Twitter",
        "",
        "2026-01-01T10:00:00.000Z",
    ];
    assert_eq!(fields(&recognised(&names, &[row])), "text when network media -");
}

#[test]
fn headers_are_understood_in_many_languages() {
    for (names, expected) in [
        (&["Datum", "Uhrzeit", "Text", "Konto"][..], "date time text account"),
        (&["Date", "Heure", "Texte", "Compte"], "date time text account"),
        (&["Fecha", "Hora", "Texto", "Cuenta"], "date time text account"),
        (&["Data", "Ora", "Testo", "Profilo"], "date time text account"),
        (&["Data", "Hora", "Texto", "Perfil"], "date time text account"),
        (&["Datum", "Tijd", "Tekst", "Account"], "date time text account"),
        (&["Data", "Godzina", "Treść", "Konto"], "date time text account"),
        (&["Дата", "Время", "Текст", "Аккаунт"], "date time text account"),
        (&["日付", "時刻", "本文", "アカウント"], "date time text account"),
    ] {
        let row: &[&str] = &["2027-03-01", "09:00", "Hello there.", "@example"];
        assert_eq!(fields(&recognised(names, &[row])), expected, "{names:?}");
    }
}

#[test]
fn columns_whose_names_say_nothing_go_by_what_they_hold() {
    let rows: &[&[&str]] = &[
        &[
            "A-1",
            "@example",
            "A longer text that somebody would post.",
            "2027-03-01 09:00",
            "https://example.com",
        ],
        &[
            "A-2",
            "@example",
            "Another one, which is as long as that.",
            "2027-03-02 09:00",
            "https://example.com/b",
        ],
    ];
    for names in [["C1", "C2", "C3", "C4", "C5"], ["", "", "", "", ""]] {
        let mapping = recognised(&names, rows);
        assert_eq!(fields(&mapping), "- account text when link", "{names:?}");
        assert_eq!(mapping.columns[2].recognised_by, RecognisedBy::Contents);
    }
    // Dates that are not the post's are left alone.
    let mapping = recognised(&["Text", "Created at"], &[&["Hello there.", "2027-03-01 09:00"]]);
    assert_eq!(fields(&mapping), "text -");
}

#[test]
fn two_columns_never_take_one_field_unless_it_may_repeat() {
    let names = ["Text", "Caption", "Image 1", "Image 2", "Scheduled At", "Date"];
    let row: &[&str] =
        &["One text.", "Another.", "a.png", "b.png", "2027-03-01 09:00", "2027-03-01"];
    let mapping = recognised(&names, &[row]);
    assert_eq!(fields(&mapping), "text - media media when -");
    let question = mapping.columns[1].question.clone();
    assert_eq!(question, Some(Question::InsteadOf { field: Field::Content, column: 0 }));
    let names = ["Tweet 1", "Tweet 2", "Tweet 3", "When"];
    let row: &[&str] = &["First.", "Second.", "", "2027-03-01 09:00"];
    assert_eq!(fields(&recognised(&names, &[row])), "thread thread thread when");
    assert_eq!(
        fields(&recognised(&["Tweet 1", "When"], &[&["First.", "2027-03-01 09:00"]])),
        "text when"
    );
}

#[test]
fn a_moment_in_one_column_or_two_goes_by_what_the_columns_hold() {
    for (names, row, expected) in [
        (&["text", "Date"][..], &["Hi.", "2027-03-01 09:00"][..], "text when"),
        (&["text", "Date"], &["Hi.", "2027-03-01"], "text when"),
        (&["text", "Time"], &["Hi.", "2027-03-01 09:00"], "text when"),
        (&["text", "Time"], &["Hi.", "09:00"], "text time"),
        (&["text", "scheduledAt"], &["Hi.", "2027-03-01"], "text when"),
        (&["text", "scheduledAt"], &["Hi.", "09:00"], "text when"),
        (
            &["text", "Publish Date", "Publish Time"],
            &["Hi.", "2027-03-01", "09:00"],
            "text date time",
        ),
        (
            &["text", "Date", "Time"],
            &["Hi.", "2027-03-01T00:00:00.000Z", "9:00 AM"],
            "text date time",
        ),
        (&["text", "Date", "Posting time"], &["Hi.", "2027-03-01", "09:00"], "text date time"),
        (&["text", "Date", "Time"], &["Hi.", "=46447", "=0.375"], "text date time"),
        (&["text", "Date", "Time"], &["Hi.", "2027-03-01", "2027-03-01 09:00"], "text - when"),
    ] {
        assert_eq!(fields(&recognised(names, &[row])), expected, "{names:?} {row:?}");
    }
}

#[test]
fn the_order_of_day_and_month_is_asked_where_the_column_does_not_decide_it() {
    let names = ["Datum", "Uhrzeit", "Text"];
    let open: &[&[&str]] = &[&["01.03.2027", "09:00", "Hi."], &["02.03.2027", "09:00", "Ho."]];
    let file = table(&names, open);
    let mut mapping = Mapping::recognise(&file);
    assert_eq!(mapping.columns[0].date_order, Some(DateOrder::Unclear));
    let (column, question) = mapping.questions().next().unwrap();
    assert_eq!(
        (column, question.sentence().as_str()),
        (0, "Is \"01.03.2027\" 2027-03-01 (day first) or 2027-01-03 (month first)?")
    );
    mapping.set(&file, 0, Some(Field::Date), Some(DateOrder::DayMonthYear), None);
    assert_eq!(mapping.questions().count(), 0);
    assert_eq!(moment(&file, &mapping, 1), "2027-03-02 09:00");
    let decided: &[&[&str]] = &[&["01.03.2027", "09:00", "Hi."], &["31.03.2027", "09:00", "Ho."]];
    let file = table(&names, decided);
    let mapping = Mapping::recognise(&file);
    assert_eq!(mapping.columns[0].date_order, Some(DateOrder::DayMonthYear));
    assert_eq!(
        (mapping.questions().count(), moment(&file, &mapping, 0)),
        (0, "2027-03-01 09:00".to_owned())
    );
}

#[test]
fn numbers_that_all_count_the_same_are_dates_and_shown_as_such_and_others_are_asked_about() {
    let names = ["content", "scheduledAt"];
    let file = table(&names, &[&["Hi.", "=46447.375"], &["Ho.", "46448.5"]]);
    let mapping = Mapping::recognise(&file);
    assert_eq!(mapping.columns[1].numbers, Some(NumberDates::Serial1900));
    let question = mapping.columns[1].question.as_ref().unwrap().sentence();
    assert_eq!(
        question,
        "Are the numbers dates of a spreadsheet? 46447.375 is 2027-03-01 09:00 then."
    );
    assert_eq!(moment(&file, &mapping, 1), "2027-03-02 12:00");
    let file = table(
        &names,
        &[&["Hi.", "=46447.375"], &["Ho.", "=1803891600"], &["Ha.", "=1803891600000"]],
    );
    let mut mapping = Mapping::recognise(&file);
    assert_eq!(mapping.columns[1].numbers, None);
    assert!(moment(&file, &mapping, 0).contains("Number"));
    mapping.set(&file, 1, Some(Field::ScheduledAt), None, Some(NumberDates::EpochSeconds));
    assert_eq!(moment(&file, &mapping, 1), "2027-03-01T09:00:00Z");
    assert!(moment(&file, &mapping, 0).contains("OtherNumber"));
}

#[test]
fn a_misspelt_name_is_a_question_and_never_taken_by_itself() {
    let mapping = recognised(&["content", "shceduledAt", "Theme"], &[&["Hi.", "soon", "Launch"]]);
    assert_eq!(fields(&mapping), "text - -");
    let questions: Vec<_> = mapping.questions().collect();
    assert_eq!(questions, [(1, &Question::DidYouMean { field: Field::ScheduledAt })]);
}

#[test]
fn a_person_s_word_goes_before_everything_and_fields_stay_one_column_s() {
    let names = ["When", "Copy", "Alternative", "Clock"];
    let file = table(&names, &[&["2027-03-01", "First text.", "Second text.", "09:00"]]);
    let mut mapping = Mapping::recognise(&file);
    assert_eq!(fields(&mapping), "date text - time");
    mapping.set(&file, 2, Some(Field::Content), None, None);
    assert_eq!(fields(&mapping), "date - text time");
    assert_eq!(mapping.columns[2].recognised_by, RecognisedBy::Person);
    mapping.set(&file, 0, Some(Field::ScheduledAt), None, None);
    assert_eq!(fields(&mapping), "when - text -");
    mapping.set(&file, 3, Some(Field::Time), None, None);
    assert_eq!(fields(&mapping), "date - text time");
    mapping.set(&file, 3, None, None, None);
    assert_eq!(fields(&mapping), "date - text -");
    mapping.set(&file, 99, Some(Field::Note), None, None);
}

#[test]
fn the_command_line_names_columns_in_words() {
    let names = ["When, exactly", "Copy", "Where", "extra", "3"];
    let file = table(&names, &[&["03/04/2027 09:00", "First text.", "x", "7", "b"]]);
    let set = |words: &str| {
        let mut mapping = Mapping::recognise(&file);
        mapping.set_by_words(&file, words).map(|()| mapping)
    };
    let mapping =
        set("date=\"When, exactly\":dmy, text=copy, network = #3, id=extra, note=3").unwrap();
    assert_eq!(fields(&mapping), "when text network id note");
    assert_eq!(moment(&file, &mapping, 0), "2027-04-03 09:00");
    assert_eq!(fields(&set("ignore=Copy").unwrap()).split(' ').nth(1), Some("-"));
    assert_eq!(fields(&set("tz=#3,alias=Copy").unwrap_or_default()), "");
    for (words, part) in [
        ("date", "\"date\" names no column"),
        (
            "when=Nowhere",
            "The file has no column \"Nowhere\". Its columns are \"When, exactly\", \"Copy\"",
        ),
        ("color=Copy", "\"color\" is no field. The fields are text, thread, when, date"),
        ("date=#1:ymd", "\"ymd\" is no way to read dates"),
        ("date=#9", "no column \"#9\""),
    ] {
        let error = set(words).unwrap_err();
        assert!(error.to_string().contains(part), "{words}: {error}");
    }
    assert_eq!(set("").map(|mapping| mapping == Mapping::recognise(&file)), Ok(true));
    assert!(matches!(set("x"), Err(MapError::NoColumn(_))));
}

#[test]
fn every_field_has_a_word_that_reads_back() {
    for field in Field::ALL {
        assert_eq!(Field::from_word(field.word()), Some(field));
        let name = serde_json::to_value(field).unwrap();
        assert_eq!(Field::from_word(name.as_str().unwrap()), Some(field), "{name}");
        assert!(!field.label().is_empty());
    }
    assert_eq!(Field::from_word("tz"), Some(Field::Timezone));
    assert_eq!(Field::from_word("nonsense"), None);
}

#[test]
fn a_mapping_is_remembered_for_the_next_file_of_that_shape() {
    let first =
        table(&["Foo", "When", "Bar"], &[&["A text of some length.", "03/04/2027 09:00", "x"]]);
    let mut mapping = Mapping::recognise(&first);
    mapping.set(&first, 1, Some(Field::ScheduledAt), Some(DateOrder::DayMonthYear), None);
    mapping.set(&first, 2, Some(Field::Note), None, None);
    let json = serde_json::to_string(&mapping.remember(&first)).unwrap();
    let remembered: roost_import::mapping::Remembered = serde_json::from_str(&json).unwrap();

    let next = table(&["bar", "Foo", "WHEN"], &[&["y", "Another text.", "05/06/2027 09:00"]]);
    assert_eq!(Mapping::fingerprint(&first), Mapping::fingerprint(&next));
    let applied = remembered.apply(&next);
    assert_eq!(fields(&applied), "note text when");
    assert!(applied.columns.iter().all(|it| it.recognised_by == RecognisedBy::Remembered));
    assert_eq!(
        (applied.questions().count(), moment(&next, &applied, 0)),
        (0, "2027-06-05 09:00".to_owned())
    );

    // What its own dates decide goes before what is remembered.
    let other = table(&["Foo", "When", "Bar"], &[&["A text.", "03/25/2027 09:00", "x"]]);
    let applied = remembered.apply(&other);
    assert_eq!(applied.columns[1].date_order, Some(DateOrder::MonthDayYear));

    let another = table(&["Foo", "When"], &[]);
    assert_ne!(Mapping::fingerprint(&first), Mapping::fingerprint(&another));
    let nameless = |cell| Mapping::fingerprint(&table(&["", ""], &[&[cell, "A text."]]));
    assert_eq!(nameless("2027-03-01 09:00"), nameless("2028-01-01 10:00"));
    assert_ne!(nameless("2027-03-01 09:00"), nameless("@example"));
}

#[test]
fn a_table_without_rows_or_columns_has_a_mapping_all_the_same() {
    assert_eq!(fields(&recognised(&["Text", "Date", "Time"], &[])), "text date time");
    assert_eq!(recognised(&[], &[]).columns.len(), 0);
}
