//! Several files in one import: what is wrong with a row or a file says which file it is.

use roost_core::failure::Code;
use roost_import::mapping::Mapping;
use roost_import::session::Session;
use roost_import::source::{ReadOptions, read};
use roost_import::table::RawTable;

use crate::common::{assert_adds_up, connected, errors, mine};

fn table(text: &[u8], name: &str) -> RawTable {
    read(text, Some(name), &ReadOptions::default()).expect("a readable file")
}

#[test]
fn what_is_wrong_in_a_later_file_is_told_with_its_name_and_its_line() {
    let mut all = table(b"text,when\nThe kettle boils at seven.,2027-05-03 09:00\n", "may.csv");
    let june = "when,text,place\n2027-06-03 09:00,\"Br\u{f6}d, butter and jam,attic\n";
    let june: Vec<u8> = june.chars().map(|letter| letter as u8).collect();
    all.append("may.csv", &table(&june, "june.csv"), "june.csv");
    let july = b"[{\"text\": 1, \"text\": 2, \"when\": \"2027-07-03 09:00\"}, 17]";
    all.append("may.csv", &table(july, "july.json"), "july.json");
    assert_eq!(all.len(), 4);
    // The row with the quotation mark has too few cells besides.
    assert_eq!(all.faults().map(|(row, _)| row).collect::<Vec<_>>(), [1, 1, 2, 3]);

    let mapping = Mapping::recognise(&all);
    let session = Session::open(all, mapping, mine(), connected()).expect("a session");
    assert_adds_up(&session);
    let told: Vec<_> = errors(&session)
        .into_iter()
        .map(|it| (it.problem.code, it.problem.row, it.problem.line, it.problem.message))
        .filter(|(code, ..)| {
            matches!(code, Code::RowBrokenQuote | Code::RepeatedField | Code::RowNotObject)
        })
        .map(|(code, row, line, message)| {
            let file = message.split_once(": ").expect("a name").0.to_owned();
            (code, row, line, file)
        })
        .collect();
    assert_eq!(
        told,
        [
            (Code::RowBrokenQuote, Some(2), Some(2), "june.csv".to_owned()),
            (Code::RepeatedField, Some(3), Some(1), "july.json".to_owned()),
            (Code::RowNotObject, Some(4), Some(1), "july.json".to_owned()),
        ]
    );
    let notes: Vec<_> = session
        .file_findings()
        .into_iter()
        .map(|it| (it.problem.code, it.problem.message))
        .collect();
    let guessed = notes.iter().find(|(code, _)| *code == Code::FileEncodingGuessed);
    assert!(guessed.expect("the encoding").1.starts_with("june.csv: "), "{notes:?}");
    let rejects: Vec<String> = session.rejects().map(|row| row.reason).collect();
    assert!(rejects[0].starts_with("june.csv: "), "{rejects:?}");
}

#[test]
fn findings_of_one_file_name_no_file() {
    let table = table(b"text,when\n,2027-05-03 09:00\n", "may.csv");
    let mapping = Mapping::recognise(&table);
    let session = Session::open(table, mapping, mine(), connected()).expect("a session");
    assert_eq!(errors(&session)[0].problem.message, "The post has no text.");
}
