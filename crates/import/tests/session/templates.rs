//! Files to fill in, and what a language model answers to the prompt, are imported without an error.

use roost_core::clock::UnixMillis;
use roost_core::limits::Subscription;
use roost_core::zone::Zone;
use roost_import::choices::Choices;
use roost_import::mapping::Mapping;
use roost_import::prompt::{PromptFor, prompt};
use roost_import::session::Session;
use roost_import::source::{ReadOptions, read};
use roost_import::surroundings::Surroundings;
use roost_import::template::{FORMATS, template};

use crate::common::{NOW, account};

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;
/// Days after [`NOW`]: around changes of the clocks, a leap day, and many years on.
const DAYS: [i64; 8] = [0, 64, 79, 290, 422, 3_650, 11_000, 25_000];
const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"];

fn session(bytes: &[u8], name: Option<&str>, now: UnixMillis) -> Session {
    let table = read(bytes, name, &ReadOptions::default()).expect("the file is read");
    let mapping = Mapping::recognise(&table);
    assert_eq!((mapping.unused().count(), mapping.questions().count()), (0, 0), "{mapping:?}");
    let mut surroundings = Surroundings::empty(now);
    surroundings.accounts = vec![account("1", "ada", Subscription::None)];
    Session::open(table, mapping, Choices::default(), surroundings).expect("the file is judged")
}

fn each_present(check: impl Fn(UnixMillis, &Zone)) {
    for days in DAYS {
        for zone in ZONES {
            check(UnixMillis(NOW.0 + days * DAY), &Zone::parse(zone).expect("the zone is known"));
        }
    }
}

#[test]
fn a_template_of_any_day_is_judged_without_an_error() {
    each_present(|now, zone| {
        for format in FORMATS {
            let made = template(format, now, zone, Some("@ada"));
            let made = made.expect("the format has a template").expect("the template is made");
            let session = session(&made.bytes, Some(made.file_name), now);
            let summary = session.summary();
            let told = format!("{} in {} at {now:?}: {summary:?}", made.file_name, zone.name());
            assert_eq!((summary.rows, summary.errors, summary.past), (3, 0, 0), "{told}");
            assert_eq!(summary.ready + summary.drafts, 3, "{told}");
        }
    });
}

#[test]
fn an_answer_to_the_prompt_is_imported_from_its_fences() {
    each_present(|now, zone| {
        let about = PromptFor { now, zone, account: Some("ada"), length: 280, slots: &[] };
        let text = prompt(about);
        let from = text.find("\n{\n").expect("the prompt shows a document") + 1;
        let to = text.rfind('}').expect("the document ends") + 1;
        let answer = format!(
            "Here are your posts, as you asked:\n\n```json\n{}\n```\n\nShall I write more?\n",
            &text[from..to]
        );
        let session = session(answer.as_bytes(), None, now);
        let summary = session.summary();
        let told = format!("{} at {now:?}: {summary:?}", zone.name());
        assert_eq!((summary.rows, summary.errors, summary.past), (3, 0, 0), "{told}");
        assert_eq!((summary.ready, summary.drafts), (2, 1), "{told}");
        assert_eq!(summary.zone, zone.name(), "{told}");
        let threads = session.ready().filter(|row| row.content.parts.len() > 1).count();
        assert_eq!(threads, 1, "{told}");
    });
}
