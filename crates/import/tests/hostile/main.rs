//! Imports of files that are nearly right, on every toolchain; `fuzz/` does the same for hours.

mod session;
mod source;

use proptest::prelude::*;

/// A value that some field of a row may hold, or must not.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,30}".prop_map(|text| serde_json::Value::from(text).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "[0-9]{1,5}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2})?(Z|[+-][0-9]{1,4})?"
            .prop_map(|time| format!("\"{time}\"")),
        prop::sample::select(vec![
            "null", "true", "[]", "{}", "[[[]]]", "\"\"", "\"draft\"", "\"Asia/Kolkata\"", "1e400",
            "\"\\u0000\"", "\"\\ud83d\"", "\"https://a.b\"", "[\"one\",\"two\"]",
        ])
        .prop_map(str::to_owned),
    ]
}

fn object(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let field = (prop::sample::select(names), value());
    prop::collection::vec(field, 0..6).prop_map(|fields| {
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}", fields.join(", "))
    })
}

fn row() -> impl Strategy<Value = String> {
    object(&[
        "content",
        "scheduledAt",
        "timezone",
        "account",
        "status",
        "tags",
        "thread",
        "x",
        "media",
        "poll",
        "altText",
        "draft",
        "id",
        "tweetId",
        "network",
        "hashtags",
        "link",
        "note",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_row_of_a_file_is_lost_whatever_it_says(
        rows in prop::collection::vec(row(), 0..6),
        head in object(&["timezone", "version", "account"]),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let posts = format!("\"posts\": [{}]", rows.join(",\n"));
        let text = match head.as_str() {
            "{}" => format!("{{{posts}}}"),
            head => format!("{}, {posts}}}", &head[..head.len() - 1]),
        };
        let end = cut.map_or(text.len(), |cut| cut.index(text.len()));
        session::judged(&text.as_bytes()[..end]);
    }

    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        session::judged(&bytes);
    }
}

/// A text of pieces that mean something to a format, in any order.
fn pieces(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(pieces).prop_map(str::to_owned),
        1 => ".{0,6}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const JSON: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "\"content\"",
    "\"posts\"",
    "\"fields\"",
    "null",
    "true",
    "-1.5e3",
    "//",
    "/*",
    "*/",
    "\n",
    " ",
    "```",
    "```json\n",
    "\"a\":1",
    "{\"content\":\"a\"}",
    "window.YTD.",
];
const SEPARATED: &[&str] = &[
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r\n",
    "\r",
    "content",
    "date",
    "2027-03-01",
    "sep=;",
    " ",
    "\\\"",
    "'=",
    "=\"1\"",
    "é",
    "```csv\n",
    "```",
];
const PROSE: &[&str] = &[
    "\n", "\n\n", "---", "1/", "2/", "(1/3)", "(2/3)", "# ", "#tag", "text", " ", "\"", "\\",
    "```", "***", "é🐦",
];
const SHEET: &[&str] = &[
    "<worksheet>",
    "<sheetData>",
    "<row>",
    "<row r=\"7\">",
    "<c>",
    "<c r=\"B2\" t=\"s\" s=\"1\">",
    "<v>0</v>",
    "<v>46447.5</v>",
    "<c t=\"inlineStr\">",
    "<is><t>a</t></is>",
    "</c>",
    "</row>",
    "</sheetData>",
    "</worksheet>",
    "<mergeCells>",
    "<mergeCell ref=\"A1:B9\"/>",
    "</mergeCells>",
    "<f>1+1</f>",
    "<c r=\"XFD1048576\">",
    "&amp;",
    "\0",
    "<sst><si><t>content</t></si></sst>",
    "<c r=\"A99999999999\">",
    "<c t=\"e\"><v>#N/A</v></c>",
    "<v>-1e309</v>",
    "<styleSheet><numFmts><numFmt numFmtId=\"200\" formatCode=\"hh\"/></numFmts><cellXfs>",
    "<xf numFmtId=\"200\"/>",
    "<xf numFmtId=\"14\"></xf>",
    "</cellXfs></styleSheet>",
    "<dimension ref=\"A1:XFD9\"/>",
];
const CONTENTS: &[&str] = &[
    "<table:table table:name=\"A\">",
    "</table:table>",
    "<table:table-row>",
    "</table:table-row>",
    "<table:table-row table:number-rows-repeated=\"4000000000\">",
    "<table:table-cell>",
    "</table:table-cell>",
    "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"4000000000\">",
    "<text:p>",
    "</text:p>",
    "content",
    "<text:s text:c=\"4000000000\"/>",
    "<text:line-break/>",
    "<office:annotation>",
    "&lt;",
    "&#0;",
    "<table:table-cell office:value-type=\"date\" office:date-value=\"2027-03-01T09:00:00\"/>",
    "&x;",
    "<table:table-cell office:value-type=\"time\" office:time-value=\"PT25H\" table:number-rows-spanned=\"9\"/>",
];

/// Cases of each format; `ROOST_HOSTILE_CASES` asks for more.
fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("ROOST_HOSTILE_CASES").ok().and_then(|asked| asked.parse().ok());
    ProptestConfig::with_cases(asked.unwrap_or(usual))
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn any_bytes_are_a_table_or_a_refusal(data in prop::collection::vec(any::<u8>(), 0..400)) {
        source::anything(&data);
        source::json(&data);
        source::json_lines(&data);
        source::separated(&data);
        source::prose(&data);
        source::x_archive(&data);
    }

    #[test]
    fn any_json_is_a_table_or_a_refusal(text in pieces(JSON)) {
        source::anything(text.as_bytes());
        source::json(text.as_bytes());
        source::json_lines(text.as_bytes());
        source::x_archive(text.as_bytes());
    }

    #[test]
    fn any_separated_values_are_a_table_or_a_refusal(text in pieces(SEPARATED)) {
        source::separated(text.as_bytes());
        source::anything(text.as_bytes());
        session::judged(text.as_bytes());
    }

    #[test]
    fn any_prose_is_a_table_or_a_refusal(text in pieces(PROSE)) {
        source::prose(text.as_bytes());
        source::anything(text.as_bytes());
    }

    #[test]
    fn any_sheet_is_a_table_or_a_refusal(text in pieces(SHEET), contents in pieces(CONTENTS)) {
        source::xlsx(text.as_bytes());
        source::ods(contents.as_bytes());
    }

    #[test]
    fn a_damaged_workbook_is_a_table_or_a_refusal(
        which in prop::sample::select(&["openpyxl-kinds.xlsx", "openpyxl-merged.xlsx", "odfpy-plan.ods"][..]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/import/workbooks/");
        let mut bytes = std::fs::read(format!("{folder}{which}")).unwrap();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        source::anything(&bytes);
    }
}

#[test]
fn a_reference_to_a_cell_that_no_program_writes_ends_with_a_refusal() {
    source::xlsx(
        b"<worksheet><sheetData><row><c r=\"A99999999999\"><v>0</v></c></row></sheetData></worksheet>",
    );
}

/// What libFuzzer found, as far as no other test says it.
#[test]
fn files_that_broke_a_promise_once_keep_it() {
    // A formula that is an empty text became a cell without a text.
    source::separated(b"content;date\n=\"\";2027-03-01\n\"=\"\"\"\"\";x\n");
    // The number of a row ended calamine with a panic.
    source::xlsx(
        b"<worksheet><sheetData><row r=\"14444444444444444444444444444444\"><c r=\"A0\" t=\"s\">\
            <v>0</v></c></row></sheetData><mergeCells><mergeCell ref=\"A2:A3\"/></mergeCells></worksheet>",
    );
}
