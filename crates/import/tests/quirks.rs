//! What real people's files do wrong in texts, times and zones, and beside other rows: each kind is found
//! and has its fix. The texts are invented.

use roost_core::clock::UnixMillis;
use roost_core::failure::Code;
use roost_core::limits::{Limits, Subscription};
use roost_core::post::Content;
use roost_core::zone::{WallTime, Zone, resolve};
use roost_import::check::{content, time, zone};
use roost_import::finding::{Finding, FixId, Severity};
use roost_import::fix;
use roost_import::surroundings::Prices;

fn of_text(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (limits, prices) = (Limits::default(), Prices::default());
    let content = Content::of_texts([text]);
    content::check(&content, &limits, Subscription::None, &prices, &mut findings);
    findings
}

fn at(wall: &str, zone: &str) -> UnixMillis {
    resolve(&WallTime::parse(wall).unwrap(), &Zone::parse(zone).unwrap()).instant
}

#[test]
fn texts_of_web_editors_exports_and_assistants_warn_and_offer_what_is_meant() {
    for (text, code, fix, meant) in [
        ("Salt &amp; pepper", Code::HtmlEntities, FixId::DecodeEntities, "Salt & pepper"),
        ("<p>One<br>two</p>", Code::HtmlTags, FixId::RemoveTags, "One\ntwo"),
        ("Steps:\\n1. Rest", Code::LiteralEscapes, FixId::DecodeEscapes, "Steps:\n1. Rest"),
        (
            "__So it begins__ today",
            Code::MarkdownMarks,
            FixId::RemoveMarkdown,
            "So it begins today",
        ),
        ("Tweet 12/90: Rest. (38 characters)", Code::ChatLeftover, FixId::RemoveLeftover, "Rest."),
        ("See CHANGELOG.md", Code::AccidentalLink, FixId::BreakLink, "See CHANGELOG .md"),
        ("We are done.So what", Code::AccidentalLink, FixId::BreakLink, "We are done. So what"),
    ] {
        let findings = of_text(text);
        assert_eq!(findings.len(), 1, "{text}: {findings:?}");
        assert_eq!(findings[0].problem.code, code, "{text}");
        assert_eq!(findings[0].severity, Severity::Warning, "{text}");
        assert_eq!(findings[0].fixes[0].id, fix, "{text}");
        assert_eq!(fix::text(fix, text, 280).as_deref(), Some(meant));
    }
    let placeholder = of_text("Hello {{first_name}}, read [INSERT LINK]");
    assert_eq!(placeholder[0].problem.message, "\"{{first_name}}\" was not filled in.");
    assert_eq!(of_text("Save it under D:\\notes\\today"), []);
}

#[test]
fn a_z_beside_a_zone_an_abbreviation_and_a_time_without_a_date_are_named() {
    let zone = Zone::parse("America/New_York").unwrap();
    let mut findings: Vec<Finding> = Vec::new();
    time::utc_mark(at("2027-03-01 18:30", "UTC"), &zone, &mut findings);
    assert!(findings[0].problem.message.contains("18:30Z is 13:30 in America/New_York"));
    for name in ["EST", "MST", "HST", "GMT", "EST5EDT"] {
        findings.clear();
        zone::abbreviation(name, &[], &mut findings);
        assert_eq!(findings[0].problem.code, Code::ZoneAbbreviation, "{name}");
        assert!(findings[0].fixes[0].label.starts_with("Use "), "{name}");
    }
    let wall = WallTime::parse("1899-12-30 14:21:10").unwrap();
    let now = at("2027-01-01 00:00", "UTC");
    let past = time::past(wall, at("1899-12-30 14:21:10", "UTC"), now);
    assert_eq!(past, Some(time::Past::NoDate), "no late post, whatever is chosen for those");
}
