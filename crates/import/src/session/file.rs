//! What concerns a source as a whole.

use roost_core::failure::{Code, Problem, clip};

use super::Session;
use super::kept::Flags;
use super::outcome::Outcome;
use crate::facts::NO_ACCOUNT;
use crate::field::Field;
use crate::finding::{Finding, Severity, Sink};
use crate::mapping::ColumnUse;
use crate::row::{Rules, handles};

/// Columns that a message names at the most; all are left out alike.
const COLUMNS_MAX: usize = 100;

/// Finds what concerns the source as a whole, errors first.
pub(super) fn findings(session: &Session, findings: &mut Vec<Finding>) {
    let Session { table, mapping, choices, surroundings, .. } = session;
    Rules::new(table, mapping, choices, surroundings, findings);
    for note in &table.notes {
        findings.add(note.code, Severity::Warning, || Finding::new(note.clone()));
    }
    if table.is_empty() {
        warn(findings, Code::FileWrongShape, "posts", "The list of posts is empty.".to_owned());
    }
    accounts(session, findings);
    unknown_columns(session, findings);
    unused_columns(session, findings);
    findings.sort_by_key(|finding| finding.severity);
}

fn accounts(session: &Session, findings: &mut Vec<Finding>) {
    let accounts = &session.surroundings.accounts;
    if session.rules.accounts.is_unclear() {
        let nameless = session.facts.iter().filter(|facts| {
            session.sets.get(facts.found).contains(&(Code::AccountMissing, Severity::Error))
        });
        let count = nameless.count();
        if count > 0 {
            let rows =
                if count == 1 { "1 post names".to_owned() } else { format!("{count} posts name") };
            let connected = accounts.iter().filter(|account| account.connected).count();
            findings.add(Code::AccountMissing, Severity::Error, || {
                let message = format!("{rows} no account, and {connected} are connected.");
                let problem = Problem::new(Code::AccountMissing, message).in_field("account");
                let remedy = format!("Choose one of {}.", handles(accounts));
                Finding::new(problem.with_remedy(remedy))
            });
        }
    } else if !accounts.iter().any(|account| account.connected) {
        let ends = session.facts.iter().zip(session.across.ends());
        let waiting = ends.filter(|(facts, end)| {
            facts.account == NO_ACCOUNT
                && end.outcome == Outcome::Ready
                && !facts.flags.has(Flags::FAULTY)
        });
        let count = waiting.count();
        if count > 0 {
            let posts =
                if count == 1 { "1 post waits".to_owned() } else { format!("{count} posts wait") };
            findings.add(Code::AccountMissing, Severity::Warning, || {
                let message = format!("No account is connected: {posts} for one.");
                let problem = Problem::new(Code::AccountMissing, message).in_field("account");
                Finding::new(problem.with_remedy("Sign in with X before the first is due."))
            });
        }
    }
}

/// One message a column, not one a row.
fn unknown_columns(session: &Session, findings: &mut Vec<Finding>) {
    let columns = session.table.columns.iter().zip(&session.mapping.columns);
    let is_told = |used: &ColumnUse| used.field.is_none() && !used.is_for_people();
    let unknown = columns.filter(|(column, used)| is_told(used) && !column.name.is_empty());
    for (column, _) in unknown.take(COLUMNS_MAX) {
        let name = clip(&column.name, 60);
        let what = if session.choices.keep_unknown_columns {
            "it is kept as the post's note"
        } else {
            "it is left out"
        };
        warn(findings, Code::UnknownColumn, &name, format!("\"{name}\" is no field: {what}."));
    }
}

/// Links and hashtags that stand in columns of their own go out only where that was chosen.
fn unused_columns(session: &Session, findings: &mut Vec<Finding>) {
    let choices = &session.choices;
    for (field, is_used, what) in [
        (Field::Link, choices.append_links, "links"),
        (Field::Hashtags, choices.append_hashtags, "hashtags"),
    ] {
        let columns = session.table.columns.iter().zip(&session.mapping.columns);
        let mut columns = (1..).zip(columns);
        let Some((place, (column, _))) = columns.find(|(_, (_, used))| used.field == Some(field))
        else {
            continue;
        };
        if !is_used {
            let name = clip(&column.name, 60);
            let named =
                if name.is_empty() { format!("Column {place}") } else { format!("\"{name}\"") };
            let message = format!("{named} holds {what}, which are not appended to the texts.");
            warn(findings, Code::ColumnUnused, &name, message);
        }
    }
}

fn warn(findings: &mut Vec<Finding>, code: Code, field: &str, message: String) {
    findings
        .add(code, Severity::Warning, || Finding::new(Problem::new(code, message).in_field(field)));
}
